"""Plain data to YAML, as kubectl prints it."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from cluster.manifests import write, write_all
from cluster.manifests.parse import parse
from tests.cluster.manifests import kubectl
from tests.cluster.manifests.test_scalars import SCALARS

ODD: list[Any] = [
    *SCALARS, " lead", "trail ", "- a", "a: b", "a #b", "#c", "*x", "&x", "!x", "%x", "@x", "`x", "{x", "[x", ">x", "|x", "it's",
    '"q"', "tab\there", "line1\nline2", "line1\nline2\n", "\n", "x" * 200, "word " * 40, "\u2603", "?", ":", "a:b", "a\\b",
    "\u0007", "end:", "-x", "--x", True, None, 1, 1.5, {}, [], {"a": {}}, [[1, 2], [3]], [{"b": 1, "a": [1]}],
]  # fmt: skip


def test_the_order_and_the_indentation() -> None:
    """Keys are in alphabetical order, lists are not indented, empty maps and lists are in braces."""
    assert write({"b": [{"d": 1, "c": "x"}], "a": {}, "e": []}) == "a: {}\nb:\n- c: x\n  d: 1\ne: []\n"
    assert write_all([{"a": 1}, {"b": "2"}]) == 'a: 1\n---\nb: "2"\n'
    assert write("x") == "x\n"


def test_kubectl_prints_the_same() -> None:
    """Every odd text is quoted, folded and escaped exactly as kubectl does."""
    document = {
        "apiVersion": "example.com/v1",
        "kind": "Foo",
        "metadata": {"labels": {"x": "y"}, "name": "a"},
        "v": ODD,
    }
    assert write(document) == kubectl.run(json.dumps(document), "yaml")


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.text(st.characters(codec="utf-8", exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abyn01~.:- #", max_size=4), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(_JSON)
def test_what_is_written_reads_back(value: Any) -> None:
    """Reading gives back what was written, whatever text is in it."""
    [document] = parse(write({"v": value}))
    assert document.value == {"v": value}
