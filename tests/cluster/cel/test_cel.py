"""Expressions: what they may use, what they evaluate to, and how their faults are told."""

from typing import Any

import pytest

from cluster import cel
from cluster.cel.program import OPTIONAL
from cluster.cel.scope import Scope, shown
from cluster.cel.values import escaped

SELF: dict[str, Any] = {
    "a": 1, "b": 2, "l": [1, 2, 3], "name": "web", "q": "1500m", "m": {"x": "y"}, "__namespace__": "shop",
    "items": [{"n": "a", "v": 1}, {"n": "b", "v": 2}],
}  # fmt: skip


@pytest.mark.parametrize(
    "source",
    [
        "self.a < self.b",
        "self.l.all(x, x > 0) && self.l.exists(x, x == 2) && size(self.l) == 3",
        "self.items.filter(i, i.v > 1).map(i, i.n) == ['b']",
        "!has(self.none) && self.?none.orValue(7) == 7",
        "'x' in self.m && self.m.all(k, self.m[k] == 'y')",
        "self.l.isSorted() && self.l.sum() == 6 && self.l.min() == 1 && self.l.max() == 3",
        "self.name.matches('^w') && self.name.find('e.') == 'eb' && 'a1b2'.findAll('[0-9]') == ['1', '2']",
        "quantity(self.q).isGreaterThan(quantity('1')) && quantity(self.q).add(quantity('500m')).asInteger() == 2",
        "isQuantity('1Gi') && !isQuantity('1x') && quantity('1Ki').compareTo(quantity('1024')) == 0",
        "cidr('10.0.0.0/8').containsIP('10.1.1.1') && ip('::1').family() == 6 && !isIP('1.2.3')",
        "url('https://a.example:80/x').getPort() == '80' && isURL('https://a') && !isURL('a')",
        "duration('90m') > duration('1h') && timestamp('2026-01-01T00:00:00Z').getFullYear() == 2026",
        "'%s has %d'.format([self.name, 3]) == 'web has 3' && self.name.upperAscii() == 'WEB'",
        "self.__namespace__ == 'shop'",
        "sets.contains([1, 2], [2]) && sets.intersects([1], [1, 3]) && sets.equivalent([1, 2], [2, 1, 1])",
        "!sets.contains([1], [2]) && !sets.intersects([1], [2]) && !sets.equivalent([1], [1, 2])",
        "semver('1.2.3').major() == 1 && semver('1.2.3').minor() == 2 && semver('1.2.3').patch() == 3",
        "semver('1.10.0').isGreaterThan(semver('1.9.9')) && semver('1.0.0-rc.2').isLessThan(semver('1.0.0-rc.10'))",
        "semver('1.0.0-rc.1').isLessThan(semver('1.0.0')) && semver('1.0.0-1').isLessThan(semver('1.0.0-a'))",
        "semver('1.0.0+a').compareTo(semver('1.0.0+b')) == 0 && semver('v1.02', true).compareTo(semver('1.2.0')) == 0",
        "isSemver('1.2.3-a.b+c') && !isSemver('1.2') && !isSemver('01.2.3') && isSemver('v1', true) && !isSemver('x', true)",
        "url('http://a/b?x=1&x=2&y').getQuery() == {'x': ['1', '2'], 'y': ['']}",
        "ip('169.254.1.1').isLinkLocalUnicast() && ip('8.8.8.8').isGlobalUnicast() && ip('ff02::1').isLinkLocalMulticast()",
        "!ip('127.0.0.1').isGlobalUnicast() && ip.isCanonical('::1') && !ip.isCanonical('::0001')",
        "cidr('10.1.2.3/8').ip() == ip('10.1.2.3') && cidr('10.1.2.3/8').masked() == cidr('10.0.0.0/8')",
        "'a1b2'.findAll('[0-9]', 1) == ['1'] && 'a1b2'.findAll('[0-9]', -1) == ['1', '2']",
    ],
)
def test_expressions_may_use_what_kubernetes_offers(source: str) -> None:
    """Macros, optionals, strings, and Kubernetes' own libraries."""
    assert cel.compiled(source, ("self",)).evaluate({"self": SELF}) is True


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("self.none == 1", "no such key: none"),
        ("self.l[7] == 1", "index out of bounds: 7"),
        ("self.a / 0 == 1", "division by zero"),
        ("self.a + 'x' == ''", "no such overload"),
    ],
)
def test_a_failure_is_told_as_cel_go_does(source: str, message: str) -> None:
    """What goes wrong while it is evaluated."""
    program = cel.compiled(source, ("self",))
    with pytest.raises(cel.CelError) as raised:
        program.evaluate({"self": SELF})
    assert str(raised.value) == message


