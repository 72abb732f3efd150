"""What a kubelet says of resizes: the conditions on the pod's status and the words of its events.

Mirrors the resize conditions of pkg/kubelet/status and the messages of pkg/kubelet/events. Invariant: a condition that
says the same as before is the same.
"""

import json
from typing import Any

from msgspec.structs import replace

from cluster.api.core import Container, Pod, PodCondition

PENDING, IN_PROGRESS = "PodResizePending", "PodResizeInProgress"
DEFERRED, INFEASIBLE, ERROR = "Deferred", "Infeasible", "Error"
Conditions = tuple[PodCondition, ...]


def pending(pod: Pod, conditions: Conditions, reason: str, message: str, timestamp: str) -> Conditions:
    """The conditions with a resize that waits, or never can be."""
    return _with(conditions, _condition(pod, PENDING, timestamp, reason, message))


def in_progress(pod: Pod, conditions: Conditions, timestamp: str, error: str = "") -> Conditions:
    """The conditions with a resize under way, or with one that cannot be done."""
    return _with(conditions, _condition(pod, IN_PROGRESS, timestamp, ERROR if error else "", error))


def without(conditions: Conditions, kind: str) -> Conditions:
    """The conditions without those of a type."""
    return tuple(one for one in conditions if one.type != kind)


def summary(pod: Pod, words: str, generation: int, error: str = "") -> str:
    """The message of an event: the words, and what the pod asks for as JSON."""
    plain: dict[str, Any] = {}
    for name, containers in (("initContainers", pod.spec.initContainers), ("containers", pod.spec.containers)):
        if containers:
            plain[name] = [{"name": one.name, "resources": _resources(one)} for one in containers]
    plain["generation"] = generation
    if error:
        plain["error"] = error
    return f"Pod resize {words}: {json.dumps(plain, separators=(',', ':'), ensure_ascii=False)}"


def _resources(container: Container) -> dict[str, dict[str, str]]:
    sides = (("limits", container.resources.limits), ("requests", container.resources.requests))
    return {name: dict(sorted(amounts.items())) for name, amounts in sides if amounts}


def _condition(pod: Pod, kind: str, timestamp: str, reason: str = "", message: str = "") -> PodCondition:
    return PodCondition(
        type=kind, status="True", reason=reason, message=message, lastProbeTime=timestamp, lastTransitionTime=timestamp,
        observedGeneration=pod.metadata.generation,
    )  # fmt: skip


def _with(conditions: Conditions, new: PodCondition) -> Conditions:
    old = next((one for one in conditions if one.type == new.type), None)
    if old is not None and old.reason == new.reason:
        new = replace(new, lastTransitionTime=old.lastTransitionTime)
        if replace(new, lastProbeTime=old.lastProbeTime) == old:
            return conditions
    return (new, *without(conditions, new.type))
