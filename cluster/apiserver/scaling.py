"""The scale subresource: how many replicas an object asks for, as one number for every scalable kind.

Mirrors the autoscaling/v1 Scale of the registries. Invariant: only `spec.replicas` changes.
"""

from typing import Any, NamedTuple, TypeVar, cast

from msgspec.structs import replace

from cluster.admission.custom import resources
from cluster.api import kinds, labels
from cluster.api.apiextensions import CustomResourceSubresourceScale
from cluster.api.core import ReplicationController
from cluster.api.custom import CustomResource
from cluster.api.errors import Invalid, MethodNotAllowed, NotFound
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


class Scale(NamedTuple):
    """How many replicas are wanted and present, and by what they are selected, as text."""

    wanted: int
    present: int
    selector: str


def scale_of(kind: Kind[Any], value: Any) -> Scale:
    """What an object of a scalable kind shows as its scale."""
    if isinstance(value, CustomResource):
        where = paths(kind)
        wanted_, present = (
            resources.at(path, value.content) for path in (where.specReplicasPath, where.statusReplicasPath)
        )
        selector = resources.at(where.labelSelectorPath, value.content) if where.labelSelectorPath else ""
        return Scale(wanted_ or 0, present or 0, selector or "")
    spec, present = value.spec, value.status.replicas
    if isinstance(value, ReplicationController):
        selected = ",".join(f"{key}={item}" for key, item in sorted(spec.selector.items()))
        return Scale(spec.replicas or 0, present, selected)
    return Scale(spec.replicas or 0, present, str(labels.from_label_selector(spec.selector)))


def missing(kind: Kind[Any], key: str) -> NotFound:
    """What a read of the scale of an object that is not there is answered (`ScaleREST.Get`): most say whose part it is."""
    name = key.rpartition("/")[2]
    if kind is kinds.REPLICATION_CONTROLLERS:
        return NotFound.of(f"{kind.plural}/scale", name, "autoscaling")
    part = "/scale" if kind in (kinds.DEPLOYMENTS, kinds.REPLICA_SETS) else ""
    return NotFound.of(f"{kind.plural}{part}", name, kind.group)


def paths(kind: Kind[Any]) -> CustomResourceSubresourceScale:
    """Where a custom kind's resources keep what its scale shows."""
    offered = kind.custom.declared.subresources if kind.custom is not None else None
    assert offered is not None, f"{kind} has no subresources"
    assert offered.scale is not None, f"{kind} has no scale"
    return offered.scale
