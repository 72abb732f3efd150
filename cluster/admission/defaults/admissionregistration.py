"""Defaults of admission webhooks and admission policies.

On the data's way between decoding and admission. Mirrors pkg/apis/admissionregistration/v1/defaults.go.
Invariant: what does not say whom it is about is about everybody, and what fails refuses.
"""

from collections.abc import Callable, Mapping
from typing import Any

from cluster.admission.sharing import changed, each
from cluster.api import kinds
from cluster.api.admissionregistration import (
    MatchResources,
    NamedRuleWithOperations,
    ParamRef,
    RuleWithOperations,
    ValidatingAdmissionPolicy,
    ValidatingAdmissionPolicyBinding,
    WebhookClientConfig,
)
from cluster.api.kinds import Kind
from cluster.api.meta import LabelSelector

TIMEOUT_SECONDS = 10
SERVICE_PORT = 443
_EVERYTHING = LabelSelector()


def policy(value: ValidatingAdmissionPolicy) -> ValidatingAdmissionPolicy:
    """The policy that refuses what it cannot judge."""
    spec = value.spec
    spec = changed(
        spec, failurePolicy=spec.failurePolicy or "Fail", matchConstraints=_match_resources(spec.matchConstraints)
    )
    return changed(value, spec=spec)


def binding(value: ValidatingAdmissionPolicyBinding) -> ValidatingAdmissionPolicyBinding:
    """The binding that refuses what lacks its parameters."""
    spec = value.spec
    spec = changed(spec, matchResources=_match_resources(spec.matchResources), paramRef=_param_ref(spec.paramRef))
    return changed(value, spec=spec)


def webhooks(value: Any) -> Any:
    """The configuration of either sort, with the defaults of each webhook."""
    return changed(value, webhooks=each(value.webhooks, _webhook))


def _webhook(value: Any) -> Any:
    value = changed(
        value,
        failurePolicy=value.failurePolicy or "Fail",
        matchPolicy=value.matchPolicy or "Equivalent",
        namespaceSelector=value.namespaceSelector or _EVERYTHING,
        objectSelector=value.objectSelector or _EVERYTHING,
        timeoutSeconds=value.timeoutSeconds or TIMEOUT_SECONDS,
        clientConfig=_client(value.clientConfig),
        rules=each(value.rules, _rule),
    )
    if "reinvocationPolicy" not in value.__struct_fields__:
        return value
    return changed(value, reinvocationPolicy=value.reinvocationPolicy or "Never")


def _client(value: WebhookClientConfig) -> WebhookClientConfig:
    service = value.service
    if service is None or service.port is not None:
        return value
    return changed(value, service=changed(service, port=SERVICE_PORT))


def _rule(value: RuleWithOperations) -> RuleWithOperations:
    return value if value.scope else changed(value, scope="*")


def _named_rule(value: NamedRuleWithOperations) -> NamedRuleWithOperations:
    return value if value.scope else changed(value, scope="*")


def _match_resources(value: MatchResources | None) -> MatchResources | None:
    return value and changed(
        value,
        matchPolicy=value.matchPolicy or "Equivalent",
        namespaceSelector=value.namespaceSelector or _EVERYTHING,
        objectSelector=value.objectSelector or _EVERYTHING,
        resourceRules=each(value.resourceRules, _named_rule),
        excludeResourceRules=each(value.excludeResourceRules, _named_rule),
    )


def _param_ref(value: ParamRef | None) -> ParamRef | None:
    if value is None or value.parameterNotFoundAction:
        return value
    return changed(value, parameterNotFoundAction="Deny")


DEFAULTS: Mapping[Kind[Any], Callable[[Any], Any]] = {
    kinds.VALIDATING_ADMISSION_POLICIES: policy,
    kinds.VALIDATING_ADMISSION_POLICY_BINDINGS: binding,
    kinds.VALIDATING_WEBHOOK_CONFIGURATIONS: webhooks,
    kinds.MUTATING_WEBHOOK_CONFIGURATIONS: webhooks,
}
