"""Label selectors: `app=web,tier in (a,b),!canary`, their text form and whether labels match.

A value of the API; lists, controllers, the scheduler and the app's filters select with it. Mirrors
apimachinery's labels package: the same syntax, the same messages. Invariant: requirements stand in
the order of their keys, so equal selectors have equal text.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from operator import attrgetter

from msgspec import Struct

from cluster.api.errors import BadRequest
from cluster.api.meta import LabelSelector
from cluster.api.names import label_value, qualified_name

Labels = Mapping[str, str]

_BINARY_OPERATORS = ("in", "notin", "=", "==", "!=", "gt", "lt")
_SYMBOLS = {"in": "in", "notin": "notin", "=": "=", "==": "==", "!=": "!=", ">": "gt", "<": "lt"}
_TOKEN = re.compile(r"\s*(?:(?P<symbol>==|!=|[=!(),<>])|(?P<word>[^\s=!(),<>]+))", re.ASCII)
_LABEL_SELECTOR_OPERATORS = {"In": "in", "NotIn": "notin", "Exists": "exists", "DoesNotExist": "!"}


class Requirement(Struct, frozen=True):
    """One condition: a key, an operator (`in notin = == != gt lt exists !`) and its values, sorted."""

    key: str
    operator: str
    values: tuple[str, ...] = ()

    def matches(self, labels: Labels) -> bool:
        """Whether the labels fulfil the condition."""
        value = labels.get(self.key)
        if self.operator in {"in", "=", "=="}:
            return value in self.values
        if self.operator in {"notin", "!="}:
            return value not in self.values
        if self.operator == "exists":
            return value is not None
        if self.operator == "!":
            return value is None
        number = _integer(value)
        if number is None:
            return False
        limit = int(self.values[0])
        return number > limit if self.operator == "gt" else number < limit

    def __str__(self) -> str:
        if self.operator == "exists":
            return self.key
        if self.operator == "!":
            return f"!{self.key}"
        values = ",".join(self.values)
        if self.operator in {"in", "notin"}:
            return f"{self.key} {self.operator} ({values})"
        return f"{self.key}{ {'gt': '>', 'lt': '<'}.get(self.operator, self.operator) }{values}"


class Selector(Struct, frozen=True):
    """Conditions that all have to hold; none at all select everything, unless it is `NOTHING`."""

    requirements: tuple[Requirement, ...] = ()
    nothing: bool = False

    @property
    def empty(self) -> bool:
        """Whether it restricts nothing."""
        return not self.requirements and not self.nothing

    def matches(self, labels: Labels) -> bool:
        """Whether an object with these labels is selected."""
        for requirement in self.requirements:
            if not requirement.matches(labels):
                return False
        return not self.nothing

    def __str__(self) -> str:
        return ",".join(map(str, self.requirements))


EVERYTHING = Selector()
NOTHING = Selector(nothing=True)


@lru_cache(maxsize=4096)
def parse(text: str) -> Selector:
    """The selector of kubectl's text form (`labels.Parse`). BadRequest in Kubernetes' words if it is none."""
    return _selector(_Parser(text).requirements())


def from_map(labels: Labels | None) -> Selector:
    """Every label equal (`SelectorFromSet`); no labels select everything."""
    return _equals(tuple((labels or {}).items()))


def from_label_selector(selector: LabelSelector | None) -> Selector:
    """The API's LabelSelector (`LabelSelectorAsSelector`): None selects nothing, an empty one everything.

    BadRequest, in Kubernetes' words, if an operator, key or value is not valid.
    """
    if selector is None:
        return NOTHING
    if not selector.matchExpressions:
        return _equals(tuple(selector.matchLabels.items()))
    found = list(from_map(selector.matchLabels).requirements)
    for expression in selector.matchExpressions:
        operator = _LABEL_SELECTOR_OPERATORS.get(expression.operator)
        if operator is None:
            raise BadRequest(f'"{expression.operator}" is not a valid label selector operator')
        found.append(requirement(expression.key, operator, expression.values))
    return _selector(found)


def requirement(key: str, operator: str, values: tuple[str, ...] = ()) -> Requirement:
    """A checked requirement (`NewRequirement`). BadRequest with every rule broken."""
    wrong = _wrong_key(key, "key") + _wrong_values(operator, values)
    for index, value in enumerate(values):
        if messages := label_value(value):
            wrong.append(f'values[{index}][{key}]: Invalid value: "{value}": {"; ".join(messages)}')
    if wrong:
        raise BadRequest(wrong[0] if len(wrong) == 1 else f"[{', '.join(wrong)}]")
    return Requirement(key, operator, tuple(sorted(set(values))))


@lru_cache(maxsize=65_536)
def _equals(items: tuple[tuple[str, str], ...]) -> Selector:
    return _selector([Requirement(key, "=", (value,)) for key, value in items])


def _selector(requirements: list[Requirement]) -> Selector:
    return Selector(tuple(sorted(requirements, key=attrgetter("key")))) if requirements else EVERYTHING


def _wrong_key(key: str, path: str) -> list[str]:
    messages = qualified_name(key)
    return [f'{path}: Invalid value: "{key}": {"; ".join(messages)}'] if messages else []


def _wrong_values(operator: str, values: tuple[str, ...]) -> list[str]:
    shown = f"[{', '.join(f'{chr(34)}{value}{chr(34)}' for value in values)}]" if values else "[]"
    if operator in {"in", "notin"}:
        return (
            []
            if values
            else [f"values: Invalid value: {shown}: for 'in', 'notin' operators, values set can't be empty"]
        )
    if operator in {"exists", "!"}:
        return (
            [f"values: Invalid value: {shown}: values set must be empty for exists and does not exist"]
            if values
            else []
        )
    if operator in {"gt", "lt"}:
        return [
            f"values[{index}]: Invalid value: \"{value}\": for 'Gt', 'Lt' operators, the value must be an integer"
            for index, value in enumerate(values) if _integer(value) is None
        ]  # fmt: skip
    return []


def _integer(text: str | None) -> int | None:
    return int(text) if text is not None and re.fullmatch(r"[+-]?[0-9]{1,19}", text, re.ASCII) else None


class _Parser:
    """A recursive descent over the tokens; every `found ..., expected: ...` is as Kubernetes says it."""

    def __init__(self, text: str) -> None:
        self.tokens = [(match["symbol"] or "", match["word"] or "") for match in _TOKEN.finditer(text.rstrip())]
        self.index = 0

    def requirements(self) -> list[Requirement]:
        found: list[Requirement] = []
        symbol, word = self._look()
        while word or symbol == "!":
            try:
                found.append(self._requirement())
            except BadRequest as error:
                raise BadRequest(f"unable to parse requirement: {error.message}") from None
            symbol, word = self._take()
            if not symbol and not word:
                return found
            if symbol != ",":
                raise BadRequest(f"found '{symbol or word}', expected: ',' or 'end of string'")
            symbol, word = self._look()
            if not word and symbol != "!":
                raise BadRequest(f"found '{symbol}', expected: identifier after ','")
        if symbol:
            raise BadRequest(f"found '{symbol}', expected: !, identifier, or 'end of string'")
        return found

    def _look(self) -> tuple[str, str]:
        return self.tokens[self.index] if self.index < len(self.tokens) else ("", "")

    def _take(self) -> tuple[str, str]:
        token = self._look()
        self.index += 1
        return token

    def _requirement(self) -> Requirement:
        symbol, key = self._take()
        absent = symbol == "!"
        if absent:
            symbol, key = self._take()
        if not key:
            raise BadRequest(f"found '{symbol}', expected: identifier")
        if wrong := _wrong_key(key, "<nil>"):
            raise BadRequest(wrong[0])
        ends = self._look() in {("", ""), (",", "")}
        if ends or absent:
            return requirement(key, "!" if absent else "exists")
        symbol, word = self._take()
        operator = _SYMBOLS.get(symbol or word)
        if operator is None:
            raise BadRequest(f"found '{symbol or word}', expected: {', '.join(_BINARY_OPERATORS)}")
        return requirement(key, operator, self._set() if operator in {"in", "notin"} else (self._exact(),))

    def _exact(self) -> str:
        if self._look() in {("", ""), (",", "")}:
            return ""
        symbol, word = self._take()
        if not word:
            raise BadRequest(f"found '{symbol}', expected: identifier")
        return word

    def _set(self) -> tuple[str, ...]:
        symbol, word = self._take()
        if symbol != "(":
            raise BadRequest(f"found '{symbol or word}' expected: '('")
        values, value = [], ""
        while True:
            symbol, word = self._take()
            if word and not value:
                value = word
            elif symbol in {",", ")"}:
                values.append(value)
                value = ""
                if symbol == ")":
                    return tuple(values)
            elif value:
                raise BadRequest(f"found '{symbol or word}', expected: ',' or ')'")
            elif values:
                raise BadRequest(f"found '{symbol}', expected: ',', or identifier")
            else:
                raise BadRequest(f"found '{symbol}', expected: ',', ')' or identifier")


def go_text(selector: LabelSelector | None) -> str:
    """A selector as Go prints it in messages (`%+v` of its generated String method)."""
    if selector is None:
        return "nil"
    labels = "".join(f"{name}: {value}," for name, value in sorted(selector.matchLabels.items()))
    terms = "".join(
        f"LabelSelectorRequirement{{Key:{term.key},Operator:{term.operator},Values:[{' '.join(term.values)}],}},"
        for term in selector.matchExpressions
    )
    return f"&LabelSelector{{MatchLabels:map[string]string{{{labels}}},MatchExpressions:[]LabelSelectorRequirement{{{terms}}},}}"
