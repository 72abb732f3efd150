"""Why a text is not YAML, in words a reader of manifests can act on, and the text as it was probably meant.

On the way of a manifest only when parsing stopped. The repaired text is never applied: it is parsed
again so that everything wrong in a file is told at once. Invariant: a repair keeps every line a line.
"""

import re
from collections.abc import Callable

from msgspec import Struct

from cluster.manifests.parse import BREAK, SyntaxFault

FULL_WIDTH = {
    **{chr(ord(character) + 0xFEE0): character for character in ":,-[]{}\"'#&"},
    **dict.fromkeys("\u201c\u201d", '"'), **dict.fromkeys("\u2018\u2019", "'"),  # curly quotes
    "\u3001": ",", "\u3010": "[", "\u3011": "]", "\ufe55": ":", "\ufe13": ":", "\u2013": "-", "\u2014": "-",
    **dict.fromkeys("\u3000\u00a0\u2003", " "),
}  # fmt: skip
"""Characters that input methods, word processors and web pages leave where YAML wants ASCII."""

_NAMES = {"\u3000": "ideographic space", "\u00a0": "no-break space", "\u2003": "em space"}
_COLONS = "\uff1a\ufe55\ufe13"
_WIDE_KEY = re.compile(
    rf"""(\s*(?:-\s+)*(?:"[^"]*"|'[^']*'|[^\s'"#:{_COLONS}][^'"#:{_COLONS}]*?)\s*)([{_COLONS}])\s*(.*)"""
)
_TIGHT_KEY = re.compile(r"(\s*(?:- +)*[A-Za-z_][\w.-]*):([^\s:/].*)")
_NO_COLON = re.compile(r"(\s*(?:- +)*[A-Za-z_][\w.-]*)(?:\s+(\S.*))?")
_KEY = re.compile(r"""(\s*(?:- +)*)("[^"]*"|'[^']*'|[^\s'"#:-][^'"#:]*|[^\s'"#:-]):(?:\s+(.*?))?\s*""")
_VALUE = re.compile(r"(\s*(?:- +)*(?:[^\s:#]+:\s+)?)(\S.*?)\s*")
_INDENT = re.compile(r"\s*")
_CLOSING = {"[": "]", "{": "}"}
_MISPLACED = ("did not find expected key", "did not find expected '-'", "mapping values are not allowed")


class Finding(Struct, frozen=True):
    """What is wrong and where (from 1), what to write instead, and the lines as probably meant, if that can be told."""

    line: int
    column: int
    message: str
    suggestion: str = ""
    repaired: list[str] | None = None


class _Place:
    """A fault with the lines around it, as the explanations below look at it."""

    def __init__(self, lines: list[str], fault: SyntaxFault) -> None:
        self.lines, self.fault = lines, fault
        self.index = min(fault.line, len(lines)) - 1
        self.began = (fault.began[0] or fault.line) - 1
        self.before = next((at for at in range(self.index - 1, -1, -1) if _says(lines[at])), -1)

    def candidates(self) -> list[int]:
        """The lines that can be the cause: where it began, the line before, the line itself."""
        key = [self.began] if self.fault.context.startswith("while scanning a simple") else []
        found = [*key, self.before, self.index]
        return [index for index in dict.fromkeys(found) if index >= 0]

    def replaced(self, index: int, line: str) -> list[str]:
        """All lines, with one changed."""
        return [*self.lines[:index], line, *self.lines[index + 1 :]]


def explain(text: str, fault: SyntaxFault) -> Finding:
    """What is wrong with a text that `parse` refused; lines count from 1 in this text."""
    place = _Place(BREAK.split(text), fault)
    for explanation in _EXPLANATIONS:
        found = explanation(place)
        if found is not None:
            return found
    ended = fault.line > len(place.lines)
    column = len(place.lines[-1]) + 1 if ended else fault.column
    return Finding(place.index + 1, column, _words(fault))


def plain_ascii(line: str) -> str:
    """The line with full-width punctuation and odd spaces in ASCII."""
    return "".join(FULL_WIDTH.get(character, character) for character in line)


def wide_character(line: str) -> tuple[int, str] | None:
    """The first character of a line that stands where YAML wants ASCII: its column from 1, and what it is."""
    for index, character in enumerate(line):
        if character in FULL_WIDTH:
            return index + 1, _named(character)
    return None


