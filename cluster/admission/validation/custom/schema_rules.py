"""What a schema of a definition must be: structural, and made of what custom resources may use.

The larger part of a definition's validation. Mirrors apiextensions' schema.ValidateStructural and
ValidateCustomResourceDefinitionOpenAPISchema. Invariant: told in the order of the API server's passes:
structure first, then, of every node, the rules of the standard.
"""

from collections.abc import Iterator, Mapping

from cluster import schema as schemas
from cluster.admission import field_error as error
from cluster.admission.validation.custom import schema_faults
from cluster.admission.validation.custom.cel_rules import rule_faults
from cluster.admission.validation.custom.list_rules import list_rules
from cluster.api.meta import StatusCause
from cluster.schema.pruning import EMBEDDED, PRESERVE, Schema

Causes = Iterator[StatusCause]
INT_OR_STRING = schema_faults.INT_OR_STRING
TYPES = ("array", "boolean", "integer", "number", "object", "string")
META = ("apiVersion", "kind", "metadata")
ROOT_FIELDS = (
    "Description", "Type", "Format", "Title", "Maximum", "ExclusiveMaximum", "Minimum", "ExclusiveMinimum", "MaxLength",
    "MinLength", "Pattern", "MaxItems", "MinItems", "UniqueItems", "MultipleOf", "Required", "Items", "Properties",
    "ExternalDocs", "Example", "XPreserveUnknownFields", "XValidations",
)  # fmt: skip
"""What may stand at the root of a schema whose status is validated by itself, as the API server names it."""
_ROOT_NAMES = frozenset(name[0].lower() + name[1:] for name in ROOT_FIELDS) | {PRESERVE, "x-kubernetes-validations"}
_JUNCTORS = ("allOf", "anyOf", "oneOf")
_MISSING_TYPE = {
    "root": "must not be empty at the root", "item": "must not be empty for specified array items",
    "field": "must not be empty for specified object fields",
}  # fmt: skip
_EMPTY = {
    "type": "must be empty to be structural", "default": "must be undefined to be structural",
    "title": "must be empty to be structural", "description": "must be empty to be structural",
    "nullable": "must be false to be structural", PRESERVE: "must be false to be structural",
    EMBEDDED: "must be false to be structural", INT_OR_STRING: "must be false to be structural",
    "x-kubernetes-list-map-keys": "must be empty to be structural",
    "x-kubernetes-list-type": "must be undefined to be structural",
    "x-kubernetes-map-type": "must be undefined to be structural",
    "x-kubernetes-validations": "must be empty to be structural",
}  # fmt: skip
"""What a schema inside of allOf, anyOf, oneOf or not may not have."""
_UNSUPPORTED = ("id", "additionalItems", "patternProperties", "definitions", "dependencies", "$ref")


def check(schema: Schema, field: str, *, has_status: bool) -> list[StatusCause]:
    """What is wrong with a version's schema; `has_status` says that the status is a subresource."""
    causes = list(_root(schema, field)) if has_status else []
    if schema.get("nullable"):
        causes.append(error.forbidden(f"{field}.nullable", "nullable cannot be true at the root"))
    structure = [*_structural(schema, field, "root"), *_complete(schema, schema, field, field)]
    if not structure:
        structure = list(_defaults(schema, field))
    rules = [] if structure else _rules(_with_meta(schema), field, "")
    return [*causes, *structure, *_standard(schema, field, meta=False, root=True), *rules]


def _root(schema: Schema, field: str) -> Causes:
    if schema.get("type") and schema["type"] != "object":
        why = 'only "object" is allowed as the type at the root of the schema if the status subresource is enabled'
        yield error.invalid(f"{field}.type", schema["type"], why)
    elif any(name not in _ROOT_NAMES for name in schema):
        why = f"only [{' '.join(ROOT_FIELDS)}] fields are allowed at the root of the schema if the status subresource is enabled"
        yield error.invalid(field, schema, why)


def _nodes(schema: Schema) -> Iterator[tuple[Schema, str, str]]:
    """The schemas inside of a schema, with their path after it and the sort of place they have."""
    if isinstance(schema.get("items"), Mapping):
        yield schema["items"], ".items", "item"
    for name in sorted(schema.get("properties", {})):
        yield schema["properties"][name], f".properties[{name}]", "field"
    if isinstance(schema.get("additionalProperties"), Mapping):
        yield schema["additionalProperties"], ".additionalProperties", "field"


