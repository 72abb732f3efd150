"""The assigned pods by what their labels say: what counters count, and whom they have to be told of.

Part of the cache. Pods of one namespace with the same labels are one `Kindred`, so a selector is compared
once for all of them. Invariant: every counter stands with exactly those kindred that it counts.
"""

from collections.abc import Iterable, Mapping

from cluster.api.labels import Selector
from cluster.scheduler.topology import Counter

GIVEN_BY_BINDING = frozenset({"topology.kubernetes.io/zone", "topology.kubernetes.io/region"})
EVERYWHERE = ""
"""Stands for all namespaces."""
_Label = tuple[str, str, str]


class Kindred:
    """The assigned pods of one namespace that carry the same labels: how many on which node."""

    __slots__ = ("counters", "going", "labels", "namespace", "on")

    def __init__(self, namespace: str, labels: Mapping[str, str]) -> None:
        self.namespace, self.labels = namespace, labels
        self.on: dict[str, int] = {}
        self.going: dict[str, int] = {}
        """Those that are being deleted: spreading does not see them any more, affinity does."""
        self.counters: list[Counter] = []
        """Those that count these pods."""


class Kindreds:
    """Every kindred there has been, and the counters; both stand under a label, and are looked for there."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, tuple[tuple[str, str], ...]], Kindred] = {}
        self._alike: dict[_Label, list[Kindred]] = {}
        self._asking: dict[_Label | None, list[Counter]] = {}

    def of(self, namespace: str, labels: Mapping[str, str]) -> Kindred:
        """The account of pods with these labels."""
        items = tuple(sorted(item for item in labels.items() if item[0] not in GIVEN_BY_BINDING))
        found = self._known.get((namespace, items))
        if found is None:
            found = self._known[namespace, items] = Kindred(namespace, dict(items))
            asking = [*self._asking.get(None, ())]
            for name, value in items:
                self._alike.setdefault((namespace, name, value), []).append(found)
                asking += self._asking.get((namespace, name, value), ())
            found.counters = [counter for counter in asking if _counts(counter, found)]
        return found

    def follow(self, counter: Counter) -> list[Kindred]:
        """Let a counter count from now on what its selector picks; the kindred of that which are there."""
        self._asking.setdefault(_required(counter), []).append(counter)
        found = self._matching(counter)
        for each in found:
            each.counters.append(counter)
        return found

    def drop(self, counter: Counter) -> None:
        """Let a counter go; nothing happens if it was not followed."""
        asking = self._asking.get(_required(counter), [])
        if counter in asking:
            asking.remove(counter)
            for each in self._matching(counter):
                each.counters.remove(counter)

    def drop_all(self) -> None:
        """Let every counter go."""
        self._asking.clear()
        for each in self._known.values():
            each.counters.clear()

    def _matching(self, counter: Counter) -> list[Kindred]:
        label = _required(counter)
        candidates: Iterable[Kindred] = self._known.values() if label is None else self._alike.get(label, ())
        return [each for each in candidates if _counts(counter, each)]


def _required(counter: Counter) -> _Label | None:
    """A label that all pods which it counts have; None if it names none."""
    if counter.namespace != EVERYWHERE:
        for each in counter.selector.requirements:
            if each.operator == "=" and each.key not in GIVEN_BY_BINDING:
                return counter.namespace, each.key, each.values[0]
    return None


def _counts(counter: Counter, kindred: Kindred) -> bool:
    selector: Selector = counter.selector
    return counter.namespace in {EVERYWHERE, kindred.namespace} and selector.matches(kindred.labels)
