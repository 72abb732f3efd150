"""What is wrong with a CustomResourceDefinition: its names, its versions, their schemas, columns and subresources.

Mirrors apiextensions' validation. Invariant: a definition without causes makes kinds whose schemas are structural.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from msgspec import to_builtins

from cluster.admission import field_error as error
from cluster.admission.validation import metadata
from cluster.admission.validation.checks import required_one_of, unchanged
from cluster.admission.validation.custom import schema_rules
from cluster.admission.validation.rules import Rules
from cluster.api import custom, json_path, kinds, names
from cluster.api.apiextensions import (
    CustomResourceColumnDefinition,
    CustomResourceConversion,
    CustomResourceDefinition,
    CustomResourceDefinitionNames,
    CustomResourceDefinitionSpec,
    CustomResourceDefinitionVersion,
    CustomResourceSubresources,
)
from cluster.api.kinds import Kind
from cluster.api.meta import StatusCause
from cluster.schema import shape

Causes = Iterator[StatusCause]
APPROVAL = "api-approved.kubernetes.io"
COLUMN_TYPES = ("boolean", "date", "integer", "number", "string")
COLUMN_FORMATS = (
    "byte", "date", "date-time", "double", "float", "int32", "int64", "password",
)  # fmt: skip
MOST_SELECTABLE = 8


def create(value: CustomResourceDefinition) -> list[StatusCause]:
    """What is wrong with a new definition."""
    return [
        *metadata.create(value.metadata, _name_rule(value.spec), namespaced=False),
        *_spec(value.spec),
        *_stored_versions(value),
        *_approval(value),
        *_preserving(value.spec),
    ]


def update(new: CustomResourceDefinition, old: CustomResourceDefinition) -> list[StatusCause]:
    """What is wrong with a change; what would make stored resources unreadable is never allowed."""
    causes = [*metadata.update(new.metadata, old.metadata), *_spec(new.spec)]
    if custom.has_condition(old, custom.ESTABLISHED):
        causes += unchanged("spec.scope", new.spec.scope, old.spec.scope)
        causes += unchanged("spec.names.kind", new.spec.names.kind, old.spec.names.kind)
    causes += unchanged("spec.group", new.spec.group, old.spec.group)
    causes += unchanged("spec.names.plural", new.spec.names.plural, old.spec.names.plural)
    causes += _stored_versions(new)
    if not old.spec.preserveUnknownFields:
        causes += _preserving(new.spec)
    return causes


def _name_rule(spec: CustomResourceDefinitionSpec) -> Callable[[str], list[str]]:
    def rule(name: str) -> list[str]:
        wrong = list(names.is_dns1123_subdomain(name))
        if name != f"{spec.names.plural}.{spec.group}":
            wrong.append('must be spec.names.plural+"."+spec.group')
        return wrong

    return rule


def _spec(spec: CustomResourceDefinitionSpec) -> Causes:
    if not spec.group:
        yield error.required("spec.group")
    elif wrong := names.is_dns1123_subdomain(spec.group):
        yield error.invalid("spec.group", spec.group, ",".join(wrong))
    elif "." not in spec.group:
        yield error.invalid("spec.group", spec.group, "should be a domain with at least one dot")
    yield from required_one_of("spec.scope", spec.scope, ("Cluster", "Namespaced"))
    for index, version in enumerate(spec.versions):
        if version.schema is None or not version.schema.openAPIV3Schema:
            yield error.required(f"spec.versions[{index}].schema.openAPIV3Schema", "schemas are required")
    for index, version in enumerate(spec.versions):
        field = f"spec.versions[{index}]"
        if wrong := names.is_dns1035_label(version.name):
            yield error.invalid(f"{field}.name", version.name, ",".join(wrong))
        yield from _version(version, field)
        yield from _parts(version, field, spec, own=True)
    listed = [version.name for version in spec.versions]
    if len(set(listed)) != len(listed):
        yield error.invalid("spec.versions", _shown(spec), "must contain unique version names")
    if sum(version.storage for version in spec.versions) != 1:
        yield error.invalid("spec.versions", _shown(spec), "must have exactly one version marked as storage version")
    for name in ("plural", "singular", "kind", "listKind"):
        if not getattr(spec.names, name):
            yield error.required(f"spec.names.{name}")
    yield from _names(spec.names)
    if spec.versions:
        yield from _parts(spec.versions[0], "spec", spec, own=False)
    yield from _conversion(spec.conversion or CustomResourceConversion(strategy="None"))


def _same(spec: CustomResourceDefinitionSpec, name: str) -> bool:
    """Whether all versions agree in a part, which then counts as one part of the whole."""
    return all(getattr(version, name) == getattr(spec.versions[0], name) for version in spec.versions)


def _parts(
    version: CustomResourceDefinitionVersion, field: str, spec: CustomResourceDefinitionSpec, *, own: bool
) -> Causes:
    """What is wrong with a version's schema, subresources and columns; told of the whole where all versions agree."""
    if version.schema is not None and version.schema.openAPIV3Schema and _same(spec, "schema") is not own:
        status = any(found.subresources and found.subresources.status is not None for found in spec.versions)
        if own:
            status = version.subresources is not None and version.subresources.status is not None
        where = f"{field}.schema.openAPIV3Schema" if own else f"{field}.validation.openAPIV3Schema"
        faults = list(shape.faults(version.schema.openAPIV3Schema, where))
        for fault in faults:
            what = f"must be of type {fault.wanted}" if fault.wanted else "unknown field"
            yield error.invalid(fault.path, fault.value, what)
        if not faults:
            yield from schema_rules.check(version.schema.openAPIV3Schema, where, has_status=status)
    if version.subresources is not None and _same(spec, "subresources") is not own:
        yield from _subresources(version.subresources, f"{field}.subresources")
    if _same(spec, "additionalPrinterColumns") is not own:
        for index, column in enumerate(version.additionalPrinterColumns):
            yield from _column(column, f"{field}.additionalPrinterColumns[{index}]")
    if _same(spec, "selectableFields") is not own:
        yield from _selectable(version, f"{field}.selectableFields")


