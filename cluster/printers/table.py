"""A whole table as text, as `kubectl get` lays it out.

Invariant: one object is one line; a cell with line breaks is cut at the first.
"""

import re
from collections.abc import Iterable
from typing import Any

from cluster.api.kinds import Kind
from cluster.api.meta import Resource
from cluster.printers.now import Now
from cluster.printers.registry import columns, row
from cluster.printers.selectors import label_text
from cluster.printers.tabs import align

_BREAK = re.compile("[\f\n\r]")


def table_text(
    kind: Kind[Any], objects: Iterable[Resource], now: Now, *, wide: bool = False, namespace: bool = False, labels: bool = False
) -> str:  # fmt: skip
    """The lines of `kubectl get KIND`: `wide` as `-o wide`, `namespace` as `-A`, `labels` as `--show-labels`."""
    shown = [index for index, column in enumerate(columns(kind)) if wide or not column.priority]
    header = [columns(kind)[index].header for index in shown]
    lines = [[*(["NAMESPACE"] if namespace else []), *header, *(["LABELS"] if labels else [])]]
    for value in objects:
        cells = row(kind, value, now)
        line = [_one_line(cells[index]) for index in shown]
        if namespace:
            line.insert(0, value.metadata.namespace)
        if labels:
            line.append(label_text(value.metadata.labels))
        lines.append(line)
    return align("".join("\t".join(line) + "\n" for line in lines), minimum=6, padding=3)


def _one_line(cell: str) -> str:
    first, *rest = _BREAK.split(cell, maxsplit=1)
    return f"{first}..." if rest else first
