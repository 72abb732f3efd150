"""Every field of a document that its type does not take, with what was probably meant.

On the way of a manifest only when decoding failed: the decoder stops at the first error, this walk
tells them all. Invariant: it finds something wrong exactly when the decoder does.
"""

from difflib import get_close_matches
from typing import Any
from unicodedata import normalize

from msgspec import Struct

from cluster.api import quantity
from cluster.manifests import shapes
from cluster.manifests.positions import Path, path_text
from cluster.manifests.shapes import Shape


class Fault(Struct, frozen=True):
    """A field that does not fit: its path, as data and as Kubernetes writes it, what is wrong, what to write.

    `at_value` says that the value is wrong and not the key; `stray` names the key that a list's item
    stands outside of.
    """

    path: Path
    field: str
    message: str
    suggestion: str = ""
    at_value: bool = False
    stray: str = ""


class _Level(Struct):
    """Where the walk is: a struct's shape and data, and its path."""

    shape: Shape
    data: dict[str, Any]
    path: Path


def check(struct: type[Struct], data: Any, path: Path = ()) -> list[Fault]:
    """What does not fit in a document's data; nulls count as absent."""
    walk = _Walk()
    walk.value(data, shapes.of(struct), path, path_text(path))
    return walk.faults


class _Walk:
    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self._levels: list[_Level] = []

    def value(self, data: Any, shape: Shape, path: Path, field: str) -> None:
        """Walk one value; what does not fit becomes a fault."""
        if data is None or shape.what == shapes.ANYTHING:
            return
        if shape.fields is not None:
            self._struct(data, shape, path, field)
        elif shape.item is not None:
            self._items(data, shape, path, field)
        elif not _fits(data, shape.what):
            self._mismatch(data, shape, path, field)

    def _mismatch(self, data: Any, shape: Shape, path: Path, field: str) -> None:
        if shape.what == shapes.QUANTITY and isinstance(data, str):
            self.faults.append(Fault(path, field, _quantity_fault(data), _quantity_hint(data), at_value=True))
            return
        message = f"expected {shape.what}, got {_what(data)}"
        self.faults.append(Fault(path, field, message, _hint(data, shape), at_value=True))

    def _items(self, data: Any, shape: Shape, path: Path, field: str) -> None:
        assert shape.item is not None
        if shape.listed and isinstance(data, list):
            for index, item in enumerate(data):
                self._item(data, index, item, shape.item, (*path, index), f"{field}[{index}]")
        elif not shape.listed and isinstance(data, dict):
            for key, item in data.items():
                self.value(item, shape.item, (*path, key), f"{field}[{key}]")
        else:
            self._mismatch(data, shape, path, field)

    def _item(self, items: list[Any], index: int, item: Any, shape: Shape, path: Path, field: str) -> None:
        stray = _stray(items, index, shape)
        if item is None and shape.what != shapes.ANYTHING:
            self.faults.append(Fault(path, field, "the item is empty", "remove it, or write it after the `-`"))
        elif stray:
            self.faults.append(Fault(path, field, "", stray=stray))
        else:
            self.value(item, shape, path, field)

    def _struct(self, data: Any, shape: Shape, path: Path, field: str) -> None:
        if not isinstance(data, dict):
            self._mismatch(data, shape, path, field)
            return
        assert shape.fields is not None
        self._levels.append(_Level(shape, data, path))
        for name, item in data.items():
            below = f"{field}.{name}" if field else name
            known = shape.fields.get(name)
            if known is None and item is not None:
                self.faults.append(Fault((*path, name), below, "unknown field", self._meant(name, item)))
            elif known is not None:
                self.value(item, known, (*path, name), below)
        self._levels.pop()

    def _meant(self, name: str, item: Any) -> str:
        """What an unknown field was probably meant to be: a name like it, or a field of another level."""
        here = self._levels[-1]
        assert here.shape.fields is not None
        plain = normalize("NFKC", name).strip(" :")
        folded = {field.lower(): field for field in here.shape.fields}
        if plain.lower() in folded:
            return f"did you mean {folded[plain.lower()]}?"
        elsewhere = self._outer(plain) or self._inner(plain, item)
        if elsewhere:
            return elsewhere
        if "matchLabels" in here.shape.fields and isinstance(item, str):
            return "write it under `matchLabels:`"
        near = get_close_matches(plain, here.shape.fields, 1, 0.7) or [
            folded[match] for match in get_close_matches(plain.lower(), folded, 1, 0.7)
        ]
        return f"did you mean {near[0]}?" if near else ""

    def _outer(self, name: str) -> str:
        for level in reversed(self._levels[:-1]):
            if level.shape.fields and name in level.shape.fields and name not in level.data:
                owner = path_text(level.path) or "the document"
                return f"it is a field of {owner}: indent it less"
        return ""

    def _inner(self, name: str, item: Any) -> str:
        here = self._levels[-1]
        for field, shape in (here.shape.fields or {}).items():
            inner = shape.item if shape.listed and shape.item else shape
            if field not in here.data or not inner.fields or name not in inner.fields:
                continue
            if not _may_be(item, inner.fields[name]):
                continue
            return f"it is a field of {path_text((*here.path, field))}: indent it more, under `{field}:`"
        return ""


