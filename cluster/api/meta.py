"""Metadata, selectors, options and Status: the types every API group shares (meta/v1).

Written by `python -m tests.reference.generate` from the published schemas; do not edit by hand.
"""

from collections.abc import Mapping
from typing import Annotated, Any

from msgspec import field

from cluster.api.object import ListType, Object


class Condition(Object, frozen=True, kw_only=True):
    lastTransitionTime: str = ""
    message: str = field(default_factory=str)
    observedGeneration: int = 0
    reason: str = field(default_factory=str)
    status: str = field(default_factory=str)
    type: str = field(default_factory=str)


class Preconditions(Object, frozen=True, kw_only=True):
    resourceVersion: str | None = None
    uid: str | None = None


class DeleteOptions(Object, frozen=True, kw_only=True):
    apiVersion: str = ""
    dryRun: tuple[str, ...] = ()
    gracePeriodSeconds: int | None = None
    ignoreStoreReadErrorWithClusterBreakingPotential: bool | None = None
    kind: str = ""
    orphanDependents: bool | None = None
    preconditions: Preconditions | None = None
    propagationPolicy: str = ""


class FieldSelectorRequirement(Object, frozen=True, kw_only=True):
    key: str = field(default_factory=str)
    operator: str = field(default_factory=str)
    values: tuple[str, ...] = ()


class LabelSelectorRequirement(Object, frozen=True, kw_only=True):
    key: str = field(default_factory=str)
    operator: str = field(default_factory=str)
    values: tuple[str, ...] = ()


class LabelSelector(Object, frozen=True, kw_only=True):
    matchExpressions: tuple[LabelSelectorRequirement, ...] = ()
    matchLabels: Mapping[str, str] = {}


class ShardInfo(Object, frozen=True, kw_only=True):
    selector: str = field(default_factory=str)


class ListMeta(Object, frozen=True, kw_only=True):
    continue_: str = field(name="continue", default="")
    remainingItemCount: int | None = None
    resourceVersion: str = ""
    selfLink: str = ""
    shardInfo: ShardInfo | None = None


class ManagedFieldsEntry(Object, frozen=True, kw_only=True):
    apiVersion: str = ""
    fieldsType: str = ""
    fieldsV1: Mapping[str, Any] = {}
    manager: str = ""
    operation: str = ""
    subresource: str = ""
    time: str = ""


class OwnerReference(Object, frozen=True, kw_only=True):
    apiVersion: str = field(default_factory=str)
    blockOwnerDeletion: bool | None = None
    controller: bool | None = None
    kind: str = field(default_factory=str)
    name: str = field(default_factory=str)
    uid: str = field(default_factory=str)


class ObjectMeta(Object, frozen=True, kw_only=True):
    annotations: Mapping[str, str] = {}
    creationTimestamp: str = ""
    deletionGracePeriodSeconds: int | None = None
    deletionTimestamp: str = ""
    finalizers: Annotated[tuple[str, ...], ListType("set", (), "merge", "")] = ()
    generateName: str = ""
    generation: int = 0
    labels: Mapping[str, str] = {}
    managedFields: tuple[ManagedFieldsEntry, ...] = ()
    name: str = ""
    namespace: str = ""
    ownerReferences: Annotated[tuple[OwnerReference, ...], ListType("map", ("uid",), "merge", "uid")] = ()
    resourceVersion: str = ""
    selfLink: str = ""
    uid: str = ""


class StatusCause(Object, frozen=True, kw_only=True):
    field: str = ""
    message: str = ""
    reason: str = ""


class StatusDetails(Object, frozen=True, kw_only=True):
    causes: tuple[StatusCause, ...] = ()
    group: str = ""
    kind: str = ""
    name: str = ""
    retryAfterSeconds: int = 0
    uid: str = ""


class Status(Object, frozen=True, kw_only=True):
    apiVersion: str = ""
    code: int = 0
    details: StatusDetails | None = None
    kind: str = ""
    message: str = ""
    metadata: ListMeta = field(default_factory=lambda: ListMeta())
    reason: str = ""
    status: str = ""


class Resource(Object, frozen=True, kw_only=True):
    """An object the API serves under a name of its own; its kind is its type."""

    metadata: ObjectMeta = field(default_factory=lambda: ObjectMeta())
