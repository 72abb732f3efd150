"""An object as YAML, as `kubectl get -o yaml` prints it.

Invariant: what is shown is the object as the API serves it; only managedFields are left out, as
kubectl does.
"""

from typing import Any

from cluster.api.codec import to_wire
from cluster.api.kinds import Kind
from cluster.api.meta import Resource
from cluster.manifests import write


def to_yaml(kind: Kind[Any], value: Resource, revision: int) -> str:
    """The object's YAML."""
    plain = to_wire(kind, value, revision)
    plain["metadata"].pop("managedFields", None)
    return write(plain)
