"""Namespaces: their state, and why they are not gone yet.

Invariant: a namespace is told with every quota and limit range in it.
"""

from cluster.api.core import Namespace
from ktui.model.describe.policy import write_limit_ranges, write_quotas
from ktui.model.describe.related import Related
from ktui.model.describe.sheet import Sheet, date


def write_namespace(sheet: Sheet, value: Namespace, related: Related) -> None:
    """Everything about a Namespace."""
    meta, status = value.metadata, value.status
    sheet.field("Name", meta.name)
    sheet.labels(meta.labels)
    sheet.annotations(meta.annotations)
    sheet.field("Status", status.phase)
    if status.conditions:
        sheet.line("Conditions:")
        sheet.line("Type\tStatus\tLastTransitionTime\tReason\tMessage", 1)
        sheet.line("----\t------\t------------------\t------\t-------", 1)
    for item in status.conditions:
        sheet.line(f"{item.type}\t{item.status}\t{date(item.lastTransitionTime)}\t{item.reason}\t{item.message}", 1)
    sheet.line()
    write_quotas(sheet, related.quotas)
    sheet.line()
    write_limit_ranges(sheet, related.limit_ranges)
