"""What may be changed of a pod that exists: images, a deadline, tolerations, gates, and nothing else.

Part of the validation of pods. Mirrors ValidatePodUpdate. Invariant: a refused change comes with
the difference that caused it.
"""

from msgspec.structs import replace

from cluster.admission import field_error as error
from cluster.admission.validation import metadata, scheduling
from cluster.admission.validation.checks import MAX_INT32, Causes
from cluster.admission.validation.pod_dump import difference
from cluster.admission.validation.pod_spec import pod_spec
from cluster.admission.validation.pods import annotations
from cluster.api import names
from cluster.api.core import (
    Affinity,
    Container,
    NodeAffinity,
    NodeSelectorTerm,
    Pod,
    PodSchedulingGate,
    PodSpec,
    Toleration,
)
from cluster.api.meta import StatusCause

_UPDATABLE = (
    "`spec.containers[*].image`",
    "`spec.initContainers[*].image`",
    "`spec.activeDeadlineSeconds`",
    "`spec.tolerations` (only additions to existing tolerations)",
    "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)",
)
UPDATABLE = ",".join(_UPDATABLE)
_TERMS = "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms"


def update(new: Pod, old: Pod) -> list[StatusCause]:
    """What is wrong with a change of a pod's metadata and spec."""
    causes = metadata.update(new.metadata, old.metadata)
    causes += annotations("metadata.annotations", new.metadata.annotations)
    if new.spec is old.spec:
        return causes
    causes += pod_spec("spec", new.spec, pod=True, name=new.metadata.name)
    for name in ("containers", "initContainers"):
        wrong, stop = _images(f"spec.{name}", getattr(new.spec, name), getattr(old.spec, name))
        causes += wrong
        if stop:
            return causes
    wrong, stop = _deadline(new.spec.activeDeadlineSeconds, old.spec.activeDeadlineSeconds)
    causes += wrong
    if stop:
        return causes
    causes += _tolerations(new.spec.tolerations, old.spec.tolerations)
    causes += _gates(new.spec.schedulingGates, old.spec.schedulingGates)
    return causes if new.spec == old.spec else causes + _fixed(new.spec, old.spec)


def immutable(new: PodSpec, old: PodSpec, why: str) -> StatusCause:
    """The refusal of a change of spec, with its difference."""
    return error.forbidden("spec", f"{why}\n{difference(new, old)}")


def _images(field: str, new: tuple[Container, ...], old: tuple[Container, ...]) -> tuple[list[StatusCause], bool]:
    if len(new) != len(old):
        return [error.forbidden(field, "pod updates may not add or remove containers")], True
    causes = []
    for index, container in enumerate(new):
        if not container.image:
            causes.append(error.required(f"{field}[{index}].image"))
        if container.image.strip() != container.image:
            why = "must not have leading or trailing whitespace"
            causes.append(error.invalid(f"{field}[{index}].image", container.image, why))
    return causes, False


def _deadline(new: int | None, old: int | None) -> tuple[list[StatusCause], bool]:
    field = "spec.activeDeadlineSeconds"
    if new is None:
        why = "must not update from a positive integer to nil value"
        return ([] if old is None else [error.invalid(field, None, why)]), False
    if not 0 <= new <= MAX_INT32:
        return [error.invalid(field, new, names.in_range(0, MAX_INT32))], True
    if old is not None and old < new:
        return [error.invalid(field, new, "must be less than or equal to previous value")], True
    return [], False


def _tolerations(new: tuple[Toleration, ...], old: tuple[Toleration, ...]) -> Causes:
    timeless = {replace(toleration, tolerationSeconds=None) for toleration in new}
    if all(replace(toleration, tolerationSeconds=None) in timeless for toleration in old):
        yield from scheduling.tolerations("spec.tolerations", new)
    else:
        why = "existing toleration can not be modified except its tolerationSeconds"
        yield error.forbidden("spec.tolerations", why)


def _gates(new: tuple[PodSchedulingGate, ...], old: tuple[PodSchedulingGate, ...]) -> Causes:
    known = {gate.name for gate in old}
    for index, gate in enumerate(new):
        if gate.name not in known:
            why = f"only deletion is allowed, but found new scheduling gate '{gate.name}'"
            yield error.forbidden(f"spec.schedulingGates[{index}].name", why)


