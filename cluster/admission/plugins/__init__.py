"""The admission plugins: what the cluster's state says about a request, before and after it is validated.

On the data's way `admit_create` and `admit_update` change an object between its defaults and its
validation, `review_create` and `review_update` judge it after that, quotas last. Mirrors the mutating and
the validating half of the API server's admission chain, in its order of plugins. Invariant: a plugin reads
the store and changes the object; it never writes, and a namespace without policies costs a few comparisons.
"""

from collections.abc import Sequence
from typing import Any, TypeVar, cast

from cluster.admission.plugins import (
    ingress_class,
    limit_ranger,
    namespaces,
    node_taint,
    pod_security,
    pods,
    priority,
    quota,
    runtime_class,
    storage,
)
from cluster.admission.plugins.policies import Policies
from cluster.admission.plugins.quota.evaluation import IGNORED, UPDATED
from cluster.admission.plugins.view import ApiView
from cluster.admission.warnings import Warnings
from cluster.api import kinds
from cluster.api.core import Namespace, Node, PersistentVolume, PersistentVolumeClaim, Pod, ResourceQuota
from cluster.api.errors import Forbidden
from cluster.api.kinds import Kind
from cluster.api.meta import Resource
from cluster.api.networking import Ingress
from cluster.api.scheduling import PriorityClass

T = TypeVar("T", bound=Resource)
__all__ = [
    "ApiView",
    "Policies",
    "admit_create",
    "admit_delete",
    "admit_pod_part",
    "admit_update",
    "review_create",
    "review_pod_part",
    "review_update",
]


def admit_create(api: ApiView, kind: Kind[T], value: T) -> T:
    """The object as admitted; NotFound (its namespace) or Forbidden if it is not."""
    if kind.namespaced:
        namespaces.check_create(api, kind, value)
    if kind.custom is not None and kind.custom.terminating:
        why = "create not allowed while custom resource definition is terminating"
        raise Forbidden.of(kind.plural, value.metadata.name, why, kind.group)
    if isinstance(value, Pod):
        return cast("T", pods.create(api, value))
    if isinstance(value, Node):
        return cast("T", node_taint.admitted(value))
    if isinstance(value, PersistentVolumeClaim):
        return cast("T", storage.new_claim(api, value))
    if isinstance(value, PersistentVolume):
        return cast("T", storage.new_volume(value))
    if isinstance(value, Ingress):
        return cast("T", ingress_class.admitted(api, value))
    return value


def admit_update(api: ApiView, kind: Kind[T], new: T, old: T) -> T:
    """The changed object as admitted: a pod keeps the priority and the tolerations that every pod has."""
    del api, kind
    if isinstance(new, Pod):
        return cast("T", pods.update(new, cast("Pod", old)))
    return new


def admit_pod_part(api: ApiView, subresource: str, pod: Pod) -> Pod:
    """The pod of a resize, or with its ephemeral containers, as admitted."""
    return pods.resized(api, pod) if subresource == "resize" else pod


def admit_delete(api: ApiView, kind: Kind[T], old: T) -> None:
    """Forbidden if the object may never be deleted."""
    del api
    if kind.plural == kinds.NAMESPACES.plural:
        namespaces.check_delete(old.metadata.name)
    elif isinstance(old, PriorityClass):
        priority.check_delete(old.metadata.name)


def review_create(api: ApiView, kind: Kind[T], value: T, warnings: Warnings | None) -> Sequence[ResourceQuota]:
    """Judge a complete new object: the quotas to write with it, charged. Forbidden or Invalid if it may not be."""
    policies = api.policies
    if isinstance(value, Pod):
        ranges = policies.limit_ranges.of(value.metadata.namespace)
        if ranges:
            limit_ranger.check_pod(value.spec, value.metadata.name, ranges)
        pod_security.review_pod(api, value, warnings)
        if value.spec.overhead:
            runtime_class.check(api, value.spec, value.metadata)
    elif isinstance(value, PersistentVolumeClaim):
        limit_ranger.check_claim(value, policies.limit_ranges.of(value.metadata.namespace))
    elif isinstance(value, Namespace):
        pod_security.review_namespace(api, value, None, warnings)
    elif isinstance(value, PriorityClass):
        priority.check_class(api, value)
    else:
        pod_security.review_template(api, kind, value, warnings)
    return _charged(api, kind, value, None)


def review_update(api: ApiView, kind: Kind[T], new: T, old: T, warnings: Warnings | None) -> Sequence[ResourceQuota]:
    """Judge a complete changed object; as `review_create`."""
    if isinstance(new, Pod):
        pod_security.review_pod_update(api, new, cast("Pod", old), warnings)
    elif isinstance(new, PersistentVolumeClaim):
        if not new.metadata.deletionTimestamp:
            limit_ranger.check_claim(new, api.policies.limit_ranges.of(new.metadata.namespace))
        storage.check_growth(api, new, cast("PersistentVolumeClaim", old))
    elif isinstance(new, Namespace):
        pod_security.review_namespace(api, new, cast("Namespace", old), warnings)
    elif isinstance(new, PriorityClass):
        priority.check_class(api, new)
    else:
        pod_security.review_template(api, kind, new, warnings)
    return _charged(api, kind, new, old) if kind.qualified in UPDATED else ()


def review_pod_part(
    api: ApiView, subresource: str, new: Pod, old: Pod, warnings: Warnings | None
) -> Sequence[ResourceQuota]:
    """Judge the pod of a resize, or with its ephemeral containers; as `review_create`."""
    if subresource != "resize":
        pod_security.review_pod_update(api, new, old, warnings)
        return ()
    ranges = api.policies.limit_ranges.of(new.metadata.namespace)
    if ranges:
        limit_ranger.check_pod(new.spec, new.metadata.name, ranges)
    return _charged(api, kinds.PODS, new, old)


def _charged(api: ApiView, kind: Kind[Any], new: Resource, old: Resource | None) -> Sequence[ResourceQuota]:
    namespace = new.metadata.namespace
    quotas = api.policies.quotas.of(namespace) if namespace else ()
    if not quotas or kind.qualified in IGNORED:
        return ()
    before = None if old is None else quota.charge(kind, old, api.now)
    return quota.charged(quotas, kind, new, quota.charge(kind, new, api.now), before)
