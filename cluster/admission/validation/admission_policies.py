"""ValidatingAdmissionPolicies and their bindings.

On the data's way two of the kinds' validations. Mirrors their part of
pkg/apis/admissionregistration/validation. Invariant: a policy says what it is
about and what it asks for, in expressions that compile.
"""

from collections.abc import Mapping
from typing import Any

from cluster.admission import field_error as error
from cluster.admission.validation import metadata
from cluster.admission.validation.checks import Causes, one_of, path_segment, qualified_name, required_one_of
from cluster.admission.validation.expressions import Known, compiles
from cluster.admission.validation.rules import Rules
from cluster.admission.validation.selectors import label_selector
from cluster.admission.validation.webhooks import FAILURE_POLICIES, MATCH_POLICIES, match_conditions, rule
from cluster.api import kinds, names
from cluster.api.admissionregistration import (
    AuditAnnotation,
    MatchResources,
    ParamKind,
    ParamRef,
    ValidatingAdmissionPolicy,
    ValidatingAdmissionPolicyBinding,
    ValidatingAdmissionPolicySpec,
    Validation,
    Variable,
)
from cluster.api.kinds import Kind
from cluster.api.meta import StatusCause

ACTIONS = ("Audit", "Deny", "Warn")
REASONS = ("Forbidden", "Invalid", "RequestEntityTooLarge", "Unauthorized")
MAX_ANNOTATIONS, MAX_VALUE_EXPRESSION = 20, 5 * 1024
_NOTHING = "validations or auditAnnotations must contain at least one item"
_BOTH = (
    "must not contain both Deny and Warn (repeating the same validation failure information in the API response and "
    "headers serves no purpose)"
)


def policy(value: ValidatingAdmissionPolicy) -> list[StatusCause]:
    """What is wrong with a new policy."""
    causes = metadata.create(value.metadata, names.is_dns1123_subdomain, namespaced=False)
    return causes + _spec(value.spec)


def policy_update(new: ValidatingAdmissionPolicy, old: ValidatingAdmissionPolicy) -> list[StatusCause]:
    """What is wrong with a changed policy."""
    causes = metadata.update(new.metadata, old.metadata)
    return causes if new.spec is old.spec else causes + _spec(new.spec)


def _spec(spec: ValidatingAdmissionPolicySpec) -> list[StatusCause]:
    causes = list(required_one_of("spec.failurePolicy", spec.failurePolicy, FAILURE_POLICIES))
    if spec.paramKind is not None:
        causes += _param_kind("spec.paramKind", spec.paramKind)
    field = "spec.matchConstraints"
    if spec.matchConstraints is None:
        causes.append(error.required(field))
    else:
        causes += _match_resources(field, spec.matchConstraints)
        if not spec.matchConstraints.resourceRules:
            causes.append(error.required(f"{field}.resourceRules"))
    known = Known(params=spec.paramKind is not None)
    causes += match_conditions("spec.matchConditions", spec.matchConditions, known)
    known.begin_variables()
    for index, variable in enumerate(spec.variables):
        causes += _variable(f"spec.variables[{index}]", variable, known)
        known.declare(variable.name, variable.expression)
    if not spec.validations and not spec.auditAnnotations:
        causes += [error.required(f"spec.{name}", _NOTHING) for name in ("validations", "auditAnnotations")]
    for index, validation in enumerate(spec.validations):
        causes += _validation(f"spec.validations[{index}]", validation, known)
    return causes + list(_annotations("spec.auditAnnotations", spec.auditAnnotations, known))


def _param_kind(field: str, value: ParamKind) -> Causes:
    here, version = f"{field}.apiVersion", value.apiVersion
    if not version:
        yield error.required(here)
    elif version.count("/") > 1:
        yield error.invalid(here, version, f"unexpected GroupVersion string: {version}")
    else:
        group, _, number = version.rpartition("/")
        if group and names.is_dns1123_subdomain(group):
            yield error.invalid(here, group, ",".join(names.is_dns1123_subdomain(group)))
        if not number:
            yield error.invalid(here, version, "version must be specified")
        elif names.is_dns1035_label(number):
            yield error.invalid(here, number, ",".join(names.is_dns1035_label(number)))
    wrong = names.is_dns1035_label(value.kind.lower())
    if not value.kind:
        yield error.required(f"{field}.kind")
    elif wrong:
        why = f"may have mixed case, but should otherwise match: {','.join(wrong)}"
        yield error.invalid(f"{field}.kind", value.kind, why)


def _match_resources(field: str, value: MatchResources) -> Causes:
    yield from required_one_of(f"{field}.matchPolicy", value.matchPolicy, MATCH_POLICIES)
    for name in ("namespaceSelector", "objectSelector"):
        selector = getattr(value, name)
        if selector is None:
            yield error.required(f"{field}.{name}")
        yield from label_selector(f"{field}.{name}", selector)
    for name in ("resourceRules", "excludeResourceRules"):
        for index, item in enumerate(getattr(value, name)):
            here = f"{field}.{name}[{index}]"
            for number, resource in enumerate(item.resourceNames):
                yield from path_segment(f"{here}.resourceNames[{number}]", resource)
                if resource in item.resourceNames[:number]:
                    yield error.duplicate(f"{here}.resourceNames[{number}]", resource)
            yield from rule(here, item)


