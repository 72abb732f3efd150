"""Which Services select which pods, and what a pod is to a Service: shared by both endpoint controllers.

It stands between the readers of Services and pods and the controllers' queues. Pods with equal
labels are one set, so a change of labels or selectors is compared once for all of them. Invariant:
`Selection` equals a comparison of every selector with every pod's labels.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache

from cluster.api.core import Pod, Service, ServicePort
from cluster.api.kinds import PODS, SERVICES
from cluster.api.labels import from_map
from cluster.api.selector_index import SelectorIndex
from cluster.clock import Clock
from cluster.reconcile import Reader
from cluster.store import Store

_Items = frozenset[tuple[str, str]]
REMEMBERED = 4096
SPARE = 256
"""How many sets without pods are kept beyond as many as have any."""
HEADLESS_LABEL = "service.kubernetes.io/headless"
TRIGGER_TIME = "endpoints.kubernetes.io/last-change-trigger-time"
BATCH = 100
"""How long changes of a Service's pods are gathered before its endpoints are written, ms."""


class LabelSet:
    """The pods of one namespace whose labels are the same, and the Services that select them."""

    __slots__ = ("labels", "pods", "services")

    def __init__(self, labels: Mapping[str, str], services: tuple[str, ...]) -> None:
        self.labels, self.services = labels, services
        self.pods: dict[str, None] = {}


