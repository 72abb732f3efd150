"""The scale subresource: how many replicas an object asks for, as one number for every scalable kind.

Mirrors the autoscaling/v1 Scale of the registries. Invariant: only `spec.replicas` changes.
"""

from typing import Any, TypeVar, cast

from msgspec.structs import replace

from cluster.admission.custom import resources
from cluster.api.apiextensions import CustomResourceSubresourceScale
from cluster.api.custom import CustomResource
from cluster.api.errors import Invalid, MethodNotAllowed
from cluster.api.kinds import Kind
from cluster.api.meta import Resource, StatusCause

T = TypeVar("T", bound=Resource)


def scaled(kind: Kind[T], value: T, replicas: int) -> T:
    """The object asking for `replicas`; MethodNotAllowed for kinds without a scale, Invalid below 0."""
    if "scale" not in kind.subresources:
        raise MethodNotAllowed(f"the server does not allow this method on the requested resource: {kind.plural}/scale")
    if replicas < 0:
        cause = StatusCause(
            field="spec.replicas", reason="FieldValueInvalid",
            message=f"Invalid value: {replicas}: must be greater than or equal to 0",
        )  # fmt: skip
        raise Invalid.of("Scale", value.metadata.name, (cause,), "autoscaling")
    if isinstance(value, CustomResource):
        return cast("T", replace(value, content=resources.put(paths(kind).specReplicasPath, value.content, replicas)))
    return replace(value, spec=replace(value.spec, replicas=replicas))  # type: ignore[attr-defined]


def wanted(kind: Kind[Any], value: Any) -> int:
    """How many replicas an object of a scalable kind asks for; 1 if it does not say."""
    if isinstance(value, CustomResource):
        found = resources.at(paths(kind).specReplicasPath, value.content)
        return found if isinstance(found, int) else 1
    return 1 if value.spec.replicas is None else int(value.spec.replicas)


def paths(kind: Kind[Any]) -> CustomResourceSubresourceScale:
    """Where a custom kind's resources keep what its scale shows."""
    offered = kind.custom.declared.subresources if kind.custom is not None else None
    assert offered is not None, f"{kind} has no subresources"
    assert offered.scale is not None, f"{kind} has no scale"
    return offered.scale
