"""The rules in CEL that a schema has (`x-kubernetes-validations`): what is wrong with them, and what they forbid.

The last part of a custom resource's validation, and a part of a definition's. Mirrors apiextensions'
schema/cel. Invariant: a rule is evaluated only on a value that has the shape its schema asks for.
"""

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from cluster import cel
from cluster.admission import field_error as error
from cluster.api.meta import StatusCause
from cluster.cel.program import EXHAUSTED, OPTIONAL
from cluster.cel.values import resource
from cluster.schema.pruning import Schema, inner, items_of

if TYPE_CHECKING:
    from cluster.cel.scope import Scope

Causes = Iterator[StatusCause]
RULES = "x-kubernetes-validations"
REASONS = ("FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired")
_BLOCKING = frozenset(
    {"FieldValueNotSupported", "FieldValueRequired", "FieldValueTooLong", "FieldValueTooMany", "FieldValueTypeInvalid"}
)
_UNCHECKED = (
    "some validation rules were not checked because the object was invalid; correct the existing errors to complete "
    "validation"
)
_STRING = re.compile(r"""'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*\"""")
_ABSENT = object()


def check(schema: Schema, data: Any, old: Any, causes: list[StatusCause]) -> list[StatusCause]:
    """What the rules forbid in data of this shape, and in its change from `old` (None if it is new).

    `causes` are what else is wrong: some of it keeps the rules from being evaluated at all.
    """
    if not _has_rules(schema):
        return []
    if any(cause.reason in _BLOCKING for cause in causes):
        return [error.invalid("<nil>", "null", _UNCHECKED)]
    return list(_check(schema, data, _ABSENT if old is None else old, ""))


def _has_rules(schema: Schema | None) -> bool:
    if schema is None:
        return False
    if schema.get(RULES) or any(_has_rules(option) for option in schema.get("allOf") or ()):
        return True
    inside = [*schema.get("properties", {}).values(), schema.get("additionalProperties"), schema.get("items")]
    return any(_has_rules(one) for one in inside if isinstance(one, Mapping))


def _check(schema: Schema, data: Any, old: Any, path: str) -> Causes:
    if data is None:
        return
    for rule in schema.get(RULES) or ():
        yield from _evaluated(schema, rule, data, old, path)
    for option in schema.get("allOf") or ():
        yield from _check(option, data, old, path)
    if isinstance(data, Mapping):
        for name in sorted(data):
            field = inner(schema, name)
            if field is not None:
                declared = name in schema.get("properties", {})
                where = f"{path}.{name}".removeprefix(".") if declared else f"{path}[{name}]"
                before = old.get(name, _ABSENT) if isinstance(old, Mapping) else _ABSENT
                yield from _check(field, data[name], before, where)
    elif isinstance(data, list | tuple):
        item = items_of(schema)
        for index, value in enumerate(data) if item is not None else ():
            if item is not None:
                yield from _check(item, value, _former(schema, value, old), f"{path}[{index}]")


def _former(schema: Schema, item: Any, old: Any) -> Any:
    """The item of the old list that is the same one, where the list is a map."""
    if schema.get("x-kubernetes-list-type") != "map" or not isinstance(old, list | tuple):
        return _ABSENT
    keys = schema.get("x-kubernetes-list-map-keys", ())
    same = (one for one in old if all(one.get(key) == item.get(key) for key in keys))
    return next(same, _ABSENT)


def _evaluated(schema: Schema, rule: Mapping[str, Any], data: Any, old: Any, path: str) -> Causes:
    source, optional = rule.get("rule", ""), bool(rule.get("optionalOldSelf"))
    changes = uses_old(source)
    if not source.strip() or (changes and old is _ABSENT and not optional):
        return
    kind, where = schema.get("type", ""), path or "<nil>"
    variables = {"self": cel.as_cel(data, schema)}
    if optional:
        variables["oldSelf"] = [] if old is _ABSENT else [cel.as_cel(old, schema)]
    elif old is not _ABSENT:
        variables["oldSelf"] = cel.as_cel(old, schema)
    names = ("self", f"oldSelf{OPTIONAL}" if optional else "oldSelf")
    try:
        if cel.compiled(source, names).evaluate(variables) is True:
            return
    except cel.CelError as fault:
        yield error.invalid(where, kind, _failure(str(fault), rule))
        return
    if not changes and data == old:
        return
    yield _refusal(schema, rule, data, path, _message(rule, names, variables))


def _failure(why: str, rule: Mapping[str, Any]) -> str:
    about = (rule.get("message") or rule.get("rule", "")).strip()
    if why.startswith("no such overload"):
        return (
            f"'{why}': call arguments did not match a supported operator, function or macro signature for rule: {about}"
        )
    if why == EXHAUSTED:
        return f"'{why}': no further validation rules will be run due to call cost exceeds limit for rule: {about}"
    return f"{why} evaluating rule: {about}"


