"""Expressions checked against what they speak of: types from schemas, and faults in cel-go's words."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cluster import cel
from cluster.cel.scope import Scope, shown
from cluster.cel.values import escaped

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "a": {"type": "integer"}, "n": {"type": "number"}, "s": {"type": "string"}, "b": {"type": "boolean"},
        "at": {"type": "string", "format": "date-time"}, "for": {"type": "string", "format": "duration"},
        "port": {"x-kubernetes-int-or-string": True},
        "l": {"type": "array", "items": {"type": "object", "properties": {"n": {"type": "string"}}}},
        "ll": {"type": "array", "items": {"type": "array", "items": {"type": "integer"}}},
        "m": {"type": "object", "additionalProperties": {"type": "object", "properties": {"v": {"type": "integer"}}}},
        "ml": {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}},
        "raw": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
        "whole": {"type": "object", "x-kubernetes-embedded-resource": True},
        "dash-ed": {"type": "string"}, "foo_bar": {"type": "string"}, "fooBar": {"type": "integer"},
    },
}  # fmt: skip


@pytest.mark.parametrize(
    ("source", "type_"),
    [
        ("self.a", "int"), ("self.n", "double"), ("self.s", "string"), ("self.b", "bool"), ("self.port", "dyn"),
        ("self.at", "google.protobuf.Timestamp"), ("self.__for__", "google.protobuf.Duration"),
        ("self.l.map(x, x.n)", "list(string)"), ("self.ll[0]", "list(dyn)"), ("self.m['k'].v", "int"),
        ("self.ml['k']", "list(dyn)"), ("self.whole.metadata.name", "string"), ("self.dash__dash__ed", "string"),
        ("self.fooBar == 1 && self.foo_bar == ''", "bool"), ("null", "null_type"), ("{'a': 1}", "map(string, int)"),
        ("quantity('1')", "kubernetes.Quantity"), ("ip('::1').family() == 6", "bool"), ("self.a in [1]", "bool"),
        ("sets.contains([1, 2], [1]) && !sets.intersects(['a'], []) && sets.equivalent([1], [1, 1])", "bool"),
    ],
)  # fmt: skip
def test_an_expression_has_a_type(source: str, type_: str) -> None:
    """Scalars with their formats, lists, maps and objects; what may be two things is dyn."""
    assert shown(Scope({"self": SCHEMA}).result(source)) == type_


@pytest.mark.parametrize(
    ("source", "column", "words"),
    [
        ("self.a == 'x'", 8, "found no matching overload for '_==_' applied to '(int, string)'"),
        ("self.none > 1", 5, "undefined field 'none'"),
        ("has(self.none)", 4, "undefined field 'none'"),
        ("self.l.all(x, x.n == x.m)", 23, "undefined field 'm'"),
        ("self.l[0].m == ''", 10, "undefined field 'm'"),
        ("self.m.k.w == 1", 9, "undefined field 'w'"),
        ("self.raw.x == 1", 9, "undefined field 'x'"),
        ("self.whole.spec == 1", 11, "undefined field 'spec'"),
        ("self.whole.metadata.labels == 1", 20, "undefined field 'labels'"),
        ("self.s.startsWith(1)", 18, "found no matching overload for 'startsWith' applied to 'string.(int)'"),
        ("self.l.map(x, x.n).join(1)", 24, "found no matching overload for 'join' applied to 'list(string).(int)'"),
        ("size(self.a)", 5, "found no matching overload for 'size' applied to '(int)'"),
        ("self.at > self.__for__", 9, "found no matching overload for '_>_' applied to '(timestamp, duration)'"),
        ("self.a == null", 8, "found no matching overload for '_==_' applied to '(int, null)'"),
        ("quantity('1') == 1", 15, "found no matching overload for '_==_' applied to '(kubernetes.Quantity, int)'"),
        ("other.all(i, i)", 1, "undeclared reference to 'other' (in container '')"),
    ],
)
def test_a_fault_is_told_in_the_words_of_cel_go(source: str, column: int, words: str) -> None:
    """With its place, the line, and a mark; what follows from a fault is not told."""
    with pytest.raises(cel.CelError) as raised:
        Scope({"self": SCHEMA}).result(source)
    assert str(raised.value) == f"ERROR: <input>:1:{column}: {words}\n | {source}\n | {'.' * (column - 1)}^"


@pytest.mark.parametrize("source", ["self.n > 1 && self.n <= 10", "self.a < 1.5", "self.l.all(x, self.n >= self.a)"])
def test_numbers_of_both_types_are_compared(source: str) -> None:
    """In order, not for being equal; with that, the rest of the expression is checked as ever."""
    scope = Scope({"self": SCHEMA})
    assert shown(scope.result(source)) == "bool"
    assert cel.compiled(source, ("self",)).evaluate({"self": {"n": 5.5, "a": 1, "l": [{}]}}) is True
    with pytest.raises(cel.CelError, match="undefined field 'none'"):
        scope.result(f"{source} && self.none")
    with pytest.raises(cel.CelError, match=r"'_==_' applied to '\(double, int\)'"):
        scope.result("self.n == 1")


def test_the_place_may_be_in_a_later_line() -> None:
    """In the very form of cel-go."""
    with pytest.raises(cel.CelError) as raised:
        Scope({"self": SCHEMA}).result("self.a > 1 &&\n  self.c > 1")
    assert str(raised.value) == "ERROR: <input>:2:7: undefined field 'c'\n |   self.c > 1\n | ......^"


def test_a_variable_has_its_expressions_type() -> None:
    """A composed field is of the type that was found, of any if none was, and another does not exist."""
    scope = Scope.of_request(SCHEMA)
    scope.compose({"n": scope.result("object.a"), "l": scope.result("object.l.map(x, x.n)"), "x": None,
                   "o": scope.result("object"), "m": scope.result("{'a': 1}")})  # fmt: skip
    assert shown(scope.result("variables.n")) == "int"
    assert shown(scope.result("variables.l")) == "list(string)"
    assert shown(scope.result("variables.x.y")) == "dyn"
    assert shown(scope.result("variables.o.l[0].n")) == "string"
    assert shown(scope.result("variables.m.a == 1")) == "bool"
    with pytest.raises(cel.CelError, match="undefined field 'none'"):
        scope.result("variables.none")


@pytest.mark.parametrize(
    ("source", "type_"),
    [
        ("object.anything", "dyn"), ("request.userInfo.extra['a'][0]", "dyn"), ("request.operation", "string"),
        ("namespaceObject.metadata.labels", "map(string, string)"), ("request.options.dryRun", "dyn"),
        ("authorizer.group('').resource('pods').namespace('a').name('b').check('get').allowed()", "bool"),
        ("authorizer.serviceAccount('a', 'b').path('/x').check('get').reason()", "string"),
        ("authorizer.requestResource.check('x')", "kubernetes.authorization.Decision"),
    ],
)  # fmt: skip
def test_what_admission_speaks_of(source: str, type_: str) -> None:
    """The request and its namespace have types of their own; objects do not, unless their kind is known."""
    assert shown(Scope.of_request().result(source)) == type_


@pytest.mark.parametrize(
    "source", ["request.user", "namespaceObject.metadata.ownerReferences", "params.a", "variables.a"]
)
def test_what_it_does_not_speak_of(source: str) -> None:
    """Other fields, and names that are only there for policies with parameters or variables."""
    with pytest.raises(cel.CelError, match=r"undefined field|undeclared reference"):
        Scope.of_request().result(source)


_NAMES = st.one_of(
    st.sampled_from(["a", "b", "a_b", "aB", "a-b", "a__dash__b", "AEntry", "aEntry", "ABEntry", "namespace", "if", "_", "__",
                     "type", "string", "size", "metadata", "kind", "google", "selfType0"]),
    st.text(max_size=4),
)  # fmt: skip
_LEAVES = st.one_of(
    st.builds(lambda kind, form: {"type": kind, "format": form}, st.sampled_from(["string", "integer", "number", "boolean"]),
              st.sampled_from(["", "date", "date-time", "byte", "duration", "int64", "other"])),
    st.sampled_from([{}, {"x-kubernetes-int-or-string": True}, {"type": "object"}, {"type": "array"},
                     {"x-kubernetes-preserve-unknown-fields": True},
                     {"type": "object", "x-kubernetes-embedded-resource": True}]),
)  # fmt: skip
_SCHEMAS: st.SearchStrategy[dict[str, Any]] = st.recursive(
    _LEAVES,
    lambda inner: st.one_of(
        st.builds(lambda items: {"type": "array", "items": items}, inner),
        st.builds(lambda value: {"type": "object", "additionalProperties": value}, inner),
        st.builds(lambda fields: {"type": "object", "properties": fields}, st.dictionaries(_NAMES, inner, max_size=5)),
    ),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(_SCHEMAS)
def test_any_schema_has_a_type(schema: dict[str, Any]) -> None:
    """Whatever its fields are called and hold; those that can be spelled are there, with the types they have alone."""
    scope = Scope({"self": schema, "other": schema})
    assert shown(scope.result("self == other")) == "bool"
    if schema.get("type") != "object" or "properties" not in schema:
        return
    for name, inner in schema["properties"].items():
        alone = Scope({"self": inner})
        wanted = shown(alone.result("self"))
        spelled = escaped(name)
        described = inner.get("type") or inner.get("x-kubernetes-int-or-string")
        if "Type" in wanted or wanted.count("(") > 1 or wanted == "dyn" or not spelled.isidentifier() or not described:
            continue
        if spelled.isascii():
            assert shown(scope.result(f"self.{spelled}")) == wanted
