"""Events as rows: what happened, to what, who said so, and how often.

Invariant: a repeated event is one row, with the ages of its first and its last occurrence.
"""

from cluster.api.core import Event
from cluster.printers.column import Column, Printer, texts, wide
from cluster.printers.now import Now


def source(event: Event) -> str:
    """Who reported an event: the component, and the node it ran on if known."""
    component = event.source.component or event.reportingComponent
    host = event.source.host or event.reportingInstance
    return f"{component}, {host}" if host else component


def _cells(event: Event, now: Now) -> tuple[str, ...]:
    about = event.involvedObject
    first = event.firstTimestamp or event.eventTime
    last, count = event.lastTimestamp or first, event.count or 1
    if event.series is not None:
        last, count = event.series.lastObservedTime, event.series.count
    return (
        now.since(last),
        event.type,
        event.reason,
        f"{about.kind.lower()}/{about.name}" if about.name else about.kind.lower(),
        about.fieldPath,
        source(event),
        event.message.strip(),
        now.since(first),
        str(count),
        event.metadata.name,
    )


EVENT = Printer(
    (
        *texts("Last Seen", "Type", "Reason", "Object"),
        *wide("Subobject", "Source"),
        *texts("Message"),
        *wide("First Seen", "Count"),
        Column("Name", priority=1, format="name"),
    ),
    _cells,
)
