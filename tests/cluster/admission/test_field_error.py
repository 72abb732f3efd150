"""The words of field errors."""

import pytest

from cluster.admission import field_error as error
from cluster.api.apps import DeploymentStrategy
from cluster.api.meta import LabelSelector, LabelSelectorRequirement, StatusCause
from cluster.api.quantity import parse


@pytest.mark.parametrize(
    ("cause", "message", "reason"),
    [
        (error.required("f"), "Required value", "FieldValueRequired"),
        (error.required("f", "say it"), "Required value: say it", "FieldValueRequired"),
        (error.invalid("f", "x", "bad"), 'Invalid value: "x": bad', "FieldValueInvalid"),
        (error.invalid("f", 7, "bad"), "Invalid value: 7: bad", "FieldValueInvalid"),
        (error.invalid("f", value=True, detail="bad"), "Invalid value: true: bad", "FieldValueInvalid"),
        (error.invalid("f", None, "bad"), "Invalid value: null: bad", "FieldValueInvalid"),
        (error.not_supported("f", "x", ("a", "b")), 'Unsupported value: "x": supported values: "a", "b"', "FieldValueNotSupported"),
        (error.duplicate("f", "x"), 'Duplicate value: "x"', "FieldValueDuplicate"),
        (error.forbidden("f", "no"), "Forbidden: no", "FieldValueForbidden"),
        (error.not_found("f", "x"), 'Not found: "x"', "FieldValueNotFound"),
        (error.too_long("f", 10), "Too long: may not be more than 10 bytes", "FieldValueTooLong"),
        (error.too_long("f", 1), "Too long: may not be more than 1 byte", "FieldValueTooLong"),
        (error.too_many("f", 3, 2), "Too many: 3: must have at most 2 items", "FieldValueTooMany"),
        (error.too_many("f", 3, 1), "Too many: 3: must have at most 1 item", "FieldValueTooMany"),
    ],
)  # fmt: skip
def test_kinds_of_errors(cause: StatusCause, message: str, reason: str) -> None:
    """Each error reads as the API server prints it and carries its machine's reason."""
    assert (cause.field, cause.message, cause.reason) == ("f", message, reason)


def test_values_are_shown_as_json() -> None:
    """Maps by key, lists as they are, quantities in quotes, and the letters Go escapes."""
    assert error.shown({"b": "2", "a": "1"}) == '{"a":"1","b":"2"}'
    assert error.shown(("x", "y")) == '["x","y"]'
    assert error.shown(parse("0.5")) == '"500m"'
    assert error.shown({"a": "<&>"}) == r'{"a":"\u003c\u0026\u003e"}'
    assert error.shown("<&>") == '"<&>"'


def test_structs_are_shown_in_the_order_of_go() -> None:
    """A selector's labels come before its expressions; `Fields` keeps the order it was given in."""
    selector = LabelSelector(
        matchLabels={"app": "x"}, matchExpressions=(LabelSelectorRequirement(key="k", operator="In", values=("v",)),)
    )
    expected = '{"matchLabels":{"app":"x"},"matchExpressions":[{"key":"k","operator":"In","values":["v"]}]}'
    assert error.shown(selector) == expected
    assert error.shown(error.Fields(Type="x", Rolling=None)) == '{"Type":"x","Rolling":null}'
    assert error.shown(DeploymentStrategy(type="Recreate")) == '{"type":"Recreate"}'
