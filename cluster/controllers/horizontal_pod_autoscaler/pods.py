"""The pods that each autoscaler's target selects: kept up to date change by change.

Between the reader of pods and the controller. Invariant: it equals a look at every pod of the namespace
with the target's selector, and a change costs as many steps as targets select the pod.
"""

from cluster.api.core import Pod
from cluster.api.labels import Selector
from cluster.api.selector_index import SelectorIndex
from cluster.table import Table


class SelectedPods:
    """Keys of pods by the autoscaler's key, and the other way round."""

    def __init__(self, pods: Table[Pod]) -> None:
        self._pods = pods
        self._selectors = SelectorIndex()
        self._known: dict[str, Selector] = {}
        self._selected: dict[str, dict[str, None]] = {}
        self._selecting: dict[str, list[str]] = {}

    def define(self, autoscaler: str, selector: Selector) -> None:
        """Take up what a target selects; if that is new, with a look at the pods of the namespace."""
        if self._known.get(autoscaler) == selector:
            return
        self.drop(autoscaler)
        namespace = autoscaler.partition("/")[0]
        equal = {each.key: each.values[0] for each in selector.requirements if each.operator == "="}
        self._selectors.put(autoscaler, namespace, selector, equal)
        self._known[autoscaler], self._selected[autoscaler] = selector, {}
        for key, pod in list(self._pods.items()):
            if key.startswith(f"{namespace}/") and selector.matches(pod.metadata.labels):
                self._selected[autoscaler][key] = None
                self._selecting.setdefault(key, []).append(autoscaler)

    def drop(self, autoscaler: str) -> None:
        """Forget an autoscaler; nothing happens if it is not known."""
        self._selectors.discard(autoscaler)
        self._known.pop(autoscaler, None)
        for key in self._selected.pop(autoscaler, ()):
            self._selecting[key].remove(autoscaler)

    def on_pod(self, key: str, old: Pod | None, new: Pod | None) -> None:
        """Follow a pod's change."""
        if old is not None and new is not None and old.metadata.labels is new.metadata.labels:
            return
        for autoscaler in self._selecting.pop(key, ()):
            del self._selected[autoscaler][key]
        if new is None:
            return
        for autoscaler in self._selectors.matching(new.metadata.namespace, new.metadata.labels):
            self._selected[autoscaler][key] = None
            self._selecting.setdefault(key, []).append(autoscaler)

    def of(self, autoscaler: str) -> list[Pod]:
        """The pods of a target that is known, by name."""
        found = [self._pods.get(key) for key in sorted(self._selected[autoscaler])]
        return [pod for pod in found if pod is not None]

    def rivals(self, autoscaler: str) -> list[str]:
        """The keys of all autoscalers that select a pod which this one selects."""
        return sorted({each for key in self._selected[autoscaler] for each in self._selecting[key]})