class Selection:
    """The index from pods to Services and back, kept from their changes."""

    __slots__ = ("_count", "_index", "_known", "_live", "_selectors", "_sets")

    def __init__(self) -> None:
        self._sets: dict[str, dict[_Items, LabelSet]] = {}
        self._known: dict[tuple[str, int], tuple[Mapping[str, str], LabelSet]] = {}
        """The sets last used, by the identity of the labels that many pods share."""
        self._count = self._live = 0  # how many sets there are, and how many of them have pods
        self._selectors: dict[str, dict[str, Mapping[str, str]]] = {}
        self._index = SelectorIndex()

    def move(self, key: str, old: Pod | None, new: Pod | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Follow a pod's change; the keys of the Services that selected it, and of those that do now."""
        namespace = key.partition("/")[0]
        before: tuple[str, ...] = ()
        after: tuple[str, ...] = ()
        if old is not None:
            before = self._leave(namespace, key, old.metadata.labels)
        if new is not None:
            after = self._enter(namespace, key, new.metadata.labels)
        return before, after

    def of(self, pod: Pod) -> tuple[str, ...]:
        """The keys of the Services that select a pod which was shown before."""
        return self._set(pod.metadata.namespace, pod.metadata.labels).services

    def select(self, key: str, selector: Mapping[str, str]) -> None:
        """Follow a Service's selector; an empty one selects nothing."""
        namespace = key.partition("/")[0]
        selectors = self._selectors.setdefault(namespace, {})
        if selectors.get(key, {}) == selector:
            return
        if selector:
            selectors[key] = selector
            self._index.put(key, namespace, from_map(selector), selector)
        else:
            del selectors[key]
            self._index.discard(key)
        for found in self._sets.get(namespace, {}).values():
            found.services = tuple(self._index.matching(namespace, found.labels))

    def pods(self, service: str) -> Iterator[str]:
        """The keys of the pods that a Service selects, sets of equal labels together."""
        for found in self._sets.get(service.partition("/")[0], {}).values():
            if service in found.services:
                yield from found.pods

    def _set(self, namespace: str, labels: Mapping[str, str]) -> LabelSet:
        """The set of the pods with these labels, made if there is none."""
        known = self._known.get((namespace, id(labels)))
        if known is not None and known[0] is labels:
            return known[1]
        sets, items = self._sets.setdefault(namespace, {}), frozenset(labels.items())
        found = sets.get(items)
        if found is None:
            self._count += 1
            found = sets[items] = LabelSet(labels, tuple(self._index.matching(namespace, labels)))
        if len(self._known) >= REMEMBERED:
            self._known.clear()
        self._known[namespace, id(labels)] = (labels, found)
        return found

    def _enter(self, namespace: str, key: str, labels: Mapping[str, str]) -> tuple[str, ...]:
        found = self._set(namespace, labels)
        self._live += not found.pods
        found.pods[key] = None
        return found.services

    def _leave(self, namespace: str, key: str, labels: Mapping[str, str]) -> tuple[str, ...]:
        found = self._set(namespace, labels)
        del found.pods[key]
        if not found.pods:
            self._live -= 1
            if self._count > 2 * self._live + SPARE:
                self._forget_empty()
        return found.services

    def _forget_empty(self) -> None:
        """Drop the sets without pods: a few are kept, for the next pod of a template passes through them again."""
        for namespace, sets in list(self._sets.items()):
            self._sets[namespace] = {items: found for items, found in sets.items() if found.pods}
            if not self._sets[namespace]:
                del self._sets[namespace]
        self._count = self._live
        self._known.clear()


class ServicePods:
    """The pods of every Service, followed once for all who ask (`reconcile.shared`).

    A listener is called with a Service's key and a pod's when the pod's change matters for the Service;
    it looks at all of the `pods` when a Service itself has changed.
    """

    __slots__ = ("_listeners", "_selection")

    def __init__(self, store: Store, clock: Clock) -> None:
        self._selection = Selection()
        self._listeners: list[Callable[[str, str], None]] = []
        Reader(store, clock, SERVICES, self._on_service)
        Reader(store, clock, PODS, self._on_pod)

    def tell(self, listener: Callable[[str, str], None]) -> None:
        """Call `listener(service, pod)` from now on."""
        self._listeners.append(listener)

    def pods(self, service: str) -> Iterator[str]:
        """The keys of the pods that a Service selects."""
        return self._selection.pods(service)

    def _on_service(self, key: str, old: Service | None, new: Service | None) -> None:
        if new is None:
            self._selection.select(key, {})
        elif old is None or old.spec is not new.spec:
            self._selection.select(key, new.spec.selector if has_selector(new) else {})

    def _on_pod(self, key: str, old: Pod | None, new: Pod | None) -> None:
        for service in services_to_look_at(self._selection, key, old, new):
            for listener in self._listeners:
                listener(service, key)


def services_to_look_at(
    selection: Selection, key: str, old: Pod | None, new: Pod | None
) -> tuple[str, ...] | dict[str, None]:
    """The Services for which a pod's change matters (`GetServicesToUpdateOnPodChange`)."""
    if old is not None and new is not None and old.metadata.labels is new.metadata.labels:
        return selection.of(new) if _endpoint_changed(old, new) else ()
    before, after = selection.move(key, old, new)
    if old is None or new is None:
        return before or after
    if _endpoint_changed(old, new):
        return after if before == after else dict.fromkeys(before + after)
    return () if before == after else dict.fromkeys([*(set_minus(before, after)), *set_minus(after, before)])


def set_minus(left: tuple[str, ...], right: tuple[str, ...]) -> list[str]:
    """What of `left` is not in `right`, in order."""
    return [value for value in left if value not in right]


def _endpoint_changed(old: Pod, new: Pod) -> bool:
    before, after = old.metadata, new.metadata
    if before is not after and (before.deletionTimestamp != after.deletionTimestamp or before.uid != after.uid):
        return True
    if old.spec is not new.spec:
        left, right = old.spec, new.spec
        if (left.nodeName, left.hostname, left.subdomain) != (right.nodeName, right.hostname, right.subdomain):
            return True
    was, now = old.status, new.status
    if was is now:
        return False
    if was.podIPs != now.podIPs or (was.phase != now.phase and is_terminal(old) != is_terminal(new)):
        return True
    return was.conditions is not now.conditions and is_ready(old) != is_ready(new)


def is_terminal(pod: Pod) -> bool:
    """Whether its containers have ended and will not run again."""
    return pod.status.phase in {"Succeeded", "Failed"}


def is_ready(pod: Pod) -> bool:
    """Whether the Ready condition is True."""
    for condition in pod.status.conditions:
        if condition.type == "Ready":
            return condition.status == "True"
    return False


def ready_since(pod: Pod) -> str:
    """When the Ready condition last changed, "" if it has not been set."""
    for condition in pod.status.conditions:
        if condition.type == "Ready":
            return condition.lastTransitionTime
    return ""


@lru_cache(maxsize=64)
def trigger_annotations(trigger: str) -> Mapping[str, str]:
    """The annotation that tells what a write answers to: one mapping for a second, so that it is validated once."""
    return {TRIGGER_TIME: trigger} if trigger else {}


def address_of(pod: Pod, family: str) -> str:
    """The pod's address of an IP family, "" if it has none (yet)."""
    for address in pod.status.podIPs:
        if (":" in address.ip) == (family == "IPv6"):
            return address.ip
    return ""


def has_host_name(pod: Pod, service: Service) -> bool:
    """Whether the Service gives the pod a name of its own in DNS."""
    spec = pod.spec
    return bool(spec.hostname) and spec.subdomain == service.metadata.name


def target_port(port: ServicePort, pod: Pod) -> int:
    """The number of the container port that a Service's port leads to in a pod, 0 if it has none (`FindPort`)."""
    wanted = port.targetPort
    if isinstance(wanted, int):
        return wanted
    if wanted is None:
        return port.port
    sidecars = (container for container in pod.spec.initContainers if container.restartPolicy == "Always")
    for container in (*pod.spec.containers, *sidecars):
        for candidate in container.ports:
            if candidate.name == wanted and (candidate.protocol or "TCP") == port.protocol:
                return candidate.containerPort
    return 0


def has_selector(service: Service | None) -> bool:
    """Whether the controllers, and not a user, make a Service's endpoints."""
    return service is not None and service.spec.type != "ExternalName" and bool(service.spec.selector)


def is_headless(service: Service) -> bool:
    """Whether a Service has no address of its own."""
    return service.spec.clusterIP in {"None", ""}
