"""The namespace controller: a namespace that is deleted takes everything in it along, then goes.

Between the reader of namespaces and the API server. Mirrors kube-controller-manager's namespace
controller with its namespaced resources deleter: pods first, then the rest. Invariant: the
kubernetes finalizer is removed only when a look at every kind found nothing in the namespace.
"""

from msgspec import Struct, field
from msgspec.structs import replace

from cluster.api.cluster import Cluster
from cluster.api.core import Namespace, NamespaceCondition, Pod
from cluster.api.kinds import NAMESPACES, Kind
from cluster.api.meta import Resource
from cluster.apiserver import ApiServer
from cluster.reconcile import Reader, WorkQueue

ACTOR = "namespace-controller"
FINALIZER = "kubernetes"
OBSERVE = 5_000
"""Between the deletion request and the first look, ms."""
FINALIZER_ESTIMATE = 15
"""For how many seconds an object's finalizers are expected to take."""

Keys = dict[Kind[Resource], list[str]]


class Content(Struct):
    """What is left in a namespace."""

    counts: dict[str, int] = field(default_factory=dict)
    """Of each kind (`configmaps.`, `deployments.apps`), how many."""
    finalizers: dict[str, int] = field(default_factory=dict)
    estimate: int = 0
    """For how many seconds the rest is expected to take."""


class NamespaceController:
    """Empties and finalizes namespaces."""

    def __init__(self, api: ApiServer, config: Cluster) -> None:  # noqa: ARG002 - every component is built alike
        self._api = api
        self._content: dict[str, Keys] = {}
        """The keys found in a namespace that is being emptied, and not seen gone yet."""
        self._queue = WorkQueue(api.store, api.clock, self._reconcile)
        Reader(api.store, api.clock, NAMESPACES, self._on_namespace)

    def _on_namespace(self, name: str, _: Namespace | None, new: Namespace | None) -> None:
        if new is None:
            self._content.pop(name, None)
        elif new.metadata.deletionTimestamp:
            self._queue.add(name, OBSERVE)

    def _reconcile(self, name: str) -> int | None:
        """Delete what is there; when to look again, if something stays."""
        namespace = self._api.find(NAMESPACES, name)
        if namespace is None or not namespace.metadata.deletionTimestamp or FINALIZER not in namespace.spec.finalizers:
            return None
        left = self._emptied(name)
        namespace = self._reported(namespace, left)
        if left.counts:
            return (left.estimate // 2 + 1) * 1000
        kept = tuple(finalizer for finalizer in namespace.spec.finalizers if finalizer != FINALIZER)
        self._api.finalize_namespace(name, kept, actor=ACTOR)
        return None

    def _emptied(self, name: str) -> Content:
        """Ask for the deletion of what is in the namespace, and say what is left."""
        found = self._content.get(name) or self._everything(name)
        while True:
            left = Content()
            remaining = self._delete(found, left)
            if remaining or not found:
                break
            found = self._everything(name)  # what was made since the last look, such as events
        self._content[name] = remaining
        return left

    def _everything(self, name: str) -> Keys:
        prefix = f"{name}/"
        found: Keys = {}
        for kind in self._api.registry.kinds:
            if kind.namespaced:
                keys = [key for key in self._api.store.table(kind) if key.startswith(prefix)]
                if keys:
                    found[kind] = keys
        return found

    def _delete(self, found: Keys, left: Content) -> Keys:
        """Delete the pods, and once there are none everything else, last kinds first; what stays."""
        pods = next((kind for kind in found if kind.type is Pod), None)
        if pods is not None:
            staying = self._delete_kind(pods, found[pods], left)
            if staying:
                return {**found, pods: staying}
        remaining: Keys = {}
        for kind in reversed(self._api.registry.kinds):
            if kind in found and kind is not pods:
                staying = self._delete_kind(kind, found[kind], left)
                if staying:
                    remaining[kind] = staying
        return remaining

    def _delete_kind(self, kind: Kind[Resource], keys: list[str], left: Content) -> list[str]:
        staying = []
        for key in keys:
            value = self._api.find(kind, key)
            if value is not None and not value.metadata.deletionTimestamp:
                self._api.delete(kind, key, actor=ACTOR, propagation="Background")
                value = self._api.find(kind, key)
            if value is not None:
                staying.append(key)
                _count(left, value)
        if staying:
            left.counts[f"{kind.plural}.{kind.group}"] = len(staying)
        return staying

    def _reported(self, namespace: Namespace, left: Content) -> Namespace:
        """The namespace with its conditions saying what is left."""
        now, known = self._api.clock.timestamp(), {found.type: found for found in namespace.status.conditions}
        for kind, status, reason, message in _findings(left):
            old = known.get(kind)
            since = now if old is None or old.status != status else old.lastTransitionTime
            known[kind] = NamespaceCondition(
                type=kind, status=status, reason=reason, message=message, lastTransitionTime=since
            )
        new = replace(namespace, status=replace(namespace.status, conditions=tuple(known.values())))
        return self._api.update_status(NAMESPACES, new, actor=ACTOR, previous=namespace)


def _count(left: Content, value: Resource) -> None:
    for finalizer in value.metadata.finalizers:
        left.finalizers[finalizer] = left.finalizers.get(finalizer, 0) + 1
        left.estimate = max(left.estimate, FINALIZER_ESTIMATE)
    if isinstance(value, Pod) and value.status.phase not in {"Succeeded", "Failed"}:
        left.estimate = max(left.estimate, value.spec.terminationGracePeriodSeconds or 0)


def _findings(left: Content) -> list[tuple[str, str, str, str]]:
    """The conditions' types, statuses, reasons and messages."""
    findings = [
        ("NamespaceDeletionDiscoveryFailure", "False", "ResourcesDiscovered", "All resources successfully discovered"),
        (
            "NamespaceDeletionGroupVersionParsingFailure", "False", "ParsedGroupVersions",
            "All legacy kube types successfully parsed",
        ),
        (
            "NamespaceDeletionContentFailure", "False", "ContentDeleted",
            "All content successfully deleted, may be waiting on finalization",
        ),
    ]  # fmt: skip
    if left.counts:
        listed = ", ".join(f"{name} has {count} resource instances" for name, count in sorted(left.counts.items()))
        message = f"Some resources are remaining: {listed}"
        findings.append(("NamespaceContentRemaining", "True", "SomeResourcesRemain", message))
    else:
        message = "All content successfully removed"
        findings.append(("NamespaceContentRemaining", "False", "ContentRemoved", message))
    if left.finalizers:
        listed = ", ".join(f"{name} in {count} resource instances" for name, count in sorted(left.finalizers.items()))
        message = f"Some content in the namespace has finalizers remaining: {listed}"
        findings.append(("NamespaceFinalizersRemaining", "True", "SomeFinalizersRemain", message))
    else:
        message = "All content-preserving finalizers finished"
        findings.append(("NamespaceFinalizersRemaining", "False", "ContentHasNoFinalizers", message))
    return findings
