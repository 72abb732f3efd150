"""A pod as the scheduler's plugins see it: what it asks for, in plain numbers, and what it will accept.

Made once for each equivalence class from its first pod. Mirrors PodInfo and the resource helpers of
the scheduler framework. Invariant: pods with equal `signature` are told apart by no plugin.
"""

from functools import cached_property
from typing import NamedTuple

from cluster.api import pod_requests, quantity
from cluster.api.codec import encode
from cluster.api.core import NodeSelectorTerm, Pod, PodSpec, PreferredSchedulingTerm
from cluster.api.labels import Selector
from cluster.api.pod_requests import Amounts
from cluster.api.quantity import Quantity
from cluster.scheduler.pod_volumes import volumes_of

CPU, MEMORY, STORAGE, PODS = "cpu", "memory", "ephemeral-storage", "pods"
NON_ZERO = {CPU: Quantity("100m"), MEMORY: Quantity("200Mi")}
"""What a container that does not ask counts for in scores."""

ANY_ADDRESS = "0.0.0.0"  # noqa: S104 - a name for every address, nothing listens

HostPort = tuple[str, str, int]
"""Address, protocol, port."""


class Footprint(NamedTuple):
    """What a pod takes from its node: millicores, bytes, counts, and host ports.

    The non-zero figures are those that scores go by: a container that asks for nothing counts for
    something there.
    """

    cpu: int
    memory: int
    storage: int
    others: tuple[tuple[str, int], ...]
    non_zero_cpu: int
    non_zero_memory: int
    ports: tuple[HostPort, ...]


def amount(resource: str, text: str) -> int:
    """A quantity in the unit the scheduler counts the resource in: millicores, else whole units."""
    return quantity.milli(text) if resource == CPU else quantity.value(text)


def host_ports(spec: PodSpec) -> tuple[HostPort, ...]:
    """The ports of the node that the pod's containers and sidecars listen on."""
    sidecars = [container for container in spec.initContainers if container.restartPolicy == "Always"]
    return tuple(
        (port.hostIP or ANY_ADDRESS, port.protocol or "TCP", port.hostPort)
        for container in (*spec.containers, *sidecars)
        for port in container.ports
        if port.hostPort > 0
    )


def footprint(spec: PodSpec) -> Footprint:
    """What a pod of this spec takes from its node."""
    return _footprint(spec, pod_requests.requests(spec), pod_requests.requests(spec, missing=NON_ZERO))


def resized_footprint(pod: Pod) -> Footprint:
    """What a pod takes from its node while its spec may say something else than what it has."""
    asked = pod_requests.effective_requests(pod)
    return _footprint(pod.spec, asked, pod_requests.effective_requests(pod, missing=NON_ZERO))


def _footprint(spec: PodSpec, requested: Amounts, counted: Amounts) -> Footprint:
    asked, scored = ({name: amount(name, text) for name, text in found.items()} for found in (requested, counted))
    others = tuple(sorted(item for item in asked.items() if item[0] not in {CPU, MEMORY, STORAGE} and item[1]))
    return Footprint(
        asked.get(CPU, 0), asked.get(MEMORY, 0), asked.get(STORAGE, 0), others,
        scored.get(CPU, 0), scored.get(MEMORY, 0), host_ports(spec),
    )  # fmt: skip


def shrunk(before: Footprint, after: Footprint) -> bool:
    """Whether a pod takes less of something than before."""
    return after.cpu < before.cpu or after.memory < before.memory


class Footprints:
    """Footprints by the identity of what they are computed from, which pods of one template share."""

    def __init__(self, limit: int = 4096) -> None:
        self._limit = limit
        self._known: dict[tuple[int, int, int, int], tuple[PodSpec, Footprint]] = {}

    def of_pod(self, pod: Pod) -> Footprint:
        """The footprint of a pod that is on a node."""
        if pod_requests.may_be_resized(pod) and not pod_requests.has_what_it_asks(pod):
            return resized_footprint(pod)
        return self.of(pod.spec)

    def of(self, spec: PodSpec) -> Footprint:
        """The footprint of a pod with this spec."""
        key = (id(spec.containers), id(spec.initContainers), id(spec.overhead), id(spec.resources))
        found = self._known.get(key)
        if found is None:
            if len(self._known) >= self._limit:
                self._known.clear()
            found = self._known[key] = (spec, footprint(spec))
        return found[1]


def spec_signature(spec: PodSpec) -> bytes:
    """Everything of a spec that plugins look at, as bytes."""
    return encode((
        footprint(spec), sorted(spec.nodeSelector.items()), spec.nodeName, spec.priority, spec.preemptionPolicy,
        spec.affinity, spec.tolerations, spec.topologySpreadConstraints,
        [each.image for each in (*spec.initContainers, *spec.containers)],
    ))  # fmt: skip


class PodInfo:
    """One pod that stands for all of its equivalence class; `selector` picks its siblings, if it has any."""

    def __init__(self, pod: Pod, selector: Selector | None = None, asks: Footprint | None = None) -> None:
        self.pod, self.spec = pod, pod.spec
        self.namespace, self.labels = pod.metadata.namespace, pod.metadata.labels
        self.selector = selector
        self.asks = asks or footprint(pod.spec)
        self.volumes = volumes_of(pod)
        self.simple = not (self.asks.storage or self.asks.others or self.asks.ports)

    @cached_property
    def required_terms(self) -> tuple[NodeSelectorTerm, ...] | None:
        """The node affinity terms of which one must match; None if there is no such demand."""
        node = self.spec.affinity.nodeAffinity if self.spec.affinity else None
        required = node.requiredDuringSchedulingIgnoredDuringExecution if node else None
        return None if required is None else required.nodeSelectorTerms

    @cached_property
    def preferred_terms(self) -> tuple[PreferredSchedulingTerm, ...]:
        """The node affinity terms that count for something."""
        node = self.spec.affinity.nodeAffinity if self.spec.affinity else None
        terms = node.preferredDuringSchedulingIgnoredDuringExecution if node else ()
        return tuple(
            term for term in terms
            if term.weight and (term.preference.matchExpressions or term.preference.matchFields)
        )  # fmt: skip

    @cached_property
    def node_names(self) -> frozenset[str] | None:
        """The only nodes that the required affinity names by `metadata.name`; None if it names none."""
        if self.required_terms is None:
            return None
        names: set[str] = set()
        for term in self.required_terms:
            named = [frozenset(field.values) for field in term.matchFields if field.operator == "In"]
            if not named:
                return None
            names |= frozenset.intersection(*named)
        return frozenset(names)

    @cached_property
    def demands_nodes(self) -> bool:
        """Whether it has a node selector or required node affinity."""
        return bool(self.spec.nodeSelector) or self.required_terms is not None

    @cached_property
    def demands_signature(self) -> str:
        """Its node selector and required node affinity, as text."""
        return encode((sorted(self.spec.nodeSelector.items()), self.required_terms)).decode()

    @cached_property
    def tolerations_signature(self) -> str:
        """Its tolerations, as text."""
        return encode(self.spec.tolerations).decode()

    @cached_property
    def tells_hosts_apart(self) -> bool:
        """Whether nodes that differ in nothing but name and hostname may differ to it."""
        terms = [*(self.required_terms or ()), *(term.preference for term in self.preferred_terms)]
        keys = {item.key for term in terms for item in term.matchExpressions} | set(self.spec.nodeSelector)
        return HOSTNAME in keys or any(term.matchFields for term in terms) or bool(self.spec.nodeName)


HOSTNAME = "kubernetes.io/hostname"
