"""The functions that Kubernetes adds to CEL: lists, patterns, quantities, addresses, URLs.

Loaded with the library itself. Mirrors k8s.io/apiserver/pkg/cel/library. Invariant: a function given what it
cannot take fails the expression; it never raises past it.
"""

import ipaddress
import re
from collections.abc import Callable, Sequence
from functools import cache
from itertools import pairwise
from typing import Any
from urllib.parse import SplitResult, urlsplit

from cel_expr_python import cel
from cel_expr_python.ext import ext_bindings, ext_encoders, ext_math, ext_optional, ext_strings

from cluster.api import quantity

T = cel.Type
_LIST, _MAP = T.List(T.DYN), T.Map(T.STRING, T.STRING)
_Row = tuple[str, Any, list[Any], Callable[..., Any]]
_TAG = "$"
"""Under this key a map says that it is an opaque value, and of which sort."""


@cache
def environment(names: tuple[str, ...]) -> Any:
    """What an expression over variables of these names may use."""
    extensions = [
        ext_strings.ExtStrings(), ext_math.ExtMath(), ext_optional.ExtOptional(), ext_bindings.ExtBindings(),
        ext_encoders.ExtEncoders(),
    ]  # fmt: skip
    return cel.NewEnv(variables=dict.fromkeys(names, T.DYN), extensions=extensions, functions=_functions())


def _function(name: str, result: Any, parameters: Sequence[Any], act: Callable[..., Any], *, member: bool) -> Any:
    """A function; where the last parameter may be of two types, each is an overload."""
    *first, last = parameters
    choices = last if isinstance(last, tuple) else (last,)
    overloads = [
        cel.Overload(f"kubernetes_{name}_{index}", result, [*first, choice], member, act)
        for index, choice in enumerate(choices)
    ]
    return cel.FunctionDecl(name, overloads)


def _functions() -> list[Any]:
    listed, sort = [_LIST], _MAP
    method: list[_Row] = [
        ("isSorted", T.BOOL, listed, _is_sorted), ("sum", T.DYN, listed, sum), ("min", T.DYN, listed, min),
        ("max", T.DYN, listed, max), ("find", T.STRING, [T.STRING, T.STRING], _find),
        ("findAll", _LIST, [T.STRING, T.STRING], _find_all),
        ("isGreaterThan", T.BOOL, [sort, sort], lambda one, other: _compare(one, other) > 0),
        ("isLessThan", T.BOOL, [sort, sort], lambda one, other: _compare(one, other) < 0),
        ("compareTo", T.INT, [sort, sort], _compare), ("sign", T.INT, [sort], lambda one: _compare(one, _zero())),
        ("isInteger", T.BOOL, [sort], _is_integer), ("asInteger", T.INT, [sort], _as_integer),
        ("asApproximateFloat", T.DOUBLE, [sort], lambda one: quantity.milli(_amount(one)) / 1000),
        ("add", _MAP, [sort, (sort, T.INT)], lambda one, other: _moved(one, other, 1)),
        ("sub", _MAP, [sort, (sort, T.INT)], lambda one, other: _moved(one, other, -1)),
        ("family", T.INT, [sort], lambda one: ipaddress.ip_address(_text(one, "ip")).version),
        ("isLoopback", T.BOOL, [sort], lambda one: ipaddress.ip_address(_text(one, "ip")).is_loopback),
        ("isUnspecified", T.BOOL, [sort], lambda one: ipaddress.ip_address(_text(one, "ip")).is_unspecified),
        ("containsIP", T.BOOL, [sort, (sort, T.STRING)], _contains_ip),
        ("containsCIDR", T.BOOL, [sort, (sort, T.STRING)], _contains_cidr),
        ("prefixLength", T.INT, [sort], lambda one: _network(one).prefixlen),
        ("getScheme", T.STRING, [sort], lambda one: _url(one).scheme),
        ("getHost", T.STRING, [sort], lambda one: _url(one).netloc.rpartition("@")[2]),
        ("getHostname", T.STRING, [sort], lambda one: _url(one).hostname or ""),
        ("getPort", T.STRING, [sort], lambda one: str(_url(one).port or "")),
        ("getEscapedPath", T.STRING, [sort], lambda one: _url(one).path),
    ]  # fmt: skip
    free: list[_Row] = [
        ("quantity", _MAP, [T.STRING], lambda text: _opaque("quantity", str(quantity.parse(text)))),
        ("isQuantity", T.BOOL, [T.STRING], lambda text: _works(quantity.parse, text)),
        ("ip", _MAP, [T.STRING], lambda text: _opaque("ip", str(ipaddress.ip_address(text)))),
        ("isIP", T.BOOL, [T.STRING], lambda text: _works(ipaddress.ip_address, text)),
        ("cidr", _MAP, [T.STRING], lambda text: _opaque("cidr", str(ipaddress.ip_interface(_slashed(text))))),
        ("isCIDR", T.BOOL, [T.STRING], lambda text: _works(lambda one: ipaddress.ip_interface(_slashed(one)), text)),
        ("url", _MAP, [T.STRING], lambda text: _opaque("url", _absolute(text))),
        ("isURL", T.BOOL, [T.STRING], lambda text: _works(_absolute, text)),
    ]  # fmt: skip
    return [_function(*row, member=True) for row in method] + [_function(*row, member=False) for row in free]


