"""Compiled expressions, and what goes wrong with them in the words of cel-go.

The heart of `cluster.cel`. The library is the C++ implementation of CEL; its messages are those of cel-go
but for a few, which are put so here. Invariant: every failure is a CelError.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

_DECORATION = re.compile(r"^[A-Z_]+: | \[[A-Z_]+\]$")
_RUNTIME = (
    (re.compile(r'NOT_FOUND: Key not found in map : "(.*)"', re.DOTALL), r"no such key: \1"),
    (re.compile(r"UNKNOWN: No matching overloads found : .*", re.DOTALL), "no such overload"),
    (re.compile(r"UNKNOWN: Index error: index=(-?\d+) size=\d+"), r"index out of bounds: \1"),
    (re.compile(r"INVALID_ARGUMENT: divide by zero"), "division by zero"),
    (re.compile(r"INVALID_ARGUMENT: modulus by zero"), "modulus by zero"),
    (re.compile(r"OUT_OF_RANGE: integer overflow"), "integer overflow"),
)
_UNDECLARED = re.compile(
    r"ERROR: <input>:(\d+):(\d+): undeclared reference to '([A-Za-z_]\w*)[^']*'( \(in container '[^']*'\))\n \| .*\n \| \.*\^"
)
_OVERLOAD = re.compile(
    r"(ERROR: <input>:(\d+):(\d+): found no matching overload for '([^'.]+)' applied to )'\(([^']*)\)'"
)
_UNDEFINED = re.compile(r"(undefined field '[^']*') not found in struct '[^']*'")
_CONSEQUENCE = re.compile(r"\n?ERROR: <input>:\d+:\d+: expression of type '\*error\*' cannot be .*\n \| .*\n \| \.*\^")
_TYPES = (("google.protobuf.Duration", "duration"), ("google.protobuf.Timestamp", "timestamp"), ("null_type", "null"))
_BUDGET = "Iteration budget exceeded"
EXHAUSTED = "operation cancelled: actual cost limit exceeded"
"""How an evaluation ends that takes too many steps: the library allows 10,000 of a loop."""
OPTIONAL = "$optional"
"""What a variable's name ends with that is given as a list of one value, or of none, and read as an optional."""


class CelError(ValueError):
    """The expression cannot be compiled, or its evaluation failed; the text says why."""


class Program:
    """An expression that is ready to be evaluated."""

    __slots__ = ("_expression",)

    def __init__(self, expression: Any) -> None:
        self._expression = expression

    def evaluate(self, variables: Mapping[str, Any]) -> Any:
        """The value as plain data. CelError if there is none."""
        try:
            value = self._expression.eval(data=dict(variables))
        except RuntimeError as error:  # not a failure of the expression: the library gives up
            raise CelError(EXHAUSTED if _BUDGET in str(error) else _DECORATION.sub("", str(error))) from error
        if value.type().name() == "ERROR":
            raise CelError(_said(str(value.plain_value())))
        return value.plain_value()


@lru_cache(maxsize=4096)
def compiled(source: str, names: tuple[str, ...]) -> Program:
    """The expression over variables of these names. CelError with every fault and its place."""
    from cluster.cel.library import environment  # noqa: PLC0415 - 14 MB that most clusters never need

    plain = tuple(name.removesuffix(OPTIONAL) for name in names)
    try:
        expression = environment(plain).compile(source)
        optional = [name for name in plain if f"{name}{OPTIONAL}" in names]
        if optional:
            wrapped = source
            for name in optional:
                given = f"size({name}) > 0 ? optional.of({name}[0]) : optional.none()"
                wrapped = f"cel.bind({name}, {given}, ({wrapped}))"
            expression = environment(plain).compile(wrapped)
    except RuntimeError as error:
        raise fault(error, source) from error
    return Program(expression)


def fault(error: RuntimeError, source: str) -> CelError:
    """What the library's compiler found, as cel-go tells it."""
    return CelError(_as_go(_DECORATION.sub("", str(error)), source))


def _as_go(message: str, source: str) -> str:
    """The faults as cel-go tells them: unknown names by the name alone, where it begins, and what it calls types."""
    lines = source.split("\n")

    def told(found: re.Match[str]) -> str:
        line, column, name = int(found[1]), int(found[2]), found[3]
        text = lines[line - 1]
        places = [match.start() for match in re.finditer(rf"\b{re.escape(name)}\b", text) if match.start() < column]
        at = places[-1] if places else column - 1
        return f"ERROR: <input>:{line}:{at + 1}: undeclared reference to '{name}'{found[4]}\n | {text}\n | {'.' * at}^"

    def applied(found: re.Match[str]) -> str:
        before = lines[int(found[2]) - 1][: int(found[3]) - 1].rstrip()
        types = found[5]
        for name, words in _TYPES:
            types = types.replace(name, words)
        if before.endswith(found[4]) and before.removesuffix(found[4]).rstrip().endswith("."):
            head, rest = _first(types)
            return f"{found[1]}'{head}.({rest})'"
        return f"{found[1]}'({types})'"

    message = _CONSEQUENCE.sub("", _UNDEFINED.sub(r"\1", message))
    return _OVERLOAD.sub(applied, _UNDECLARED.sub(told, message)).removeprefix("\n")


def _first(types: str) -> tuple[str, str]:
    """The first of several types, and the others."""
    depth = 0
    for index, character in enumerate(types):
        depth += (character == "(") - (character == ")")
        if character == "," and not depth:
            return types[:index], types[index + 2 :]
    return types, ""


def _said(message: str) -> str:
    for pattern, words in _RUNTIME:
        match = pattern.fullmatch(message)
        if match is not None:
            return match.expand(words)
    return re.sub(r"^[A-Z_]+: ", "", message)
