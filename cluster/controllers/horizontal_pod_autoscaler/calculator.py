"""How many replicas a metric asks for: from what the pods use, against what they should.

Pure. Mirrors the ReplicaCalculator (pkg/controller/podautoscaler). Amounts are thousandths. Invariant: pods
whose use is not known, or not worth much yet, never make the answer go the other way.
"""

from collections.abc import Callable, Mapping, Sequence
from math import ceil
from typing import NamedTuple

from cluster.api import quantity
from cluster.api.core import Pod
from cluster.clock import Clock
from cluster.usage import WINDOW

CPU = "cpu"
CPU_INITIALIZATION = 300_000
"""For how long after its start a pod's use of cpu is looked at with care, ms."""
INITIAL_READINESS = 30_000
"""Changes of readiness so soon after the start are the first ones, ms."""
NO_PODS = "no pods returned by selector while calculating replica count"
NOT_RECEIVED = "did not receive metrics for targeted pods (pods might be unready)"


Ratio = Callable[[Mapping[str, int]], float]
"""Use against target, of the pods that use so much."""


class CannotCompute(Exception):
    """Why a metric says nothing."""


class Tolerance(NamedTuple):
    """How far below and above 1 the ratio of use to target may be without consequence."""

    down: float = 0.1
    up: float = 0.1

    def covers(self, ratio: float) -> bool:
        """Whether nothing is to be done about this ratio."""
        return 1.0 - self.down <= ratio <= 1.0 + self.up


class Proposal(NamedTuple):
    """How many replicas a metric asks for; what a pod uses on average, and what part of its request that is."""

    replicas: int
    average: int
    utilization: int | None = None


class Groups(NamedTuple):
    """The names of the pods: how many count, and those that are starting, or unknown, or no longer count."""

    ready: int
    unready: frozenset[str]
    missing: frozenset[str]
    ignored: frozenset[str]


def grouped(pods: Sequence[Pod], uses: Mapping[str, int], resource: str, clock: Clock) -> Groups:
    """Sort the pods by how much their use says (`groupPods`)."""
    ready, unready, missing, ignored = 0, set[str](), set[str](), set[str]()
    for pod in pods:
        name = pod.metadata.name
        if pod.metadata.deletionTimestamp or pod.status.phase == "Failed":
            ignored.add(name)
        elif pod.status.phase == "Pending" or (resource == CPU and name in uses and _is_starting(pod, clock)):
            unready.add(name)
        elif name not in uses:
            missing.add(name)
        else:
            ready += 1
    return Groups(ready, frozenset(unready), frozenset(missing), frozenset(ignored))


def _is_starting(pod: Pod, clock: Clock) -> bool:
    condition = next((each for each in pod.status.conditions if each.type == "Ready"), None)
    if condition is None or not pod.status.startTime:
        return True
    started, changed = clock.milliseconds(pod.status.startTime), clock.milliseconds(condition.lastTransitionTime)
    if started + CPU_INITIALIZATION > clock.now:
        return condition.status == "False" or clock.now < changed + WINDOW
    return condition.status == "False" and started + INITIAL_READINESS > changed


class Question(NamedTuple):
    """What is known of a target: its replicas, its pods, and what those that are measured use of a resource."""

    current: int
    pods: Sequence[Pod]
    uses: Mapping[str, int]
    resource: str
    tolerance: Tolerance
    clock: Clock


def by_utilization(asked: Question, target: int, container: str) -> Proposal:
    """So that the pods, or one container of each, use `target` percent of their requests (`GetResourceReplicas`).

    CannotCompute if that is not known.
    """
    groups = _groups(asked)
    requests = {pod.metadata.name: _request(pod, asked.resource, container) for pod in asked.pods}
    known = _known(asked.uses, groups)

    def percent(found: Mapping[str, int]) -> int:
        total = sum(requests.get(name, 0) for name in found)
        if not total:
            raise CannotCompute("no metrics returned matched known pods")
        return sum(found.values()) * 100 // total

    utilization = percent(known)
    supposed = {name: requests[name] for name in groups.missing} if utilization < target else {}
    if utilization > target:
        supposed = dict.fromkeys(groups.missing, 0)
    replicas = _replicas(asked, known, groups, supposed, lambda found: percent(found) / target)
    return Proposal(replicas, sum(known.values()) // len(known), utilization)


def by_average(asked: Question, target: int) -> Proposal:
    """So that a pod uses `target` on average (`calcPlainMetricReplicas`). CannotCompute if that is not known."""
    groups = _groups(asked)
    known = _known(asked.uses, groups)

    def ratio(found: Mapping[str, int]) -> float:
        return sum(found.values()) // len(found) / target

    supposed = dict.fromkeys(groups.missing, target if ratio(known) < 1.0 else 0)
    replicas = _replicas(asked, known, groups, supposed, ratio)
    return Proposal(replicas, sum(known.values()) // len(known))


def _groups(asked: Question) -> Groups:
    if not asked.pods:
        raise CannotCompute(NO_PODS)
    return grouped(asked.pods, asked.uses, asked.resource, asked.clock)


def _known(uses: Mapping[str, int], groups: Groups) -> dict[str, int]:
    known = {name: use for name, use in uses.items() if name not in groups.ignored and name not in groups.unready}
    if not known:
        raise CannotCompute(NOT_RECEIVED)
    return known


def _replicas(
    asked: Question, known: Mapping[str, int], groups: Groups, supposed: Mapping[str, int], ratio: Ratio
) -> int:
    """The replicas for the ratio; `supposed` is what missing pods count for, so that they slow the change down."""
    current, tolerance = asked.current, asked.tolerance
    first = ratio(known)
    waits = bool(groups.unready) and first > 1.0
    if not waits and not groups.missing:
        return current if tolerance.covers(first) else ceil(first * groups.ready)
    counted = {**known, **supposed, **(dict.fromkeys(groups.unready, 0) if waits else {})}
    again = ratio(counted)
    if tolerance.covers(again) or (first < 1.0 < again) or (first > 1.0 > again):
        return current
    wanted = ceil(again * len(counted))
    if (again < 1.0 and wanted > current) or (again > 1.0 and wanted < current):
        return current
    return wanted


def _request(pod: Pod, resource: str, container: str) -> int:
    """What a pod, or one of its containers, requests; CannotCompute if it does not say."""
    spec = pod.spec
    if not container and spec.resources is not None and resource in spec.resources.requests:
        return quantity.milli(spec.resources.requests[resource])
    sidecars = [each for each in spec.initContainers if each.restartPolicy == "Always"]
    total = 0
    for each in (*spec.containers, *sidecars):
        if container in {"", each.name}:
            asked = each.resources.requests.get(resource)
            if asked is None:
                words = f"missing request for {resource} in container {each.name} of Pod {pod.metadata.name}"
                raise CannotCompute(words)
            total += quantity.milli(asked)
    return total
