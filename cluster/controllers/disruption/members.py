"""The pods that each budget selects: how many, which of them are healthy, and who controls them.

Between the readers of budgets and pods and the disruption controller. Invariant: it equals a look at every
pod of the namespace with the budget's selector, and a change costs as many steps as budgets select the pod.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from cluster.api import labels
from cluster.api.core import Pod
from cluster.api.meta import LabelSelector
from cluster.api.selector_index import SelectorIndex
from cluster.controllers.ownership import controller_of
from cluster.controllers.pod_states import ready_since
from cluster.table import Table


class Controller(NamedTuple):
    """Whose replica a pod is."""

    api_version: str
    kind: str
    name: str
    uid: str


class _Member(NamedTuple):
    healthy: bool
    controller: Controller | None


class Members:
    """The pods of one budget."""

    __slots__ = ("_pods", "controllers", "healthy")

    def __init__(self) -> None:
        self._pods: dict[str, _Member] = {}
        self.healthy = 0
        self.controllers: Counter[Controller | None] = Counter()
        """How many pods each controller has; None stands for those without one."""

    def __len__(self) -> int:
        return len(self._pods)

    def __contains__(self, key: str) -> bool:
        return key in self._pods

    def first_of(self, controller: Controller) -> str:
        """The key of the first pod of a controller, by name."""
        return min(key for key, member in self._pods.items() if member.controller == controller)

    def is_healthy(self, key: str) -> bool:
        """Whether a pod is one of them, and serves."""
        member = self._pods.get(key)
        return member is not None and member.healthy

    def put(self, key: str, pod: Pod) -> None:
        """Take a pod in, or what it is now."""
        self.discard(key)
        reference = controller_of(pod)
        controller = None
        if reference is not None:
            controller = Controller(reference.apiVersion, reference.kind, reference.name, reference.uid)
        healthy = not pod.metadata.deletionTimestamp and ready_since(pod) is not None
        self._pods[key] = _Member(healthy, controller)
        self.healthy += healthy
        self.controllers[controller] += 1

    def discard(self, key: str) -> None:
        """Let a pod go; nothing happens if it is none of them."""
        member = self._pods.pop(key, None)
        if member is not None:
            self.healthy -= member.healthy
            self.controllers[member.controller] -= 1
            if not self.controllers[member.controller]:
                del self.controllers[member.controller]


class MemberIndex:
    """The members of every budget; `enqueue` is told of each budget that a change concerns."""

    def __init__(self, pods: Table[Pod], enqueue: Callable[[str], None]) -> None:
        self._pods, self._enqueue = pods, enqueue
        self._selectors = SelectorIndex()
        self._members: dict[str, Members] = {}
        self._of: dict[str, tuple[str, ...]] = {}

    def of(self, budget: str) -> Members:
        """The members of a budget that is known."""
        return self._members[budget]

    def define(self, budget: str, selector: LabelSelector | None) -> None:
        """Take up a budget, or what it selects now, with a look at the pods of its namespace."""
        self.drop(budget)
        wanted, namespace = labels.from_label_selector(selector), budget.partition("/")[0]
        self._selectors.put(budget, namespace, wanted, {} if selector is None else selector.matchLabels)
        members = self._members[budget] = Members()
        for key in [key for key in self._pods if key.startswith(f"{namespace}/")]:
            pod = self._pods.get(key)
            if pod is not None and wanted.matches(pod.metadata.labels):
                members.put(key, pod)
                self._of[key] = (*self._of.get(key, ()), budget)

    def drop(self, budget: str) -> None:
        """Forget a budget; nothing happens if it is not known."""
        self._selectors.discard(budget)
        if self._members.pop(budget, None) is not None:
            for key, budgets in list(self._of.items()):
                if budget in budgets:
                    self._of[key] = tuple(other for other in budgets if other != budget)

    def on_pod(self, key: str, old: Pod | None, new: Pod | None) -> None:
        """Follow a pod's change."""
        before = self._of.get(key, ())
        after = before if new is None or _same_labels(old, new) else self._matching(key, new.metadata.labels)
        if not before and not after:
            return
        for budget in before:
            if new is None or budget not in after:
                self._members[budget].discard(key)
                self._enqueue(budget)
        if new is None:
            del self._of[key]
            return
        self._of[key] = after
        for budget in after:
            self._members[budget].put(key, new)
            self._enqueue(budget)

    def _matching(self, key: str, found: Mapping[str, str]) -> tuple[str, ...]:
        known: Iterable[str] = self._selectors.matching(key.partition("/")[0], found)
        return tuple(known)


def _same_labels(old: Pod | None, new: Pod) -> bool:
    return old is not None and old.metadata.labels is new.metadata.labels
