"""Where a pod may run: affinity, tolerations, topology spread, and scheduling gates.

Part of a pod spec's validation. Mirrors validateAffinity, ValidateTolerations and
validateTopologySpreadConstraints. Invariant: what passes, the scheduler can evaluate.
"""

from cluster.admission import field_error as error
from cluster.admission.validation.checks import NOT_POSITIVE, Causes, dns_label, invalid_each, one_of, qualified_name
from cluster.admission.validation.selectors import NO_OPERATOR, VALUES_FORBIDDEN, VALUES_NEEDED, label_selector
from cluster.api import names
from cluster.api.core import (
    Affinity,
    NodeAffinity,
    NodeSelector,
    NodeSelectorRequirement,
    NodeSelectorTerm,
    PodAffinity,
    PodAffinityTerm,
    PodAntiAffinity,
    PodSchedulingGate,
    Toleration,
    TopologySpreadConstraint,
)
from cluster.api.meta import LabelSelector

EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")
_REQUIRED, _PREFERRED = (
    "requiredDuringSchedulingIgnoredDuringExecution",
    "preferredDuringSchedulingIgnoredDuringExecution",
)
_WEIGHT = "must be in the range 1-100"


def affinity(field: str, value: Affinity | None) -> Causes:
    """Affinity to nodes, to pods, and away from pods."""
    if value is None:
        return
    if value.nodeAffinity is not None:
        yield from _node_affinity(f"{field}.nodeAffinity", value.nodeAffinity)
    if value.podAffinity is not None:
        yield from _pod_affinity(f"{field}.podAffinity", value.podAffinity)
    if value.podAntiAffinity is not None:
        yield from _pod_affinity(f"{field}.podAntiAffinity", value.podAntiAffinity)


def _node_affinity(field: str, value: NodeAffinity) -> Causes:
    required = value.requiredDuringSchedulingIgnoredDuringExecution
    if required is not None:
        yield from node_selector(f"{field}.{_REQUIRED}", required)
    for index, preferred in enumerate(value.preferredDuringSchedulingIgnoredDuringExecution):
        here = f"{field}.{_PREFERRED}[{index}]"
        if not 1 <= preferred.weight <= 100:
            yield error.invalid(f"{here}.weight", preferred.weight, _WEIGHT)
        yield from _node_term(f"{here}.preference", preferred.preference, values=False)


def node_selector(field: str, selector: NodeSelector) -> Causes:
    """A selector of nodes."""
    here = f"{field}.nodeSelectorTerms"
    if not selector.nodeSelectorTerms:
        yield error.required(here, "must have at least one node selector term")
    for index, term in enumerate(selector.nodeSelectorTerms):
        yield from _node_term(f"{here}[{index}]", term, values=True)


def _node_term(field: str, term: NodeSelectorTerm, *, values: bool) -> Causes:
    for index, requirement in enumerate(term.matchExpressions):
        yield from _node_requirement(f"{field}.matchExpressions[{index}]", requirement, values=values)
    for index, requirement in enumerate(term.matchFields):
        yield from _node_field(f"{field}.matchFields[{index}]", requirement)


def _node_requirement(field: str, requirement: NodeSelectorRequirement, *, values: bool) -> Causes:
    operator, count = requirement.operator, len(requirement.values)
    if operator in ("In", "NotIn"):
        if not count:
            yield error.required(f"{field}.values", VALUES_NEEDED)
    elif operator in ("Exists", "DoesNotExist"):
        if count:
            yield error.forbidden(f"{field}.values", VALUES_FORBIDDEN)
    elif operator in ("Gt", "Lt"):
        if count != 1:
            why = "must be specified single value when `operator` is 'Lt' or 'Gt'"
            yield error.required(f"{field}.values", why)
    else:
        yield error.invalid(f"{field}.operator", operator, NO_OPERATOR)
    yield from qualified_name(f"{field}.key", requirement.key)
    for index, value in enumerate(requirement.values if values else ()):
        yield from invalid_each(f"{field}.values[{index}]", value, names.label_value(value))


def _node_field(field: str, requirement: NodeSelectorRequirement) -> Causes:
    if requirement.operator not in ("In", "NotIn"):
        yield error.invalid(f"{field}.operator", requirement.operator, NO_OPERATOR)
    elif len(requirement.values) != 1:
        why = "must be only one value when `operator` is 'In' or 'NotIn' for node field selector"
        yield error.required(f"{field}.values", why)
    if requirement.key != "metadata.name":
        yield error.invalid(f"{field}.key", requirement.key, "not a valid field selector key")
        return
    for index, value in enumerate(requirement.values):
        yield from invalid_each(f"{field}.values[{index}]", value, names.is_dns1123_subdomain(value))


def _pod_affinity(field: str, value: PodAffinity | PodAntiAffinity) -> Causes:
    for index, term in enumerate(value.requiredDuringSchedulingIgnoredDuringExecution):
        yield from _pod_term(f"{field}.{_REQUIRED}[{index}]", term)
    for index, weighted in enumerate(value.preferredDuringSchedulingIgnoredDuringExecution):
        here = f"{field}.{_PREFERRED}[{index}]"
        if not 1 <= weighted.weight <= 100:
            yield error.invalid(f"{here}.weight", weighted.weight, _WEIGHT)
        yield from _pod_term(f"{here}.podAffinityTerm", weighted.podAffinityTerm)


