"""A pod as its registry takes it when it is new: pending, of a quality of service, perhaps gated.

The pod's part of `strategy`. Mirrors podStrategy.PrepareForCreate. Invariant: the pods of one
template share one status object until something happens to them.
"""

from collections.abc import Iterator
from typing import Any

from msgspec.structs import replace

from cluster.admission.qos import BEST_EFFORT, BURSTABLE, GUARANTEED, qos_class
from cluster.admission.sharing import IdentityMemo, changed, each
from cluster.api.core import (
    Affinity,
    Pod,
    PodAffinityTerm,
    PodCondition,
    PodSpec,
    PodStatus,
    TopologySpreadConstraint,
    WeightedPodAffinityTerm,
)
from cluster.api.meta import LabelSelector, LabelSelectorRequirement

_PENDING = {qos: PodStatus(phase="Pending", qosClass=qos) for qos in (GUARANTEED, BURSTABLE, BEST_EFFORT)}
_QOS: IdentityMemo[str] = IdentityMemo()
_BY_LABELS: IdentityMemo[bool] = IdentityMemo()
"""Whether some selector of a spec is completed by the pod's labels."""
_REQUIRED, _PREFERRED = (
    "requiredDuringSchedulingIgnoredDuringExecution",
    "preferredDuringSchedulingIgnoredDuringExecution",
)


def new_pod(value: Pod) -> Pod:
    """The pod in its first generation with the status of a new one, and the selectors that its labels complete."""
    metadata, spec = value.metadata, value.spec
    qos = _QOS.get(spec) or _QOS.put(spec, qos_class(spec))
    status = _PENDING[qos]
    if spec.schedulingGates:
        status = changed(status, conditions=(_gated(metadata.creationTimestamp),))
    if (spec.affinity is not None or spec.topologySpreadConstraints) and _goes_by_labels(spec):
        spec = _completed(spec, metadata.labels)
    if metadata.generation != 1:
        metadata = changed(metadata, generation=1)
    return replace(value, metadata=metadata, spec=spec, status=status)


def _gated(now: str) -> PodCondition:
    message = "Scheduling is blocked due to non-empty scheduling gates"
    return PodCondition(
        type="PodScheduled", status="False", reason="SchedulingGated", message=message, lastTransitionTime=now
    )


def _goes_by_labels(spec: PodSpec) -> bool:
    known = _BY_LABELS.get(spec)
    return _BY_LABELS.put(spec, any(_named_keys(spec))) if known is None else known


def _named_keys(spec: PodSpec) -> Iterator[str]:
    """The labels that `matchLabelKeys` and `mismatchLabelKeys` name, wherever they do."""
    for constraint in spec.topologySpreadConstraints:
        yield from constraint.matchLabelKeys
    affinity = spec.affinity
    for part in (affinity.podAffinity, affinity.podAntiAffinity) if affinity is not None else ():
        if part is not None:
            terms = [*part.requiredDuringSchedulingIgnoredDuringExecution]
            terms += [each.podAffinityTerm for each in part.preferredDuringSchedulingIgnoredDuringExecution]
            for term in terms:
                yield from (*term.matchLabelKeys, *term.mismatchLabelKeys)


def _completed(spec: PodSpec, labels: Any) -> PodSpec:
    """`spec` with `matchLabelKeys` and `mismatchLabelKeys` turned into requirements of the selectors."""

    def spread(value: TopologySpreadConstraint) -> TopologySpreadConstraint:
        return changed(value, labelSelector=_merged(value.labelSelector, value.matchLabelKeys, (), labels))

    def term(value: PodAffinityTerm) -> PodAffinityTerm:
        selector = _merged(value.labelSelector, value.matchLabelKeys, value.mismatchLabelKeys, labels)
        return changed(value, labelSelector=selector)

    def weighted(value: WeightedPodAffinityTerm) -> WeightedPodAffinityTerm:
        return changed(value, podAffinityTerm=term(value.podAffinityTerm))

    def terms(value: Any) -> Any:
        if value is None:
            return None
        required, preferred = each(getattr(value, _REQUIRED), term), each(getattr(value, _PREFERRED), weighted)
        return changed(value, **{_REQUIRED: required, _PREFERRED: preferred})

    affinity: Affinity | None = spec.affinity
    if affinity is not None:
        affinity = changed(
            affinity, podAffinity=terms(affinity.podAffinity), podAntiAffinity=terms(affinity.podAntiAffinity)
        )
    return changed(spec, affinity=affinity, topologySpreadConstraints=each(spec.topologySpreadConstraints, spread))


def _merged(selector: LabelSelector | None, match: tuple[str, ...], mismatch: tuple[str, ...], labels: Any) -> Any:
    if selector is None:
        return None
    added = [
        LabelSelectorRequirement(key=key, operator=operator, values=(labels[key],))
        for keys, operator in ((match, "In"), (mismatch, "NotIn"))
        for key in keys
        if key in labels
    ]
    return changed(selector, matchExpressions=(*selector.matchExpressions, *added)) if added else selector
