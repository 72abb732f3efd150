"""What a schema takes away from data and fills into it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from cluster import schema

LIMITS = {"type": "object", "properties": {"cpu": {"type": "string", "default": "1"}}}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "spec": {
            "type": "object",
            "properties": {
                "size": {"type": "integer", "default": 3},
                "note": {"type": "string", "nullable": True, "default": "-"},
                "limits": {**LIMITS, "default": {}},
                "items": {"type": "array", "items": LIMITS},
                "labels": {"type": "object", "additionalProperties": {"type": "string"}},
                "raw": {
                    "type": "object",
                    "x-kubernetes-preserve-unknown-fields": True,
                    "properties": {"known": LIMITS},
                },
                "pod": {"type": "object", "x-kubernetes-embedded-resource": True, "properties": {"spec": LIMITS}},
            },
        }
    },
}


@pytest.mark.parametrize(
    ("spec", "unknown"),
    [
        ({"size": 1, "colour": "red"}, ("spec.colour",)),
        ({"items": [{"cpu": "2"}, {"gpu": "1"}]}, ("spec.items[1].gpu",)),
        ({"labels": {"any": "thing"}}, ()),
        ({"raw": {"what": {"ever": 1}, "known": {"cpu": "1", "gpu": 1}}}, ("spec.raw.known.gpu",)),
        ({"pod": {"apiVersion": "v1", "kind": "Pod", "metadata": {"x": 1}, "status": {}}}, ("spec.pod.status",)),
    ],
)
def test_what_no_schema_declares_is_taken_away_and_told(spec: dict[str, Any], unknown: tuple[str, ...]) -> None:
    """Unknown fields go, wherever they are, but not from maps of any key nor where they are to be preserved."""
    found = schema.prune({"apiVersion": "a/v1", "kind": "X", "metadata": {"name": "x"}, "spec": spec}, SCHEMA)
    assert found.unknown == unknown
    assert found.data["metadata"] == {"name": "x"}


def test_defaults_fill_what_is_absent_at_every_level() -> None:
    """A default of an object is filled in itself; items of lists get the defaults of their fields."""
    filled = schema.defaulted({"spec": {"items": [{}, {"cpu": "4"}]}}, SCHEMA)
    assert filled == {"spec": {"size": 3, "note": "-", "limits": {"cpu": "1"}, "items": [{"cpu": "1"}, {"cpu": "4"}]}}


def test_a_null_is_a_value_only_where_the_schema_allows_it() -> None:
    """Elsewhere it gives way to the default, or goes."""
    given_nulls: dict[str, Any] = {"spec": {"size": None, "note": None, "limits": {}, "labels": None}}
    bare = schema.without_nulls(given_nulls, SCHEMA)
    assert schema.defaulted(bare, SCHEMA) == {"spec": {"size": 3, "note": None, "limits": {"cpu": "1"}}}


VALUES = some.recursive(
    some.none() | some.booleans() | some.integers() | some.text(max_size=3),
    lambda inner: (
        some.lists(inner, max_size=3)
        | some.dictionaries(some.sampled_from(["spec", "size", "items", "cpu", "raw", "other"]), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(some.dictionaries(some.sampled_from(["spec", "status", "kind"]), VALUES))
def test_pruning_and_defaulting_are_done_once(data: dict[str, Any]) -> None:
    """Whatever the data, doing either twice is doing it once, and nothing unknown is left."""
    pruned = schema.prune(data, SCHEMA).data
    assert schema.prune(pruned, SCHEMA) == (pruned, ())
    filled = schema.defaulted(pruned, SCHEMA)
    assert schema.defaulted(filled, SCHEMA) is filled
