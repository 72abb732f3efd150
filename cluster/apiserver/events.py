"""The event recorder: what components say about objects, as core/v1 Events, repeated ones folded.

On the data's way a side door of the API server: components report here, readers list and watch the
result like any kind. Mirrors client-go's EventCorrelator (aggregation of similar events, counting of
the same one, a spam filter for each object) and, for the scheduler, the series of the newer recorder.
Invariant: an event's loss or folding never changes what a component does.
"""

from collections.abc import Mapping
from typing import Protocol

from msgspec import Struct
from msgspec.structs import replace

from cluster import ids
from cluster.api import kinds
from cluster.api.core import Event, EventSeries, EventSource, ObjectReference
from cluster.api.kinds import EVENTS, Kind
from cluster.api.meta import ObjectMeta, Resource
from cluster.clock import Clock
from cluster.store import Store

SIMILAR = 10
SIMILAR_WINDOW = 600_000
BURST = 25
REFILL = 300_000  # ms for one more event about the same object
SERIES_WINDOW = 360_000
REMEMBERED = 4096
COMBINED = "(combined from similar events): "
SERIES_COMPONENTS: Mapping[str, str] = {
    "Scheduled": "Binding",
    "FailedScheduling": "Scheduling",
    "Preempted": "Preempting",
}
_NO_LABELS: Mapping[str, str] = {}


class Writer(Protocol):
    """What the recorder needs of the API server."""

    store: Store
    clock: Clock
    seed: int


class Group(Struct):
    """What is remembered of similar events: distinct messages, and the key each was written under."""

    since: int
    messages: dict[str, str]


class Recorder:
    """Writes events for components."""

    def __init__(self, api: Writer) -> None:
        self._api = api
        self._groups: dict[tuple[str, ...], Group] = {}
        self._tokens: dict[tuple[str, ...], tuple[int, int]] = {}
        self._sources: dict[tuple[str, str], EventSource] = {}
        self._base = api.clock.milliseconds("1970-01-01T00:00:00Z")

    def record(
        self, kind: Kind[Resource], about: Resource, type: str, reason: str, message: str,  # noqa: A002 - the field's name
        *, component: str, host: str = "", field_path: str = "",
    ) -> None:  # fmt: skip
        """Report that `reason` happened to an object; repeated reports raise one event's count.

        `type` is Normal or Warning; `component` and `host` say who reports; `field_path` names the
        part of the object, such as `spec.containers{web}`.
        """
        now, meta = self._api.clock.now, about.metadata
        if component == "default-scheduler":
            self._record_series(kind, about, type, reason, message, component)
            return
        group_key = (component, host, meta.uid, field_path, type, reason)
        group = self._groups.get(group_key)
        if group is None or now - group.since > SIMILAR_WINDOW:
            group = self._remember(group_key, now)
        folded = message
        if message not in group.messages and len(group.messages) >= SIMILAR - 1:
            folded, message = "", COMBINED + message
        group.since = now
        known = group.messages.get(folded)
        if known is not None and self._count_again(known, message):
            return
        if self._spam((component, host, meta.uid), now):
            return
        group.messages[folded] = self._create(
            kind, about, type, reason, message, EventSource(component=component, host=host), field_path
        )

    def _remember(self, key: tuple[str, ...], now: int) -> Group:
        if len(self._groups) >= REMEMBERED:
            del self._groups[next(iter(self._groups))]
        self._groups.pop(key, None)
        group = self._groups[key] = Group(since=now, messages={})
        return group

    def _spam(self, key: tuple[str, ...], now: int) -> bool:
        """Whether the object's source has used up its burst (EventSourceObjectSpamFilter)."""
        tokens, at = self._tokens.get(key, (BURST, now))
        gained, spent = divmod(now - at, REFILL)
        tokens = min(BURST, tokens + gained)
        if key not in self._tokens and len(self._tokens) >= REMEMBERED:
            del self._tokens[next(iter(self._tokens))]
        if not tokens:
            self._tokens[key] = (0, now - spent)
            return True
        self._tokens[key] = (tokens - 1, now - spent if gained or tokens < BURST else now)
        return False

    def _count_again(self, key: str, message: str) -> bool:
        """Raise the count of an event that still exists."""
        api = self._api
        old = api.store.table(EVENTS).get(key)
        if old is None:
            return False
        new = replace(old, count=old.count + 1, lastTimestamp=api.clock.timestamp(), message=message)
        api.store.put(EVENTS, key, new, old.source.component)
        return True

    def _create(
        self, kind: Kind[Resource], about: Resource, type: str, reason: str, message: str, source: EventSource, field_path: str,  # noqa: A002
    ) -> str:  # fmt: skip
        api, timestamp = self._api, self._api.clock.timestamp()
        source = self._sources.setdefault((source.component, source.host), source)
        event = Event(
            metadata=self._metadata(about.metadata, timestamp), involvedObject=self._reference(kind, about, field_path),
            type=type, reason=reason, message=message, source=source, count=1, firstTimestamp=timestamp,
            lastTimestamp=timestamp, reportingComponent=source.component, reportingInstance=source.host,
        )  # fmt: skip
        key = kinds.key(event)
        api.store.put(EVENTS, key, event, source.component)
        return key

    def _record_series(
        self, kind: Kind[Resource], about: Resource, type: str, reason: str, message: str, component: str  # noqa: A002
    ) -> None:  # fmt: skip
        """As k8s.io/client-go/tools/events writes: no count but a series, and a micro time."""
        api, now = self._api, self._api.clock.now
        group_key = (component, about.metadata.uid, type, reason, message)
        group = self._groups.get(group_key)
        if group is not None and now - group.since <= SERIES_WINDOW:
            old = api.store.table(EVENTS).get(group.messages[""])
            if old is not None:
                seen = EventSeries(
                    count=old.series.count + 1 if old.series else 2, lastObservedTime=api.clock.micro_timestamp()
                )
                group.since = now
                api.store.put(EVENTS, group.messages[""], replace(old, series=seen), component)
                return
        event = Event(
            metadata=self._metadata(about.metadata, api.clock.timestamp()),
            involvedObject=self._reference(kind, about, ""), type=type, reason=reason, message=message,
            eventTime=api.clock.micro_timestamp(), action=SERIES_COMPONENTS.get(reason, reason),
            reportingComponent=component, reportingInstance=f"{component}-control-plane",
        )  # fmt: skip
        key = kinds.key(event)
        api.store.put(EVENTS, key, event, component)
        if reason != "Scheduled":
            self._remember(group_key, now).messages[""] = key

    def _metadata(self, about: ObjectMeta, timestamp: str) -> ObjectMeta:
        api = self._api
        revision = api.store.revision + 1
        stamp = (api.clock.now - self._base) * 1_000_000 + revision % 1_000_000
        return ObjectMeta(
            name=f"{about.name}.{stamp:016x}", namespace=about.namespace or "default", uid=ids.uid(api.seed, revision),
            creationTimestamp=timestamp, labels=_NO_LABELS, annotations=_NO_LABELS,
        )  # fmt: skip

    def _reference(self, kind: Kind[Resource], about: Resource, field_path: str) -> ObjectReference:
        meta = about.metadata
        return ObjectReference(
            kind=kind.kind, namespace=meta.namespace, name=meta.name, uid=meta.uid, apiVersion=kind.api_version,
            resourceVersion=str(self._api.store.table(kind).revision(kinds.key(about)) or ""), fieldPath=field_path,
        )  # fmt: skip
