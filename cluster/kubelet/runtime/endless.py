"""Scripts that are seen to have no end without being run.

Asked by the shell where only the end of a script counts. Invariant: what is told to have no end has none, as long as
nobody sends it a signal.
"""

from collections.abc import Iterator
from typing import TypeVar

from msgspec import Struct, structs

from cluster.kubelet.runtime.syntax import Background, Function, Loop, Pipeline, Simple, Text

T = TypeVar("T")
STEPS = 20_000
"""So many commands without an end, or without time passing, and the run is taken for one that has no end."""
_LEAVING = ("exit", "break", "return", "exec", "set", "kill", "eval", ".")
_HALTING = ("infinity", "inf")
_FOLLOWING = ("-f", "-F", "--follow")


class Endless(Exception):
    """The process never comes back by itself."""


def is_endless(node: object) -> bool:
    """Whether a command has no end."""
    if isinstance(node, Loop):
        return _always(node) and not any(first_word(one) in _LEAVING for one in every(node.body, Simple))
    if isinstance(node, Simple):
        texts = [_text(word) for word in node.words]
        follows = texts[:1] == ["tail"] and any(text in _FOLLOWING for text in texts)
        return follows or (texts[:1] == ["sleep"] and any(text in _HALTING for text in texts[1:2]))
    if isinstance(node, Pipeline):
        return is_endless(node.commands[0])
    if isinstance(node, (Background, Function)):
        return False
    body = getattr(node, "body", None)
    items = getattr(body, "items", None)
    return any(is_endless(one) for _, one in items) if items is not None else body is not None and is_endless(body)


def _always(loop: Loop) -> bool:
    """Whether its condition holds always."""
    condition = loop.condition.items
    first = condition[0][1] if len(condition) == 1 else None
    if not isinstance(first, Simple):
        return False
    texts = [_text(word) for word in first.words]
    always = texts[:1] in (["true"], [":"]) or texts in (["[", "1", "]"], ["[", "true", "]"])
    return always if loop.wanted else texts[:1] == ["false"]


def first_word(node: Simple) -> str:
    """The program that a command names itself; nothing if it does not."""
    return _text(node.words[0]) if node.words else ""


def _text(word: object) -> str:
    parts = word if isinstance(word, tuple) else ()
    return "".join(part.text for part in parts) if all(isinstance(part, Text) for part in parts) else ""


def every(tree: object, kind: type[T]) -> Iterator[T]:
    """Every part of a kind in a tree."""
    if isinstance(tree, kind):
        yield tree
    if isinstance(tree, Struct):
        tree = structs.astuple(tree)
    if isinstance(tree, tuple):
        for part in tree:
            yield from every(part, kind)