def _structural(schema: Schema, field: str, level: str) -> Causes:
    kind = schema.get("type", "")
    if kind == "array" and not isinstance(schema.get("items"), Mapping):
        yield error.required(f"{field}.items", "must be specified")
    for inside, path, place in _nodes(schema):
        yield from _structural(inside, field + path, place)
    if level == "root" and "additionalProperties" in schema:
        yield error.forbidden(f"{field}.additionalProperties", "must not be used at the root")
    if schema.get(INT_OR_STRING):
        for name in (PRESERVE, EMBEDDED):
            if schema.get(name):
                yield error.invalid(f"{field}.{name}", schema[name], f"must be false if {INT_OR_STRING} is true")
    yield from _values(schema, field, known=bool(schema.get(INT_OR_STRING)))
    yield from _type(schema, field, level)
    if schema.get(EMBEDDED) and "additionalProperties" in schema:
        yield error.forbidden(f"{field}.additionalProperties", f"must not be used if {EMBEDDED} is set")
    if level == "root" and kind and kind != "object":
        yield error.invalid(f"{field}.type", kind, "must be object at the root")
    if level == "root" or schema.get(EMBEDDED):
        yield from _meta(schema, field, level)
    if schema.get(EMBEDDED) and not schema.get(PRESERVE) and not schema.get("properties"):
        why = f"must not be empty if {EMBEDDED} is true without {PRESERVE}"
        yield error.required(f"{field}.properties", why)


def _type(schema: Schema, field: str, level: str) -> Causes:
    kind = schema.get("type", "")
    if schema.get(EMBEDDED) and kind != "object":
        why = f"must be object if {EMBEDDED} is true"
        yield error.invalid(f"{field}.type", kind, why) if kind else error.required(f"{field}.type", why)
    elif not kind and not schema.get(INT_OR_STRING) and not schema.get(PRESERVE):
        yield error.required(f"{field}.type", _MISSING_TYPE[level])


def _meta(schema: Schema, field: str, level: str) -> Causes:
    """The apiVersion and the kind are texts; of the metadata of the resource itself only names may be spoken of."""
    found = schema.get("properties", {})
    for name in ("kind", "apiVersion"):
        if name in found and found[name].get("type") != "string":
            yield error.invalid(f"{field}.properties[{name}].type", found[name].get("type", ""), "must be string")
    meta = found.get("metadata")
    if meta is None:
        return
    where = f"{field}.properties[metadata]"
    if meta.get("type") != "object":
        yield error.invalid(f"{where}.type", meta.get("type", ""), "must be object")
    named = set(meta.get("properties", {})) <= {"name", "generateName"}
    if level == "root" and (set(meta) - {"type", "properties", "default"} or not named):
        why = "must not specify anything other than name and generateName, but metadata is implicitly specified"
        yield error.forbidden(where, why)


def _values(schema: Schema, field: str, *, known: bool = False) -> Causes:
    """The junctors of a schema: what is inside speaks of values only, not of structure."""
    both = [{"type": "integer"}, {"type": "string"}]
    options = schema.get("anyOf") or ()
    if not (known and list(options) == both):
        for index, inside in enumerate(options):
            yield from _nested(inside, f"{field}.anyOf[{index}]")
    for index, inside in enumerate(schema.get("allOf") or ()):
        skip = known and not index and list(inside.get("anyOf", ())) == both
        yield from _nested(inside, f"{field}.allOf[{index}]", known=skip)
    for index, inside in enumerate(schema.get("oneOf") or ()):
        yield from _nested(inside, f"{field}.oneOf[{index}]")
    if isinstance(schema.get("not"), Mapping):
        yield from _nested(schema["not"], f"{field}.not")
    pattern = schema.get("pattern")
    if pattern and not schema_faults.is_pattern(pattern):
        why = f"must be a valid regular expression, but isn't: error parsing regexp: `{pattern}`"
        yield error.invalid(f"{field}.pattern", pattern, why)


def _nested(schema: Schema, field: str, *, known: bool = False) -> Causes:
    yield from _values(schema, field, known=known)
    for inside, path, _ in _nodes(schema):
        if path != ".additionalProperties":
            yield from _nested(inside, field + path)
    for name, why in _EMPTY.items():
        if schema.get(name) and not (name == "x-kubernetes-validations" and ".allOf[" in field):
            yield error.forbidden(f"{field}.{name}", why)
    if "additionalProperties" in schema:
        yield error.forbidden(f"{field}.additionalProperties", "must be undefined to be structural")
    if "metadata" in schema.get("properties", {}):
        yield error.forbidden(f"{field}.properties[metadata]", "must not be specified in a nested context")


def _complete(values: Schema, schema: Schema | None, field: str, where: str) -> Causes:
    """Whatever a junctor speaks of must be declared outside of it."""
    for name in (*_JUNCTORS, "not"):
        found = values.get(name)
        options = (
            [("", found)] if isinstance(found, Mapping) else [(f"[{at}]", one) for at, one in enumerate(found or ())]
        )
        for index, inside in options:
            yield from _declared(inside, schema, field, f"{where}.{name}{index}")
    if values is schema:
        for inside, path, _ in _nodes(schema):
            yield from _complete(inside, inside, field + path, field + path)