def _variable(field: str, value: Variable, known: Known) -> Causes:
    if not value.name.strip():
        yield error.required(f"{field}.name", "name is not specified")
    elif names.is_c_identifier(value.name):
        yield error.invalid(f"{field}.name", value.name, "name is not a valid CEL identifier")
    if not value.expression.strip():
        yield error.required(f"{field}.expression", "expression is not specified")
    else:
        yield from compiles(f"{field}.expression", value.expression, known)


def _validation(field: str, value: Validation, known: Known) -> Causes:
    if not value.expression.strip():
        yield error.required(f"{field}.expression", "expression is not specified")
    else:
        yield from compiles(f"{field}.expression", value.expression, known, "bool")
    message = value.message.strip()
    if value.messageExpression and not value.messageExpression.strip():
        yield error.invalid(f"{field}.messageExpression", value.messageExpression, "must be non-empty if specified")
    elif value.messageExpression:
        yield from compiles(f"{field}.messageExpression", value.messageExpression, known, "string")
    if value.message and not message:
        yield error.invalid(f"{field}.message", value.message, "message must be non-empty if specified")
    elif "\n" in message:
        yield error.invalid(f"{field}.message", value.message, "message must not contain line breaks")
    elif "\n" in value.expression.strip() and not message:
        why = "message must be specified if expression contains line breaks"
        yield error.required(f"{field}.message", why)
    if value.reason:
        yield from one_of(f"{field}.reason", value.reason, REASONS)


def _annotations(field: str, values: tuple[AuditAnnotation, ...], known: Known) -> Causes:
    if len(values) > MAX_ANNOTATIONS:
        why = f"must not have more than {MAX_ANNOTATIONS} auditAnnotations"
        yield error.invalid(field, values, why)
    seen: set[str] = set()
    for index, value in enumerate(values):
        here = f"{field}[{index}]"
        if value.key:
            yield from qualified_name(f"{here}.key", value.key)
        else:
            yield error.required(f"{here}.key")
        if not value.valueExpression.strip():
            yield error.required(f"{here}.valueExpression", "valueExpression is not specified")
        elif len(value.valueExpression.strip()) > MAX_VALUE_EXPRESSION:
            why = f"must not exceed {MAX_VALUE_EXPRESSION} bytes in length"
            yield error.required(f"{here}.valueExpression", why)
        else:
            yield from compiles(f"{here}.valueExpression", value.valueExpression, known, "string", "null_type")
        if value.key in seen:
            yield error.duplicate(f"{here}.key", value.key)
        seen.add(value.key)


def binding(value: ValidatingAdmissionPolicyBinding) -> list[StatusCause]:
    """What is wrong with a new binding."""
    causes = metadata.create(value.metadata, names.is_dns1123_subdomain, namespaced=False)
    return causes + _binding_spec(value)


def binding_update(new: ValidatingAdmissionPolicyBinding, old: ValidatingAdmissionPolicyBinding) -> list[StatusCause]:
    """What is wrong with a changed binding."""
    causes = metadata.update(new.metadata, old.metadata)
    return causes if new.spec is old.spec else causes + _binding_spec(new)


def _binding_spec(value: ValidatingAdmissionPolicyBinding) -> list[StatusCause]:
    spec, causes = value.spec, list[StatusCause]()
    if spec.policyName:
        causes += [
            error.invalid("spec.policyName", spec.policyName, why)
            for why in names.is_dns1123_subdomain(spec.policyName)
        ]
    else:
        causes.append(error.required("spec.policyName"))
    if spec.paramRef is not None:
        causes += _param_ref("spec.paramRef", spec.paramRef)
    if spec.matchResources is not None:
        causes += _match_resources("spec.matchResources", spec.matchResources)
    return causes + list(_actions("spec.validationActions", spec.validationActions))


def _param_ref(field: str, value: ParamRef) -> Causes:
    if value.name and value.selector is not None:
        yield error.forbidden(f"{field}.name", "name and selector are mutually exclusive")
    elif value.name:
        yield from path_segment(f"{field}.name", value.name)
    elif value.selector is None:
        yield error.required(field, "one of name or selector must be specified")
    yield from label_selector(f"{field}.selector", value.selector)
    yield from required_one_of(f"{field}.parameterNotFoundAction", value.parameterNotFoundAction, ("Allow", "Deny"))


def _actions(field: str, values: tuple[str, ...]) -> Causes:
    for index, action in enumerate(values):
        yield from one_of(f"{field}[{index}]", action, ACTIONS)
        if action in values[:index]:
            yield error.duplicate(f"{field}[{index}]", action)
    if "Deny" in values and "Warn" in values:
        yield error.invalid(field, values, _BOTH)
    if not values:
        yield error.required(field, "at least one validation action is required")


RULES: Mapping[Kind[Any], Rules] = {
    kinds.VALIDATING_ADMISSION_POLICIES: Rules(policy, policy_update),
    kinds.VALIDATING_ADMISSION_POLICY_BINDINGS: Rules(binding, binding_update),
}
