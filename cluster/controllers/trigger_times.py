"""Which change a write of a Service's endpoints answers to, so that its delay can be measured.

Shared by both endpoint controllers: one of these per Service, told of every pod that is looked at. Mirrors
k8s.io/endpointslice's TriggerTimeTracker. Invariant: a change of readiness is answered once, by the first
look after it; a look at nothing new has no time.
"""

from cluster.api.core import Pod, Service
from cluster.controllers.service_pods import ready_since


class TriggerTimes:
    """When the pods of one Service last changed their readiness, and the earliest change not told of yet."""

    __slots__ = ("_earliest", "_known", "_since")

    def __init__(self) -> None:
        self._since: dict[str, str] = {}
        self._earliest = ""
        self._known = False

    def look(self, key: str, pod: Pod | None) -> None:
        """A pod is looked at; None if it is gone."""
        if pod is None:
            self._since.pop(key, None)
            return
        since = ready_since(pod)
        if since and since > self._since.get(key, ""):
            self._since[key] = since
            if not self._earliest or since < self._earliest:
                self._earliest = since

    def take(self, service: Service) -> str:
        """The time of the earliest change since the last call, "" if there was none; at first the Service's own."""
        earliest, self._earliest = self._earliest, ""
        if not self._known:
            self._known = True
            return service.metadata.creationTimestamp
        return earliest