def _fixed(new: PodSpec, old: PodSpec) -> list[StatusCause]:
    """The causes of what is left of a change when everything allowed is taken out of it."""
    causes: list[StatusCause] = []
    rest = _without_allowed(new, old)
    if old.schedulingGates:
        if rest.nodeSelector != old.nodeSelector:
            causes += _node_selector(rest, old)
            rest = replace(rest, nodeSelector=old.nodeSelector)
        wanted, before = _node_affinity(rest), _node_affinity(old)
        if wanted != before:
            causes += _only_additions(wanted, before)
            rest = replace(rest, affinity=_with_node_affinity(rest.affinity, old.affinity, before))
    if rest != old:
        causes.append(immutable(rest, old, f"pod updates may not change fields other than {UPDATABLE}"))
    return causes


def _without_allowed(new: PodSpec, old: PodSpec) -> PodSpec:
    rest = replace(
        new,
        containers=_with_images(new.containers, old.containers),
        initContainers=_with_images(new.initContainers, old.initContainers),
        activeDeadlineSeconds=old.activeDeadlineSeconds,
        schedulingGates=old.schedulingGates,
        tolerations=old.tolerations,
    )
    grace = old.terminationGracePeriodSeconds
    if grace is not None and grace < 0 and new.terminationGracePeriodSeconds == 1:
        return replace(rest, terminationGracePeriodSeconds=grace)
    return rest


def _with_images(new: tuple[Container, ...], old: tuple[Container, ...]) -> tuple[Container, ...]:
    return tuple(replace(after, image=before.image) for after, before in zip(new, old, strict=True))


def _node_selector(new: PodSpec, old: PodSpec) -> Causes:
    if any(new.nodeSelector.get(key) != value for key, value in old.nodeSelector.items()):
        why = "only additions to spec.nodeSelector are allowed (no mutations or deletions)"
        yield error.invalid("spec.nodeSelector", new.nodeSelector, why)


def _node_affinity(spec: PodSpec) -> NodeAffinity | None:
    return None if spec.affinity is None else spec.affinity.nodeAffinity


def _with_node_affinity(new: Affinity | None, old: Affinity | None, nodes: NodeAffinity | None) -> Affinity | None:
    if new is None:
        return None if nodes is None else Affinity(nodeAffinity=nodes)
    if old is None and new.podAffinity is None and new.podAntiAffinity is None:
        return None
    return replace(new, nodeAffinity=nodes)


def _only_additions(new: NodeAffinity | None, old: NodeAffinity | None) -> Causes:
    before, after = _terms(old), _terms(new)
    if not before:
        return
    if len(before) != len(after):
        why = "no additions/deletions to non-empty NodeSelectorTerms list are allowed"
        yield error.invalid(_TERMS, [_shown(term) for term in after], why)
        return
    for index, (earlier, later) in enumerate(zip(before, after, strict=True)):
        if not _extends(later, earlier):
            why = "only additions are allowed (no mutations or deletions)"
            yield error.invalid(f"{_TERMS}[{index}]", _shown(later), why)


def _terms(affinity: NodeAffinity | None) -> tuple[NodeSelectorTerm, ...]:
    required = None if affinity is None else affinity.requiredDuringSchedulingIgnoredDuringExecution
    return () if required is None else required.nodeSelectorTerms


def _extends(new: NodeSelectorTerm, old: NodeSelectorTerm) -> bool:
    if not old.matchExpressions and not old.matchFields:
        return not new.matchExpressions and not new.matchFields
    expressions, fields = len(old.matchExpressions), len(old.matchFields)
    return new.matchExpressions[:expressions] == old.matchExpressions and new.matchFields[:fields] == old.matchFields


def _shown(term: NodeSelectorTerm) -> error.Fields:
    def requirements(values: tuple[object, ...]) -> list[error.Fields] | None:
        names_ = ("key", "operator", "values")
        return [error.Fields({name.capitalize(): getattr(value, name) for name in names_}) for value in values] or None

    return error.Fields(
        MatchExpressions=requirements(term.matchExpressions), MatchFields=requirements(term.matchFields)
    )
