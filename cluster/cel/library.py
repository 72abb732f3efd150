"""The functions that Kubernetes adds to CEL: lists, sets, patterns, quantities, addresses, URLs, the authorizer.

Loaded with the library itself. Mirrors k8s.io/apiserver/pkg/cel/library. Invariant: a function given what it
cannot take fails the expression; it never raises past it.
"""

import ipaddress
import re
from collections.abc import Callable, Mapping
from functools import cache, partial
from itertools import pairwise
from typing import Any
from urllib.parse import SplitResult, parse_qs, urlsplit

from cel_expr_python import cel
from cel_expr_python.ext import ext_bindings, ext_encoders, ext_math, ext_optional, ext_strings

from cluster.api import quantity
from cluster.cel import semver
from cluster.cel.authorizer import TAG, asking, check, of_account

T = cel.Type
_LIST, _MAP = T.List(T.DYN), T.Map(T.STRING, T.DYN)
_Row = tuple[str, Any, list[Any], Callable[..., Any]]
Q, IP, CIDR, URL, SEMVER = "kubernetes.Quantity", "net.IP", "net.CIDR", "kubernetes.URL", "kubernetes.Semver"
AUTHORIZER, PATH, GROUP, RESOURCE, DECISION = (
    f"kubernetes.authorization.{name}"
    for name in ("Authorizer", "PathCheck", "GroupCheck", "ResourceCheck", "Decision")
)
"""The opaque types, by their names: maps when an expression is evaluated."""


def _extensions() -> list[Any]:
    return [
        ext_strings.ExtStrings(), ext_math.ExtMath(), ext_optional.ExtOptional(), ext_bindings.ExtBindings(),
        ext_encoders.ExtEncoders(),
    ]  # fmt: skip


@cache
def environment(names: tuple[str, ...]) -> Any:
    """What an expression over variables of these names, whose types are not known, may use."""
    return cel.NewEnv(variables=dict.fromkeys(names, T.DYN), extensions=_extensions(), functions=_functions(_as_map))


def checking(variables: Mapping[str, Any], pool: Any) -> Any:
    """The same for variables of known types, whose messages are in a pool: to compile with, not to evaluate."""
    return cel.NewEnv(
        descriptor_pool=pool, variables=dict(variables), extensions=_extensions(), functions=_functions(_as_itself)
    )


def _as_map(_: str) -> Any:
    return _MAP


def _as_itself(name: str) -> Any:
    return T.AbstractType(name)


def opaque(name: str) -> Any:
    """An opaque type, for variables of `checking`."""
    return _as_itself(name)


def _functions(resolve: Callable[[str], Any]) -> list[Any]:
    """Every function, with opaque types as they are resolved; rows of one name are its overloads."""
    found: dict[str, dict[str, Any]] = {}
    for member, rows in ((True, _methods()), (False, _free())):
        for name, result, parameters, act in rows:
            types = [resolve(part) if isinstance(part, str) else part for part in (result, *parameters)]
            key = f"kubernetes_{name}_{'_'.join(part.name() for part in types[1:])}_{member}"
            found.setdefault(name, {}).setdefault(key, cel.Overload(key, types[0], types[1:], member, act))
    return [cel.FunctionDecl(name, list(overloads.values())) for name, overloads in found.items()]


