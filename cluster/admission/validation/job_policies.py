"""What makes a Job fail early or succeed early: its pod failure policy and its success policy.

Part of a Job's validation. Mirrors validatePodFailurePolicy and validateSuccessPolicy. Invariant: an
index that is named is one that the Job has.
"""

from cluster.admission import field_error as error
from cluster.admission.validation.checks import Causes, nonnegative, qualified_name
from cluster.api.batch import (
    JobSpec,
    PodFailurePolicyOnExitCodesRequirement,
    PodFailurePolicyOnPodConditionsPattern,
    PodFailurePolicyRule,
    SuccessPolicyRule,
)

ACTIONS = ("Count", "FailIndex", "FailJob", "Ignore")
MAX_RULES, MAX_PATTERNS, MAX_VALUES, MAX_INDEXES_LENGTH = 20, 20, 255, 64 * 1024
_OPERATORS, _STATUSES = ("In", "NotIn"), ("False", "True", "Unknown")


def pod_failure_policy(field: str, spec: JobSpec) -> Causes:
    """The rules that say what the failure of a pod means."""
    rules = spec.podFailurePolicy.rules if spec.podFailurePolicy is not None else ()
    if len(rules) > MAX_RULES:
        yield error.too_many(f"{field}.rules", len(rules), MAX_RULES)
    known = {item.name for item in (*spec.template.spec.containers, *spec.template.spec.initContainers)}
    for index, rule in enumerate(rules):
        yield from _failure_rule(f"{field}.rules[{index}]", rule, spec, known)


def success_policy(field: str, spec: JobSpec) -> Causes:
    """The rules that say when an indexed Job has succeeded."""
    policy = spec.successPolicy
    rules = () if policy is None else policy.rules
    if spec.completionMode != "Indexed":
        shown = error.Fields(Rules=[_shown(rule) for rule in rules] or None)
        yield error.invalid(field, shown, "requires indexed completion mode")
        return
    if not rules:
        why = "at least one rules must be specified when the successPolicy is specified"
        yield error.required(f"{field}.rules", why)
    if len(rules) > MAX_RULES:
        yield error.too_many(f"{field}.rules", len(rules), MAX_RULES)
    for index, rule in enumerate(rules):
        yield from _success_rule(f"{field}.rules[{index}]", rule, spec.completions or 0)


def count_indexes(text: str, completions: int) -> int:
    """How many indexes the text (`0,2-4`) names; ValueError says why it names none, in Kubernetes' words."""
    total, last = 0, -1
    for interval in text.split(",") if text else ():
        first, end = _interval(interval, completions)
        if last >= first:
            raise ValueError(f"non-increasing order, previous: {last}, current: {first}")
        total += end - first + 1
        last = end
    return total


def _interval(text: str, completions: int) -> tuple[int, int]:
    parts = text.split("-")
    if len(parts) > 2:
        why = "violates the requirement that an index interval can have at most two parts separated by '-'"
        raise ValueError(f"the fragment {error.quoted(text)} {why}")
    limits = [_index(part, completions) for part in parts]
    if len(limits) > 1 and limits[0] >= limits[1]:
        raise ValueError(f"non-increasing order, previous: {limits[0]}, current: {limits[1]}")
    return limits[0], limits[-1]


def _index(text: str, completions: int) -> int:
    if not text.isascii() or not text.isdecimal():
        raise ValueError(f"cannot convert string to integer for index: {error.quoted(text)}")
    if int(text) >= completions:
        raise ValueError(f"too large index: {error.quoted(text)}")
    return int(text)


def _listed(values: tuple[str, ...]) -> str:
    """The values as Go prints a list of texts (`%q`)."""
    return f"valid values: [{' '.join(map(error.quoted, values))}]"


