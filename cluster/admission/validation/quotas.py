"""ResourceQuotas: which resources are limited, and for which pods.

On the data's way one of the kinds' validations. Mirrors ValidateResourceQuota. Invariant: a scope only
limits resources that it can be asked about.
"""

from collections.abc import Mapping
from typing import Any

from cluster.admission import field_error as error
from cluster.admission.validation import metadata
from cluster.admission.validation.checks import IMMUTABLE, Causes
from cluster.admission.validation.resources import amount, standard_name
from cluster.admission.validation.rules import Rules
from cluster.api import kinds, names
from cluster.api.core import ResourceQuota, ResourceQuotaSpec, ScopedResourceSelectorRequirement
from cluster.api.kinds import Kind
from cluster.api.meta import StatusCause

SCOPES = (
    "Terminating", "NotTerminating", "BestEffort", "NotBestEffort", "PriorityClass", "CrossNamespacePodAffinity",
    "VolumeAttributesClass",
)  # fmt: skip
_EXISTING = (*SCOPES[:4], "CrossNamespacePodAffinity")
_COMPUTE = frozenset((
    "cpu", "memory", "ephemeral-storage", "requests.cpu", "requests.memory", "requests.ephemeral-storage", "limits.cpu",
    "limits.memory", "limits.ephemeral-storage",
))  # fmt: skip
_QUOTA = _COMPUTE | frozenset((
    "resourcequotas", "services", "replicationcontrollers", "secrets", "persistentvolumeclaims", "configmaps",
    "services.nodeports", "services.loadbalancers", "requests.storage", "pods",
))  # fmt: skip
_PODS = _COMPUTE | {"pods"}
_CONFLICTS = (frozenset(("BestEffort", "NotBestEffort")), frozenset(("Terminating", "NotTerminating")))
_EXISTS = (
    "must be 'Exist' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, "
    "ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity"
)


def create(value: ResourceQuota) -> list[StatusCause]:
    """What is wrong with a new quota."""
    return metadata.create(value.metadata, names.is_dns1123_subdomain) + _spec(value.spec)


def update(new: ResourceQuota, old: ResourceQuota) -> list[StatusCause]:
    """What is wrong with a changed quota."""
    causes = metadata.update(new.metadata, old.metadata)
    if new.spec is old.spec:
        return causes
    causes += _spec(new.spec)
    if set(new.spec.scopes) != set(old.spec.scopes):
        causes.append(error.invalid("spec.scopes", new.spec.scopes or None, IMMUTABLE))
    return causes


def status_update(new: ResourceQuota, old: ResourceQuota) -> list[StatusCause]:
    """What is wrong with a changed status of a quota."""
    causes = metadata.update(new.metadata, old.metadata)
    for part in ("hard", "used"):
        for name, value in getattr(new.status, part).items():
            here = f"status.{part}[{name}]"
            causes += resource_name(here, name)
            causes += amount(here, name, value)
    return causes


def resource_name(field: str, name: str) -> list[StatusCause]:
    """The name of what a quota can limit."""
    causes = standard_name(field, name)
    if "/" not in name and name not in _QUOTA and not name.startswith(("hugepages-", "requests.hugepages-")):
        causes.append(error.invalid(field, name, "must be a standard resource for quota"))
    return causes


def _spec(spec: ResourceQuotaSpec) -> list[StatusCause]:
    causes: list[StatusCause] = []
    for name, value in spec.hard.items():
        here = f"spec.hard[{name}]"
        causes += resource_name(here, name)
        causes += amount(here, name, value)
    causes += _scopes(spec)
    return causes + list(_selector(spec))


def _fits(scope: str, name: str) -> bool:
    """Whether what has the name can be counted by scope (names with a domain always can)."""
    if "/" in name or name not in _QUOTA:
        return True
    if scope == "BestEffort":
        return name == "pods"
    if scope == "VolumeAttributesClass":
        return name in ("persistentvolumeclaims", "requests.storage")
    return name in _PODS


def _scopes(spec: ResourceQuotaSpec) -> Causes:
    field = "spec.scopes"
    for scope in spec.scopes:
        if scope not in SCOPES:
            yield error.invalid(field, spec.scopes, "unsupported scope")
        for name in spec.hard:
            if not _fits(scope, name):
                yield error.invalid(field, spec.scopes, "unsupported scope applied to resource")
    for pair in _CONFLICTS:
        if pair <= set(spec.scopes):
            yield error.invalid(field, spec.scopes, "conflicting scopes")


def _selector(spec: ResourceQuotaSpec) -> Causes:
    if spec.scopeSelector is None:
        return
    field, requirements = "spec.scopeSelector.matchExpressions", spec.scopeSelector.matchExpressions
    for requirement in requirements:
        if requirement.scopeName not in SCOPES:
            yield error.invalid(f"{field}.scopeName", requirement.scopeName, "unsupported scope")
        for name in spec.hard:
            if not _fits(requirement.scopeName, name):
                shown = _shown(requirements)
                yield error.invalid(field, shown, "unsupported scope applied to resource")
        yield from _requirement(field, requirement)
    named = {requirement.scopeName for requirement in requirements}
    for pair in _CONFLICTS:
        if pair <= named:
            yield error.invalid(field, _shown(requirements), "conflicting scopes")


def _requirement(field: str, requirement: ScopedResourceSelectorRequirement) -> Causes:
    operator, values = requirement.operator, requirement.values
    if requirement.scopeName in _EXISTING and operator != "Exists":
        yield error.invalid(f"{field}.operator", operator, _EXISTS)
    if operator in ("In", "NotIn"):
        if not values:
            why = "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector"
            yield error.required(f"{field}.values", why)
    elif operator in ("Exists", "DoesNotExist"):
        if values:
            why = "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector"
            yield error.invalid(f"{field}.values", values, why)
    else:
        yield error.invalid(f"{field}.operator", operator, "not a valid selector operator")


def _shown(requirements: tuple[ScopedResourceSelectorRequirement, ...]) -> error.Fields:
    rows = [
        error.Fields(ScopeName=value.scopeName, Operator=value.operator, Values=value.values or None)
        for value in requirements
    ]
    return error.Fields(MatchExpressions=rows)


RULES: Mapping[Kind[Any], Rules] = {kinds.RESOURCE_QUOTAS: Rules(create, update, status_update)}