def _pod_term(field: str, term: PodAffinityTerm) -> Causes:
    yield from label_selector(f"{field}.labelSelector", term.labelSelector)
    yield from label_selector(f"{field}.namespaceSelector", term.namespaceSelector)
    for name in term.namespaces:
        yield from dns_label(f"{field}.namespace", name)
    yield from _label_keys(f"{field}.matchLabelKeys", term.matchLabelKeys, term.labelSelector)
    yield from _label_keys(f"{field}.mismatchLabelKeys", term.mismatchLabelKeys, term.labelSelector)
    for index, key in enumerate(term.matchLabelKeys):
        if term.labelSelector is not None and key in term.labelSelector.matchLabels:
            yield error.invalid(f"{field}[{index}]", key, "exists in both matchLabelKeys and labelSelector")
        if key in term.mismatchLabelKeys:
            why = "exists in both matchLabelKeys and mismatchLabelKeys"
            yield error.invalid(f"{field}.matchLabelKeys[{index}]", key, why)
    if not term.topologyKey:
        yield error.required(f"{field}.topologyKey", "can not be empty")
    yield from qualified_name(f"{field}.topologyKey", term.topologyKey)


def _label_keys(field: str, keys: tuple[str, ...], selector: LabelSelector | None) -> Causes:
    if keys and selector is None:
        yield error.forbidden(field, "must not be specified when labelSelector is not set")
        return
    for index, key in enumerate(keys):
        yield from qualified_name(f"{field}[{index}]", key)


def taint_effect(field: str, effect: str) -> Causes:
    """What a taint does to the pods that do not tolerate it."""
    return one_of(field, effect, EFFECTS)


def tolerations(field: str, values: tuple[Toleration, ...]) -> Causes:
    """Tolerations of taints."""
    for index, value in enumerate(values):
        here = f"{field}[{index}]"
        if value.key:
            yield from qualified_name(f"{here}.key", value.key)
        elif value.operator != "Exists":
            why = 'operator must be Exists when `key` is empty, which means "match all values and all keys"'
            yield error.invalid(f"{here}.operator", value.operator, why)
        if value.tolerationSeconds is not None and value.effect != "NoExecute":
            why = "effect must be 'NoExecute' when `tolerationSeconds` is set"
            yield error.invalid(f"{here}.effect", value.effect, why)
        yield from _operator(f"{here}.operator", value)
        if value.effect:
            yield from taint_effect(f"{here}.effect", value.effect)


def _operator(field: str, value: Toleration) -> Causes:
    if value.operator in ("Equal", ""):
        wrong = names.label_value(value.value)
        if wrong:
            yield error.invalid(field, value.value, ";".join(wrong))
    elif value.operator == "Exists":
        if value.value:
            yield error.invalid(field, value.value, "value must be empty when `operator` is 'Exists'")
    else:
        yield error.not_supported(field, value.operator, ("Equal", "Exists"))


def gates(field: str, values: tuple[PodSchedulingGate, ...]) -> Causes:
    """Scheduling gates."""
    seen: set[str] = set()
    for index, value in enumerate(values):
        here = f"{field}[{index}]"
        yield from qualified_name(here, value.name)
        if value.name in seen:
            yield error.duplicate(here, value.name)
        seen.add(value.name)


def spread_constraints(field: str, values: tuple[TopologySpreadConstraint, ...]) -> Causes:
    """Topology spread constraints."""
    for index, value in enumerate(values):
        yield from _spread(f"{field}[{index}]", value, values[index + 1 :])


def _spread(field: str, value: TopologySpreadConstraint, rest: tuple[TopologySpreadConstraint, ...]) -> Causes:
    if value.maxSkew <= 0:
        yield error.invalid(f"{field}.maxSkew", value.maxSkew, NOT_POSITIVE)
    if not value.topologyKey:
        yield error.required(f"{field}.topologyKey", "can not be empty")
    action = value.whenUnsatisfiable
    yield from one_of(f"{field}.whenUnsatisfiable", action, ("DoNotSchedule", "ScheduleAnyway"))
    if any(other.topologyKey == value.topologyKey and other.whenUnsatisfiable == action for other in rest):
        yield error.duplicate(f"{field}.{{topologyKey, whenUnsatisfiable}}", f"{{{value.topologyKey}, {action}}}")
    if value.minDomains is not None:
        if value.minDomains <= 0:
            yield error.invalid(f"{field}.minDomains", value.minDomains, NOT_POSITIVE)
        if action != "DoNotSchedule":
            why = f"can only use minDomains if whenUnsatisfiable=DoNotSchedule, not {action}"
            yield error.invalid(f"{field}.minDomains", value.minDomains, why)
    for name in ("nodeAffinityPolicy", "nodeTaintsPolicy"):
        policy = getattr(value, name)
        if policy:
            yield from one_of(f"{field}.{name}", policy, ("Honor", "Ignore"))
    yield from _label_keys(f"{field}.matchLabelKeys", value.matchLabelKeys, value.labelSelector)
    yield from label_selector(f"{field}.labelSelector", value.labelSelector)
