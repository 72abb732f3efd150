"""The admission plugins: what the cluster's state says about a request, before it is validated.

On the data's way between defaults and validation. Mirrors the API server's admission chain of
NamespaceLifecycle, ServiceAccount, Priority and DefaultTolerationSeconds. Invariant: a plugin reads
the store and changes the object; it never writes.
"""

from typing import TypeVar, cast

from cluster.admission.plugins import namespaces, pods
from cluster.admission.plugins.view import ApiView
from cluster.api import kinds
from cluster.api.core import Pod
from cluster.api.errors import Forbidden
from cluster.api.kinds import Kind
from cluster.api.meta import Resource

T = TypeVar("T", bound=Resource)
__all__ = ["ApiView", "admit_create", "admit_delete", "admit_update"]


def admit_create(api: ApiView, kind: Kind[T], value: T) -> T:
    """The object as admitted; NotFound (its namespace) or Forbidden if it is not."""
    if kind.namespaced:
        namespaces.check_create(api, kind, value)
    if kind.custom is not None and kind.custom.terminating:
        why = "create not allowed while custom resource definition is terminating"
        raise Forbidden.of(kind.plural, value.metadata.name, why, kind.group)
    if kind.plural == kinds.PODS.plural:
        return cast("T", pods.create(api, cast("Pod", value)))
    return value


def admit_update(api: ApiView, kind: Kind[T], new: T, old: T) -> T:
    """The changed object as admitted: a pod keeps the priority and the tolerations that every pod has."""
    del api
    if kind.plural == kinds.PODS.plural:
        return cast("T", pods.update(cast("Pod", new), cast("Pod", old)))
    return new


def admit_delete(api: ApiView, kind: Kind[T], old: T) -> None:
    """Forbidden if the object may never be deleted."""
    del api
    if kind.plural == kinds.NAMESPACES.plural:
        namespaces.check_delete(old.metadata.name)
