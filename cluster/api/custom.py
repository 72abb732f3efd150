"""Custom resources: objects of kinds that CustomResourceDefinitions make, as plain data around their metadata.

A value of the API beside the generated Structs. Mirrors unstructured.Unstructured. Invariant: `content` is
the whole document but for `apiVersion`, `kind` and `metadata`, and nothing in it is ever changed.
"""

import re
from collections.abc import Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from cluster.api.apiextensions import (
    CustomResourceDefinition,
    CustomResourceDefinitionCondition,
    CustomResourceDefinitionVersion,
)
from cluster.api.kinds import Kind
from cluster.api.meta import Resource

_VERSION = re.compile(r"v([1-9][0-9]*)(?:(alpha|beta)([1-9][0-9]*))?")
CLEANUP = "customresourcecleanup.apiextensions.k8s.io"
"""The finalizer of a definition whose resources are not all gone."""
ESTABLISHED, NAMES_ACCEPTED, TERMINATING = "Established", "NamesAccepted", "Terminating"


class CustomResource(Resource, frozen=True, kw_only=True):
    """An object of a custom kind; it says itself of which, as its type does not."""

    apiVersion: str = ""
    kind: str = ""
    content: Mapping[str, Any] = {}


class CustomVersion(Struct, frozen=True, eq=False):
    """What a definition says of one version of its kind."""

    declared: CustomResourceDefinitionVersion
    storage_version: str
    """The apiVersion in which objects are kept."""
    terminating: bool = False

    @property
    def schema(self) -> Mapping[str, Any]:
        """The OpenAPI schema; every definition has one."""
        return self.declared.schema.openAPIV3Schema if self.declared.schema else {}


def has_condition(definition: CustomResourceDefinition, kind: str) -> bool:
    """Whether a condition of the definition is true."""
    return any(found.type == kind and found.status == "True" for found in definition.status.conditions)


def with_condition(
    definition: CustomResourceDefinition, kind: str, status: str, reason: str, message: str, time: str
) -> CustomResourceDefinition:
    """The definition with a condition set (`SetCRDCondition`); its time changes with its status alone."""
    known = {found.type: found for found in definition.status.conditions}
    old = known.get(kind)
    since = time if old is None or old.status != status else old.lastTransitionTime
    known[kind] = CustomResourceDefinitionCondition(
        type=kind, status=status, reason=reason, message=message, lastTransitionTime=since,
        observedGeneration=old.observedGeneration if old is not None else 0,
    )  # fmt: skip
    return replace(definition, status=replace(definition.status, conditions=tuple(known.values())))


def storage_version(definition: CustomResourceDefinition) -> str:
    """The name of the version in which objects are kept."""
    return next((version.name for version in definition.spec.versions if version.storage), "")


def kinds_of(definition: CustomResourceDefinition, *, unserved: bool = False) -> list[Kind[Resource]]:
    """The versions that an established definition serves (or has), each as a kind, the preferred one first."""
    served = [version for version in definition.spec.versions if version.served or unserved]
    served.sort(key=lambda version: version_priority(version.name))
    return [_kind(definition, version) for version in served]


def _kind(definition: CustomResourceDefinition, version: CustomResourceDefinitionVersion) -> Kind[Resource]:
    spec, names = definition.spec, definition.status.acceptedNames
    offered = version.subresources
    kind = Kind(
        f"{spec.group}/{version.name}", CustomResource, names.plural, namespaced=spec.scope == "Namespaced",
        short=" ".join(names.shortNames), categories=" ".join(names.categories),
    )  # fmt: skip
    has = [("status", offered.status), ("scale", offered.scale)] if offered else []
    kind.subresources = frozenset(name for name, present in has if present is not None)
    kind.kind, kind.list_kind, kind.singular = names.kind, names.listKind, names.singular
    kind.custom = CustomVersion(
        version, f"{spec.group}/{storage_version(definition)}", has_condition(definition, TERMINATING)
    )
    return kind


def version_priority(version: str) -> tuple[int, int, int, str]:
    """Where a version stands (`version.CompareKubeAwareVersionStrings`): v2, v1, v2beta1, v1beta1, v1alpha1, others."""
    match = _VERSION.fullmatch(version)
    if match is None:
        return 3, 0, 0, version
    major, stage, minor = match.groups()
    return {None: 0, "beta": 1, "alpha": 2}[stage], -int(major), -int(minor or 0), ""
