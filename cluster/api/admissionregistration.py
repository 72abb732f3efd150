"""The admissionregistration group (admissionregistration.k8s.io/v1): policies and webhooks.

Written by `python -m tests.reference.generate` from the published schemas; do not edit by hand.
"""

from typing import Annotated

from msgspec import field

from cluster.api.meta import Condition, LabelSelector, Resource
from cluster.api.object import ListType, Object


class ApplyConfiguration(Object, frozen=True, kw_only=True):
    expression: str = ""


class AuditAnnotation(Object, frozen=True, kw_only=True):
    key: str = field(default_factory=str)
    valueExpression: str = field(default_factory=str)


class ExpressionWarning(Object, frozen=True, kw_only=True):
    fieldRef: str = field(default_factory=str)
    warning: str = field(default_factory=str)


class JSONPatch(Object, frozen=True, kw_only=True):
    expression: str = ""


class MatchCondition(Object, frozen=True, kw_only=True):
    expression: str = field(default_factory=str)
    name: str = field(default_factory=str)


class NamedRuleWithOperations(Object, frozen=True, kw_only=True):
    apiGroups: tuple[str, ...] = ()
    apiVersions: tuple[str, ...] = ()
    operations: tuple[str, ...] = ()
    resourceNames: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    scope: str = ""


class MatchResources(Object, frozen=True, kw_only=True):
    excludeResourceRules: tuple[NamedRuleWithOperations, ...] = ()
    matchPolicy: str = ""
    namespaceSelector: LabelSelector | None = None
    objectSelector: LabelSelector | None = None
    resourceRules: tuple[NamedRuleWithOperations, ...] = ()


class Mutation(Object, frozen=True, kw_only=True):
    applyConfiguration: ApplyConfiguration | None = None
    jsonPatch: JSONPatch | None = None
    patchType: str = field(default_factory=str)


class ParamKind(Object, frozen=True, kw_only=True):
    apiVersion: str = ""
    kind: str = ""


class Variable(Object, frozen=True, kw_only=True):
    expression: str = field(default_factory=str)
    name: str = field(default_factory=str)


class MutatingAdmissionPolicySpec(Object, frozen=True, kw_only=True):
    failurePolicy: str = ""
    matchConditions: Annotated[tuple[MatchCondition, ...], ListType("map", ("name",), "merge", "name")] = ()
    matchConstraints: MatchResources | None = None
    mutations: tuple[Mutation, ...] = ()
    paramKind: ParamKind | None = None
    reinvocationPolicy: str = ""
    variables: tuple[Variable, ...] = ()


class MutatingAdmissionPolicy(Resource, frozen=True, kw_only=True):
    spec: MutatingAdmissionPolicySpec = field(default_factory=lambda: MutatingAdmissionPolicySpec())


class ParamRef(Object, frozen=True, kw_only=True):
    name: str = ""
    namespace: str = ""
    parameterNotFoundAction: str = ""
    selector: LabelSelector | None = None


class MutatingAdmissionPolicyBindingSpec(Object, frozen=True, kw_only=True):
    matchResources: MatchResources | None = None
    paramRef: ParamRef | None = None
    policyName: str = ""


class MutatingAdmissionPolicyBinding(Resource, frozen=True, kw_only=True):
    spec: MutatingAdmissionPolicyBindingSpec = field(default_factory=lambda: MutatingAdmissionPolicyBindingSpec())


class ServiceReference(Object, frozen=True, kw_only=True):
    name: str = field(default_factory=str)
    namespace: str = field(default_factory=str)
    path: str = ""
    port: int | None = None


class WebhookClientConfig(Object, frozen=True, kw_only=True):
    caBundle: str = ""
    service: ServiceReference | None = None
    url: str = ""


class RuleWithOperations(Object, frozen=True, kw_only=True):
    apiGroups: tuple[str, ...] = ()
    apiVersions: tuple[str, ...] = ()
    operations: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    scope: str = ""


