"""Any object at all: its fields, named in words, in alphabetical order.

Invariant: no field of the object is left out but its managed fields.
"""

import re
from typing import Any

from cluster.api import codec
from cluster.api.meta import Resource
from ktui.model.describe.related import Related
from ktui.model.describe.sheet import Sheet

_LEFT_OUT = {
    ".metadata.managedFields",
    ".metadata.name",
    ".metadata.namespace",
    ".metadata.labels",
    ".metadata.annotations",
}
_ACRONYMS = {"API", "URL", "UID", "GUID"}
# Runs of one case; an upper-case letter begins the lower-case word that follows it.
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z][a-z]+|[a-z]+|-+|[^A-Za-z-]+")


def write_generic(sheet: Sheet, value: Resource, related: Related) -> None:
    """Everything about an object but its events."""
    sheet.head(value.metadata)
    wire = codec.to_wire(related.kind, value, related.revision or None)
    _write_fields(sheet, wire, 0, "")


def _write_fields(sheet: Sheet, content: dict[str, Any], level: int, path: str) -> None:
    for name in sorted(content):
        where = f"{path}.{name}"
        if where in _LEFT_OUT:
            continue
        item, title = content[name], label(name)
        if isinstance(item, dict):
            sheet.line(f"{title}:", level)
            _write_fields(sheet, item, level + 1, where)
        elif isinstance(item, list):
            sheet.line(f"{title}:", level)
            for child in item:
                if isinstance(child, dict):
                    _write_fields(sheet, child, level + 1, where)
                else:
                    sheet.line(_text(child), level + 1)
        else:
            sheet.field(title, _text(item), level)


def label(name: str) -> str:
    """A field's name in words: `creationTimestamp` is `Creation Timestamp`."""
    if not all(letter.isalpha() or letter == "-" for letter in name):
        return name
    words = [
        word.upper() if word.upper() in _ACRONYMS else word.title() if word.islower() else word for word in _split(name)
    ]
    return " ".join(words)


def _split(name: str) -> list[str]:
    """The words of a name; an abbreviation and the word after it are one: `HTTPGet`."""
    words: list[str] = []
    joined = False
    for word in _WORDS.findall(name):
        if words and not joined and len(words[-1]) > 1 and words[-1].isupper() and word[0].isupper():
            words[-1] += word
            joined = True
        else:
            words.append(word)
            joined = False
    return words


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "<nil>" if value is None else str(value)
