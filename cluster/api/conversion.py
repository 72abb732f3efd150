"""Between a version of a kind that is served and the one that is kept: HorizontalPodAutoscaler v1, events.k8s.io Event.

Used where requests and manifests come in and objects go out; the store holds one version of each kind.
Mirrors pkg/apis/autoscaling/v1 and pkg/apis/events/v1's conversions. Invariant: what a version cannot say
in fields it says in annotations, so that `to_stored(kind, from_stored(kind, x)) == x`.
"""

from collections.abc import Callable, Mapping
from typing import Any

from cluster.api import core, events, kinds
from cluster.api.autoscaling_conversion import autoscaler_from_v1, autoscaler_to_v1
from cluster.api.errors import BadRequest
from cluster.api.kinds import Kind

REGARDING = ("kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath")
_FIELDS: Mapping[Kind[Any], Mapping[str, str]] = {
    kinds.NEW_EVENTS: {
        **{f"regarding.{name}": f"involvedObject.{name}" for name in REGARDING},
        **{name: name for name in ("reason", "type", "metadata.name", "metadata.namespace")},
        "reportingController": "reportingComponent",
    }
}


def to_stored(kind: Kind[Any], value: Any) -> Any:
    """An object of a served kind as the kind that is kept."""
    return value if kind.stored is kind else _TO_STORED[kind](value)


def from_stored(kind: Kind[Any], value: Any) -> Any:
    """An object that is kept, as the served kind."""
    return value if kind.stored is kind else _FROM_STORED[kind](value)


def stored_field(kind: Kind[Any], field: str) -> str:
    """What the kept kind calls a field that the served kind's objects can be selected by.

    BadRequest if the kind has its own names for the fields and this is none of them.
    """
    names = _FIELDS.get(kind)
    if names is None:
        return field
    if field not in names:
        raise BadRequest(f"field label not supported: {field}")
    return names[field]


def _event_to_core(value: events.Event) -> core.Event:
    series = value.series
    return core.Event(
        metadata=value.metadata, action=value.action, count=value.deprecatedCount, eventTime=value.eventTime,
        firstTimestamp=value.deprecatedFirstTimestamp, lastTimestamp=value.deprecatedLastTimestamp,
        involvedObject=value.regarding, message=value.note, reason=value.reason, related=value.related,
        reportingComponent=value.reportingController, reportingInstance=value.reportingInstance,
        series=core.EventSeries(count=series.count, lastObservedTime=series.lastObservedTime) if series else None,
        source=value.deprecatedSource, type=value.type,
    )  # fmt: skip


def _event_from_core(value: core.Event) -> events.Event:
    series = value.series
    return events.Event(
        metadata=value.metadata, action=value.action, deprecatedCount=value.count, eventTime=value.eventTime,
        deprecatedFirstTimestamp=value.firstTimestamp, deprecatedLastTimestamp=value.lastTimestamp,
        regarding=value.involvedObject, note=value.message, reason=value.reason, related=value.related,
        reportingController=value.reportingComponent, reportingInstance=value.reportingInstance,
        series=events.EventSeries(count=series.count, lastObservedTime=series.lastObservedTime) if series else None,
        deprecatedSource=value.source, type=value.type,
    )  # fmt: skip


_TO_STORED: Mapping[Kind[Any], Callable[[Any], Any]] = {
    kinds.NEW_EVENTS: _event_to_core, kinds.OLD_AUTOSCALERS: autoscaler_from_v1,
}  # fmt: skip
_FROM_STORED: Mapping[Kind[Any], Callable[[Any], Any]] = {
    kinds.NEW_EVENTS: _event_from_core, kinds.OLD_AUTOSCALERS: autoscaler_to_v1,
}  # fmt: skip
