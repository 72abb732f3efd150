"""Whatever is written as a schema, and whatever data meets it: an answer, never an accident."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as some

from cluster import schema as schemas
from cluster.admission.validation.custom import cel_rules, schema_faults, schema_rules, structure_faults
from cluster.schema import shape
from tests.cluster.definitions import DEFINITIONS, definition, version
from tests.cluster.http.client import Client

CLIENT = Client()
NAMES = some.sampled_from(["spec", "status", "metadata", "a", "b", "apiVersion", "kind"])
SCALARS = some.none() | some.booleans() | some.integers(-5, 5) | some.floats(-2, 2) | some.text("ab1.", max_size=3)
DATA = some.recursive(
    SCALARS, lambda inner: some.lists(inner, max_size=3) | some.dictionaries(NAMES, inner, max_size=3), max_leaves=10
)
WORDS = [
    "type", "properties", "items", "required", "enum", "default", "anyOf", "oneOf", "allOf", "not", "pattern", "minimum",
    "maxItems", "maxLength", "nullable", "additionalProperties", "format", "x-kubernetes-list-type",
    "x-kubernetes-list-map-keys", "x-kubernetes-preserve-unknown-fields", "x-kubernetes-int-or-string",
    "x-kubernetes-embedded-resource", "x-kubernetes-validations", "x-kubernetes-map-type", "unheard-of",
]  # fmt: skip
ANYTHING = some.recursive(
    SCALARS | some.sampled_from(["object", "array", "string", "integer", "set", "map", "date"]),
    lambda inner: (
        some.lists(inner, max_size=2) | some.dictionaries(some.sampled_from(WORDS) | NAMES, inner, max_size=4)
    ),
    max_leaves=15,
)


def _node(inner: some.SearchStrategy[Any]) -> some.SearchStrategy[Any]:
    return some.fixed_dictionaries(
        {},
        optional={
            "type": some.sampled_from(["object", "array", "string", "integer", "number", "boolean"]),
            "properties": some.dictionaries(NAMES, inner, max_size=3),
            "items": inner, "additionalProperties": inner | some.booleans(),
            "required": some.lists(NAMES, max_size=2), "enum": some.lists(SCALARS, max_size=2), "default": DATA,
            "anyOf": some.lists(inner, max_size=2), "oneOf": some.lists(inner, max_size=2),
            "allOf": some.lists(inner, max_size=2), "not": inner, "nullable": some.booleans(),
            "minimum": some.integers(-2, 2), "multipleOf": some.integers(1, 3), "maxLength": some.integers(0, 2),
            "pattern": some.sampled_from(["^a", "(", "[", "a{2}"]), "format": some.sampled_from(["date", "x", "int32"]),
            "x-kubernetes-list-type": some.sampled_from(["set", "map", "atomic", "heap"]),
            "x-kubernetes-list-map-keys": some.lists(NAMES, max_size=2),
            "x-kubernetes-preserve-unknown-fields": some.booleans(), "x-kubernetes-int-or-string": some.booleans(),
            "x-kubernetes-embedded-resource": some.booleans(),
            "x-kubernetes-validations": some.just([{"rule": "self == self"}]),
        },
    )  # fmt: skip


SHAPED: some.SearchStrategy[dict[str, Any]] = some.recursive(some.just({}), _node, max_leaves=6)


@given(ANYTHING)
@settings(max_examples=150, deadline=None)
def test_any_schema_is_taken_or_refused(written: Any) -> None:
    """The API answers with what is wrong, whatever stands where a schema should."""
    made = definition(version(schema={"openAPIV3Schema": written}))
    answered = CLIENT.response("POST", DEFINITIONS, made, dryRun="All")
    assert answered.status in (201, 400, 422)


@given(SHAPED, DATA)
@settings(max_examples=300, deadline=None)
def test_any_data_meets_any_schema(written: Any, data: Any) -> None:
    """Once it has the shape of a schema, it judges, prunes and fills in any data."""
    assert list(shape.faults(written, "schema")) == []
    schema_rules.check(written, "schema", has_status=True)
    whole = data if isinstance(data, dict) else {"spec": data}
    pruned = schemas.prune(whole, written).data
    filled = schemas.defaulted(schemas.without_nulls(pruned, written), written)
    causes = [*schema_faults.check(written, filled), *structure_faults.check(written, filled)]
    cel_rules.check(written, filled, whole, causes)
