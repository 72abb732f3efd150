"""Which pods stand behind each Service, and how many of them are ready.

Told of every change of EndpointSlices; asked by the services pane. Invariant: a Service's endpoints
are the sum of its slices', and a change costs the slice that changed.
"""

from collections.abc import Callable
from typing import NamedTuple

from cluster.api.discovery import EndpointSlice
from cluster.api.kinds import key_of
from ktui.client import Change

SERVICE_NAME = "kubernetes.io/service-name"


class Slice(NamedTuple):
    """What one EndpointSlice contributes."""

    ready: int
    total: int
    pods: frozenset[str]


class Endpoints:
    """The endpoints of every Service; `on_change(service key)` is told when they change."""

    def __init__(self, on_change: Callable[[str], None]) -> None:
        self._on_change = on_change
        self._services: dict[str, dict[str, Slice]] = {}

    def ready(self, service: str) -> int:
        """How many endpoints take new connections."""
        return sum(part.ready for part in self._services.get(service, {}).values())

    def total(self, service: str) -> int:
        """How many endpoints there are."""
        return sum(part.total for part in self._services.get(service, {}).values())

    def has_pod(self, service: str, pod: str) -> bool:
        """Whether a pod is one of the Service's endpoints."""
        return any(pod in part.pods for part in self._services.get(service, {}).values())

    def slice_changed(self, change: Change[EndpointSlice]) -> None:
        """Take in a change of an EndpointSlice."""
        before, after = _service(change.old), _service(change.new)
        if before and before != after:
            self._services.get(before, {}).pop(change.key, None)
            self._on_change(before)
        if after and change.new is not None:
            self._services.setdefault(after, {})[change.key] = _contribution(change.new)
            self._on_change(after)


def _service(found: EndpointSlice | None) -> str:
    name = found.metadata.labels.get(SERVICE_NAME, "") if found is not None else ""
    return key_of(found.metadata.namespace, name) if found is not None and name else ""


def _contribution(found: EndpointSlice) -> Slice:
    ready = sum(item.conditions.ready is not False for item in found.endpoints)
    return Slice(ready, len(found.endpoints), pods_in(found))


def pods_in(found: EndpointSlice | None) -> frozenset[str]:
    """The keys of the pods in a slice."""
    return frozenset(
        key_of(item.targetRef.namespace, item.targetRef.name)
        for item in (found.endpoints if found is not None else ())
        if item.targetRef is not None and item.targetRef.kind == "Pod"
    )
