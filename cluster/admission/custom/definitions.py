"""CustomResourceDefinitions on their way to the store: their defaults, and what their registry does to them.

Reached from the steps of admission. Mirrors apiextensions' customresourcedefinition registry. Invariant:
the version stored now is always among those stored ever.
"""

from typing import Any

from msgspec.structs import replace

from cluster.admission.sharing import changed, each
from cluster.api import custom
from cluster.api.apiextensions import (
    CustomResourceConversion,
    CustomResourceDefinition,
    CustomResourceDefinitionStatus,
    CustomResourceDefinitionVersion,
)
from cluster.api.kinds import Kind
from cluster.schema import shape


def defaults(value: CustomResourceDefinition) -> CustomResourceDefinition:
    """The definition with the names that follow from others, a conversion that changes nothing, and schemas without nulls."""
    spec, given = value.spec, value.spec.names
    filled = replace(
        given, singular=given.singular or given.kind.lower(),
        listKind=given.listKind or (f"{given.kind}List" if given.kind else ""),
    )  # fmt: skip
    conversion = spec.conversion or CustomResourceConversion(strategy="None")
    versions = each(spec.versions, _version)
    return changed(
        value, spec=changed(spec, names=given if filled == given else filled, conversion=conversion, versions=versions)
    )


def _version(version: CustomResourceDefinitionVersion) -> CustomResourceDefinitionVersion:
    """The version, with nothing in its schema that says nothing."""
    if version.schema is None:
        return version
    declared = shape.without_nulls(version.schema.openAPIV3Schema)
    return changed(version, schema=changed(version.schema, openAPIV3Schema=declared))


def prepare_create(_: Kind[Any], value: CustomResourceDefinition) -> CustomResourceDefinition:
    """The new definition: of the first generation, with nothing accepted yet."""
    meta = replace(value.metadata, generation=1)
    return _with_stored(replace(value, metadata=meta, status=CustomResourceDefinitionStatus()))


def prepare_update(
    _: Kind[Any], new: CustomResourceDefinition, old: CustomResourceDefinition
) -> CustomResourceDefinition:
    """The changed definition: with the old status, and the version stored now among those stored ever."""
    generation = old.metadata.generation + (defaults(new).spec != old.spec)
    return _with_stored(replace(new, metadata=replace(new.metadata, generation=generation), status=old.status))


def _with_stored(value: CustomResourceDefinition) -> CustomResourceDefinition:
    name, known = custom.storage_version(value), value.status.storedVersions
    if not name or name in known:
        return value
    return replace(value, status=replace(value.status, storedVersions=(*known, name)))
