"""Preemption: whose pods would have to go so that a pod of higher priority fits, and on which node.

Asked when no node will have a pod. Looks by trying: pods are taken out of the cache, and put back.
Mirrors the DefaultPreemption plugin (pkg/scheduler/framework/preemption). Invariant: the cache is
as it was when the answer is given, and no pod of equal or higher priority is ever a victim.
"""

from collections import Counter as Tally
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from cluster.api.core import Pod
from cluster.api.kinds import POD_DISRUPTION_BUDGETS, PODS
from cluster.api.labels import from_label_selector
from cluster.api.meta import LabelSelector
from cluster.apiserver import ApiServer
from cluster.scheduler.cache import Cache, Placed
from cluster.scheduler.failure import NO_VICTIMS, NOT_HELPFUL, available
from cluster.scheduler.judging import Judge
from cluster.scheduler.node_info import NodeInfo
from cluster.scheduler.pod_info import PodInfo

FEWEST_CANDIDATES = 100
SHARE = 10
"""Candidates looked at: a tenth of the nodes, and at least so many."""
NEVER = "not eligible due to preemptionPolicy=Never."
GOING = "not eligible due to a terminating pod on the nominated node."
LEAST_PRIORITY = 2**31


class Candidate(NamedTuple):
    """A node, the pods that would have to go from it, and how many of them a disruption budget protects."""

    node: str
    victims: tuple[Pod, ...]
    violations: int


class Verdict(NamedTuple):
    """The candidate chosen, or what is said when there is none."""

    candidate: Candidate | None
    outcome: str = ""

    @property
    def keeps_nomination(self) -> bool:
        """Whether nothing was looked for, so that the pod keeps the node that it was nominated for."""
        return self.outcome in (NEVER, GOING)


class Preemption:
    """Looks for victims; it neither deletes nor writes anything."""

    def __init__(self, api: ApiServer, cache: Cache) -> None:
        self._cache = cache
        self._pods, self._budgets = api.store.table(PODS), api.store.table(POD_DISRUPTION_BUDGETS)

    def look(self, pod: Pod, info: PodInfo) -> Verdict | None:
        """The best candidate for a pod that fits nowhere; None if no pod of lower priority is anywhere."""
        priority = pod.spec.priority or 0
        if pod.spec.preemptionPolicy == "Never":
            return Verdict(None, NEVER)
        if self._cache.lowest_priority() >= priority:
            return None
        lower = self._lower(priority)
        nominated = pod.status.nominatedNodeName
        if nominated and any(self._is_going(key) for key in lower.get(nominated, ())):
            return Verdict(None, GOING)
        judge = Judge(info, self._cache)
        try:
            return self._chosen(judge, lower)
        finally:
            judge.release()

    def _lower(self, priority: int) -> dict[str, list[str]]:
        """The keys of the pods of lower priority, by node."""
        found: dict[str, list[str]] = {}
        for key, placed in self._cache.placed.items():
            if placed.priority < priority:
                found.setdefault(placed.info.name, []).append(key)
        return found

    def _is_going(self, key: str) -> bool:
        pod = self._pods.get(key)
        return pod is None or bool(pod.metadata.deletionTimestamp)

    def _chosen(self, judge: Judge, lower: Mapping[str, Sequence[str]]) -> Verdict:
        nodes, found, outcomes = self._cache.nodes, list[Candidate](), Tally[str]()
        most = max(len(nodes) * SHARE // 100, FEWEST_CANDIDATES)
        for info in nodes:
            rejection = judge.rejection(info)
            if rejection is None or not rejection.resolvable:
                outcomes[NOT_HELPFUL] += 1
            elif len(found) < most:
                candidate = self._tried(judge, info, lower.get(info.name, ()))
                if isinstance(candidate, Candidate):
                    found.append(candidate)
                else:
                    outcomes.update(candidate)
        if found:
            return Verdict(min(found, key=self._cost))
        return Verdict(None, available(len(nodes), outcomes))

    def _tried(self, judge: Judge, info: NodeInfo, keys: Sequence[str]) -> Candidate | tuple[str, ...]:
        """The fewest and least important pods that have to go, or what keeps that from helping (`SelectVictimsOnNode`)."""
        pods = [(key, pod) for key in keys if (pod := self._pods.get(key)) is not None]
        if not pods:
            return (NO_VICTIMS,)
        cache, removed = self._cache, {key: self._cache.placed[key] for key, _ in pods}
        for key in removed:
            cache.remove_pod(key)
        try:
            rejection = judge.rejection(info)
            if rejection is not None:
                return rejection.reasons
            return self._spared(judge, info, pods, removed)
        finally:
            for key, placed in removed.items():
                cache.place(key, placed)

    def _spared(
        self, judge: Judge, info: NodeInfo, pods: Iterable[tuple[str, Pod]], removed: dict[str, Placed]
    ) -> Candidate:
        """Put back all pods that can stay, the protected and the more important first; the others are the victims."""
        cache, victims, violations = self._cache, list[Pod](), 0
        ordered = sorted(pods, key=lambda item: self._importance(item[1]))
        protected = self._protected([pod for _, pod in ordered])
        for key, pod in sorted(ordered, key=lambda item: item[1].metadata.uid not in protected):
            placed = removed.pop(key)
            cache.place(key, placed)
            if judge.rejection(info) is None:
                continue
            cache.remove_pod(key)
            removed[key] = placed
            victims.append(pod)
            violations += pod.metadata.uid in protected
        return Candidate(info.name, tuple(sorted(victims, key=self._importance)), violations)

    def _importance(self, pod: Pod) -> tuple[int, str, str]:
        """Higher priority first, then the pod that has run longer (`MoreImportantPod`)."""
        return -(pod.spec.priority or 0), pod.status.startTime or "~", pod.metadata.name

    def _protected(self, pods: Sequence[Pod]) -> set[str]:
        """The uids of the pods whose going a disruption budget does not allow (`filterPodsWithPDBViolation`)."""
        found: set[str] = set()
        left = {key: budget.status.disruptionsAllowed for key, budget in self._budgets.items()}
        for pod in pods:
            for key, budget in self._budgets.items():
                meta, selector = pod.metadata, budget.spec.selector
                if budget.metadata.namespace != meta.namespace or selector in (None, LabelSelector()):
                    continue
                if not from_label_selector(selector).matches(meta.labels) or meta.name in budget.status.disruptedPods:
                    continue
                left[key] -= 1
                if left[key] < 0:
                    found.add(meta.uid)
        return found

    def _cost(self, candidate: Candidate) -> tuple[int, int, int, int, list[int]]:
        """Fewer violations, less important victims, fewer of them, and those that started last (`pickOneNodeForPreemption`)."""
        priorities = [pod.spec.priority or 0 for pod in candidate.victims]
        highest = max(priorities, default=0)
        starts = [pod.status.startTime for pod in candidate.victims if (pod.spec.priority or 0) == highest]
        earliest = min(starts, default="")
        return (
            candidate.violations, highest, sum(priority + LEAST_PRIORITY for priority in priorities), len(priorities),
            [-ord(character) for character in earliest],
        )  # fmt: skip