def _opaque(sort: str, text: str) -> dict[str, str]:
    return {_TAG: sort, "value": text}


def _text(value: Any, sort: str) -> str:
    """The text of an opaque value, or of a string that stands for one. ValueError if it is of another sort."""
    if isinstance(value, str):
        return value
    if value.get(_TAG) != sort:
        raise ValueError(f"no {sort}")
    return str(value["value"])


def _works(parse: Callable[[str], object], text: str) -> bool:
    try:
        parse(text)
    except ValueError:
        return False
    return True


def _is_sorted(items: list[Any]) -> bool:
    return all(one <= other for one, other in pairwise(items))


def _find(text: str, pattern: str) -> str:
    found = re.search(pattern, text)
    return found.group() if found else ""


def _find_all(text: str, pattern: str) -> list[str]:
    return [found.group() for found in re.finditer(pattern, text)]


def _amount(value: Any) -> quantity.Quantity:
    return quantity.parse(_text(value, "quantity"))


def _zero() -> dict[str, str]:
    return _opaque("quantity", "0")


def _compare(one: Any, other: Any) -> int:
    left, right = quantity.milli(_amount(one)), quantity.milli(_amount(other))
    return (left > right) - (left < right)


def _moved(one: Any, other: Any, sign: int) -> dict[str, str]:
    more = other * 1000 if isinstance(other, int) else quantity.milli(_amount(other))
    amount = quantity.from_milli(quantity.milli(_amount(one)) + sign * more, _text(one, "quantity"))
    return _opaque("quantity", str(amount))


def _is_integer(one: Any) -> bool:
    return quantity.milli(_amount(one)) % 1000 == 0


def _as_integer(one: Any) -> int:
    milli = quantity.milli(_amount(one))
    if milli % 1000:
        raise ValueError("cannot convert value to integer")
    return milli // 1000


def _slashed(text: str) -> str:
    if "/" not in text:
        raise ValueError(f"no CIDR: {text}")
    return text


def _network(value: Any) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    return ipaddress.ip_network(_slashed(_text(value, "cidr")), strict=False)


def _contains_ip(one: Any, other: Any) -> bool:
    return ipaddress.ip_address(_text(other, "ip")) in _network(one)


def _contains_cidr(one: Any, other: Any) -> bool:
    outer, inner = _network(one), _network(other)
    return outer.version == inner.version and outer.prefixlen <= inner.prefixlen and inner.network_address in outer


def _absolute(text: str) -> str:
    if not (text.startswith("/") or (urlsplit(text).scheme and urlsplit(text).netloc)):
        raise ValueError(f"no absolute URL: {text}")
    return text


def _url(value: Any) -> SplitResult:
    return urlsplit(_text(value, "url"))
