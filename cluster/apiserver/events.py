"""The event recorder: what components say about objects, as core/v1 Events, repeated ones folded.

On the data's way a side door of the API server: components report here, readers list and watch the
result like any kind. Mirrors client-go's EventCorrelator (aggregation of similar events, counting of
the same one, a spam filter for each object) and, for the scheduler, the series of the newer recorder.
Invariant: an event's loss or folding never changes what a component does.
"""

from collections.abc import Mapping
from typing import Protocol

from msgspec import Struct, field
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


class Observed(Struct):
    """One message: the key of the event written for it, how often it came, and when first."""

    key: str
    count: int
    first: str


class Group(Struct):
    """Similar events: their distinct messages, and when the last came."""

    since: int
    messages: dict[str, Observed]


class Account(Struct):
    """What is remembered of one source and one object: tokens left at a time, and groups of events."""

    tokens: int
    at: int
    groups: dict[tuple[str, str, str], Group] = field(default_factory=dict)

    def spends(self, now: int) -> bool:
        """Take a token; False if the burst is used up (EventSourceObjectSpamFilter)."""
        gained, spent = divmod(now - self.at, REFILL)
        if gained:
            self.tokens = min(BURST, self.tokens + gained)
        if self.tokens == BURST:
            spent = 0
        if gained or not spent:
            self.at = now - spent
        if not self.tokens:
            return False
        self.tokens -= 1
        return True

    def group(self, key: tuple[str, str, str], now: int) -> Group:
        """The events similar to the one to come, as far as they are recent (EventAggregator)."""
        found = self.groups.get(key)
        if found is None or now - found.since > SIMILAR_WINDOW:
            found = self.groups[key] = Group(now, {})
        found.since = now
        return found


