"""Fields that an expression reads and its schema does not have, found without evaluating it.

Beside `program`: the library checks types of messages only, so the checked tree that it gives out is read
here. Mirrors what cel-go's checker says over a schema's types. Invariant: what the schema leaves open is allowed.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from cluster.cel.values import escaped
from cluster.schema.pruning import PRESERVE, Schema

Node = Mapping[int, list[Any]]
Scope = Mapping[str, Schema | None]
IDENT, SELECT, CALL, LIST, STRUCT, COMPREHENSION = 4, 5, 6, 7, 8, 9
"""The sorts of an expression's node, by their numbers in cel.expr.Expr."""


class Undefined(NamedTuple):
    """A field that is not there, and where in the source it is asked for (an offset)."""

    name: str
    offset: int


def undefined(serialized: bytes, scope: Scope) -> list[Undefined]:
    """The undefined fields in a checked expression, given the schemas of its variables."""
    checked = _message(_message(serialized)[2][0])
    info = _message(checked[5][0]) if 5 in checked else {}
    offsets = {}
    for entry in info.get(4, []):
        position = _message(entry)
        offsets[position.get(1, [0])[0]] = position.get(2, [0])[0]
    walk = _Walk()
    walk.schema(_message(checked[4][0]), scope)
    return [Undefined(name, offsets.get(identity, 0)) for identity, name in walk.found]


def told(source: str, fault: Undefined) -> str:
    """The fault in the words of cel-go, with its line and a mark under its place."""
    before = source[: fault.offset]
    line = before.count("\n")
    column = fault.offset - (before.rfind("\n") + 1)
    text = source.split("\n")[line]
    mark = "." * column + "^"
    return f"ERROR: <input>:{line + 1}:{column + 1}: undefined field '{fault.name}'\n | {text}\n | {mark}"


class _Walk:
    def __init__(self) -> None:
        self.found: list[tuple[int, str]] = []

    def schema(self, node: Node, scope: Scope) -> Schema | None:
        """The schema of what a node evaluates to, None if it is not known."""
        if IDENT in node:
            return scope.get(_text(_message(node[IDENT][0])[1][0]))
        if SELECT in node:
            select = _message(node[SELECT][0])
            return self._field(self.schema(_message(select[1][0]), scope), _text(select[2][0]), node[2][0])
        if CALL in node:
            return self._call(_message(node[CALL][0]), scope)
        if COMPREHENSION in node:
            self._comprehension(_message(node[COMPREHENSION][0]), scope)
        for part, number in ((LIST, 1), (STRUCT, 2)):
            for inside in _message(node[part][0]).get(number, []) if part in node else ():
                entry = _message(inside)
                self.schema(_message(entry[4][0]) if part == STRUCT and 4 in entry else entry, scope)
        return None

    def _field(self, schema: Schema | None, name: str, identity: int) -> Schema | None:
        if schema is None:
            return None
        for declared, found in schema.get("properties", {}).items():
            if escaped(declared) == name:
                return found if isinstance(found, Mapping) else None
        extra = schema.get("additionalProperties")
        closed = "properties" in schema and not schema.get(PRESERVE) and not extra
        if closed:
            self.found.append((identity, name))
        return extra if isinstance(extra, Mapping) else None

    def _call(self, call: Node, scope: Scope) -> Schema | None:
        parts = [_message(part) for part in [*call.get(1, []), *call.get(3, [])]]
        schemas = [self.schema(part, scope) for part in parts]
        if _text(call[2][0]) == "_[_]" and schemas and schemas[0] is not None:
            found = schemas[0].get("items", schemas[0].get("additionalProperties"))
            return found if isinstance(found, Mapping) else None
        return None

    def _comprehension(self, loop: Node, scope: Scope) -> None:
        listed = self.schema(_message(loop[2][0]), scope)
        item = listed.get("items") if listed is not None else None
        inside = {**scope, _text(loop[1][0]): item if isinstance(item, Mapping) else None}
        if 3 in loop:
            inside[_text(loop[3][0])] = None
        if 8 in loop:
            inside[_text(loop[8][0])] = None
        for number in (4, 5, 6, 7):
            for part in loop.get(number, []):
                self.schema(_message(part), inside)


def _text(data: bytes) -> str:
    return data.decode()


def _message(data: bytes) -> dict[int, list[Any]]:
    """A protobuf message's fields by number: numbers, and bytes."""
    fields: dict[int, list[Any]] = {}
    for number, value in _fields(data):
        fields.setdefault(number, []).append(value)
    return fields


def _fields(data: bytes) -> Iterator[tuple[int, Any]]:
    at = 0
    while at < len(data):
        tag, at = _varint(data, at)
        if tag & 7 == 0:
            value, at = _varint(data, at)
            yield tag >> 3, value
        else:
            length, at = (8, at) if tag & 7 == 1 else _varint(data, at)
            yield tag >> 3, data[at : at + length]
            at += length


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
