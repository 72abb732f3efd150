"""Label selectors: text form, messages, and what they match."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cluster.api import labels
from cluster.api.errors import BadRequest
from cluster.api.meta import LabelSelector, LabelSelectorRequirement


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("", ""), ("a", "a"), ("!b", "!b"), ("c!=d", "c!=d"), ("f=g", "f=g"), ("h==i", "h==i"), ("a=", "a="),
        ("e notin (z,y, z)", "e notin (y,z)"), ("a in (x,y),!b,c!=d", "a in (x,y),!b,c!=d"), ("z=1,a=2", "a=2,z=1"),
        ("x>1,y<2", "x>1,y<2"), ("a in ()", "a in ()"), ("a in (,b)", "a in (,b)"), ("in in (in,notin)", "in in (in,notin)"),
        (" app.kubernetes.io/name = web ", "app.kubernetes.io/name=web"), ("a=in", "a=in"),
    ],
)  # fmt: skip
def test_text_form(text: str, canonical: str) -> None:
    """The text that kubectl takes is read, and written in one canonical way."""
    assert str(labels.parse(text)) == canonical
    assert labels.parse(canonical) == labels.parse(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a=(", "unable to parse requirement: found '(', expected: identifier"),
        ("a b", "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"),
        ("a in b", "unable to parse requirement: found 'b' expected: '('"),
        ("a in (b c)", "unable to parse requirement: found 'c', expected: ',' or ')'"),
        ("a in (b", "unable to parse requirement: found '', expected: ',' or ')'"),
        ("a in ((", "unable to parse requirement: found '(', expected: ',', ')' or identifier"),
        ("a,", "found '', expected: identifier after ','"),
        ("a=b c", "found 'c', expected: ',' or 'end of string'"),
        ("=", "found '=', expected: !, identifier, or 'end of string'"),
        ("!=", "found '!=', expected: !, identifier, or 'end of string'"),
        ("!", "unable to parse requirement: found '', expected: identifier"),
        ("x>y", "unable to parse requirement: values[0]: Invalid value: \"y\": for 'Gt', 'Lt' operators, the value must be an integer"),
    ],
)  # fmt: skip
def test_messages(text: str, message: str) -> None:
    """What is no selector is refused in the words of Kubernetes."""
    with pytest.raises(BadRequest) as caught:
        labels.parse(text)
    assert caught.value.message == message


def test_invalid_key_and_value() -> None:
    """Keys and values must be valid labels, and the message says which is not."""
    with pytest.raises(BadRequest, match=r'^unable to parse requirement: <nil>: Invalid value: "-a": name part must'):
        labels.parse("-a=b")
    with pytest.raises(
        BadRequest, match=r'^unable to parse requirement: values\[0\]\[a\]: Invalid value: "b\*": a valid'
    ):
        labels.parse("a=b*")


@pytest.mark.parametrize(
    ("text", "matches"),
    [
        ("app=web", True), ("app==web", True), ("app!=web", False), ("other!=web", True), ("app in (api,web)", True),
        ("app notin (api)", True), ("other notin (x)", True), ("other in (x)", False), ("app", True), ("other", False),
        ("!other", True), ("!app", False), ("n>4", True), ("n<5", False), ("app>1", False), ("other>1", False),
        ("app=web,n=5", True), ("app=web,n=6", False), ("", True), ("empty=", True), ("other=", False),
    ],
)  # fmt: skip
def test_matching(text: str, matches: bool) -> None:  # noqa: FBT001  - the expected answer
    """Each operator means what it means in Kubernetes; an absent key fulfils `!=` and `notin`."""
    assert labels.parse(text).matches({"app": "web", "n": "5", "empty": ""}) is matches


def test_label_selector() -> None:
    """The API's selector: none selects nothing, an empty one everything, and all parts have to hold."""
    assert labels.from_label_selector(None) is labels.NOTHING
    assert not labels.NOTHING.matches({})
    assert labels.from_label_selector(LabelSelector()) is labels.EVERYTHING
    assert labels.EVERYTHING.empty
    assert not labels.NOTHING.empty
    selector = labels.from_label_selector(
        LabelSelector(
            matchLabels={"app": "web"},
            matchExpressions=(
                LabelSelectorRequirement(key="tier", operator="NotIn", values=("db",)),
                LabelSelectorRequirement(key="canary", operator="DoesNotExist"),
            ),
        )
    )
    assert str(selector) == "app=web,!canary,tier notin (db)"
    assert selector.matches({"app": "web"})
    assert not selector.matches({"app": "web", "tier": "db"})


def test_label_selector_operator() -> None:
    """An operator that the API does not have is refused."""
    bad = LabelSelector(matchExpressions=(LabelSelectorRequirement(key="a", operator="Near"),))
    with pytest.raises(BadRequest, match=r'^"Near" is not a valid label selector operator$'):
        labels.from_label_selector(bad)


_WORDS = st.sampled_from(["a", "b", "c1", "x.y", "in"])


@given(st.dictionaries(_WORDS, _WORDS), st.dictionaries(_WORDS, _WORDS))
def test_a_map_selects_its_supersets(wanted: dict[str, str], found: dict[str, str]) -> None:
    """A selector made of a map matches exactly the labels that contain the map, also after a round trip as text."""
    selector = labels.from_map(wanted)
    assert selector.matches(found) is (wanted.items() <= found.items())
    assert labels.parse(str(selector)) == selector


def test_a_selector_as_go_prints_it() -> None:
    """Labels in order, every part with its type, and nil for none."""
    empty = "&LabelSelector{MatchLabels:map[string]string{},MatchExpressions:[]LabelSelectorRequirement{},}"
    terms = (LabelSelectorRequirement(key="tier", operator="In", values=("a", "b")),)
    full = LabelSelector(matchLabels={"b": "2", "a": "1"}, matchExpressions=terms)
    assert (labels.go_text(None), labels.go_text(LabelSelector())) == ("nil", empty)
    assert labels.go_text(full) == (
        "&LabelSelector{MatchLabels:map[string]string{a: 1,b: 2,},"
        "MatchExpressions:[]LabelSelectorRequirement{LabelSelectorRequirement{Key:tier,Operator:In,Values:[a b],},},}"
    )
