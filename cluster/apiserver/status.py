"""What a write of the status subresource makes of an object: the old one with another status.

Beside the verbs. Mirrors the status strategies of the registries. Invariant: the spec stays.
"""

from typing import TypeVar, cast

from msgspec import structs

from cluster.admission.custom import resources
from cluster.api.custom import CustomResource
from cluster.api.kinds import Kind
from cluster.api.meta import Resource

T = TypeVar("T", bound=Resource)


def with_status(kind: Kind[T], old: T, value: T) -> T:
    """The old object with the status of another, and but for custom resources with its labels, annotations and finalizers."""
    if isinstance(value, CustomResource):
        return cast("T", resources.status_of(kind, value, cast("CustomResource", old)))
    meta = old.metadata
    if value.metadata is meta and value.spec is old.spec:  # type: ignore[attr-defined]
        return value  # made from the old one, as components do
    if value.metadata is not meta:
        meta = structs.replace(
            meta, labels=value.metadata.labels, annotations=value.metadata.annotations,
            finalizers=value.metadata.finalizers,
        )  # fmt: skip
    return structs.replace(old, metadata=meta, status=value.status)  # type: ignore[attr-defined]