class Recorder:
    """Writes events for components."""

    def __init__(self, api: Writer) -> None:
        self._api = api
        self._accounts: dict[tuple[str, str, str], Account] = {}
        self._older: dict[tuple[str, str, str], Account] = {}
        self._series: dict[tuple[str, ...], tuple[int, str]] = {}
        """When a repeatable event of the newer recorder was last seen, and its key."""
        self._sources: dict[tuple[str, str], EventSource] = {}
        self._referred: tuple[Resource | None, str, ObjectReference] = (None, "", ObjectReference())
        self._base = api.clock.milliseconds("1970-01-01T00:00:00Z")

    def record(
        self, kind: Kind[Resource], about: Resource, type: str, reason: str, message: str,  # noqa: A002 - the field's name
        *, component: str, host: str = "", field_path: str = "",
    ) -> None:  # fmt: skip
        """Report that `reason` happened to an object; repeated reports raise one event's count.

        `type` is Normal or Warning; `component` and `host` say who reports; `field_path` names the
        part of the object, such as `spec.containers{web}`.
        """
        if component == "default-scheduler":
            self._record_series(kind, about, type, reason, message, component)
            return
        now = self._api.clock.now
        account = self._account((component, host, about.metadata.uid), now)
        messages = account.group((reason, type, field_path), now).messages
        folded = message
        if len(messages) >= SIMILAR - 1 and message not in messages:
            folded, message = "", COMBINED + message
        observed = messages.get(folded)
        if observed is None:
            observed = messages[folded] = Observed("", 1, self._api.clock.timestamp())
        else:
            observed.count += 1
        if account.spends(now) and not self._count_again(observed, message):
            source = self._sources.get((component, host))
            if source is None:
                source = self._sources[component, host] = EventSource(component=component, host=host)
            reference = self._reference(kind, about, field_path)
            self._create(about.metadata, reference, type, reason, message, source, observed)

    def _account(self, key: tuple[str, str, str], now: int) -> Account:
        """What is remembered of a source and an object; those not heard of for long are forgotten, many at a time."""
        found = self._accounts.get(key)
        if found is None:
            found = self._older.pop(key, None) or Account(BURST, now)
            if len(self._accounts) >= REMEMBERED:
                self._older, self._accounts = self._accounts, {}
            self._accounts[key] = found
        return found

    def _count_again(self, observed: Observed, message: str) -> bool:
        """Bring the count of an event up to date; False if there is no event (any more)."""
        api, key = self._api, observed.key
        old = api.store.table(EVENTS).get(key) if key else None
        if old is None:
            return False
        new = replace(old, count=observed.count, lastTimestamp=api.clock.timestamp(), message=message)
        api.store.put(EVENTS, key, new, old.source.component)
        return True

    def _create(
        self, about: ObjectMeta, reference: ObjectReference, type: str, reason: str, message: str, source: EventSource,  # noqa: A002
        observed: Observed,
    ) -> None:  # fmt: skip
        timestamp, component = self._api.clock.timestamp(), source.component
        metadata = self._metadata(about, timestamp)
        event = Event(
            metadata=metadata, involvedObject=reference, type=type, reason=reason, message=message, source=source,
            count=observed.count, firstTimestamp=observed.first, lastTimestamp=timestamp, reportingComponent=component,
            reportingInstance=source.host,
        )  # fmt: skip
        key = observed.key = f"{metadata.namespace}/{metadata.name}"
        self._api.store.put(EVENTS, key, event, component)

    def _record_series(
        self, kind: Kind[Resource], about: Resource, type: str, reason: str, message: str, component: str  # noqa: A002
    ) -> None:  # fmt: skip
        """As k8s.io/client-go/tools/events writes: no count but a series, and a micro time."""
        api, now = self._api, self._api.clock.now
        repeats, series = reason != "Scheduled", (component, about.metadata.uid, type, reason, message)
        if repeats and self._goes_on(series, component):
            return
        metadata = self._metadata(about.metadata, api.clock.timestamp())
        event = Event(
            metadata=metadata, involvedObject=self._reference(kind, about, ""), type=type, reason=reason,
            message=message, eventTime=api.clock.micro_timestamp(), action=SERIES_COMPONENTS.get(reason, reason),
            reportingComponent=component, reportingInstance=f"{component}-control-plane",
        )  # fmt: skip
        key = f"{metadata.namespace}/{metadata.name}"
        api.store.put(EVENTS, key, event, component)
        if repeats:
            if len(self._series) >= REMEMBERED:
                self._series.clear()
            self._series[series] = (now, key)

    def _goes_on(self, series: tuple[str, ...], component: str) -> bool:
        """Count an event that was seen lately and still exists; False if there is none."""
        api, now = self._api, self._api.clock.now
        since, key = self._series.get(series, (now, ""))
        old = api.store.table(EVENTS).get(key) if key and now - since <= SERIES_WINDOW else None
        if old is None:
            return False
        seen = EventSeries(
            count=old.series.count + 1 if old.series else 2, lastObservedTime=api.clock.micro_timestamp()
        )
        self._series[series] = (now, key)
        api.store.put(EVENTS, key, replace(old, series=seen), component)
        return True

    def _metadata(self, about: ObjectMeta, timestamp: str) -> ObjectMeta:
        api = self._api
        revision = api.store.revision + 1
        stamp = (api.clock.now - self._base) * 1_000_000 + revision % 1_000_000
        return ObjectMeta(
            name=f"{about.name}.{stamp:016x}", namespace=about.namespace or "default", uid=ids.uid(api.seed, revision),
            creationTimestamp=timestamp, labels=_NO_LABELS, annotations=_NO_LABELS,
        )  # fmt: skip

    def _reference(self, kind: Kind[Resource], about: Resource, field_path: str) -> ObjectReference:
        """The object by name and version; reports in a row about one version share one reference."""
        known, path, reference = self._referred
        if known is about and path == field_path:
            return reference
        meta = about.metadata
        reference = ObjectReference(
            kind=kind.kind, namespace=meta.namespace, name=meta.name, uid=meta.uid, apiVersion=kind.api_version,
            resourceVersion=str(self._api.store.table(kind).revision(kinds.key(about)) or ""), fieldPath=field_path,
        )  # fmt: skip
        self._referred = (about, field_path, reference)
        return reference
