r"""JSONPath as columns and selectable fields of custom kinds use it: `.spec.replicas`, `.status.conditions[?(@.type=="Ready")].status`.

A value of the API. Mirrors client-go's jsonpath for paths in one pair of braces. Invariant: a path that
parses never fails on data; where there is nothing it finds nothing.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

_STEP = re.compile(
    r"""\.\.(?P<deep>[\w-]+)|\.(?P<name>(?:\\.|[^.\[\]\\])+)|\[(?P<index>-?\d+)\]|\[(?P<all>\*)\]"""
    r"""|\[(?P<start>-?\d*):(?P<end>-?\d*)\]|\['(?P<quoted>(?:\\.|[^'\\])*)'\]|\["(?P<double>(?:\\.|[^"\\])*)"\]"""
    r"""|\[\?\(\s*@(?P<left>[^=!<>)]*?)\s*(?:(?P<operator>==|!=|<=|>=|<|>)\s*(?P<right>[^)]*?)\s*)?\)\]""",
    re.VERBOSE,
)


class JSONPathError(ValueError):
    """The text is no path."""


class Step(NamedTuple):
    """One step: its sort (`name`, `deep`, `index`, `slice`, `all`, `filter`) and what it needs."""

    sort: str
    value: Any = None


@lru_cache(maxsize=4096)
def parse(text: str) -> tuple[Step, ...]:
    """The steps of a path that begins with a dot or a bracket (or `$`). JSONPathError if it is none."""
    rest = text.removeprefix("$")
    if rest in ("", "."):
        return ()
    steps, at = [], 0
    while at < len(rest):
        match = _STEP.match(rest, at)
        if match is None:
            raise JSONPathError(f"unrecognized character in path {text!r} at {at}")
        steps.append(_step(match))
        at = match.end()
    return tuple(steps)


def find(text: str, data: Any) -> list[Any]:
    """Everything that the path leads to in the data, in order."""
    found = [data]
    for step in parse(text):
        found = [inner for value in found for inner in _walk(step, value)]
    return found


def first(text: str, data: Any) -> Any:
    """The first thing that the path leads to, or None."""
    return next(iter(find(text, data)), None)


def shown(value: Any) -> str:
    """A found value as text: strings as they are, the rest as JSON."""
    if isinstance(value, str):
        return value
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, sort_keys=True)


def _step(match: re.Match[str]) -> Step:
    part = match.groupdict()
    for name in ("name", "quoted", "double"):
        if part[name] is not None:
            text = re.sub(r"\\(.)", r"\1", part[name])
            return Step("all") if text == "*" and name == "name" else Step("name", text)
    if part["deep"] is not None:
        return Step("deep", part["deep"])
    if part["index"] is not None:
        return Step("index", int(part["index"]))
    if part["all"] is not None:
        return Step("all")
    if part["left"] is not None:
        return Step("filter", (part["left"], part["operator"], _literal(part["right"])))
    return Step("slice", (_number(part["start"]), _number(part["end"])))


def _number(text: str | None) -> int | None:
    return int(text) if text else None


def _literal(text: str | None) -> Any:
    if text is None:
        return None
    if text[:1] == text[-1:] and text[:1] in ("'", '"') and len(text) > 1:
        return text[1:-1]
    try:
        return json.loads(text)
    except ValueError:
        return text


def _walk(step: Step, value: Any) -> Iterator[Any]:
    sequence = value if isinstance(value, Sequence) and not isinstance(value, str) else ()
    if step.sort == "name":
        if isinstance(value, Mapping) and step.value in value:
            yield value[step.value]
    elif step.sort == "index":
        if -len(sequence) <= step.value < len(sequence):
            yield sequence[step.value]
    elif step.sort == "slice":
        yield from sequence[slice(*step.value)]
    elif step.sort == "all":
        yield from value.values() if isinstance(value, Mapping) else sequence
    elif step.sort == "deep":
        yield from _deep(step.value, value)
    else:
        yield from (item for item in sequence if _holds(item, *step.value))


def _deep(name: str, value: Any) -> Iterator[Any]:
    if isinstance(value, Mapping):
        if name in value:
            yield value[name]
        for inner in value.values():
            yield from _deep(name, inner)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for inner in value:
            yield from _deep(name, inner)


def _holds(item: Any, left: str, operator: str | None, right: Any) -> bool:
    found = find(left, item)
    if operator is None or not found:
        return bool(found)
    value = found[0]
    if operator in ("==", "!="):
        return bool(value == right) == (operator == "==")
    if isinstance(value, bool) or isinstance(right, bool) or type(value) is not type(right):
        return False
    return bool({"<": value < right, ">": value > right, "<=": value <= right, ">=": value >= right}[operator])
