"""The fields of a custom resource's document that its schema does not have, with what was probably meant.

Beside `strict`, which does this by type. Invariant: a document without such fields loses nothing on its way.
"""

from difflib import get_close_matches
from typing import Any

from cluster import schema
from cluster.api.custom import CustomVersion
from cluster.manifests.positions import Path, parse_path
from cluster.manifests.strict import Fault
from cluster.schema import shape
from cluster.schema.pruning import Schema, inner, items_of

_WORDS = {
    "string": "a string", "bool": "true or false", "int64": "a whole number", "float64": "a number", "[]string": "a list of strings",
}  # fmt: skip


def check(version: CustomVersion, plain: dict[str, Any]) -> list[Fault]:
    """One fault for each unknown field."""
    faults = []
    for field in schema.prune(plain, version.schema).unknown:
        path = parse_path(field)
        near = get_close_matches(str(path[-1]), _siblings(version.schema, path[:-1]), 1, 0.7)
        faults.append(Fault(path, field, "unknown field", f"did you mean {near[0]}?" if near else ""))
    return faults


def of_definition(plain: dict[str, Any]) -> list[Fault]:
    """What is no schema in the schemas of a CustomResourceDefinition."""
    faults = []
    versions = (plain.get("spec") or {}).get("versions") or ()
    for index, version in enumerate(versions):
        declared = (version.get("schema") or {}).get("openAPIV3Schema")
        for found in shape.faults(declared, f"spec.versions[{index}].schema.openAPIV3Schema") if declared else ():
            why = f"expected {_WORDS.get(found.wanted, 'a schema')}" if found.wanted else "unknown field"
            faults.append(Fault(parse_path(found.path), found.path, why, at_value=bool(found.wanted)))
    return faults


def _siblings(declared: Schema | None, path: Path) -> list[str]:
    """The fields that the schema has where a path leads to."""
    for step in path:
        declared = items_of(declared) if isinstance(step, int) else inner(declared, step)
    return list(declared.get("properties", {})) if declared is not None else []
