"""The client's cluster, mirrored: a live list of every kind, and the indexes that several screens share.

On the data's way between the client and the tables. Invariant: everything here follows from what the
feeds have told so far; `poll` costs what has changed.
"""

from collections.abc import Iterator
from typing import Any, TypeVar

from cluster.api.core import Node, Pod
from cluster.api.kinds import (
    CLUSTER_ROLE_BINDINGS,
    CLUSTER_ROLES,
    CUSTOM_RESOURCE_DEFINITIONS,
    ENDPOINT_SLICES,
    EVENTS,
    LEASES,
    NODES,
    PODS,
    ROLE_BINDINGS,
    ROLES,
    Kind,
    KindNames,
    key_of,
)
from cluster.api.meta import OwnerReference, Resource
from cluster.printers import Now
from ktui.client import Client
from ktui.model.live_list import LiveList
from ktui.model.summary import Tally, node_ready, pod_ready

T = TypeVar("T", bound=Resource)
UNLABELLED = (EVENTS, LEASES, ENDPOINT_SLICES, ROLES, CLUSTER_ROLES, ROLE_BINDINGS, CLUSTER_ROLE_BINDINGS)
"""Kinds whose labels are the system's bookkeeping: the labels pane does not count them."""


class Mirror:
    """Live lists of all kinds."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self._lists: dict[str, LiveList[Any]] = {}
        self._follow_kinds()
        self.nodes: Tally[Node] = Tally(node_ready)
        self.pods: Tally[Pod] = Tally(pod_ready)
        self.list(NODES).subscribe(self.nodes.changed)
        self.list(PODS).subscribe(self.pods.changed)
        self.list(CUSTOM_RESOURCE_DEFINITIONS).subscribe(lambda _: self._follow_kinds())

    @property
    def kinds(self) -> KindNames:
        """Every kind of the cluster."""
        return self.client.kinds

    def _follow_kinds(self) -> None:
        """Have a live list of every kind there is, in its present version."""
        for kind in self.client.kinds.kinds:
            self.list(kind).kind = kind

    def now(self) -> Now:
        """The cluster's time in whole seconds: ages are not told more finely."""
        return Now(self.client.now().milliseconds // 1000 * 1000)

    def list(self, kind: Kind[T]) -> LiveList[T]:
        """The live list of a kind."""
        found = self._lists.get(kind.qualified)
        if found is None:
            found = self._lists[kind.qualified] = LiveList(kind, self.client.follow(kind))
        return found

    def lists(self) -> Iterator[LiveList[Any]]:
        """Every live list there is."""
        return iter(list(self._lists.values()))

    def find(self, kind: Kind[T], key: str) -> T | None:
        """The object as last heard of."""
        return self.list(kind).objects.get(key)

    def owner(self, value: Resource) -> tuple[Kind[Any], str] | None:
        """The object that controls this one (or owns it, if none controls), if it exists."""
        references = value.metadata.ownerReferences
        for reference in sorted(references, key=_controls_not):
            kind = self.kinds.by_api_version(reference.apiVersion, reference.kind)
            if kind is not None:
                key = key_of(value.metadata.namespace if kind.namespaced else "", reference.name)
                if self.find(kind, key) is not None:
                    return kind, key
        return None

    def owned(self, uid: str) -> Iterator[Resource]:
        """Everything that names this uid as an owner."""
        for live in self.lists():
            for found in live.objects.values():
                if is_owned(found, uid):
                    yield found

    @property
    def behind(self) -> bool:
        """Whether there is more to poll."""
        return any(live.behind for live in self._lists.values())

    def poll(self, limit: int = 1_000) -> bool:
        """Take in at most `limit` writes of every kind; whether anything changed."""
        changed = False
        for live in list(self._lists.values()):
            if live.behind:
                changed = live.poll(limit) > 0 or changed
        return changed


def is_owned(value: Resource, uid: str) -> bool:
    """Whether an object names this uid as an owner."""
    return any(reference.uid == uid for reference in value.metadata.ownerReferences)


def _controls_not(reference: OwnerReference) -> bool:
    return not reference.controller
