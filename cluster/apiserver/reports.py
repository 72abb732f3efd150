"""Reports: what components say, in the form that is kept until somebody looks, and the events they become.

Made by the recorder, kept by the store as drafts. What many reports share is held once, in a
`Heading`. Invariant: a report says all that its event will, so nothing else is asked when it is made.
"""

from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct

from cluster import clock, ids
from cluster.api.core import Event, EventSource, ObjectReference
from cluster.api.meta import ObjectMeta

SERIES_COMPONENTS: Mapping[str, str] = {
    "Scheduled": "Binding",
    "FailedScheduling": "Scheduling",
    "Preempted": "Preempting",
}
_NO_LABELS: Mapping[str, str] = {}


class Heading(Struct, frozen=True, gc=False):
    """What many reports share: the kind of object or the part of it, what happened, and whose cluster it is."""

    kind: str
    api_version: str
    type: str
    reason: str
    field_path: str
    seed: int
    epoch: datetime
    base: int

    def key(self, about: ObjectMeta, at: int, revision: int) -> str:
        """The key of the event written at a revision (and ms) about an object."""
        return f"{about.namespace or 'default'}/{self.name(about, at, revision)}"

    def name(self, about: ObjectMeta, at: int, revision: int) -> str:
        """The name of that event: the object's, and the time in ns, which the revision makes unique."""
        return f"{about.name}.{(at - self.base) * 1_000_000 + revision % 1_000_000:016x}"


class Report(Struct, frozen=True, gc=False):
    """The draft of an event of client-go's older recorder, which counts repeats.

    `about` and `version` are the object's metadata and revision when it was reported; times are ms.
    """

    heading: Heading
    source: EventSource
    about: ObjectMeta
    version: int
    message: str
    at: int
    first: int
    count: int

    def key(self, revision: int) -> str:
        """The key of the event."""
        return self.heading.key(self.about, self.at, revision)

    def made(self, revision: int) -> Event:
        """The event."""
        heading, source, timestamp = self.heading, self.source, clock.timestamp(self.heading.epoch, self.at)
        return Event(
            metadata=_metadata(heading, self.about, self.at, revision),
            involvedObject=_reference(heading, self.about, self.version),
            type=heading.type, reason=heading.reason, message=self.message, source=source, count=self.count,
            firstTimestamp=clock.timestamp(heading.epoch, self.first), lastTimestamp=timestamp,
            reportingComponent=source.component, reportingInstance=source.host,
        )  # fmt: skip


class SeriesReport(Struct, frozen=True, gc=False):
    """The draft of an event of the newer recorder (k8s.io/client-go/tools/events), which has a micro time."""

    heading: Heading
    component: str
    about: ObjectMeta
    version: int
    message: str
    at: int

    def key(self, revision: int) -> str:
        """The key of the event."""
        return self.heading.key(self.about, self.at, revision)

    def made(self, revision: int) -> Event:
        """The event."""
        heading = self.heading
        return Event(
            metadata=_metadata(heading, self.about, self.at, revision),
            involvedObject=_reference(heading, self.about, self.version),
            type=heading.type, reason=heading.reason, message=self.message,
            eventTime=clock.micro_timestamp(heading.epoch, self.at),
            action=SERIES_COMPONENTS.get(heading.reason, heading.reason),
            reportingComponent=self.component, reportingInstance=f"{self.component}-control-plane",
        )  # fmt: skip


def _metadata(heading: Heading, about: ObjectMeta, at: int, revision: int) -> ObjectMeta:
    return ObjectMeta(
        name=heading.name(about, at, revision), namespace=about.namespace or "default",
        uid=ids.uid(heading.seed, revision), creationTimestamp=clock.timestamp(heading.epoch, at),
        labels=_NO_LABELS, annotations=_NO_LABELS,
    )  # fmt: skip


def _reference(heading: Heading, about: ObjectMeta, version: int) -> ObjectReference:
    return ObjectReference(
        kind=heading.kind, namespace=about.namespace, name=about.name, uid=about.uid, apiVersion=heading.api_version,
        resourceVersion=str(version or ""), fieldPath=heading.field_path,
    )  # fmt: skip
