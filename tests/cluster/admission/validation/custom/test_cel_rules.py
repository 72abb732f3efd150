"""Rules in CEL: what they forbid, how they say it, and what is wrong with rules themselves."""

from typing import Any

import pytest

from cluster.admission.validation.custom import cel_rules, schema_rules
from cluster.api.meta import StatusCause

SIZES = {"type": "object", "properties": {"min": {"type": "integer"}, "max": {"type": "integer"}}}


def of(spec: dict[str, Any], *rules: dict[str, Any]) -> dict[str, Any]:
    """A resource's schema whose spec has these rules."""
    return {"type": "object", "properties": {"spec": {**spec, "x-kubernetes-validations": list(rules)}}}


def told(causes: list[StatusCause]) -> list[str]:
    """Field and message of each."""
    return [f"{cause.field}: {cause.message}" for cause in causes]


def check(schema: dict[str, Any], spec: Any, old: Any = None) -> list[str]:
    """What the rules forbid in a spec, or in its change."""
    return told(cel_rules.check(schema, {"spec": spec}, None if old is None else {"spec": old}, []))


def test_a_rule_that_does_not_hold_is_told_in_its_words() -> None:
    """Its message, or what its expression says, or the rule itself."""
    rule = {"rule": "self.min <= self.max"}
    spec = {"min": 3, "max": 1}
    assert check(of(SIZES, rule), spec) == ["spec: Invalid value: failed rule: self.min <= self.max"]
    assert check(of(SIZES, {**rule, "message": "too big"}), spec) == ["spec: Invalid value: too big"]
    said = {**rule, "message": "no", "messageExpression": "'min %d is above max'.format([self.min])"}
    assert check(of(SIZES, said), spec) == ["spec: Invalid value: min 3 is above max"]
    assert check(of(SIZES, rule), {"min": 1, "max": 3}) == []


@pytest.mark.parametrize(
    ("reason", "message"),
    [
        ("FieldValueForbidden", "Forbidden: no"),
        ("FieldValueRequired", "Required value: no"),
        ("FieldValueDuplicate", "Duplicate value"),
        ("FieldValueInvalid", "Invalid value: no"),
    ],
)
def test_a_rule_may_say_for_which_reason_and_which_field(reason: str, message: str) -> None:
    """`reason` and `fieldPath` change what is told."""
    rule = {"rule": "false", "message": "no", "reason": reason, "fieldPath": ".max"}
    causes = cel_rules.check(of(SIZES, rule), {"spec": {"min": 1}}, None, [])
    assert told(causes) == [f"spec.max: {message}"]
    assert causes[0].reason == reason


def test_a_scalar_is_shown_with_what_is_wrong() -> None:
    """Objects and lists are not: they may be long."""
    schema = of({"type": "integer"}, {"rule": "self % 2 == 0", "message": "must be even"})
    assert check(schema, 3) == ["spec: Invalid value: 3: must be even"]


def test_transition_rules_look_at_what_was_before() -> None:
    """They are not asked of a new value, unless they say that the old one is optional."""
    fixed = of({"type": "string"}, {"rule": "self == oldSelf", "message": "is immutable"})
    assert check(fixed, "a") == []
    assert check(fixed, "a", "a") == []
    assert check(fixed, "b", "a") == ['spec: Invalid value: "b": is immutable']
    grows = of(
        {"type": "integer"},
        {"rule": "oldSelf.hasValue() ? self >= oldSelf.value() : self == 0", "optionalOldSelf": True},
    )
    assert check(grows, 0) == []
    assert check(grows, 1) != []
    assert check(grows, 2, 1) == []
    assert check(grows, 1, 2) != []


def test_items_of_a_list_that_is_a_map_know_their_former_selves() -> None:
    """By their keys, wherever they stand; items of other lists have none."""
    item = {
        "type": "object", "properties": {"name": {"type": "string"}, "size": {"type": "integer"}},
        "x-kubernetes-validations": [{"rule": "self.size >= oldSelf.size", "message": "cannot shrink"}],
    }  # fmt: skip
    keyed = {"type": "array", "items": item, "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"]}
    schema = {"type": "object", "properties": {"spec": keyed}}
    old, new = [{"name": "a", "size": 5}], [{"name": "b", "size": 1}, {"name": "a", "size": 4}]
    assert check(schema, new, old) == ["spec[1]: Invalid value: cannot shrink"]
    assert check({"type": "object", "properties": {"spec": {"type": "array", "items": item}}}, new, old) == []


