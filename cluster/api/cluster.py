"""The `kind: Cluster` document (ktui.dev/v1alpha1): what a simulated cluster is made of.

The first thing on the data's way: the command line reads it, the engine and every component are
built from it. Invariant: a `Cluster` that `from_document` returned is complete and consistent, so
nobody checks it again.
"""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from ipaddress import IPv4Network
from typing import Any

import msgspec
from msgspec.structs import replace

from cluster.api import quantity
from cluster.api.core import Node, NodeSpec, NodeStatus, Taint
from cluster.api.meta import ObjectMeta
from cluster.api.object import Object
from cluster.api.quantity import Quantity

API_VERSION = "ktui.dev/v1alpha1"
KIND = "Cluster"
ZONES = 3
NODE_BITS = 24  # the range of pod addresses that each node gets is a /24
ZONE_LABEL = "topology.kubernetes.io/zone"
EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")
CAPACITY = {
    "cpu": Quantity("4"), "ephemeral-storage": Quantity("100Gi"), "memory": Quantity("8Gi"), "pods": Quantity("110"),
}  # fmt: skip
"""What a node has where its group does not say."""

_UNITS = {"ns": 1e-6, "us": 1e-3, "µs": 1e-3, "ms": 1.0, "s": 1e3, "m": 6e4, "h": 3.6e6}
_PART = re.compile(r"(\d+\.?\d*|\.\d+)(ns|us|µs|ms|s|m|h)")
_NAME = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_PLACE = re.compile(r"(?P<words>.*?)(?: - at `\$(?P<path>.*)`)?", re.DOTALL)


@lru_cache(maxsize=1024)
def milliseconds(duration: str) -> int:
    """A duration as Go writes it (`1.5s`, `200ms`, `1m30s`, `0`) in whole ms; ValueError if it is none."""
    if duration == "0":
        return 0
    parts = _PART.findall(duration)
    if not parts or "".join(number + unit for number, unit in parts) != duration:
        raise ValueError(f'"{duration}" is not a duration such as 1.5s, 200ms or 1m30s')
    return round(sum(float(number) * _UNITS[unit] for number, unit in parts))


class NodeGroup(Object, frozen=True, kw_only=True):
    """Nodes that are alike. In the name and in values `{n}` counts from 1, `{zone}` goes round 1, 2, 3."""

    name: str = "node-{n}"
    count: int = 1
    labels: Mapping[str, str] = {}
    annotations: Mapping[str, str] = {}
    taints: tuple[Taint, ...] = ()
    capacity: Mapping[str, Quantity] = {}
    allocatable: Mapping[str, Quantity] = {}

    def nodes(self) -> Iterator[Node]:
        """The group's nodes, with the name, labels, taints and resources that each has from its group.

        A resource not named in `capacity` is `CAPACITY`'s; what is not named in `allocatable` is the capacity.
        """
        capacity = {**CAPACITY, **self.capacity}
        status = NodeStatus(capacity=capacity, allocatable={**capacity, **self.allocatable})
        spec = NodeSpec(taints=self.taints)
        for n in range(1, self.count + 1):
            meta = ObjectMeta(
                name=_fill(self.name, n),
                labels={_fill(key, n): _fill(value, n) for key, value in self.labels.items()},
                annotations={key: _fill(value, n) for key, value in self.annotations.items()},
            )
            yield Node(metadata=meta, spec=spec, status=status)


class Network(Object, frozen=True, kw_only=True):
    """Where addresses and ports come from."""

    serviceClusterIPRange: str = "10.96.0.0/16"
    serviceNodePortRange: str = "30000-32767"
    podCIDR: str = "10.244.0.0/16"

    @property
    def room(self) -> int:
        """How many nodes can have a range of pod addresses."""
        return max(1, IPv4Network(self.podCIDR).num_addresses >> (32 - NODE_BITS))

    def widened(self, nodes: int) -> "Network":
        """The same network with room for so many nodes, if the address space has it."""
        wide = IPv4Network(self.podCIDR)
        taken = IPv4Network(self.serviceClusterIPRange)
        while wide.num_addresses >> (32 - NODE_BITS) < nodes and not wide.supernet().overlaps(taken):
            wide = wide.supernet()
        return replace(self, podCIDR=str(wide))


class Timing(Object, frozen=True, kw_only=True):
    """How long the simulated runtime takes (virtual time), each a duration for `milliseconds`.

    And whether containers run their commands: a document that has a timing of its own is taken at its word.
    """

    imagePull: str = "1.5s"
    containerStart: str = "200ms"
    containerStop: str = "500ms"
    processes: bool = False


class Addons(Object, frozen=True, kw_only=True):
    """What is installed besides the control plane."""

    dns: bool = False
    metrics: bool = False
    defaultStorageClass: bool = True


