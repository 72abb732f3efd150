"""The last section of most descriptions: what happened to the object, oldest first.

Invariant: a repeated event is one line that tells how often and since when.
"""

from cluster.api.core import Event
from cluster.printers import Now
from ktui.model.describe.related import Related
from ktui.model.describe.sheet import Sheet


def write_events(sheet: Sheet, related: Related) -> None:
    """The Events table, or that there are none."""
    if not related.events:
        sheet.field("Events", "<none>")
        return
    sheet.line("Events:")
    sheet.line("Type\tReason\tAge\tFrom\tMessage", 1)
    sheet.line("----\t------\t----\t----\t-------", 1)
    for event in sorted(related.events, key=lambda event: event.lastTimestamp):
        component = event.source.component or event.reportingComponent
        message = event.message.strip()
        if event.involvedObject.fieldPath:
            message = f"{event.involvedObject.fieldPath}: {message}"
        sheet.line(f"{event.type}\t{event.reason}\t{_age(event, related.now)}\t{component}\t{message}", 1)


def _age(event: Event, now: Now) -> str:
    first = now.since(event.eventTime or event.firstTimestamp)
    if event.series is not None:
        return f"{now.since(event.series.lastObservedTime)} (x{event.series.count} over {first})"
    if event.count > 1:
        return f"{now.since(event.lastTimestamp)} (x{event.count} over {first})"
    return first
