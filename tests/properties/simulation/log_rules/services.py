"""Services: neither a slice nor Endpoints say of a pod that it is ready before it was."""

from collections.abc import Iterator
from typing import Any

from cluster.api import kinds
from cluster.api.core import ObjectReference
from cluster.controllers.pod_states import ready_since
from cluster.table import Entry
from tests.properties.simulation.state import State

SERVICE = "kubernetes.io/service-name"


class Services:
    """Which pods have been ready at all: a view may be old, but never ahead."""

    def __init__(self) -> None:
        self._ready: set[str] = set()

    def see(self, name: str, entry: Entry[Any], state: State) -> Iterator[str]:
        """See Rule."""
        new = entry.object
        if name == kinds.PODS.qualified and new is not None and ready_since(new) is not None:
            self._ready.add(new.metadata.uid)
        if new is not None:
            for target in _told_ready(name, new, state):
                if target.uid not in self._ready:
                    yield f"it has {target.name}, which was never ready"


def _told_ready(name: str, new: Any, state: State) -> Iterator[ObjectReference]:
    """The pods of which a slice, or Endpoints, say that they are ready, where only those that are should be."""
    owner = new.metadata.labels.get(SERVICE) if name == kinds.ENDPOINT_SLICES.qualified else new.metadata.name
    if name not in (kinds.ENDPOINT_SLICES.qualified, kinds.ENDPOINTS.qualified):
        return
    service = state.of(kinds.SERVICES).get(f"{new.metadata.namespace}/{owner}")
    if service is None or service.spec.publishNotReadyAddresses:
        return
    if name == kinds.ENDPOINTS.qualified:
        yield from (each.targetRef for subset in new.subsets for each in subset.addresses if each.targetRef)
    else:
        yield from (each.targetRef for each in new.endpoints if each.conditions.ready and each.targetRef)
