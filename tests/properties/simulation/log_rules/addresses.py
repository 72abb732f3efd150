"""Addresses and ports: nobody else has them."""

from collections.abc import Callable, Iterator
from typing import Any

from cluster.api.core import Node, Pod, Service
from cluster.table import Entry
from tests.properties.simulation.state import State


class Addresses:
    """Who holds which address or port."""

    def __init__(self) -> None:
        self._holders: dict[str, str] = {}
        self._held: dict[str, set[str]] = {}

    def see(self, name: str, entry: Entry[Any], state: State) -> Iterator[str]:  # noqa: ARG002 - a rule's arguments
        """See Rule."""
        if name not in HELD:
            return
        holder = f"{name} {entry.key}"
        wanted = set(HELD[name](entry.object))
        for gone in self._held.get(holder, set()) - wanted:
            del self._holders[gone]
        for each in sorted(wanted - self._held.get(holder, set())):
            if each in self._holders:
                yield f"{each} is {self._holders[each]}'s"
                wanted.discard(each)
            else:
                self._holders[each] = holder
        self._held[holder] = wanted


def _of_pod(pod: Pod | None) -> Iterator[str]:
    if pod is None or pod.spec.hostNetwork or pod.status.phase in ("Succeeded", "Failed"):
        return
    if pod.status.podIP:
        yield f"address {pod.status.podIP}"


def _of_service(service: Service | None) -> Iterator[str]:
    if service is not None:
        if service.spec.clusterIP not in ("", "None"):
            yield f"address {service.spec.clusterIP}"
        for port in service.spec.ports:
            if port.nodePort:
                yield f"node port {port.nodePort}"


def _of_node(node: Node | None) -> Iterator[str]:
    if node is not None and node.spec.podCIDR:
        yield f"range {node.spec.podCIDR}"


HELD: dict[str, Callable[[Any], Iterator[str]]] = {"pods": _of_pod, "services": _of_service, "nodes": _of_node}
"""What an object of a kind holds."""