def _declared(values: Schema, schema: Schema | None, field: str, where: str) -> Causes:
    if schema is None:
        yield error.required(field, f"because it is defined in {where}")
        return
    yield from _complete(values, schema, field, where) if values is not schema else ()
    if isinstance(values.get("items"), Mapping):
        yield from _declared(values["items"], schema.get("items"), f"{field}.items", f"{where}.items")
    for name in sorted(values.get("properties", {})):
        inside = schema.get("properties", {}).get(name)
        path = f".properties[{name}]"
        yield from _declared(values["properties"][name], inside, field + path, where + path)


def _defaults(schema: Schema, field: str) -> Causes:
    """Every default has to be allowed by its own schema, and hold nothing that would be pruned."""
    if schema.get("default") is not None:
        value, where = schema["default"], f"{field}.default"
        if isinstance(value, Mapping) and schemas.prune({"x": value}, {"properties": {"x": schema}}).unknown:
            yield error.invalid(where, value, "must not have unknown fields")
        for fault in schema_faults.check(schema, value):
            path = fault.field if fault.field != "<nil>" else ""
            yield StatusCause(field=f"{where}.{path}".rstrip("."), message=fault.message, reason=fault.reason)
    for inside, path, _ in _nodes(schema):
        yield from _defaults(inside, field + path)


def _with_meta(schema: Schema) -> Schema:
    """The schema of the whole resource as rules see it: of its metadata they see the names."""
    text = {"type": "string"}
    metadata = {"type": "object", "properties": {"name": text, "generateName": text}}
    return {
        **schema,
        "properties": {**schema.get("properties", {}), "apiVersion": text, "kind": text, "metadata": metadata},
    }


def _rules(schema: Schema, field: str, uncorrelated: str) -> Causes:
    """The rules in CEL of every node; nothing in an atomic list or map has a former self."""
    yield from rule_faults(schema, field, uncorrelated)
    for inside, path, place in _nodes(schema):
        atomic = schema.get("x-kubernetes-map-type") == "atomic"
        if place == "item":
            atomic = schema.get("x-kubernetes-list-type") != "map"
        yield from _rules(inside, field + path, uncorrelated or (field if atomic else ""))


def _standard(schema: Schema, field: str, *, meta: bool, root: bool = False, reason: str = "") -> Causes:
    """The rules of the standard for one node and all that are inside of it."""
    kind = schema.get("type", "")
    if kind and kind not in TYPES:
        yield error.not_supported(f"{field}.type", kind, TYPES)
    if schema.get("default") is not None and reason:
        yield error.forbidden(f"{field}.default", f"must not be set {reason}")
    yield from _unsupported(schema, field)
    if schema.get(EMBEDDED) and meta:
        yield error.forbidden(f"{field}.{EMBEDDED}", "must not be used inside of resource meta")
    yield from _inside(schema, field, meta=meta, root=root, reason=reason)
    if schema.get(PRESERVE) is False:
        yield error.invalid(f"{field}.{PRESERVE}", value=False, detail="must be true or undefined")
    yield from list_rules(schema, field)


def _unsupported(schema: Schema, field: str) -> Causes:
    """What the standard has and custom resources may not use."""
    for name in _UNSUPPORTED:
        if schema.get(name):
            yield error.forbidden(f"{field}.{name}", f"{name} is not supported")
    if isinstance(schema.get("items"), list):
        yield error.forbidden(f"{field}.items", "items must be a schema object and not an array")
    if schema.get("uniqueItems"):
        why = "uniqueItems cannot be set to true since the runtime complexity becomes quadratic"
        yield error.forbidden(f"{field}.uniqueItems", why)
    extra = schema.get("additionalProperties")
    if schema.get("properties") and (extra is False or isinstance(extra, Mapping)):
        why = "additionalProperties and properties are mutual exclusive"
        yield error.forbidden(f"{field}.additionalProperties", why)


def _inside(schema: Schema, field: str, *, meta: bool, root: bool, reason: str) -> Causes:
    for inside, path, _ in _nodes(schema):
        name = path.removeprefix(".properties[").removesuffix("]")
        about = meta or ((root or bool(schema.get(EMBEDDED))) and name in META)
        why = f"in top-level {name}" if root and name in META else reason
        yield from _standard(inside, field + path, meta=about, reason=why)
    for name in _JUNCTORS:
        for index, inside in enumerate(schema.get(name) or ()):
            yield from _standard(inside, f"{field}.{name}[{index}]", meta=meta, reason=reason)
    if isinstance(schema.get("not"), Mapping):
        yield from _standard(schema["not"], f"{field}.not", meta=meta, reason=reason)
