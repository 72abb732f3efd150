"""What keeps admitted objects shared: changes that keep identity, and answers remembered by it.

Used by every step of admission. Ten thousand pods of one template carry one spec object; a step
that would change nothing returns that very object, and a step that must change it does so once.
Invariant: what is remembered is a pure function of the object, so forgetting changes no result.
"""

from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar

from msgspec.structs import replace

from cluster.api.object import Object

S = TypeVar("S", bound=Object)
V = TypeVar("V")
T = TypeVar("T")


def changed(value: S, **fields: Any) -> S:
    """`value` with these fields, and `value` itself if it has all of them already."""
    for name, wanted in fields.items():
        if getattr(value, name) is not wanted:
            return replace(value, **fields)
    return value


def each(items: tuple[V, ...], change: Callable[[V], V]) -> tuple[V, ...]:
    """Every item changed, and `items` itself if none of them differs."""
    if not items:
        return items
    result = tuple([change(item) for item in items])
    if all(map(_same, items, result)):
        return items
    return result


def _same(left: object, right: object) -> bool:
    return left is right


def merged(first: Mapping[str, V], over: Mapping[str, V]) -> Mapping[str, V]:
    """`first` with the entries of `over` put over it."""
    return {**first, **over} if over else first


class IdentityMemo(Generic[T]):
    """Answers by the identity of an object (and a further key), for at most `limit` objects.

    The object is held, so that its id stays its own; when full, everything is forgotten.
    """

    __slots__ = ("_limit", "_rows")

    def __init__(self, limit: int = 4096) -> None:
        self._limit = limit
        self._rows: dict[tuple[int, object], tuple[object, T]] = {}

    def get(self, owner: object, key: object = None) -> T | None:
        """What was remembered about `owner`."""
        row = self._rows.get((id(owner), key))
        return None if row is None else row[1]

    def put(self, owner: object, answer: T, key: object = None) -> T:
        """Remember `answer` about `owner`, and return it."""
        if len(self._rows) >= self._limit:
            self._rows.clear()
        self._rows[id(owner), key] = (owner, answer)
        return answer