def test_what_was_wrong_and_did_not_change_is_let_through() -> None:
    """Ratcheting: the rule is asked of what changes."""
    schema = of(SIZES, {"rule": "self.min <= self.max"})
    assert check(schema, {"min": 3, "max": 1}, {"min": 3, "max": 1}) == []
    assert check(schema, {"min": 4, "max": 1}, {"min": 3, "max": 1}) != []


def test_a_rule_that_fails_is_told_with_its_rule() -> None:
    """An absent field is an error of the rule, not of its author's patience."""
    schema = of(SIZES, {"rule": "self.min <= self.max", "message": "in order"})
    assert check(schema, {"min": 3}) == ['spec: Invalid value: "object": no such key: max evaluating rule: in order']


def test_rules_wait_for_the_right_shape() -> None:
    """Where a type is wrong no rule is evaluated, and that is told."""
    wrong = StatusCause(field="spec.min", reason="FieldValueTypeInvalid", message="wrong")
    schema = of(SIZES, {"rule": "self.min <= self.max"})
    assert told(cel_rules.check(schema, {"spec": {"min": "x"}}, None, [wrong])) == [
        (
            '<nil>: Invalid value: "null": some validation rules were not checked because the object was invalid; '
            "correct the existing errors to complete validation"
        )
    ]
    assert cel_rules.check({"type": "object"}, {}, None, [wrong]) == []


@pytest.mark.parametrize(
    ("rule", "faults"),
    [
        ({"rule": ""}, ["rule: Required value: rule is not specified"]),
        ({"rule": "self.min > 0", "reason": "Bad"}, ['reason: Unsupported value: "Bad": supported values: ']),
        ({"rule": "self.min"}, ["rule: Invalid value: {"]),
        ({"rule": "self.min == 'a'", "messageExpression": "1"}, ["rule: Invalid value: {"]),
        ({"rule": "'a'"}, ["rule: Invalid value: {"]),
        ({"rule": "self.mim > 0"}, ["rule: Invalid value: {"]),
        ({"rule": "self.min > 0", "messageExpression": "1"}, ["messageExpression: Invalid value: {"]),
        ({"rule": "self.min > 0", "optionalOldSelf": True}, ["optionalOldSelf: Invalid value: true: "]),
        ({"rule": "self.min > oldSelf.min"}, []),
    ],
)  # fmt: skip
def test_each_fault_of_a_rule_has_its_place(rule: dict[str, Any], faults: list[str]) -> None:
    """Rules are compiled when the definition is written."""
    found = told(schema_rules.check(of(SIZES, rule), "schema", has_status=False))
    heads = [f"schema.properties[spec].x-kubernetes-validations[0].{fault}" for fault in faults]
    assert len(found) == len(heads)
    assert all(text.startswith(head) for text, head in zip(found, heads, strict=True))


def test_the_compilers_words_are_told() -> None:
    """With the rule as the API server prints it."""
    found = told(schema_rules.check(of(SIZES, {"rule": "self.mim > 0"}), "schema", has_status=False))
    assert found == [
        (
            'schema.properties[spec].x-kubernetes-validations[0].rule: Invalid value: {"Rule":"self.mim \\u003e 0",'
            '"Message":"","MessageExpression":"","Reason":null,"FieldPath":"","OptionalOldSelf":null}: compilation '
            "failed: ERROR: <input>:1:5: undefined field 'mim'\n | self.mim > 0\n | ....^"
        )
    ]


def test_nothing_in_an_atomic_list_has_a_former_self() -> None:
    """A transition rule there could never be asked, and is refused."""
    item = {"type": "integer", "x-kubernetes-validations": [{"rule": "self >= oldSelf"}]}
    schema = {"type": "object", "properties": {"spec": {"type": "array", "items": item}}}
    assert told(schema_rules.check(schema, "schema", has_status=False)) == [
        (
            'schema.properties[spec].items.x-kubernetes-validations[0].rule: Invalid value: "self >= oldSelf": oldSelf '
            "cannot be used on the uncorrelatable portion of the schema within schema.properties[spec]"
        )
    ]


def test_rules_of_the_whole_resource_see_its_name() -> None:
    """Of the metadata only names."""
    schema = {"type": "object", "x-kubernetes-validations": [{"rule": "self.metadata.name.startsWith('a')"}]}
    assert schema_rules.check(schema, "schema", has_status=False) == []
    data = {"apiVersion": "example.com/v1", "kind": "Backup", "metadata": {"name": "b"}}
    assert told(cel_rules.check(schema, data, None, [])) == [
        "<nil>: Invalid value: failed rule: self.metadata.name.startsWith('a')"
    ]