class MutatingWebhook(Object, frozen=True, kw_only=True):
    admissionReviewVersions: tuple[str, ...] = ()
    clientConfig: WebhookClientConfig = field(default_factory=lambda: WebhookClientConfig())
    failurePolicy: str = ""
    matchConditions: Annotated[tuple[MatchCondition, ...], ListType("map", ("name",), "merge", "name")] = ()
    matchPolicy: str = ""
    name: str = field(default_factory=str)
    namespaceSelector: LabelSelector | None = None
    objectSelector: LabelSelector | None = None
    reinvocationPolicy: str = ""
    rules: tuple[RuleWithOperations, ...] = ()
    sideEffects: str = ""
    timeoutSeconds: int = 0


class MutatingWebhookConfiguration(Resource, frozen=True, kw_only=True):
    webhooks: Annotated[tuple[MutatingWebhook, ...], ListType("map", ("name",), "merge", "name")] = ()


class TypeChecking(Object, frozen=True, kw_only=True):
    expressionWarnings: tuple[ExpressionWarning, ...] = ()


class Validation(Object, frozen=True, kw_only=True):
    expression: str = field(default_factory=str)
    message: str = ""
    messageExpression: str = ""
    reason: str = ""


class ValidatingAdmissionPolicySpec(Object, frozen=True, kw_only=True):
    auditAnnotations: tuple[AuditAnnotation, ...] = ()
    failurePolicy: str = ""
    matchConditions: Annotated[tuple[MatchCondition, ...], ListType("map", ("name",), "merge", "name")] = ()
    matchConstraints: MatchResources | None = None
    paramKind: ParamKind | None = None
    validations: tuple[Validation, ...] = ()
    variables: Annotated[tuple[Variable, ...], ListType("map", ("name",), "merge", "name")] = ()


class ValidatingAdmissionPolicyStatus(Object, frozen=True, kw_only=True):
    conditions: Annotated[tuple[Condition, ...], ListType("map", ("type",), "", "")] = ()
    observedGeneration: int = 0
    typeChecking: TypeChecking | None = None


class ValidatingAdmissionPolicy(Resource, frozen=True, kw_only=True):
    spec: ValidatingAdmissionPolicySpec = field(default_factory=lambda: ValidatingAdmissionPolicySpec())
    status: ValidatingAdmissionPolicyStatus = field(default_factory=lambda: ValidatingAdmissionPolicyStatus())


class ValidatingAdmissionPolicyBindingSpec(Object, frozen=True, kw_only=True):
    matchResources: MatchResources | None = None
    paramRef: ParamRef | None = None
    policyName: str = ""
    validationActions: Annotated[tuple[str, ...], ListType("set", (), "", "")] = ()


class ValidatingAdmissionPolicyBinding(Resource, frozen=True, kw_only=True):
    spec: ValidatingAdmissionPolicyBindingSpec = field(default_factory=lambda: ValidatingAdmissionPolicyBindingSpec())


class ValidatingWebhook(Object, frozen=True, kw_only=True):
    admissionReviewVersions: tuple[str, ...] = ()
    clientConfig: WebhookClientConfig = field(default_factory=lambda: WebhookClientConfig())
    failurePolicy: str = ""
    matchConditions: Annotated[tuple[MatchCondition, ...], ListType("map", ("name",), "merge", "name")] = ()
    matchPolicy: str = ""
    name: str = field(default_factory=str)
    namespaceSelector: LabelSelector | None = None
    objectSelector: LabelSelector | None = None
    rules: tuple[RuleWithOperations, ...] = ()
    sideEffects: str = ""
    timeoutSeconds: int = 0


class ValidatingWebhookConfiguration(Resource, frozen=True, kw_only=True):
    webhooks: Annotated[tuple[ValidatingWebhook, ...], ListType("map", ("name",), "merge", "name")] = ()
