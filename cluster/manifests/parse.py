"""YAML text to plain documents, as kubectl reads it, on the events of libyaml.

On the data's way the first step of a manifest. The text is cut at its `---` lines, so an error in one
document does not hide the others. Invariant: what comes out is JSON data (string keys, finite
numbers), and everything that was lost on the way (a duplicate key) is told with its place.
"""

import json
import math
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import yaml
from msgspec import Struct
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)  # fmt: skip

from cluster.manifests.scalars import Scalar, resolve, tagged

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
MAX_DEPTH = 200
BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
"""What libyaml counts as the end of a line."""

_SEPARATOR = re.compile(r"^---(?=[ \t\r\n]|\Z)", re.MULTILINE)
_PREAMBLE = re.compile(r"(?:[ \t]*(?:#.*|%.*)?(?:\r?\n|\Z))*")
_ALIASES_FEW, _ALIASES_MANY = 400_000, 4_000_000


class SyntaxFault(Exception):
    """A text is not YAML: what is wrong, where (from 1), and where what it was part of began."""

    def __init__(
        self, message: str, line: int, column: int, context: str = "", began: tuple[int, int] = (0, 0)
    ) -> None:
        super().__init__(message)
        self.message, self.line, self.column = message, line, column
        self.context, self.began = context, began


class Duplicate(Struct, frozen=True):
    """A key given a second time in one mapping: which, where, and the line of the first."""

    key: str
    line: int
    column: int
    first: int


class RawDocument(Struct, frozen=True):
    """One document: its data, the line where it begins, and its duplicate keys."""

    value: Any
    line: int
    duplicates: tuple[Duplicate, ...] = ()


def split(text: str) -> list[tuple[int, str]]:
    """The text cut before each `---` line: how many lines stand before each part, and the part."""
    text = text.removeprefix("\ufeff")
    starts = [match.start() for match in _SEPARATOR.finditer(text)]
    if not starts:
        return [(0, text)]
    head = _PREAMBLE.fullmatch(text, 0, starts[0]) is not None
    cuts = [0, *(starts[1:] if head else starts if starts[0] else starts[1:]), len(text)]
    parts, line = [], 0
    for start, end in pairwise(cuts):
        parts.append((line, text[start:end]))
        line += len(BREAK.findall(text, start, end))
    return parts


def parse(text: str) -> Iterator[RawDocument]:
    """The documents of one part of a text. SyntaxFault where it stops being YAML."""
    if text.lstrip().startswith("{"):
        documents = _json(text)
        if documents is not None:
            yield from documents
            return
    try:
        yield from _documents(LOADER(text))
    except yaml.reader.ReaderError as error:
        raise _control_character(text, error) from None
    except yaml.MarkedYAMLError as error:
        raise _fault(error) from None


