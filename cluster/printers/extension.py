"""What extends the API as rows: admission policies and webhooks, and what they are given.

Invariant: an absent parameter is `<unset>`; one without a namespace may be of any, `*`.
"""

from cluster.api.admissionregistration import (
    MutatingWebhookConfiguration,
    ParamRef,
    ValidatingAdmissionPolicy,
    ValidatingAdmissionPolicyBinding,
    ValidatingWebhookConfiguration,
)
from cluster.api.meta import LabelSelector
from cluster.printers.column import AGE, NAME, Printer, numbers, texts
from cluster.printers.now import Now


def _webhooks(value: ValidatingWebhookConfiguration | MutatingWebhookConfiguration, now: Now) -> tuple[str, ...]:
    return value.metadata.name, str(len(value.webhooks)), now.since(value.metadata.creationTimestamp)


def _policy(value: ValidatingAdmissionPolicy, now: Now) -> tuple[str, ...]:
    kind = value.spec.paramKind
    return (
        value.metadata.name,
        str(len(value.spec.validations)),
        f"{kind.apiVersion}/{kind.kind}" if kind else "<unset>",
        now.since(value.metadata.creationTimestamp),
    )


def _policy_binding(value: ValidatingAdmissionPolicyBinding, now: Now) -> tuple[str, ...]:
    return (
        value.metadata.name,
        value.spec.policyName,
        _parameter(value.spec.paramRef),
        now.since(value.metadata.creationTimestamp),
    )


def _parameter(ref: ParamRef | None) -> str:
    if ref is not None and ref.name:
        return f"{ref.namespace or '*'}/{ref.name}"
    if ref is not None and ref.selector is not None:
        return _go_text(ref.selector)
    return "<unset>"


def _go_text(selector: LabelSelector) -> str:
    """A selector as its protobuf message prints itself, which is what the API server shows here."""
    labels = "".join(f"{key}: {selector.matchLabels[key]}," for key in sorted(selector.matchLabels))
    expressions = "".join(
        f"LabelSelectorRequirement{{Key:{item.key},Operator:{item.operator},Values:[{' '.join(item.values)}],}},"
        for item in selector.matchExpressions
    )
    return (
        f"&LabelSelector{{MatchLabels:map[string]string{{{labels}}},"
        f"MatchExpressions:[]LabelSelectorRequirement{{{expressions}}},}}"
    )


WEBHOOK_CONFIGURATION = Printer((NAME, *numbers("Webhooks"), AGE), _webhooks)
VALIDATING_ADMISSION_POLICY = Printer((NAME, *numbers("Validations"), *texts("ParamKind"), AGE), _policy)
VALIDATING_ADMISSION_POLICY_BINDING = Printer((NAME, *texts("PolicyName", "ParamRef"), AGE), _policy_binding)