def _methods() -> list[_Row]:
    listed: list[Any] = [_LIST]
    return [
        ("isSorted", T.BOOL, listed, _is_sorted), ("sum", T.DYN, listed, sum), ("min", T.DYN, listed, min),
        ("max", T.DYN, listed, max), ("find", T.STRING, [T.STRING, T.STRING], _find),
        ("findAll", _LIST, [T.STRING, T.STRING], _find_all),
        ("findAll", _LIST, [T.STRING, T.STRING, T.INT], lambda text, pattern, most: _find_all(text, pattern)[: most if most >= 0 else None]),
        *(("isGreaterThan", T.BOOL, [kind, kind], lambda one, other: _compare(one, other) > 0) for kind in (Q, SEMVER)),
        *(("isLessThan", T.BOOL, [kind, kind], lambda one, other: _compare(one, other) < 0) for kind in (Q, SEMVER)),
        *(("compareTo", T.INT, [kind, kind], _compare) for kind in (Q, SEMVER)),
        *((name, T.INT, [SEMVER], partial(_number, index)) for index, name in enumerate(("major", "minor", "patch"))),
        ("sign", T.INT, [Q], lambda one: _compare(one, _zero())),
        ("isInteger", T.BOOL, [Q], _is_integer), ("asInteger", T.INT, [Q], _as_integer),
        ("asApproximateFloat", T.DOUBLE, [Q], lambda one: quantity.milli(_amount(one)) / 1000),
        *((name, Q, [Q, other], partial(_moved, sign)) for name, sign in (("add", 1), ("sub", -1)) for other in (Q, T.INT)),
        ("family", T.INT, [IP], lambda one: _address(one).version), ("isLoopback", T.BOOL, [IP], lambda one: _address(one).is_loopback),
        ("isUnspecified", T.BOOL, [IP], lambda one: _address(one).is_unspecified),
        ("isLinkLocalUnicast", T.BOOL, [IP], lambda one: _address(one).is_link_local),
        ("isLinkLocalMulticast", T.BOOL, [IP], lambda one: str(_address(one)).startswith(("224.0.0.", "ff02:"))),
        ("isGlobalUnicast", T.BOOL, [IP], lambda one: _is_global_unicast(_address(one))),
        ("ip", IP, [CIDR], lambda one: _opaque("ip", str(ipaddress.ip_interface(_text(one, "cidr")).ip))),
        ("masked", CIDR, [CIDR], lambda one: _opaque("cidr", str(_network(one)))),
        *(("containsIP", T.BOOL, [CIDR, other], _contains_ip) for other in (IP, T.STRING)),
        *(("containsCIDR", T.BOOL, [CIDR, other], _contains_cidr) for other in (CIDR, T.STRING)),
        ("prefixLength", T.INT, [CIDR], lambda one: _network(one).prefixlen),
        ("getScheme", T.STRING, [URL], lambda one: _url(one).scheme),
        ("getHost", T.STRING, [URL], lambda one: _url(one).netloc.rpartition("@")[2]),
        ("getHostname", T.STRING, [URL], lambda one: _url(one).hostname or ""),
        ("getPort", T.STRING, [URL], lambda one: str(_url(one).port or "")),
        ("getEscapedPath", T.STRING, [URL], lambda one: _url(one).path),
        ("getQuery", T.Map(T.STRING, _LIST), [URL], lambda one: parse_qs(_url(one).query, keep_blank_values=True)),
        ("path", PATH, [AUTHORIZER, T.STRING], asking("path")), ("group", GROUP, [AUTHORIZER, T.STRING], asking("group")),
        ("serviceAccount", AUTHORIZER, [AUTHORIZER, T.STRING, T.STRING], of_account),
        ("resource", RESOURCE, [GROUP, T.STRING], asking("resource")),
        *((name, RESOURCE, [RESOURCE, T.STRING], asking(name)) for name in ("subresource", "namespace", "name")),
        *(("check", DECISION, [about, T.STRING], check) for about in (PATH, RESOURCE)),
        ("allowed", T.BOOL, [DECISION], lambda one: one["allowed"]),
        ("reason", T.STRING, [DECISION], lambda one: one["reason"]),
        ("errored", T.BOOL, [DECISION], lambda _: False), ("error", T.STRING, [DECISION], lambda _: ""),
    ]  # fmt: skip


def _free() -> list[_Row]:
    lists: list[Any] = [_LIST, _LIST]
    return [
        ("quantity", Q, [T.STRING], lambda text: _opaque("quantity", str(quantity.parse(text)))),
        ("isQuantity", T.BOOL, [T.STRING], lambda text: _works(quantity.parse, text)),
        ("ip", IP, [T.STRING], lambda text: _opaque("ip", str(ipaddress.ip_address(text)))),
        ("ip.isCanonical", T.BOOL, [T.STRING], lambda text: str(ipaddress.ip_address(text)) == text),
        ("semver", SEMVER, [T.STRING], lambda text: _opaque("semver", semver.parsed(text))),
        ("semver", SEMVER, [T.STRING, T.BOOL], lambda text, loose: _opaque("semver", semver.parsed(text, normalize=loose))),
        ("isSemver", T.BOOL, [T.STRING], lambda text: _works(semver.parsed, text)),
        ("isSemver", T.BOOL, [T.STRING, T.BOOL], lambda text, loose: _works(partial(semver.parsed, normalize=loose), text)),
        ("isIP", T.BOOL, [T.STRING], lambda text: _works(ipaddress.ip_address, text)),
        ("cidr", CIDR, [T.STRING], lambda text: _opaque("cidr", str(ipaddress.ip_interface(_slashed(text))))),
        ("isCIDR", T.BOOL, [T.STRING], lambda text: _works(lambda one: ipaddress.ip_interface(_slashed(one)), text)),
        ("url", URL, [T.STRING], lambda text: _opaque("url", _absolute(text))),
        ("isURL", T.BOOL, [T.STRING], lambda text: _works(_absolute, text)),
        ("sets.contains", T.BOOL, lists, lambda one, other: all(each in one for each in other)),
        ("sets.intersects", T.BOOL, lists, lambda one, other: any(each in one for each in other)),
        ("sets.equivalent", T.BOOL, lists,
         lambda one, other: all(each in one for each in other) and all(each in other for each in one)),
    ]  # fmt: skip


def _opaque(sort: str, text: str) -> dict[str, str]:
    return {TAG: sort, "value": text}


def _text(value: Any, sort: str) -> str:
    """The text of an opaque value, or of a string that stands for one. ValueError if it is of another sort."""
    if isinstance(value, str):
        return value
    if value.get(TAG) != sort:
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
    """Compare two quantities, or two versions."""
    left, right = (
        semver.order(_text(each, "semver")) if each[TAG] == "semver" else quantity.milli(_amount(each))
        for each in (one, other)
    )
    return (left > right) - (left < right)


def _moved(sign: int, one: Any, other: Any) -> dict[str, str]:
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


def _number(index: int, one: Any) -> int:
    return semver.number(_text(one, "semver"), index)


def _address(one: Any) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    return ipaddress.ip_address(_text(one, "ip"))


def _is_global_unicast(one: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    broadcast = str(one) == "255.255.255.255"
    return not (broadcast or one.is_unspecified or one.is_loopback or one.is_multicast or one.is_link_local)


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