class Cluster(Object, frozen=True, kw_only=True):
    """A cluster: the same document and the same inputs give the same log."""

    seed: int = 1
    nodes: tuple[NodeGroup, ...] = ()
    network: Network = Network()
    timing: Timing = Timing(processes=True)
    addons: Addons = Addons()

    def members(self) -> Iterator[Node]:
        """Every configured node, in order (`NodeGroup.nodes` of each group)."""
        for group in self.nodes:
            yield from group.nodes()

    def with_nodes(self, count: int) -> "Cluster":
        """The same cluster with `count` nodes, all like its first group's, and room for their pods."""
        group = self.nodes[0] if self.nodes else DEFAULT.nodes[0]
        if count != 1 and "{n}" not in group.name:
            group = replace(group, name=group.name + "-{n}")
        return replace(self, nodes=(replace(group, count=count),), network=self.network.widened(count))


DEFAULT = Cluster(nodes=(NodeGroup(count=3, labels={ZONE_LABEL: "zone-{zone}"}),))
"""Three nodes, `node-1` to `node-3`, each with four cores and 8 GiB, each in a zone of its own."""


class _Document(Cluster, frozen=True, kw_only=True):
    """The document as written: a Cluster below the two lines that say so."""

    apiVersion: str = ""
    kind: str = ""
    metadata: Mapping[str, Any] = {}


def from_document(plain: Mapping[str, Any]) -> Cluster:
    """The cluster a decoded document describes; ValueError `path: words` for the first thing wrong."""
    if not isinstance(plain, Mapping):
        raise ValueError("a Cluster document is a mapping")  # noqa: TRY004 - one kind of error for a bad document
    if (plain.get("apiVersion"), plain.get("kind")) != (API_VERSION, KIND):
        raise ValueError(f"apiVersion and kind must be {API_VERSION} and {KIND}")
    try:
        document = msgspec.convert(plain, _Document, dec_hook=_decode)
    except msgspec.ValidationError as error:
        raise ValueError(_located(str(error))) from None
    cluster = Cluster(
        seed=document.seed, network=document.network, timing=document.timing, addons=document.addons,
        nodes=DEFAULT.nodes if "nodes" not in plain else document.nodes,
    )  # fmt: skip
    _check_nodes(cluster)
    _check_network(cluster)
    for name in ("imagePull", "containerStart", "containerStop"):
        _within(f"timing.{name}", milliseconds, getattr(cluster.timing, name))
    return cluster


def _decode(wanted: type, value: Any) -> Any:
    if wanted is Quantity and isinstance(value, str | int | float):
        return quantity.parse(value)
    raise ValueError(f"Expected `{wanted.__name__.lower()}`, got `{type(value).__name__}`")


def _located(message: str) -> str:
    """The message `words - at $.path` as `path: words`."""
    match = _PLACE.fullmatch(message)
    words, path = (match["words"], match["path"]) if match else (message, "")
    words = words.replace("Object contains unknown field", "unknown field")
    return f"{path.lstrip('.')}: {words}" if path else words


def _within(path: str, parse: Any, text: str) -> Any:
    try:
        return parse(text)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None


def _fill(template: str, n: int) -> str:
    if "{" not in template:
        return template
    return template.replace("{n}", str(n)).replace("{zone}", str((n - 1) % ZONES + 1))


def _check_nodes(cluster: Cluster) -> None:
    places: dict[str, str] = {}
    for index, group in enumerate(cluster.nodes):
        path = f"nodes[{index}]"
        if group.count < 0:
            raise ValueError(f"{path}.count: must be at least 0, not {group.count}")
        if group.count > 1 and "{n}" not in group.name:
            raise ValueError(f'{path}.name: {group.count} nodes need different names: put {{n}} in "{group.name}"')
        for number, taint in enumerate(group.taints):
            if taint.effect not in EFFECTS:
                effects = ", ".join(EFFECTS)
                raise ValueError(f'{path}.taints[{number}].effect: "{taint.effect}" is none of {effects}')
        for node in group.nodes():
            name = node.metadata.name
            if len(name) > 253 or not _NAME.fullmatch(name):
                raise ValueError(f'{path}.name: "{name}" is not a name: use lower case letters, digits, "-" and "."')
            if name in places:
                raise ValueError(f'{path}.name: "{name}" is a node of {places[name]} already')
            places[name] = path


def _check_network(cluster: Cluster) -> None:
    network, nodes = cluster.network, sum(group.count for group in cluster.nodes)
    for name in ("serviceClusterIPRange", "podCIDR"):
        _within(f"network.{name}", IPv4Network, getattr(network, name))
    if IPv4Network(network.podCIDR).overlaps(IPv4Network(network.serviceClusterIPRange)):
        raise ValueError(f"network.podCIDR: {network.podCIDR} overlaps serviceClusterIPRange")
    if network.room < nodes:
        raise ValueError(
            f"network.podCIDR: {network.podCIDR} has a /{NODE_BITS} for {network.room} nodes, and there are {nodes}"
        )
    low, dash, high = network.serviceNodePortRange.partition("-")
    if not (dash and low.isdecimal() and high.isdecimal() and 0 < int(low) <= int(high) < 65536):
        raise ValueError(
            f'network.serviceNodePortRange: "{network.serviceNodePortRange}" is not a range such as 30000-32767'
        )