def key_text(value: Scalar) -> str:
    """A mapping's key as JSON has it. ValueError if it can be none."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        raise ValueError("unsupported map key of type null")
    return value if isinstance(value, str) else str(value)


def scalar(event: ScalarEvent) -> Scalar:
    """The value of a scalar. ValueError if it has none that JSON knows."""
    if event.tag is not None:
        value = tagged(event.tag, event.value)
    else:
        value = resolve(event.value) if event.implicit[0] else event.value
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"unsupported value: {event.value}")
    return value


def _control_character(text: str, error: Any) -> SyntaxFault:
    before = BREAK.split(text[: max(text.find(chr(error.character)), 0)])
    return SyntaxFault(f"control characters are not allowed: U+{error.character:04X}", len(before), len(before[-1]) + 1)


def _fault(error: yaml.MarkedYAMLError) -> SyntaxFault:
    mark, context = error.problem_mark or error.context_mark, error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    began = (context.line + 1, context.column + 1) if context else (0, 0)
    return SyntaxFault(error.problem or str(error), line, column, error.context or "", began)


def _json(text: str) -> list[RawDocument] | None:
    """The documents of a text that is JSON without duplicate keys; else None, and YAML will say what it is."""
    decoder = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_refuse)
    documents, position = [], 0
    try:
        while position < len(text):
            if text[position].isspace():
                position += 1
                continue
            line = len(BREAK.findall(text, 0, position)) + 1
            value, position = decoder.raw_decode(text, position)
            documents.append(RawDocument(value, line))
    except (ValueError, RecursionError):
        return None
    return documents if all(depth_of(document.value) <= MAX_DEPTH for document in documents) else None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("duplicate key")
    return found


def _refuse(name: str) -> None:
    raise ValueError(name)


def depth_of(value: Any) -> int:
    """How many mappings and sequences a value has inside one another."""
    depth, level = 0, [value] if isinstance(value, dict | list) else []
    while level:
        depth += 1
        level = [
            item
            for holder in level
            for item in (holder.values() if isinstance(holder, dict) else holder)
            if isinstance(item, dict | list)
        ]
    return depth


def _documents(loader: Any) -> Iterator[RawDocument]:
    while True:
        event = loader.get_event()
        if isinstance(event, StreamEndEvent):
            return
        if isinstance(event, DocumentStartEvent):
            first = loader.get_event()
            builder = _Builder(loader)
            value = builder.node(first, 0)
            yield RawDocument(value, first.start_mark.line + 1, tuple(builder.duplicates))
            loader.get_event()


class _Builder:
    """Builds one document from its events."""

    def __init__(self, loader: Any) -> None:
        self.next = loader.get_event
        self.duplicates: list[Duplicate] = []
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._open: list[str] = []
        self._nodes = self._aliased = 0

    def node(self, event: Event, depth: int) -> Any:
        """The value that begins with an event."""
        self._nodes += 1
        kind = type(event)
        if kind is AliasEvent:
            return self._alias(event)
        before = self._nodes
        anchor: str | None = event.anchor  # type: ignore[attr-defined]
        if kind is ScalarEvent:
            value: Any = _checked(scalar, event, event)
        else:
            if depth >= MAX_DEPTH:
                raise _at(event, f"nested deeper than {MAX_DEPTH}")
            if anchor:
                self._open.append(anchor)
            value = self._mapping(depth + 1) if kind is MappingStartEvent else self._sequence(depth + 1)
            if anchor:
                self._open.pop()
        if anchor:
            self._anchors[anchor] = value, self._nodes - before + 1
        return value

    def _alias(self, event: Any) -> Any:
        """The value of the anchor. What go-yaml takes for a bomb (too many nodes by alias) is refused."""
        name = event.anchor
        if name in self._open:
            raise _at(event, f"anchor '{name}' value contains itself")
        if name not in self._anchors:
            raise _at(event, f"unknown anchor '{name}' referenced")
        value, size = self._anchors[name]
        self._aliased += size
        self._nodes += size
        if self._aliased > 100 and self._nodes > 1000:
            share = min(max((self._nodes - _ALIASES_FEW) / (_ALIASES_MANY - _ALIASES_FEW), 0), 1)
            if self._aliased / self._nodes > 0.99 - 0.89 * share:
                raise _at(event, "document contains excessive aliasing")
        return value

    def _sequence(self, depth: int) -> list[Any]:
        found: list[Any] = []
        while type(event := self.next()) is not SequenceEndEvent:
            found.append(self.node(event, depth))
        return found

    def _mapping(self, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        lines: dict[str, int] = {}
        while type(event := self.next()) is not MappingEndEvent:
            if type(event) is ScalarEvent and event.value == "<<" and event.tag is None and event.implicit[0]:
                _merge(found, self.node(value := self.next(), depth), value)
                continue
            if isinstance(event, MappingStartEvent | SequenceStartEvent):
                raise _at(event, "unsupported map key: a mapping or list")
            key = _checked(key_text, self.node(event, depth), event)
            mark = event.start_mark
            if key in lines:
                self.duplicates.append(Duplicate(key, mark.line + 1, mark.column + 1, lines[key]))
            else:
                lines[key] = mark.line + 1
            found[key] = self.node(self.next(), depth)
        return found


def _merge(into: dict[str, Any], value: Any, event: Event) -> None:
    """Take over the keys of `<<`; of several mappings the first one wins."""
    sources = value if isinstance(value, list) else [value]
    if not all(isinstance(source, dict) for source in sources):
        raise _at(event, "map merge requires map or sequence of maps as the value")
    for source in reversed(sources):
        into.update(source)


def _checked(read: Any, argument: Any, event: Event) -> Any:
    try:
        return read(argument)
    except ValueError as error:
        raise _at(event, str(error)) from None


def _at(event: Any, message: str) -> SyntaxFault:
    return SyntaxFault(message, event.start_mark.line + 1, event.start_mark.column + 1)