def wide_colon(line: str) -> tuple[int, str] | None:
    """Where a full-width colon follows a key (column from 1), and the line with `: ` instead."""
    match = _WIDE_KEY.fullmatch(line)
    if match is None:
        return None
    return match.start(
        2
    ) + 1, f"{match[1].rstrip() if match[1].strip() else match[1]}: {plain_ascii(match[3])}".rstrip()


def reindented(lines: list[str], index: int, indent: int) -> list[str]:
    """The lines with one, and what stands deeper below it, moved to another indentation."""
    old = _indent(lines[index])
    moved = list(lines)
    for at in range(index, len(lines)):
        if at > index and _says(lines[at]) and _indent(lines[at]) <= old:
            break
        if lines[at].strip():
            moved[at] = " " * max(_indent(lines[at]) + indent - old, 0) + lines[at].lstrip()
    return moved


def _words(fault: SyntaxFault) -> str:
    return f"not YAML: {fault.message}"


def _named(character: str) -> str:
    name = _NAMES.get(character)
    return f"{name} (U+{ord(character):04X})" if name else f"full-width {character} (U+{ord(character):04X})"


def _says(line: str) -> bool:
    """Whether a line is more than blank or a comment."""
    return bool(line.strip()) and not line.lstrip().startswith("#")


def _indent(line: str) -> int:
    return len(_INDENT.match(line)[0])  # type: ignore[index]


def _wide_colons(place: _Place) -> Finding | None:
    for index in place.candidates():
        found = wide_colon(place.lines[index])
        if found:
            column, line = found
            character = place.lines[index][column - 1]
            message = f"{_named(character)} where YAML wants a colon and a space"
            return Finding(index + 1, column, message, f"write `{line.strip()}`", place.replaced(index, line))
    return None


def _tabs(place: _Place) -> Finding | None:
    for index in place.candidates():
        indent = _INDENT.match(place.lines[index])
        if indent and "\t" in indent[0]:
            repaired = [_INDENT.sub(lambda match: match[0].replace("\t", "  "), line, count=1) for line in place.lines]
            suggestion = f"write spaces: `{repaired[index]}`"
            return Finding(index + 1, indent[0].index("\t") + 1, "a tab in the indentation", suggestion, repaired)
    return None


def _wide_characters(place: _Place) -> Finding | None:
    for index in place.candidates():
        line = place.lines[index]
        found = wide_character(line)
        if found:
            column, name = found
            ascii_line = plain_ascii(line)
            suggestion = f"write `{ascii_line.strip()}`" if ascii_line.strip() != line.strip() else "write spaces"
            return Finding(
                index + 1, column, f"{name} where YAML wants ASCII", suggestion, place.replaced(index, ascii_line)
            )
    return None


def _open_quotes(place: _Place) -> Finding | None:
    if place.fault.context != "while scanning a quoted scalar" or not place.fault.began[0]:
        return None
    line, column = place.lines[place.began], place.fault.began[1]
    quote = line[column - 1 : column]
    closed = line.rstrip() + quote
    return Finding(
        place.began + 1, column, f"the {quote} opened here is never closed", f"write `{closed.strip()}`",
        place.replaced(place.began, closed),
    )  # fmt: skip


def _open_brackets(place: _Place) -> Finding | None:
    """A flow list or mapping that is not closed by the line where the fault is."""
    if not place.fault.context.startswith("while parsing a flow") or not place.fault.began[0]:
        return None
    index, column = place.began, place.fault.began[1]
    if index >= len(place.lines) or place.lines[index][column - 1 : column] not in _CLOSING:
        index = place.index if place.fault.line > len(place.lines) else place.before
        column = len(place.lines[index].rstrip())
    bracket = place.lines[index][column - 1 : column]
    if index < 0 or bracket not in _CLOSING or index >= place.fault.line - 1:
        return None
    closed = place.lines[index].rstrip().rstrip(",") + _CLOSING[bracket]
    return Finding(
        index + 1, column, f"the {bracket} opened here is not closed before the next line",
        f"write `{closed.strip()}`", place.replaced(index, closed),
    )  # fmt: skip