def _version(version: CustomResourceDefinitionVersion, field: str) -> Causes:
    warning = version.deprecationWarning
    if warning and not version.deprecated:
        yield error.invalid(f"{field}.deprecationWarning", warning, "can only be set for deprecated versions")
    if len(warning) > 256:
        yield error.invalid(f"{field}.deprecationWarning", warning, "must be <= 256 characters long")
    bad = next((index for index, sign in enumerate(warning) if not sign.isprintable()), None)
    if bad is not None:
        why = f"must only contain printable UTF-8 characters; non-printable character found at index {bad}"
        yield error.invalid(f"{field}.deprecationWarning", warning, why)


def _names(given: CustomResourceDefinitionNames) -> Causes:
    mixed = "may have mixed case, but should otherwise match: "
    for name, lowered, head in (
        ("plural", False, ""), ("singular", False, ""), ("kind", True, mixed), ("listKind", True, mixed),
    ):  # fmt: skip
        value = getattr(given, name)
        wrong = names.is_dns1035_label(value.lower() if lowered else value) if value else []
        if wrong:
            yield error.invalid(f"spec.names.{name}", value, head + ",".join(wrong))
    for name in ("shortNames", "categories"):
        for index, value in enumerate(getattr(given, name)):
            if wrong := names.is_dns1035_label(value):
                yield error.invalid(f"spec.names.{name}[{index}]", value, ",".join(wrong))
    if given.kind and given.kind == given.listKind:
        yield error.invalid("spec.names.listKind", given.listKind, "kind and listKind may not be the same")


def _subresources(given: CustomResourceSubresources, field: str) -> Causes:
    scale = given.scale
    if scale is None:
        return
    for name, under in (("specReplicasPath", ".spec"), ("statusReplicasPath", ".status")):
        value = getattr(scale, name)
        if not value:
            yield error.required(f"{field}.scale.{name}")
        else:
            yield from _simple_path(f"{field}.scale.{name}", value, (under,), f"should be a json path under {under}")
    if scale.labelSelectorPath:
        rule = "should be a json path under either .spec or .status"
        yield from _simple_path(f"{field}.scale.labelSelectorPath", scale.labelSelectorPath, (".spec", ".status"), rule)


def _simple_path(field: str, path: str, under: tuple[str, ...], rule: str) -> Causes:
    if not path.startswith("."):
        yield error.invalid(field, path, "must be a simple json path starting with .")
    elif not path.startswith(tuple(f"{name}." for name in under)):
        yield error.invalid(field, path, rule)


def _column(column: CustomResourceColumnDefinition, field: str) -> Causes:
    known = f"must be one of {','.join(COLUMN_TYPES)}"
    if not column.name:
        yield error.required(f"{field}.name")
    if not column.type:
        yield error.required(f"{field}.type", known)
    elif column.type not in COLUMN_TYPES:
        yield error.invalid(f"{field}.type", column.type, known)
    if column.format and column.format not in COLUMN_FORMATS:
        yield error.invalid(f"{field}.format", column.format, f"must be one of {','.join(COLUMN_FORMATS)}")
    if not column.jsonPath:
        yield error.required(f"{field}.JSONPath")
    elif not column.jsonPath.startswith("."):
        yield error.invalid(f"{field}.JSONPath", column.jsonPath, "must be a simple json path starting with .")


