"""JSON patch, by the examples of RFC 6902."""

from copy import deepcopy
from typing import Any

import pytest

from cluster.api.errors import BadRequest, Invalid
from cluster.patch import json_patch

_REFUSED = "the server rejected our request due to an error in our request"


@pytest.mark.parametrize(
    ("document", "operation", "result"),
    [
        ({"foo": "bar"}, {"op": "add", "path": "/baz", "value": "qux"}, {"foo": "bar", "baz": "qux"}),
        ({"foo": ["bar", "baz"]}, {"op": "add", "path": "/foo/1", "value": "qux"}, {"foo": ["bar", "qux", "baz"]}),
        ({"foo": ["bar"]}, {"op": "add", "path": "/foo/-", "value": ["abc"]}, {"foo": ["bar", ["abc"]]}),
        ({"foo": ["bar"]}, {"op": "add", "path": "/foo/1", "value": "end"}, {"foo": ["bar", "end"]}),
        ({"foo": 1}, {"op": "add", "path": "/foo", "value": 2}, {"foo": 2}),
        ({"foo": 1}, {"op": "add", "path": "", "value": {"bar": 2}}, {"bar": 2}),
        ({"baz": "qux", "foo": "bar"}, {"op": "remove", "path": "/baz"}, {"foo": "bar"}),
        ({"foo": ["bar", "qux", "baz"]}, {"op": "remove", "path": "/foo/1"}, {"foo": ["bar", "baz"]}),
        ({"baz": "qux"}, {"op": "replace", "path": "/baz", "value": "boo"}, {"baz": "boo"}),
        ({"foo": [1, 2]}, {"op": "replace", "path": "/foo/0", "value": 3}, {"foo": [3, 2]}),
        (
            {"foo": {"bar": "baz", "waldo": "fred"}, "qux": {"corge": "grault"}},
            {"op": "move", "from": "/foo/waldo", "path": "/qux/thud"},
            {"foo": {"bar": "baz"}, "qux": {"corge": "grault", "thud": "fred"}},
        ),
        ({"foo": ["all", "grass", "cows", "eat"]}, {"op": "move", "from": "/foo/1", "path": "/foo/3"}, {"foo": ["all", "cows", "eat", "grass"]}),
        ({"foo": {"a": 1}}, {"op": "copy", "from": "/foo", "path": "/bar"}, {"foo": {"a": 1}, "bar": {"a": 1}}),
        ({"baz": ["a", 2]}, {"op": "test", "path": "/baz/1", "value": 2}, {"baz": ["a", 2]}),
        ({"a/b": 1, "m~n": 2}, {"op": "remove", "path": "/a~1b"}, {"m~n": 2}),
        ({"a/b": 1, "m~n": 2}, {"op": "remove", "path": "/m~0n"}, {"a/b": 1}),
        ({"~1": 10}, {"op": "test", "path": "/~01", "value": 10}, {"~1": 10}),
    ],
)  # fmt: skip
def test_examples_of_the_standard(document: Any, operation: dict[str, Any], result: Any) -> None:
    """Each operation does what the standard shows, and leaves the document given as it was."""
    before = deepcopy(document)
    assert json_patch.apply(document, [operation]) == result
    assert document == before


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "add", "path": "/a/b/c", "value": 1},
        {"op": "add", "path": "/list/3", "value": 1},
        {"op": "add", "path": "/list/x", "value": 1},
        {"op": "add", "path": "/text/0", "value": 1},
        {"op": "remove", "path": "/gone"},
        {"op": "remove", "path": "/list/-"},
        {"op": "remove", "path": ""},
        {"op": "replace", "path": "/gone", "value": 1},
        {"op": "move", "from": "/gone", "path": "/here"},
        {"op": "copy", "from": "/gone", "path": "/here"},
        {"op": "test", "path": "/text", "value": "other"},
        {"op": "test", "path": "no-pointer", "value": 1},
        {"op": "turn", "path": "/text"},
        {"op": "add", "value": 1},
    ],
)
def test_what_cannot_be_done_refuses_the_patch(operation: dict[str, Any]) -> None:
    """One operation that fails fails the whole patch, with the API server's one answer to all such."""
    with pytest.raises(Invalid) as caught:
        json_patch.apply({"text": "t", "list": [1]}, [{"op": "add", "path": "/new", "value": 1}, operation])
    assert caught.value.message == _REFUSED


@pytest.mark.parametrize("operations", [{"op": "add"}, "add", [1]])
def test_what_is_no_list_of_operations_cannot_be_read(operations: Any) -> None:
    """A body of another form is a bad request."""
    with pytest.raises(BadRequest):
        json_patch.apply({}, operations)


def test_added_values_are_not_shared() -> None:
    """A value put in two places can change in one without the other."""
    value: dict[str, Any] = {"a": []}
    operations = [
        {"op": "add", "path": "/x", "value": value},
        {"op": "copy", "from": "/x", "path": "/y"},
        {"op": "add", "path": "/y/a/-", "value": 1},
    ]
    assert json_patch.apply({}, operations) == {"x": {"a": []}, "y": {"a": [1]}}
    assert value == {"a": []}
