"""Whether a quota's scopes take an object in.

Shared by admission and the quota controller. Mirrors the scope functions of the pod and claim
evaluators. Invariant: an object without scopes of its own is in no scoped quota.
"""

from collections.abc import Iterator

from cluster.admission.plugins.quota.charges import Charge
from cluster.api.core import ResourceQuotaSpec, ScopedResourceSelectorRequirement

EXISTS = "Exists"
CLASS_SCOPES = ("PriorityClass", "VolumeAttributesClass")


def in_scope(spec: ResourceQuotaSpec, charge: Charge) -> bool:
    """Whether every scope of the quota takes in what is charged."""
    return all(_takes(selector, charge) for selector in _selectors(spec))


def _selectors(spec: ResourceQuotaSpec) -> Iterator[ScopedResourceSelectorRequirement]:
    for scope in spec.scopes:
        yield ScopedResourceSelectorRequirement(scopeName=scope, operator=EXISTS)
    if spec.scopeSelector is not None:
        yield from spec.scopeSelector.matchExpressions


def _takes(selector: ScopedResourceSelectorRequirement, charge: Charge) -> bool:
    scope = selector.scopeName
    if scope not in CLASS_SCOPES:
        return scope in charge.scopes
    return scope == charge.class_scope and _class_matches(selector, charge.classes)


def _class_matches(selector: ScopedResourceSelectorRequirement, classes: frozenset[str]) -> bool:
    """Whether one of the object's classes is what the selector asks for; having none is as good as another one."""
    wanted = frozenset(selector.values)
    match selector.operator:
        case "Exists":
            return bool(classes)
        case "DoesNotExist":
            return not classes
        case "In":
            return bool(classes & wanted)
        case _:
            return not classes or bool(classes - wanted)
