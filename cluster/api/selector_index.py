"""Which selectors pick given labels: an index for everybody who follows objects that select others.

Invariant: it gives what asking every selector of the namespace would.
"""

from collections.abc import Mapping

from cluster.api.labels import Selector


class SelectorIndex:
    """Which owners of a namespace select given labels, without asking every owner.

    An owner stands under one label that its selector requires, so labels are looked up one by one;
    owners whose selector requires none are asked every time.
    """

    __slots__ = ("_by_label", "_place", "_rest")

    def __init__(self) -> None:
        self._by_label: dict[tuple[str, str, str], dict[str, Selector]] = {}
        self._rest: dict[str, dict[str, Selector]] = {}
        self._place: dict[str, dict[str, Selector]] = {}

    def put(self, owner: str, namespace: str, selector: Selector, required: Mapping[str, str]) -> None:
        """Index the owner of this key anew; `required` are labels that all it selects have."""
        self.discard(owner)
        label = min(required.items(), default=None)
        if label is None:
            place = self._rest.setdefault(namespace, {})
        else:
            place = self._by_label.setdefault((namespace, *label), {})
        place[owner] = selector
        self._place[owner] = place

    def discard(self, owner: str) -> None:
        """Forget an owner; nothing happens if it is not known."""
        place = self._place.pop(owner, None)
        if place is not None:
            del place[owner]

    def matching(self, namespace: str, labels: Mapping[str, str]) -> list[str]:
        """The keys of the owners that select these labels, in order."""
        places = [self._by_label.get((namespace, key, value)) for key, value in labels.items()]
        places.append(self._rest.get(namespace))
        return sorted(
            owner for place in places if place for owner, selector in place.items() if selector.matches(labels)
        )
