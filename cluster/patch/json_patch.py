"""JSON patch (RFC 6902): a list of operations, all of them or none.

Plain data in, plain data out. Mirrors what the API server accepts for
`application/json-patch+json`. Invariant: the document given is not changed, and an operation that
cannot be done refuses the whole patch.
"""

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from typing import Any

from cluster.api.errors import BadRequest
from cluster.patch.refusal import unprocessable

Operation = Mapping[str, Any]


def apply(document: Any, operations: Any) -> Any:
    """The document after every operation; BadRequest if they are no list of operations, Invalid if one fails."""
    if not isinstance(operations, Sequence) or isinstance(operations, str | bytes):
        raise BadRequest("error decoding patch: a JSON patch is a list of operations")
    result = deepcopy(document)
    for operation in operations:
        if not isinstance(operation, Mapping):
            raise BadRequest(f"error decoding patch: not an operation: {operation!r}")
        act = OPERATIONS.get(str(operation.get("op")))
        if act is None or not isinstance(operation.get("path"), str):
            raise unprocessable()
        result = act(result, operation)
    return result


def _parts(pointer: str) -> list[str]:
    if pointer and not pointer.startswith("/"):
        raise unprocessable()
    return [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]


def _step(value: Any, part: str) -> Any:
    if isinstance(value, dict) and part in value:
        return value[part]
    if isinstance(value, list):
        return value[_index(part, len(value) - 1)]
    raise unprocessable()


def _index(part: str, last: int) -> int:
    if not part.isdecimal() or int(part) > last:
        raise unprocessable()
    return int(part)


def _parent(document: Any, pointer: str) -> tuple[Any, str]:
    parts = _parts(pointer)
    if not parts:
        raise unprocessable()
    for part in parts[:-1]:
        document = _step(document, part)
    return document, parts[-1]


def _get(document: Any, pointer: str) -> Any:
    for part in _parts(pointer):
        document = _step(document, part)
    return document


def _put(document: Any, pointer: str, value: Any) -> Any:
    if not pointer:
        return value
    parent, last = _parent(document, pointer)
    if isinstance(parent, dict):
        parent[last] = value
    elif isinstance(parent, list):
        parent.insert(len(parent) if last == "-" else _index(last, len(parent)), value)
    else:
        raise unprocessable()
    return document


def _take(document: Any, pointer: str) -> Any:
    parent, last = _parent(document, pointer)
    _step(parent, last)
    del parent[last if isinstance(parent, dict) else int(last)]
    return document


def _add(document: Any, operation: Operation) -> Any:
    return _put(document, operation["path"], deepcopy(operation.get("value")))


def _remove(document: Any, operation: Operation) -> Any:
    return _take(document, operation["path"])


def _replace(document: Any, operation: Operation) -> Any:
    pointer = operation["path"]
    _get(document, pointer)
    return _put(_take(document, pointer) if pointer else document, pointer, deepcopy(operation.get("value")))


def _move(document: Any, operation: Operation) -> Any:
    value = _get(document, operation.get("from", ""))
    return _put(_take(document, operation.get("from", "")), operation["path"], value)


def _copy(document: Any, operation: Operation) -> Any:
    return _put(document, operation["path"], deepcopy(_get(document, operation.get("from", ""))))


def _test(document: Any, operation: Operation) -> Any:
    if _get(document, operation["path"]) != operation.get("value"):
        raise unprocessable()
    return document


OPERATIONS: Mapping[str, Callable[[Any, Operation], Any]] = {
    "add": _add, "remove": _remove, "replace": _replace, "move": _move, "copy": _copy, "test": _test,
}  # fmt: skip
