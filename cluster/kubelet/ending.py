"""A kubelet ends a pod for good, for a reason of its own: its deadline, pressure on the node, the node's shutdown.

On the data's way between the reason and the pod's last status. Mirrors killPod with a status function. Invariant: the
pod stays in the API, Failed, with every container that ran ended.
"""

from msgspec import Struct
from msgspec.structs import replace

from cluster.api.core import ContainerStatus, Pod, PodCondition
from cluster.kubelet import status
from cluster.kubelet.agent import Agent
from cluster.kubelet.desk import Case, Desk
from cluster.kubelet.killing import keep_hook, stop
from cluster.kubelet.plan import Plan

DISRUPTION_TARGET, BY_KUBELET = "DisruptionTarget", "TerminationByKubelet"


class End(Struct, frozen=True):
    """Why a pod is ended, and how long its processes have for it (ms; None: they are killed at once)."""

    reason: str
    message: str
    grace: int | None = None
    disrupts: bool = False
    """Whether the pod has a condition that says so."""


def end(desk: Desk, pod: Pod, plan: Plan, agent: Agent, why: End) -> Pod:
    """Fail the pod; returns it."""
    ends = [_ended(desk, case, why) for case in desk.cases(pod, plan, agent)]
    conditions = _disrupted(pod, why, desk.clock.timestamp()) if why.disrupts else pod.status.conditions
    failed = replace(pod.status, phase="Failed", reason=why.reason, message=why.message, conditions=conditions)
    found = status.pod_status(
        replace(pod, status=failed), plan, *parts(plan, ends), timestamp=desk.clock.timestamp(), host_ip=agent.address,
        pod_ip=pod.status.podIP,
    )  # fmt: skip
    return desk.put(pod, found)


def parts(plan: Plan, ends: list[ContainerStatus]) -> tuple[status.Statuses, status.Statuses, status.Statuses]:
    """The statuses of the init, the main and the ephemeral containers."""
    first, last = len(plan.init), len(plan.init) + len(plan.main)
    return tuple(ends[:first]), tuple(ends[first:last]), tuple(ends[last:])


def _ended(desk: Desk, case: Case, why: End) -> ContainerStatus:
    if case.status.state.running is None:
        return case.status
    if why.grace is None:
        return desk.ended(case, status.KILLED)
    stopped = stop(desk, case, why.grace, desk.clock.now)
    ended = desk.ended(case, stopped.code)
    keep_hook(desk, case, stopped)
    return ended


def _disrupted(pod: Pod, why: End, timestamp: str) -> tuple[PodCondition, ...]:
    told = PodCondition(
        type=DISRUPTION_TARGET, status="True", reason=BY_KUBELET, message=why.message, lastTransitionTime=timestamp,
        observedGeneration=pod.metadata.generation,
    )  # fmt: skip
    return (told, *(one for one in pod.status.conditions if one.type != DISRUPTION_TARGET))