def _selectable(version: CustomResourceDefinitionVersion, field: str) -> Causes:
    seen: set[str] = set()
    for index, selectable in enumerate(version.selectableFields):
        where, path = f"{field}[{index}].jsonPath", selectable.jsonPath
        if not path:
            yield error.required(where)
            continue
        try:
            steps = json_path.parse(path)
        except json_path.JSONPathError as fault:
            yield error.invalid(where, path, f"is an invalid path: {fault}")
            continue
        found: Any = version.schema.openAPIV3Schema if version.schema else {}
        for step in steps:
            found = (found or {}).get("properties", {}).get(step.value) if step.sort == "name" else None
        if path.startswith(".metadata"):
            yield error.invalid(where, path, "must not point to fields in metadata")
        elif found is None:
            yield error.invalid(where, path, f"is an invalid path: does not refer to a valid field: {path}")
        elif found.get("type") not in ("string", "boolean", "integer"):
            why = "must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed."
            yield error.invalid(where, path, why)
        if path in seen:
            yield error.duplicate(where, path)
        seen.add(path)
    if len(seen) > MOST_SELECTABLE:
        yield error.too_many(field, len(seen), MOST_SELECTABLE)


def _conversion(given: CustomResourceConversion) -> Causes:
    field = "spec.conversion"
    yield from required_one_of(f"{field}.strategy", given.strategy, ("None", "Webhook"))
    client = given.webhook.clientConfig if given.webhook else None
    reviews = given.webhook.conversionReviewVersions if given.webhook else ()
    if given.strategy != "Webhook":
        if client is not None:
            why = "should not be set when strategy is not set to Webhook"
            yield error.forbidden(f"{field}.webhookClientConfig", why)
        if reviews:
            why = "should not be set when strategy is not set to Webhook"
            yield error.forbidden(f"{field}.conversionReviewVersions", why)
        return
    if client is None:
        yield error.required(f"{field}.webhookClientConfig", "required when strategy is set to Webhook")
    elif bool(client.url) == (client.service is not None):
        yield error.required(f"{field}.webhookClientConfig", "exactly one of url or service is required")
    if not reviews:
        yield error.required(f"{field}.conversionReviewVersions")
    elif not {"v1", "v1beta1"} & set(reviews):
        why = "must include at least one of v1, v1beta1"
        yield error.invalid(f"{field}.conversionReviewVersions", reviews, why)


def _stored_versions(value: CustomResourceDefinition) -> Causes:
    field, stored = "status.storedVersions", value.status.storedVersions
    if not stored:
        yield error.invalid(field, stored, "must have at least one stored version")
    known = {version.name for version in value.spec.versions}
    for index, name in enumerate(stored):
        if name not in known:
            yield error.invalid(
                f"{field}[{index}]", name,
                f"missing from spec.versions; {name} was previously a storage version, and must remain in spec.versions "
                f"until a storage migration ensures no data remains persisted in {name} and removes {name} from "
                "status.storedVersions",
            )  # fmt: skip


def _approval(value: CustomResourceDefinition) -> Causes:
    """Groups of Kubernetes itself need a word that somebody reviewed the API, or that nobody did."""
    group, field = value.spec.group, f"metadata.annotations[{APPROVAL}]"
    if not any(group == name or group.endswith(f".{name}") for name in ("k8s.io", "kubernetes.io")):
        return
    given, see = (
        value.metadata.annotations.get(APPROVAL, ""),
        "see https://github.com/kubernetes/enhancements/pull/1111",
    )
    if not given:
        yield error.required(field, f'protected groups must have approval annotation "{APPROVAL}", {see}')
    elif "://" not in given and not given.startswith("unapproved"):
        why = 'with either a URL or a reason starting with "unapproved"'
        yield error.invalid(field, given, f'protected groups must have approval annotation "{APPROVAL}" {why}, {see}')


def _preserving(spec: CustomResourceDefinitionSpec) -> Causes:
    if spec.preserveUnknownFields:
        yield error.invalid(
            "spec.preserveUnknownFields", value=True,
            detail="cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead",
        )  # fmt: skip


def _shown(spec: CustomResourceDefinitionSpec) -> list[Any]:
    """The versions as the API server's error shows them: by its own names, without what all of them share."""
    shown = []
    for version in spec.versions:
        parts = {name: getattr(version, name) for name in ("schema", "subresources", "additionalPrinterColumns")}
        kept = {name: None if _same(spec, name) or not value else to_builtins(value) for name, value in parts.items()}
        shown.append(error.Fields({
            "Name": version.name, "Served": version.served, "Storage": version.storage, "Deprecated": version.deprecated,
            "DeprecationWarning": version.deprecationWarning or None, "Schema": kept["schema"],
            "Subresources": kept["subresources"], "AdditionalPrinterColumns": kept["additionalPrinterColumns"],
            "SelectableFields": None,
        }))  # fmt: skip
    return shown


RULES: Mapping[Kind[Any], Rules] = {kinds.CUSTOM_RESOURCE_DEFINITIONS: Rules(create, update)}
