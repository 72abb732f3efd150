"""What the objects of one kind use of their namespaces' quotas, kept up from the kind's log.

Between a table and the quota controller. A ledger reads its table up to the present before every answer,
so what it says is never behind what admission has charged. Invariant: the count of a namespace equals a
recount of its objects; namespaces that are not followed cost one look for each change.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from cluster.admission.plugins.quota import Charge, charge
from cluster.admission.plugins.quota.charges import at_end, counts_until
from cluster.api.core import Pod
from cluster.api.errors import Expired
from cluster.api.kinds import Kind
from cluster.api.meta import Resource
from cluster.store import Store


class _Page:
    """One namespace: every object's charge, how often each charge occurs, and what will count no more when."""

    __slots__ = ("charges", "due", "tally")

    def __init__(self) -> None:
        self.charges: dict[str, Charge] = {}
        self.tally: Counter[Charge] = Counter()
        self.due: dict[str, str] = {}


class Ledger:
    """The charges of one kind's objects in the namespaces that have quotas."""

    def __init__(self, store: Store, kind: Kind[Any]) -> None:
        self._table, self._kind = store.table(kind), kind
        self._pages: dict[str, _Page] = {}
        self._position = self._table.end

    def follow(self, namespace: str, now: str) -> None:
        """Count a namespace from now on; nothing happens if it is counted already."""
        if namespace in self._pages:
            return
        self._catch_up(now)
        self._pages[namespace] = _Page()
        self._count(namespace, now)

    def drop(self, namespace: str) -> None:
        """Count a namespace no more."""
        self._pages.pop(namespace, None)

    def tally(self, namespace: str, now: str) -> Mapping[Charge, int]:
        """How many of the namespace's objects are charged what, at this time."""
        self._catch_up(now)
        page = self._pages[namespace]
        for key in [key for key, until in page.due.items() if until < now]:
            self._set(page, key, self._table.get(key), now)
        return page.tally

    def next_due(self, namespace: str) -> str:
        """Until when the tally stays the same if nothing changes; empty if for ever."""
        return min(self._pages[namespace].due.values(), default="")

    def _count(self, namespace: str, now: str) -> None:
        page, prefix = self._pages[namespace], f"{namespace}/"
        for key in [key for key in self._table if key.startswith(prefix)]:
            self._set(page, key, self._table.get(key), now)

    def _catch_up(self, now: str) -> None:
        end = self._table.end
        if end == self._position:
            return
        try:
            entries = self._table.read(self._position, end - self._position)
        except Expired:
            for namespace in self._pages:
                self._pages[namespace] = _Page()
                self._count(namespace, now)
        else:
            for entry in entries:
                page = self._pages.get(entry.key.partition("/")[0])
                if page is not None:
                    self._set(page, entry.key, entry.object, now)
        self._position = end

    def _set(self, page: _Page, key: str, value: Resource | None, now: str) -> None:
        before = page.charges.pop(key, None)
        page.due.pop(key, None)
        if before is not None:
            page.tally[before] -= 1
            if not page.tally[before]:
                del page.tally[before]
        if value is None:
            return
        after = page.charges[key] = charge(self._kind, value, now)
        page.tally[after] += 1
        if isinstance(value, Pod) and value.metadata.deletionTimestamp and not at_end(value, now):
            page.due[key] = counts_until(value)