def _needs_quotes(place: _Place) -> Finding | None:
    """A value that begins with a character YAML keeps for itself, a template, or `a: b: c`."""
    line, fault = place.lines[place.index], place.fault
    match = _VALUE.fullmatch(line)
    if match is None:
        return None
    nested = (
        fault.message.startswith("mapping values are not allowed")
        and ": " in match[2].rstrip(":")
        and match[1].rstrip().endswith(":")
    )
    reserved = (
        fault.message == "found character that cannot start any token"
        and line[fault.column - 1 : fault.column] in "@`%"
    )
    reserved = reserved or "anchor" in fault.message or fault.context == "while scanning an alias"
    template = match[2].startswith("{{")
    if not (nested or reserved or template):
        return None
    quoted = f"{match[1]}{_quoted(match[2])}"
    what = "a template is not YAML until it is filled in" if template else _words(fault)
    return Finding(
        place.index + 1, match.start(2) + 1, what, f"quote it: `{quoted.strip()}`", place.replaced(place.index, quoted)
    )


def _quoted(text: str) -> str:
    return f'"{text}"' if '"' not in text and "\\" not in text else "'" + text.replace("'", "''") + "'"


def _tight_colon(place: _Place) -> Finding | None:
    for index in place.candidates():
        match = _TIGHT_KEY.fullmatch(place.lines[index])
        if match:
            line = f"{match[1]}: {match[2]}"
            return Finding(
                index + 1,
                match.end(1) + 1,
                "no space after the colon",
                f"write `{line.strip()}`",
                place.replaced(index, line),
            )
    return None


def _no_colon(place: _Place) -> Finding | None:
    """A line like `replicas 3`, alone or before a line of the same indentation that has its colon."""
    index = place.began if place.fault.message == "could not find expected ':'" else place.before
    if not 0 <= index < len(place.lines) or _indent(place.lines[index]) > _indent(place.lines[place.index]):
        return None
    match = _NO_COLON.fullmatch(place.lines[index])
    if match is None:
        return None
    meant = f"{match[1]}: {match[2] or ''}".rstrip()
    return Finding(
        index + 1, match.end(1) + 1, f"no colon after `{match[1].strip('- ')}`", f"write `{meant.strip()}`",
        place.replaced(index, meant),
    )  # fmt: skip


def _stray_item(place: _Place) -> Finding | None:
    """A list's item left of the key it belongs to, as in `env:` and below it, further left, `- name: x`."""
    line = place.lines[place.index]
    if not line.lstrip().startswith("- ") or place.before < 0:
        return None
    owner = _KEY.fullmatch(place.lines[place.before])
    if owner is None or owner[3] or len(owner[1]) <= _indent(line):
        return None
    return stray_item(place.lines, place.index, owner[2], len(owner[1]))


def stray_item(lines: list[str], index: int, key: str, indent: int) -> Finding:
    """The finding that a list's item stands outside its key, which is indented by so much."""
    repaired = reindented(lines, index, indent)
    more = indent - _indent(lines[index])
    return Finding(
        index + 1, _indent(lines[index]) + 1, f"wrong indentation: `{lines[index].strip()}` stands outside `{key}:`",
        f"indent it, and what belongs to it, by {more} more: `{repaired[index]}`", repaired,
    )  # fmt: skip


def _indentation(place: _Place) -> Finding | None:
    if not any(words in place.fault.message for words in _MISPLACED):
        return None
    line = place.lines[place.index]
    actual, blocks = _indent(line), _open_blocks(place.lines[: place.index])
    choices = [indent for indent in blocks if indent != actual]
    if not choices or not _says(line):
        return None
    meant = min(choices, key=lambda indent: (abs(indent - actual), -indent))
    repaired = reindented(place.lines, place.index, meant)
    return Finding(
        place.index + 1, actual + 1, f"wrong indentation: {place.fault.message}",
        f"indent it by {meant} instead of {actual}: `{repaired[place.index]}`", repaired,
    )  # fmt: skip


def _open_blocks(lines: list[str]) -> list[int]:
    """The indentations at which a line could go on after these lines."""
    blocks: list[int] = []
    for line in filter(_says, lines):
        indent = _indent(line)
        while blocks and blocks[-1] > indent:
            blocks.pop()
        rest = line[indent:]
        if not blocks or blocks[-1] < indent:
            blocks.append(indent)
        while rest.startswith("- "):
            step = len(rest) - len(rest[2:].lstrip())
            indent, rest = indent + step, rest[step:]
            blocks.append(indent)
    return blocks


_EXPLANATIONS: tuple[Callable[[_Place], Finding | None], ...] = (
    _tabs, _wide_colons, _wide_characters, _open_quotes, _open_brackets, _tight_colon, _needs_quotes, _stray_item,
    _no_colon, _indentation,
)  # fmt: skip