def test_an_evaluation_ends_after_so_many_steps() -> None:
    """Loops in loops do not hold the cluster up."""
    program = cel.compiled("self.all(a, self.all(b, self.all(c, a + b + c >= 0)))", ("self",))
    with pytest.raises(cel.CelError, match=r"^operation cancelled: actual cost limit exceeded$"):
        program.evaluate({"self": list(range(1_000))})


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("self.a <", "ERROR: <input>:1:9: Syntax error: mismatched input '<EOF>' expecting"),
        ("other > 1", "ERROR: <input>:1:1: undeclared reference to 'other' (in container '')"),
        ("'a' + 1", "ERROR: <input>:1:5: found no matching overload for '_+_' applied to '(string, int)'"),
    ],
)
def test_what_is_no_expression_is_told_with_its_place(source: str, message: str) -> None:
    """Syntax, names and types are checked when it is compiled."""
    with pytest.raises(cel.CelError) as raised:
        cel.compiled(source, ("self",))
    assert str(raised.value).startswith(message)


def test_an_optional_variable_is_there_or_not() -> None:
    """Given as a list of one value or of none."""
    program = cel.compiled("oldSelf.hasValue() ? self >= oldSelf.value() : true", ("self", f"oldSelf{OPTIONAL}"))
    assert [program.evaluate({"self": 1, "oldSelf": old}) for old in ([], [1], [2])] == [True, True, False]


@pytest.mark.parametrize(
    ("name", "spelled"),
    [("dash-ed", "dash__dash__ed"), ("a.b/c", "a__dot__b__slash__c"), ("namespace", "__namespace__"), ("__x", "__underscores__x")],
)  # fmt: skip
def test_names_that_cel_cannot_spell_are_escaped(name: str, spelled: str) -> None:
    """Declared fields only: a map's keys are data."""
    assert escaped(name) == spelled
    assert cel.as_cel({name: 1}, {"properties": {name: {}}}) == {spelled: 1}
    assert cel.as_cel({name: 1}, {"additionalProperties": {}}) == {name: 1}


@pytest.mark.parametrize(
    ("text", "form", "source"),
    [
        ("2026-01-01T00:00:00Z", "date-time", "self.x > timestamp('2025-12-31T23:59:59.5Z')"),
        ("2026-01-01T01:00:00.123456789+01:00", "date-time", "self.x.getFullYear() == 2026"),
        ("2026-01-01", "date", "self.x == timestamp('2026-01-01T00:00:00Z')"),
        ("1h30m", "duration", "self.x == duration('90m')"),
        ("-1.5s", "duration", "self.x == duration('-1500ms')"),
        ("2d", "duration", "self.x > duration('47h')"),
        ("YQ==", "byte", "self.x == b'a'"),
        ("1h", "hostname", "self.x == '1h'"),
    ],
)
def test_texts_of_a_format_are_values_of_their_type(text: str, form: str, source: str) -> None:
    """As the type says that the expression was checked with."""
    schema = {"type": "object", "properties": {"x": {"type": "string", "format": form}}}
    assert shown(Scope({"self": schema}).result(source)) == "bool"
    assert cel.compiled(source, ("self",)).evaluate({"self": cel.as_cel({"x": text}, schema)}) is True
