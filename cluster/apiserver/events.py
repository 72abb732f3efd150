"""The event recorder: what components say about objects, as core/v1 Events, repeated ones folded.

On the data's way a side door of the API server: components report here, readers list and watch the
result like any kind. Mirrors client-go's EventCorrelator (aggregation of similar events, counting of
the same one, a spam filter for each object); what the scheduler says goes to the newer recorder, in
`event_series`. Invariant: an event's loss or folding never changes what a component does.
"""

from collections import OrderedDict
from collections.abc import Iterable
from typing import Protocol

from msgspec import Struct
from msgspec.structs import replace

from cluster.api import kinds
from cluster.api.core import EventSource
from cluster.api.kinds import Kind
from cluster.api.meta import Resource
from cluster.apiserver.event_series import SeriesRecorder
from cluster.apiserver.reports import Heading, Report, SeriesReport
from cluster.clock import Clock
from cluster.store import Store

SIMILAR = 10
SIMILAR_WINDOW = 600_000
BURST = 25
REFILL = 300_000  # ms for one more event about the same object
REMEMBERED = 4096
COMBINED = "(combined from similar events): "
SCHEDULER = "default-scheduler"
Similar = tuple[str, str, str, str]
"""What similar events share: the kind of object, reason, type and field (EventAggregator)."""


class Writer(Protocol):
    """What the recorder needs of the API server."""

    store: Store
    clock: Clock
    seed: int


class Observed(Struct):
    """One message: how often it came, when first and last, and which event was written for it (revision 0: none)."""

    message: str
    first: int
    seen: int
    count: int = 1
    revision: int = 0
    at: int = 0


class Account(Struct):
    """What is remembered of one source and one object: tokens left at a time, and what was said, by likeness."""

    source: EventSource
    tokens: int
    at: int
    said: dict[Similar, list[Observed]]

    def observe(self, similar: Similar, message: str, now: int) -> Observed:
        """Count a message in; under none if too many were said lately that are similar (EventAggregator)."""
        alike = self.said.get(similar)
        if alike is None:
            found = Observed(message, now, now)
            self.said[similar] = [found]
            return found
        if now - max([each.seen for each in alike]) > SIMILAR_WINDOW:
            alike.clear()
        known = {each.message: each for each in alike}
        if message not in known and len(alike) >= SIMILAR - 1:
            message = ""
        if message not in known:
            alike.append(Observed(message, now, now))
            return alike[-1]
        found = known[message]
        found.count += 1
        found.seen = now
        return found

    def spends(self, now: int) -> bool:
        """Take a token; False if the burst is used up (EventSourceObjectSpamFilter)."""
        if self.tokens == BURST:
            self.at = now
        elif now - self.at >= REFILL:
            gained, spent = divmod(now - self.at, REFILL)
            self.tokens = min(BURST, self.tokens + gained)
            self.at = now if self.tokens == BURST else now - spent
        if not self.tokens:
            return False
        self.tokens -= 1
        return True


class Recorder:
    """Writes events for components."""

    def __init__(self, api: Writer) -> None:
        self._api, self._store, self._clock = api, api.store, api.clock
        self._accounts: OrderedDict[tuple[str, str, str], Account] = OrderedDict()
        """Those last heard of, the latest last."""
        self._series = SeriesRecorder(api)
        self._sources: dict[tuple[str, str], EventSource] = {}
        # Looked up where they are needed; `_account` and `_heading` make what is missing.
        self._headings: dict[Similar, Heading] = {}
        self._referred: tuple[Resource | None, int] = (None, 0)
        self._base = api.clock.milliseconds("1970-01-01T00:00:00Z")

    def record(
        self, kind: Kind[Resource], about: Resource, type: str, reason: str, message: str,  # noqa: A002 - the field's name
        *, component: str, host: str = "", field_path: str = "",
    ) -> None:  # fmt: skip
        """Report that `reason` happened to an object; repeated reports raise one event's count.

        `type` is Normal or Warning; `component` and `host` say who reports; `field_path` names the
        part of the object, such as `spec.containers{web}`.
        """
        self.record_each(kind, about, type, ((reason, message),), component=component, host=host, field_path=field_path)

    def record_each(
        self, kind: Kind[Resource], about: Resource, type: str, told: Iterable[tuple[str, str]],  # noqa: A002 - as above
        *, component: str, host: str = "", field_path: str = "",
    ) -> None:  # fmt: skip
        """Report several things of an object at once, each a reason and a message; otherwise as `record`."""
        if component == SCHEDULER:
            version = self._version(kind, about)
            for reason, message in told:
                similar = (kind.kind, reason, type, field_path)
                heading = self._headings.get(similar) or self._heading(kind, similar)
                self._series.record(SeriesReport(heading, component, about.metadata, version, message, self._clock.now))
            return
        who = (component, host, about.metadata.uid)
        account = self._accounts.get(who)
        if account is None:
            account = self._account(who)
        else:
            self._accounts.move_to_end(who)
        for reason, message in told:
            self._note(account, kind, about, (kind.kind, reason, type, field_path), message)

    def _note(
        self, account: Account, kind: Kind[Resource], about: Resource, similar: Similar, message: str
    ) -> None:  # fmt: skip
        """Write an event, or count it, as far as the account allows."""
        now = self._clock.now
        observed = account.observe(similar, message, now)
        if observed.message != message:
            message = COMBINED + message
        if not account.spends(now):
            return
        heading = self._headings.get(similar) or self._heading(kind, similar)
        if observed.revision and self._count_again(observed, heading, about, message):
            return
        version, source = self._version(kind, about), account.source
        report = Report(heading, source, about.metadata, version, message, now, observed.first, observed.count)
        observed.at, observed.revision = now, self._store.report(report, source.component)

    def _account(self, key: tuple[str, str, str]) -> Account:
        """A new account of a source and an object; the one that was not heard of for longest is forgotten."""
        if len(self._accounts) >= REMEMBERED:
            self._accounts.popitem(last=False)
        found = self._accounts[key] = Account(self._source(key[0], key[1]), BURST, self._clock.now, {})
        return found

    def _count_again(self, observed: Observed, heading: Heading, about: Resource, message: str) -> bool:
        """Bring the count of an event up to date; False if there is no event any more."""
        key = heading.key(about.metadata, observed.at, observed.revision)
        old = self._store.event(key, observed.revision)
        if old is None:
            return False
        new = replace(old, count=observed.count, lastTimestamp=self._clock.timestamp(), message=message)
        self._store.revise(key, observed.revision, new, old.source.component)
        return True

    def _heading(self, kind: Kind[Resource], similar: Similar) -> Heading:
        if len(self._headings) >= REMEMBERED:
            self._headings.clear()
        _, reason, type_, path = similar
        found = self._headings[similar] = Heading(
            kind.kind, kind.api_version, type_, reason, path, self._api.seed, self._clock.epoch, self._base
        )
        return found

    def _source(self, component: str, host: str) -> EventSource:
        found = self._sources.get((component, host))
        if found is None:
            found = self._sources[component, host] = EventSource(component=component, host=host)
        return found

    def _version(self, kind: Kind[Resource], about: Resource) -> int:
        """The revision of the object; reports in a row about one version ask once."""
        known, version = self._referred
        if known is not about:
            version = self._store.table(kind).revision(kinds.key(about))
            self._referred = (about, version)
        return version
