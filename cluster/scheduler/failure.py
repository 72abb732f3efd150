"""What is said when no node will have a pod: the event, the condition, and who was to blame.

Mirrors FitError and what the post-filter plugins (dynamic resources, preemption) add to it.
Invariant: every node is counted once for each reason that its first rejecting plugin gave.
"""

from collections import Counter as Tally
from collections.abc import Mapping
from typing import NamedTuple

from msgspec.structs import replace

from cluster.api.core import Pod, PodCondition
from cluster.scheduler.framework import Rejection
from cluster.scheduler.pod_info import PodInfo

NO_CLAIMS = "no new claims to deallocate"
NO_NODES = "no nodes available to schedule pods"
NO_VICTIMS = "No preemption victims found for incoming pod"
NOT_HELPFUL = "Preemption is not helpful for scheduling"
MAX_NOTE = 1024
GATED = PodCondition(
    type="PodScheduled", status="False", reason="SchedulingGated",
    message="Scheduling is blocked due to non-empty scheduling gates",
)  # fmt: skip


class Failure(NamedTuple):
    """The whole message, the plugins that rejected nodes (sorted), and the message without preemption's part.

    The last is "" if preemption is not asked.
    """

    message: str
    plugins: tuple[str, ...]
    summary: str = ""

    def with_preemption(self, outcome: str) -> str:
        """The message with what preemption says in this case."""
        return f"{self.summary} {NO_CLAIMS}, preemption: {outcome}" if self.summary else self.message


def explain_failure(pod: PodInfo, rejections: Mapping[Rejection, int], nodes: int) -> Failure:
    """Why none of `nodes` nodes will do, from how many each rejection holds for."""
    if not nodes:
        return Failure(NO_NODES, ())
    reasons: Tally[str] = Tally()
    for rejection, count in rejections.items():
        for reason in rejection.reasons:
            reasons[reason] += count
    preemption = _preemption(pod, rejections, nodes)
    summary = available(nodes, reasons)
    message = f"{summary} {NO_CLAIMS}, preemption: {preemption}"
    return Failure(message, tuple(sorted({rejection.plugin for rejection in rejections})), summary)


def refused(rejection: Rejection, nodes: int) -> Failure:
    """A plugin refused the pod before it was shown any node.

    What follows the reason is the error of the dynamic resources plugin, which looks in vain for the
    notes of a step that was not taken; preemption is not asked after it.
    """
    if not nodes:
        return Failure(NO_NODES, ())
    return Failure(f"0/{nodes} nodes are available: {', '.join(rejection.reasons)}. not found", (rejection.plugin,))


def _preemption(pod: PodInfo, rejections: Mapping[Rejection, int], nodes: int) -> str:
    if pod.spec.preemptionPolicy == "Never":
        return "not eligible due to preemptionPolicy=Never."
    outcomes: Tally[str] = Tally()
    for rejection, count in rejections.items():
        outcomes[NO_VICTIMS if rejection.resolvable else NOT_HELPFUL] += count
    return available(nodes, outcomes)


def available(nodes: int, reasons: Mapping[str, int]) -> str:
    """How many nodes there are, and how many each reason holds for."""
    listed = ", ".join(sorted(f"{count} {reason}" for reason, count in reasons.items()))
    return f"0/{nodes} nodes are available: {listed}."


def shortened(message: str) -> str:
    """The message as an event may carry it."""
    return message if len(message) <= MAX_NOTE else message[: MAX_NOTE - 4] + " ..."


def with_condition(pod: Pod, condition: PodCondition, timestamp: str) -> Pod:
    """The pod with the condition set; its transition time stays while its status does."""
    conditions = list(pod.status.conditions)
    for index, old in enumerate(conditions):
        if old.type == condition.type:
            if old.status == condition.status:
                timestamp = old.lastTransitionTime
            conditions[index] = replace(condition, lastTransitionTime=timestamp)
            break
    else:
        conditions.append(replace(condition, lastTransitionTime=timestamp))
    return replace(pod, status=replace(pod.status, conditions=tuple(conditions)))


def unschedulable(pod: Pod, message: str) -> PodCondition:
    """The condition of a pod that no node will have."""
    return PodCondition(
        type="PodScheduled", status="False", reason="Unschedulable", message=message,
        observedGeneration=pod.metadata.generation,
    )  # fmt: skip


def failed(pod: Pod, message: str) -> PodCondition:
    """The condition of a pod that had a node, and could not be bound to it."""
    return PodCondition(
        type="PodScheduled", status="False", reason="SchedulerError", message=message,
        observedGeneration=pod.metadata.generation,
    )  # fmt: skip


def preempted(pod: Pod) -> PodCondition:
    """The condition of a pod that has to go for one of higher priority."""
    return PodCondition(
        type="DisruptionTarget", status="True", reason="PreemptionByScheduler",
        message="default-scheduler: preempting to accommodate a higher priority pod",
        observedGeneration=pod.metadata.generation,
    )  # fmt: skip
