"""The events group (events.k8s.io/v1): the newer form of Event.

Written by `python -m tests.reference.generate` from the published schemas; do not edit by hand.
"""


from msgspec import field

from cluster.api.core import EventSource, ObjectReference
from cluster.api.meta import Resource
from cluster.api.object import Object


class EventSeries(Object, frozen=True, kw_only=True):
    count: int = field(default_factory=int)
    lastObservedTime: str = ""


class Event(Resource, frozen=True, kw_only=True):
    action: str = ""
    deprecatedCount: int = 0
    deprecatedFirstTimestamp: str = ""
    deprecatedLastTimestamp: str = ""
    deprecatedSource: EventSource = field(default_factory=lambda: EventSource())
    eventTime: str = ""
    note: str = ""
    reason: str = ""
    regarding: ObjectReference = field(default_factory=lambda: ObjectReference())
    related: ObjectReference | None = None
    reportingController: str = ""
    reportingInstance: str = ""
    series: EventSeries | None = None
    type: str = ""
