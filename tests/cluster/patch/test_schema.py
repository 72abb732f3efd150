"""What patches read from the API's Structs."""

import json
from pathlib import Path

from cluster.api import apps, coordination, core, discovery, meta
from cluster.api.object import ListType
from cluster.patch.schema import ATOMIC, Field, element, fields

_MODULES = {
    "core.v1": core, "apps.v1": apps, "discovery.v1": discovery, "coordination.v1": coordination, "meta.v1": meta,
}  # fmt: skip


def test_atomic_types_are_those_of_the_published_schemas() -> None:
    """Every type served that the schemas declare atomic is known as such, and no other."""
    schemas = json.loads((Path(__file__).parents[2] / "reference" / "schemas.json").read_text())
    declared = set()
    for name, schema in schemas.items():
        *_, group, version, kind = name.split(".")
        struct = getattr(_MODULES.get(f"{group}.{version}"), kind, None)
        if schema.get("x-kubernetes-map-type") == "atomic" and struct is not None:
            declared.add(struct)
    assert set(ATOMIC) == declared


def test_fields_of_a_type() -> None:
    """A field is known by its shape, what it holds, and how it merges."""
    spec = fields(core.PodSpec)
    assert (spec["containers"].item, spec["containers"].shape, spec["containers"].atomic) == (
        core.Container,
        "list",
        False,
    )
    assert (spec["tolerations"].shape, spec["tolerations"].atomic) == ("list", True)
    assert (spec["nodeSelector"].shape, spec["nodeSelector"].atomic) == ("map", True)
    assert (spec["securityContext"].item, spec["securityContext"].atomic) == (core.PodSecurityContext, False)
    assert fields(core.ResourceRequirements)["limits"] == Field(None, "map", None, quantity=True)
    assert fields(apps.DeploymentSpec)["selector"].atomic
    assert fields(meta.ListMeta)["continue"].shape == "scalar"


def test_elements_of_lists() -> None:
    """An item is named by its keys in order, with the default of one left out, or by its value."""
    ports = ListType("map", ("containerPort", "protocol"))
    assert element(ports, {"containerPort": 80}) == 'k:{"containerPort":80,"protocol":"TCP"}'
    assert element(ListType("map", ("name",)), {"name": "web"}) == 'k:{"name":"web"}'
    assert element(ListType("set"), "example.com/a") == 'v:"example.com/a"'
