"""The apiextensions group (apiextensions.k8s.io/v1): CustomResourceDefinitions.

Written by `python -m tests.reference.generate` from the published schemas; do not edit by hand.
"""

from collections.abc import Mapping
from typing import Annotated, Any

from msgspec import field

from cluster.api.meta import Resource
from cluster.api.object import ListType, Object


class CustomResourceColumnDefinition(Object, frozen=True, kw_only=True):
    description: str = ""
    format: str = ""
    jsonPath: str = field(default_factory=str)
    name: str = field(default_factory=str)
    priority: int = 0
    type: str = field(default_factory=str)


class ServiceReference(Object, frozen=True, kw_only=True):
    name: str = field(default_factory=str)
    namespace: str = field(default_factory=str)
    path: str = ""
    port: int | None = None


class WebhookClientConfig(Object, frozen=True, kw_only=True):
    caBundle: str = ""
    service: ServiceReference | None = None
    url: str = ""


class WebhookConversion(Object, frozen=True, kw_only=True):
    clientConfig: WebhookClientConfig | None = None
    conversionReviewVersions: tuple[str, ...] = ()


class CustomResourceConversion(Object, frozen=True, kw_only=True):
    strategy: str = field(default_factory=str)
    webhook: WebhookConversion | None = None


class CustomResourceDefinitionNames(Object, frozen=True, kw_only=True):
    categories: tuple[str, ...] = ()
    kind: str = field(default_factory=str)
    listKind: str = ""
    plural: str = field(default_factory=str)
    shortNames: tuple[str, ...] = ()
    singular: str = ""


class CustomResourceValidation(Object, frozen=True, kw_only=True):
    openAPIV3Schema: Mapping[str, Any] = {}


class SelectableField(Object, frozen=True, kw_only=True):
    jsonPath: str = field(default_factory=str)


class CustomResourceSubresourceScale(Object, frozen=True, kw_only=True):
    labelSelectorPath: str = ""
    specReplicasPath: str = field(default_factory=str)
    statusReplicasPath: str = field(default_factory=str)


class CustomResourceSubresourceStatus(Object, frozen=True, kw_only=True):
    """No fields."""


class CustomResourceSubresources(Object, frozen=True, kw_only=True):
    scale: CustomResourceSubresourceScale | None = None
    status: CustomResourceSubresourceStatus | None = None


class CustomResourceDefinitionVersion(Object, frozen=True, kw_only=True):
    additionalPrinterColumns: tuple[CustomResourceColumnDefinition, ...] = ()
    deprecated: bool = False
    deprecationWarning: str = ""
    name: str = field(default_factory=str)
    schema: CustomResourceValidation | None = None
    selectableFields: tuple[SelectableField, ...] = ()
    served: bool = field(default_factory=bool)
    storage: bool = field(default_factory=bool)
    subresources: CustomResourceSubresources | None = None


class CustomResourceDefinitionSpec(Object, frozen=True, kw_only=True):
    conversion: CustomResourceConversion | None = None
    group: str = field(default_factory=str)
    names: CustomResourceDefinitionNames = field(default_factory=lambda: CustomResourceDefinitionNames())
    preserveUnknownFields: bool = False
    scope: str = field(default_factory=str)
    versions: tuple[CustomResourceDefinitionVersion, ...] = ()


class CustomResourceDefinitionCondition(Object, frozen=True, kw_only=True):
    lastTransitionTime: str = ""
    message: str = ""
    observedGeneration: int = 0
    reason: str = ""
    status: str = field(default_factory=str)
    type: str = field(default_factory=str)


class CustomResourceDefinitionStatus(Object, frozen=True, kw_only=True):
    acceptedNames: CustomResourceDefinitionNames = field(default_factory=lambda: CustomResourceDefinitionNames())
    conditions: Annotated[tuple[CustomResourceDefinitionCondition, ...], ListType("map", ("type",), "", "")] = ()
    observedGeneration: int = 0
    storedVersions: tuple[str, ...] = ()


class CustomResourceDefinition(Resource, frozen=True, kw_only=True):
    spec: CustomResourceDefinitionSpec = field(default_factory=lambda: CustomResourceDefinitionSpec())
    status: CustomResourceDefinitionStatus = field(default_factory=lambda: CustomResourceDefinitionStatus())


class ValidationRule(Object, frozen=True, kw_only=True):
    fieldPath: str = ""
    message: str = ""
    messageExpression: str = ""
    optionalOldSelf: bool = False
    reason: str = ""
    rule: str = field(default_factory=str)