def _stray(items: list[Any], index: int, shape: Shape) -> str:
    """The empty list at the end of the item before, if an item is one of that list's: its lines lack indentation."""
    item, before = items[index], items[index - 1] if index else None
    if shape.fields is None or not isinstance(item, dict) or not isinstance(before, dict) or not before:
        return ""
    last: str = list(before)[-1]
    owner = shape.fields.get(last)
    if before[last] is not None or owner is None or not owner.listed or owner.item is None:
        return ""
    foreign = [name for name in item if name not in shape.fields]
    belongs = foreign and all(name in (owner.item.fields or {}) for name in foreign)
    return last if belongs else ""


def _may_be(item: Any, shape: Shape) -> bool:
    if item is None or shape.what == shapes.ANYTHING:
        return True
    if shape.fields is not None or shape.item is not None:
        return isinstance(item, list if shape.listed else dict)
    return not isinstance(item, dict | list)


def _fits(data: Any, what: str) -> bool:
    if what == shapes.TEXT:
        return isinstance(data, str)
    if what == shapes.FLAG:
        return isinstance(data, bool)
    if isinstance(data, bool):
        return False
    if what == shapes.NUMBER:
        return isinstance(data, int) or (isinstance(data, float) and data.is_integer())
    if what == shapes.NUMBER_OR_TEXT:
        return isinstance(data, int | str)
    return isinstance(data, str | int | float) and not _quantity_fault(data)


def _quantity_fault(data: str | float) -> str:
    try:
        quantity.parse(data)
    except ValueError as error:
        return str(error)
    return ""


def _quantity_hint(text: str) -> str:
    """A quantity that the text was probably meant to be: `512MB`, `1 Gi`, `500 milli` are common."""
    squeezed = text.replace(" ", "")
    for meant in (squeezed, squeezed[:-1], squeezed.replace("K", "k"), squeezed[:-2] + squeezed[-2:].capitalize()):
        if meant and meant != text and meant[0].isdigit() and not _quantity_fault(meant):
            return f"did you mean {meant}?"
    return "write for example 500m, 2, 128Mi or 1Gi"


def _what(data: Any) -> str:
    if isinstance(data, dict):
        return "a mapping"
    if isinstance(data, list):
        return "a list"
    if isinstance(data, bool):
        return "true" if data else "false"
    return f'text "{data}"' if isinstance(data, str) else f"the number {data}"


def _hint(data: Any, shape: Shape) -> str:
    if shape.what == shapes.TEXT and isinstance(data, bool | int | float):
        return "write it in quotes"
    if shape.what in {shapes.NUMBER, shapes.NUMBER_OR_TEXT, shapes.FLAG} and isinstance(data, str):
        right = data.lower() in {"true", "false"} if shape.what == shapes.FLAG else data.isdecimal()
        return f"write {data.lower()} without quotes" if right else ""
    if shape.listed:
        return "begin every item with `- `"
    if isinstance(data, list) and (shape.fields or shape.item):
        return "remove the `- `: it is one mapping, not a list"
    return ""
