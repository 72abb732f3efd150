"""Where in a text a field stands; asked only when an error has to be shown.

Reading keeps no positions: it is twice as fast without. Invariant: a path that does not lead all the
way gives the place of the last part that exists.
"""

import re
from collections.abc import Iterator
from typing import Any

import yaml

from cluster.manifests.parse import LOADER, key_text, split
from cluster.manifests.scalars import resolve

Path = tuple[str | int, ...]

_STEP = re.compile(r"\[([^\]]*)\]|([^.\[]+)")


def parse_path(text: str) -> Path:
    """`spec.containers[0].image` and `metadata.labels[a.b/c]`, as Kubernetes writes them, as a path."""
    return tuple(
        (int(bracket) if bracket.isdecimal() else bracket) if bracket else name for bracket, name in _STEP.findall(text)
    )


def path_text(path: Path, free: bool = False) -> str:  # noqa: FBT001, FBT002
    """A path as Kubernetes writes it; `free` says that its last key is a map's, not a field."""
    text = ""
    for index, step in enumerate(path):
        if isinstance(step, int) or (free and index == len(path) - 1):
            text += f"[{step}]"
        else:
            text += f".{step}" if text else step
    return text


class Locator:
    """Finds places in one text; composes each of its parts once, when first asked."""

    def __init__(self, text: str) -> None:
        self._parts = split(text)
        self._composed: dict[int, list[Any]] = {}

    def place(self, document: int, path: Path, *, value: bool = False) -> tuple[int, int]:
        """Line and column, from 1, of the field's key (or of its value); `document` counts from 0."""
        found = self._find(document, path)
        if found is None:
            return 1, 1
        offset, key, node, complete = found
        mark = (node if value and complete else key).start_mark
        return offset + mark.line + 1, mark.column + 1

    def written(self, document: int, path: Path) -> str | None:
        """The text of a scalar as it was written, without quotes, or None if there is no scalar."""
        found = self._find(document, path)
        if found is None or not found[3] or not isinstance(found[2], yaml.ScalarNode):
            return None
        return str(found[2].value)

    def _find(self, document: int, path: Path) -> tuple[int, Any, Any, bool] | None:
        """Lines before the part, the node of the key, the node of the value, and whether the whole path exists."""
        for index, (offset, text) in enumerate(self._parts):
            if index not in self._composed:
                self._composed[index] = list(_compose(text))
            nodes = self._composed[index]
            if document < len(nodes):
                return (offset, *_walk(nodes[document], path))
            document -= len(nodes)
        return None


def locate(text: str, document: int, path: Path, *, value: bool = False) -> tuple[int, int]:
    """Line and column, from 1, of a field in the text's document (from 0)."""
    return Locator(text).place(document, path, value=value)


def _compose(text: str) -> Iterator[Any]:
    loader = LOADER(text)
    try:
        while loader.check_node():
            yield loader.get_node()
    except yaml.YAMLError:
        return
    finally:
        loader.dispose()


def _walk(node: Any, path: Path) -> tuple[Any, Any, bool]:
    key = node
    for step in path:
        found = _child(node, step)
        if found is None:
            return key, node, False
        key, node = found
    return key, node, True


def _child(node: Any, step: str | int) -> tuple[Any, Any] | None:
    if isinstance(node, yaml.SequenceNode):
        found = isinstance(step, int) and step < len(node.value)
        return (node.value[step], node.value[step]) if found else None
    if not isinstance(node, yaml.MappingNode):
        return None
    merged = None
    for key, value in node.value:
        if _key(key) == str(step):
            return key, value
        if key.value == "<<":
            sources = value.value if isinstance(value, yaml.SequenceNode) else [value]
            merged = merged or next(filter(None, (_child(source, step) for source in sources)), None)
    return merged


def _key(node: Any) -> str:
    if not isinstance(node, yaml.ScalarNode):
        return ""
    if node.style:
        return str(node.value)
    try:
        return key_text(resolve(node.value))
    except ValueError:
        return ""
