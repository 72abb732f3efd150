"""The sheet a description is written on: indented lines, named fields, and lists of labels.

Describers write on it from top to bottom; `text` aligns it all at the end. Invariant: nothing an
object contains can move the cursor: escape and carriage return are made visible.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from cluster.api.meta import ObjectMeta
from cluster.printers import align

LONGEST = 140
"""An annotation, or a line of one, longer than this is cut."""
_HIDDEN = frozenset({"kubectl.kubernetes.io/last-applied-configuration"})
_ZERO = "Mon, 01 Jan 0001 00:00:00 +0000"


class Sheet:
    """A description in the making; a level is two blanks of indentation, a tab ends a column."""

    __slots__ = ("_lines",)

    def __init__(self) -> None:
        self._lines: list[str] = []

    def line(self, text: str = "", level: int = 0) -> None:
        """One line as it stands."""
        self._lines.append(f"{'  ' * level}{text}")

    def field(self, name: str, value: object, level: int = 0) -> None:
        """A name and its value in the next column."""
        self.line(f"{name}:\t{value}", level)

    def entries(self, title: str, entries: Iterable[str]) -> None:
        """A title and a value under another, all in the second column; `<none>` if there are none."""
        first, *rest = list(entries) or ["<none>"]
        self.line(f"{title}:\t{first}")
        for entry in rest:
            self.line(f"\t{entry}")

    def labels(self, labels: Mapping[str, str], title: str = "Labels") -> None:
        """Labels in order, one a line."""
        self.entries(title, (f"{key}={labels[key]}" for key in sorted(labels)))

    def annotations(self, annotations: Mapping[str, str], title: str = "Annotations") -> None:
        """Annotations in order; long ones and those of several lines below their key, cut."""
        entries: list[str] = []
        for key in sorted(annotations):
            value = annotations[key].removesuffix("\n")
            if key in _HIDDEN:
                continue
            if len(value) + len(key) + 2 > LONGEST or "\n" in value:
                entries += [f"{key}:", *(f"  {_cut(line)}" for line in value.split("\n"))]
            else:
                entries.append(f"{key}: {value}")
        self.entries(title, entries)

    def head(self, meta: ObjectMeta) -> None:
        """The four fields that most descriptions begin with."""
        self.field("Name", meta.name)
        self.field("Namespace", meta.namespace)
        self.labels(meta.labels)
        self.annotations(meta.annotations)

    def text(self) -> str:
        """Everything written, aligned; it ends with a line break."""
        raw = "".join(f"{line}\n" for line in self._lines)
        return align(raw.replace("\x1b", "^[").replace("\r", "\\r"))


def date(timestamp: str) -> str:
    """An RFC 3339 timestamp in words: `Thu, 01 Jan 2026 00:00:00 +0000`."""
    return (
        datetime.fromisoformat(timestamp).astimezone(UTC).strftime("%a, %d %b %Y %H:%M:%S %z") if timestamp else _ZERO
    )


def _cut(line: str) -> str:
    return f"{line[: LONGEST - 2]}..." if len(line) > LONGEST - 2 else line
