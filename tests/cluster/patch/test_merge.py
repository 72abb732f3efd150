"""JSON merge patch, by the examples of RFC 7386."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cluster.patch import merge


@pytest.mark.parametrize(
    ("document", "patch", "result"),
    [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        (["a", "b"], ["c", "d"], ["c", "d"]),
        ({"a": "b"}, ["c"], ["c"]),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_examples_of_the_standard(document: Any, patch: Any, result: Any) -> None:
    """Maps merge, null removes, and anything else replaces."""
    assert merge.apply(document, patch) == result


_JSON = st.recursive(
    st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=12,
)


@given(_JSON, _JSON)
def test_applying_twice_changes_nothing_more(document: Any, patch: Any) -> None:
    """A merge patch is idempotent."""
    once = merge.apply(document, patch)
    assert merge.apply(once, patch) == once


@given(_JSON)
def test_a_document_is_a_patch_from_nothing(document: Any) -> None:
    """A document without nulls, applied to nothing, is itself."""
    assert merge.apply({}, document) == document