def _failure_rule(field: str, rule: PodFailurePolicyRule, spec: JobSpec, known: set[str]) -> Causes:
    if not rule.action:
        yield error.required(f"{field}.action", _listed(ACTIONS))
    elif rule.action == "FailIndex":
        if spec.backoffLimitPerIndex is None:
            yield error.invalid(f"{field}.action", rule.action, "requires the backoffLimitPerIndex to be set")
    elif rule.action not in ACTIONS:
        yield error.not_supported(f"{field}.action", rule.action, ACTIONS)
    if rule.onExitCodes is not None:
        yield from _exit_codes(f"{field}.onExitCodes", rule.onExitCodes, known)
    if rule.onPodConditions:
        yield from _conditions(f"{field}.onPodConditions", rule.onPodConditions)
    if rule.onExitCodes is not None and rule.onPodConditions:
        yield error.unshown(field, "specifying both OnExitCodes and OnPodConditions is not supported")
    if rule.onExitCodes is None and not rule.onPodConditions:
        yield error.unshown(field, "specifying one of OnExitCodes and OnPodConditions is required")


def _exit_codes(field: str, rule: PodFailurePolicyOnExitCodesRequirement, known: set[str]) -> Causes:
    if not rule.operator:
        yield error.required(f"{field}.operator", _listed(_OPERATORS))
    elif rule.operator not in _OPERATORS:
        yield error.not_supported(f"{field}.operator", rule.operator, _OPERATORS)
    if rule.containerName and rule.containerName not in known:
        why = "must be one of the container or initContainer names in the pod template"
        yield error.invalid(f"{field}.containerName", rule.containerName, why)
    here, values = f"{field}.values", rule.values
    if not values:
        yield error.invalid(here, None, "at least one value is required")
    elif len(values) > MAX_VALUES:
        yield error.too_many(here, len(values), MAX_VALUES)
    for index, value in enumerate(values):
        if rule.operator == "In" and value == 0:
            yield error.invalid(f"{here}[{index}]", value, "must not be 0 for the In operator")
        if value in values[:index]:
            yield error.duplicate(f"{here}[{index}]", value)
    if list(values) != sorted(values):
        yield error.invalid(here, values, "must be ordered")


def _conditions(field: str, patterns: tuple[PodFailurePolicyOnPodConditionsPattern, ...]) -> Causes:
    if len(patterns) > MAX_PATTERNS:
        yield error.too_many(field, len(patterns), MAX_PATTERNS)
    for index, pattern in enumerate(patterns):
        here = f"{field}[{index}]"
        yield from qualified_name(f"{here}.type", pattern.type)
        if not pattern.status:
            yield error.required(f"{here}.status", _listed(_STATUSES))
        elif pattern.status not in _STATUSES:
            yield error.not_supported(f"{here}.status", pattern.status, _STATUSES)


def _success_rule(field: str, rule: SuccessPolicyRule, completions: int) -> Causes:
    count, indexes, total = rule.succeededCount, rule.succeededIndexes, 0
    if count is None and not indexes:
        yield error.required(field, "at least one of succeededCount or succeededIndexes must be specified")
    if indexes:
        here = f"{field}.succeededIndexes"
        if len(indexes) > MAX_INDEXES_LENGTH:
            yield error.too_long(here, MAX_INDEXES_LENGTH)
        try:
            total = count_indexes(indexes, completions)
        except ValueError as wrong:
            yield error.invalid(here, indexes, f"error parsing succeededIndexes: {wrong}")
    if count is None:
        return
    here = f"{field}.succeededCount"
    yield from nonnegative(here, count)
    if count > completions:
        why = f"must be less than or equal to {completions} (the number of specified completions)"
        yield error.invalid(here, count, why)
    if indexes and count > total:
        why = f"must be less than or equal to {total} (the number of indexes in the specified succeededIndexes field)"
        yield error.invalid(here, count, why)


def _shown(rule: SuccessPolicyRule) -> error.Fields:
    return error.Fields(SucceededIndexes=rule.succeededIndexes or None, SucceededCount=rule.succeededCount)
