"""Requests as the API server passes them to admission, without an API server."""

import builtins
from typing import Any, TypeVar

from cluster import admission
from cluster.admission import Policies
from cluster.api import codec, kinds
from cluster.api.core import Namespace, NamespaceStatus, ServiceAccount
from cluster.api.kinds import Kind
from cluster.api.meta import ObjectMeta, Resource
from cluster.bootstrap import PRIORITY_CLASSES
from cluster.store import Store

T = TypeVar("T", bound=Resource)
TIME = "2026-01-01T00:00:00Z"


class View:
    """An API server with the objects it is given: mostly namespaces and service accounts."""

    def __init__(self, *objects: Resource, seed: int = 1) -> None:
        self.seed, self.now, self.store = seed, TIME, Store()
        for value in objects:
            self.put(value)
        self.policies = Policies(self.store)

    def put(self, value: Resource) -> None:
        """Add an object, or change it."""
        self.store.put(kinds.kind_of(value), kinds.key(value), value, "tester")

    def find(self, kind: Kind[T], key: str) -> T | None:
        """The object of this key, or None."""
        return self.store.table(kind).get(key)

    def list(self, kind: Kind[T], *, namespace: str = "") -> builtins.list[T]:
        """The objects of a namespace, by name."""
        return [value for key, value in sorted(self.store.table(kind).items()) if key.startswith(f"{namespace}/")]


def view(namespace: str = "shop", phase: str = "Active", **account: Any) -> View:
    """An API server with one namespace and its default account."""
    return View(
        Namespace(metadata=ObjectMeta(name=namespace), status=NamespaceStatus(phase=phase)),
        ServiceAccount(metadata=ObjectMeta(name="default", namespace=namespace), **account),
        *PRIORITY_CLASSES,
    )


def read(kind: Kind[T], plain: dict[str, Any], name: str = "web") -> T:
    """The object that plain data means, with a name and a namespace if it has none."""
    meta = {"name": name, **({"namespace": "shop"} if kind.namespaced else {}), **plain.get("metadata", {})}
    return codec.from_plain(kind.type, {**plain, "metadata": meta})


def created(kind: Kind[T], plain: dict[str, Any], api: View | None = None) -> T:
    """The object after preparation, defaults and plugins."""
    value = read(kind, plain)
    value = admission.defaults.apply(kind, admission.prepare_create(kind, value))
    return admission.admit_create(api or view(), kind, value)


def refused(kind: Kind[T], plain: dict[str, Any]) -> list[str]:
    """What validation says of the object, each as `field: message`."""
    return said(admission.validation.create(kind, created(kind, plain)))


def changed(kind: Kind[T], old: T, plain: dict[str, Any]) -> T:
    """The object after an update to what plain data means."""
    new = admission.prepare_update(kind, read(kind, plain), old)
    return admission.admit_update(view(), kind, admission.defaults.apply(kind, new), old)


def refused_change(kind: Kind[T], before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """What validation says of a change from one object to another."""
    old = created(kind, before)
    return said(admission.validation.update(kind, changed(kind, old, after), old))


def said(causes: Any) -> list[str]:
    """Causes as text."""
    return [f"{cause.field}: {cause.message}" for cause in causes]


def pod(**spec: Any) -> dict[str, Any]:
    """A pod of one container, with these fields of the spec besides."""
    return {"spec": {"containers": [{"name": "web", "image": "nginx:1.27"}], **spec}}


def container(**fields: Any) -> dict[str, Any]:
    """A pod whose one container has these fields."""
    return pod(containers=[{"name": "web", "image": "nginx:1.27", **fields}])
