"""What a schema has against data, in kube-openapi's words."""

from typing import Any

import pytest

from cluster.admission.validation.custom import formats, schema_faults, structure_faults

SPEC = "spec"
ANY_OF = {"anyOf": [{"required": ["a"]}, {"required": ["b"]}]}


def told(rules: dict[str, Any], value: Any) -> list[str]:
    """Field and message of every fault of a value at `spec`."""
    found = schema_faults.check(rules, value, SPEC)
    return [f"{cause.field}: {cause.message}" for cause in found]


@pytest.mark.parametrize(
    ("rules", "value", "message"),
    [
        ({"type": "integer"}, "3", 'spec: Invalid value: "string": spec in body must be of type integer: "string"'),
        ({"type": "integer"}, 3.5, 'spec: Invalid value: "number": spec in body must be of type integer: "number"'),
        ({"type": "string"}, None, 'spec: Invalid value: "null": spec in body must be of type string: "null"'),
        ({"type": "object"}, [], 'spec: Invalid value: "array": spec in body must be of type object: "array"'),
        (
            {"x-kubernetes-int-or-string": True}, True,
            'spec: Invalid value: "boolean": spec in body must be of type integer,string: "boolean"',
        ),
        ({"type": "integer", "maximum": 10}, 11, "spec: Invalid value: 11: spec in body should be less than or equal to 10"),
        ({"type": "integer", "minimum": 1}, 0, "spec: Invalid value: 0: spec in body should be greater than or equal to 1"),
        (
            {"type": "integer", "minimum": 1, "exclusiveMinimum": True}, 1,
            "spec: Invalid value: 1: spec in body should be greater than 1",
        ),
        ({"type": "number", "maximum": 0.5}, 0.75, "spec: Invalid value: 0.75: spec in body should be less than or equal to 0.5"),
        ({"type": "integer", "multipleOf": 5}, 7, "spec: Invalid value: 7: spec in body should be a multiple of 5"),
        ({"type": "string", "minLength": 3}, "ab", 'spec: Invalid value: "ab": spec in body should be at least 3 chars long'),
        ({"type": "string", "maxLength": 3}, "abcd", "spec: Too long: may not be more than 3 bytes"),
        ({"type": "string", "pattern": "^a+$"}, "b", "spec: Invalid value: \"b\": spec in body should match '^a+$'"),
        ({"type": "string", "enum": ["a", "b"]}, "c", 'spec: Unsupported value: "c": supported values: "a", "b"'),
        ({"type": "array", "minItems": 1}, [], "spec: Invalid value: 0: spec in body should have at least 1 items"),
        ({"type": "array", "maxItems": 1}, [1, 2], "spec: Too many: 2: must have at most 1 item"),
        ({"type": "object", "maxProperties": 0}, {"a": 1}, "spec: Too many: 1: must have at most 0 items"),
        ({"type": "object", "required": ["a"]}, {}, "spec.a: Required value"),
        ({"type": "string", "format": "date"}, "today", 'spec: Invalid value: "today": spec in body must be of type date: "today"'),
        ({"not": {"type": "string"}}, "a", '<nil>: Invalid value: "": "spec" must not validate the schema (not)'),
        (
            {"oneOf": [{"type": "string"}, {"minLength": 1}]}, "a",
            '<nil>: Invalid value: "": "spec" must validate one and only one schema (oneOf). Found 2 valid alternatives',
        ),
    ],
)  # fmt: skip
def test_each_rule_has_its_words(rules: dict[str, Any], value: Any, message: str) -> None:
    """One rule broken is one fault, told as a real API server tells it."""
    assert told(rules, value) == [message]


@pytest.mark.parametrize(
    ("rules", "value"),
    [
        ({"type": "integer"}, 3.0),
        ({"type": "number"}, 3),
        ({"type": "string", "nullable": True}, None),
        ({"x-kubernetes-int-or-string": True}, "80%"),
        ({"x-kubernetes-int-or-string": True}, 80),
        ({"type": "string", "format": "no-such-format"}, "x"),
        ({"type": "object", "additionalProperties": {"type": "string"}}, {"a": "b"}),
        ({"type": "string", "pattern": r"\d"}, "a1b"),
        (ANY_OF, {"a": 1}),
        ({"enum": [1, "1"]}, 1),
    ],
)
def test_what_is_allowed_has_no_faults(rules: dict[str, Any], value: Any) -> None:
    """Whole numbers are integers however they are written, and unknown formats ask for nothing."""
    assert told(rules, value) == []


def test_alternatives_tell_the_whole_and_the_nearest() -> None:
    """Where no alternative fits, the error about the whole stands beside those of the one that fits best."""
    assert told(ANY_OF, {}) == [
        '<nil>: Invalid value: "": "spec" must validate at least one schema (anyOf)',
        "spec.a: Required value",
    ]


def test_paths_lead_through_fields_and_items() -> None:
    """A fault names the very item it is in."""
    rules = {"properties": {"list": {"items": {"properties": {"n": {"type": "integer"}}}}}}
    assert [cause.field for cause in schema_faults.check(rules, {"list": [{"n": 1}, {"n": "x"}]})] == ["list[1].n"]


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("date-time", "2026-01-02T03:04:05Z", "2026-01-02"),
        ("date", "2026-02-28", "2026-02-30"),
        ("ipv4", "10.0.0.1", "10.0.0.256"),
        ("ipv6", "fe80::1", "10.0.0.1"),
        ("cidr", "10.0.0.0/8", "10.0.0.0"),
        ("uuid", "123e4567-e89b-12d3-a456-426614174000", "123e4567"),
        ("duration", "1h30m", "soon"),
        ("byte", "aGk=", "a?"),
        ("hostname", "a.example.com", "-a-"),
        ("email", "a@example.com", "a"),
        ("uri", "https://example.com/x", "example.com"),
        ("mac", "01:23:45:67:89:ab", "01:23"),
        ("hexcolor", "#ffcc00", "#xyz"),
        ("isbn10", "0321751043", "0321751044"),
        ("k8s-short-name", "web-1", "Web"),
    ],
)
def test_formats_tell_good_from_bad(name: str, good: str, bad: str) -> None:
    """Every format that Kubernetes checks is checked here."""
    assert formats.fits(name, good)
    assert not formats.fits(name, bad)


def test_lists_that_are_sets_or_maps_hold_nothing_twice() -> None:
    """A repetition is told at its second place, with the value or the keys."""
    items = {"properties": {"name": {"type": "string"}}}
    rules = {
        "properties": {
            "set": {"items": {}, "x-kubernetes-list-type": "set"},
            "map": {"items": items, "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"]},
        }
    }
    data = {"set": ["a", "b", "a", "a"], "map": [{"name": "x", "n": 1}, {"name": "x", "n": 2}]}
    assert [f"{cause.field}: {cause.message}" for cause in structure_faults.check(rules, data)] == [
        'map[1]: Duplicate value: {"name":"x"}', 'set[2]: Duplicate value: "a"',
    ]  # fmt: skip


def test_an_embedded_resource_says_what_it_is() -> None:
    """Its apiVersion and kind are required, and its metadata is as that of any object."""
    rules = {"properties": {"pod": {"x-kubernetes-embedded-resource": True}}}
    data = {"pod": {"kind": "", "metadata": {"name": "a/b"}}}
    assert [f"{cause.field}: {cause.message}" for cause in structure_faults.check(rules, data)] == [
        "pod.apiVersion: Required value",
        'pod.kind: Invalid value: "": must not be empty',
        "pod.metadata.name: Invalid value: \"a/b\": may not contain '/'",
    ]
