"""An object as YAML, as `kubectl get -o yaml` prints it.

Invariant: what is shown is the object as the API serves it; only managedFields are left out, as
kubectl does.
"""

from typing import Any

import yaml

from cluster.api.codec import to_wire
from cluster.api.kinds import Kind
from cluster.api.meta import Resource


class _Dumper(yaml.CSafeDumper):
    """Writes texts of several lines as blocks."""


def _text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)


def to_yaml(kind: Kind[Any], value: Resource, revision: int) -> str:
    """The object's YAML."""
    plain = to_wire(kind, value, revision)
    plain["metadata"].pop("managedFields", None)
    return yaml.dump(plain, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10_000)