def _message(rule: Mapping[str, Any], names: tuple[str, ...], variables: Mapping[str, Any]) -> str:
    """What the rule says: by its expression if that has something to say, else its own words, else the rule itself."""
    if rule.get("messageExpression"):
        try:
            told = cel.compiled(rule["messageExpression"], names).evaluate(variables)
        except cel.CelError:
            told = ""
        if isinstance(told, str) and told.strip() and "\n" not in told:
            return told.strip()
    if rule.get("message"):
        return str(rule["message"]).strip()
    return f"failed rule: {rule.get('rule', '').strip()}"


def _refusal(schema: Schema, rule: Mapping[str, Any], data: Any, path: str, message: str) -> StatusCause:
    reason = rule.get("reason") or "FieldValueInvalid"
    field = f"{path}{rule.get('fieldPath', '')}".removeprefix(".") or "<nil>"
    whole = schema.get("type") in ("object", "array")
    if reason == "FieldValueForbidden":
        return error.forbidden(field, message)
    if reason == "FieldValueRequired":
        return error.required(field, message)
    if whole:
        head = "Duplicate value" if reason == "FieldValueDuplicate" else f"Invalid value: {message}"
        return StatusCause(field=field, message=head, reason=reason)
    return error.duplicate(field, data) if reason == "FieldValueDuplicate" else error.invalid(field, data, message)


def uses_old(source: str) -> bool:
    """Whether the rule speaks of what was before."""
    return re.search(r"\boldSelf\b", _STRING.sub("", source)) is not None


def rule_faults(schema: Schema, field: str, uncorrelated: str) -> Causes:
    """What is wrong with the rules of one node; `uncorrelated` is the place within which nothing has a former self."""
    scopes: dict[bool, Scope] = {}
    for index, rule in enumerate(schema.get(RULES) or ()):
        where = f"{field}.{RULES}[{index}]"
        source = rule.get("rule", "")
        yield from _words(rule, where)
        if not source.strip():
            continue
        optional = bool(rule.get("optionalOldSelf"))
        if optional not in scopes:
            scopes[optional] = _scope(schema, field, optional=optional)
        faults = list(_compiled(source, rule, scopes[optional], f"{where}.rule", "bool"))
        if not faults and rule.get("messageExpression"):
            faults += _compiled(
                rule["messageExpression"], rule, scopes[optional], f"{where}.messageExpression", "string"
            )
        yield from faults
        if uses_old(source) and uncorrelated:
            why = f"oldSelf cannot be used on the uncorrelatable portion of the schema within {uncorrelated}"
            yield error.invalid(f"{where}.rule", source, why)
        if rule.get("optionalOldSelf") is not None and not uses_old(source):
            value = bool(rule["optionalOldSelf"])
            yield error.invalid(f"{where}.optionalOldSelf", value, "may not be set if oldSelf is not used in rule")


def _words(rule: Mapping[str, Any], where: str) -> Causes:
    source, message = rule.get("rule", ""), rule.get("message", "")
    if not source.strip():
        yield error.required(f"{where}.rule", "rule is not specified")
    elif message and not message.strip():
        yield error.invalid(f"{where}.message", message, "must be non-empty if specified")
    elif "\n" in message:
        yield error.invalid(f"{where}.message", message, "must not contain line breaks")
    elif "\n" in source.strip() and not message:
        yield error.required(f"{where}.message", "message must be specified if rule contains line breaks")
    if rule.get("reason") and rule["reason"] not in REASONS:
        yield error.not_supported(f"{where}.reason", rule["reason"], REASONS)


def _scope(schema: Schema, field: str, *, optional: bool) -> "Scope":
    """What the rules of a node speak of; an optional former self is of any type."""
    from cluster.cel.scope import Scope  # noqa: PLC0415 - the library, which most clusters never need

    whole = field.endswith(".openAPIV3Schema") or bool(schema.get("x-kubernetes-embedded-resource"))
    known = resource(schema) if whole else schema
    return Scope({"self": known, "oldSelf": None if optional else known})


def _compiled(source: str, rule: Mapping[str, Any], scope: "Scope", where: str, wanted: str) -> Causes:
    from cluster.cel.scope import shown  # noqa: PLC0415 - as above

    head = "" if wanted == "bool" else "messageExpression "
    try:
        result = shown(scope.result(source))
    except cel.CelError as fault:
        yield error.invalid(where, _shown(rule), f"{head}compilation failed: {fault}")
        return
    if result != wanted:
        what = "cel expression must evaluate to a bool" if wanted == "bool" else f"{head}must evaluate to a string"
        yield error.invalid(where, _shown(rule), what)


def _shown(rule: Mapping[str, Any]) -> error.Fields:
    """A rule as the API server's errors show it: by its own names."""
    return error.Fields({
        "Rule": rule.get("rule", ""), "Message": rule.get("message", ""),
        "MessageExpression": rule.get("messageExpression", ""), "Reason": rule.get("reason"),
        "FieldPath": rule.get("fieldPath", ""), "OptionalOldSelf": rule.get("optionalOldSelf"),
    })  # fmt: skip
