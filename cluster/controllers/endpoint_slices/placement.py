"""Where the endpoints that changed go: an edit, slice by slice, that rewrites as few slices as it can.

The middle of the controller's reconcile, between what pods are and what is written. Mirrors
reconcileByPortMapping and finalize (k8s.io/endpointslice). Invariant: after the edit every pod wanted
stands in exactly one slice of its ports, no slice holds over 100, and there is at least one slice.
"""

from collections.abc import Callable, Iterable

from msgspec import Struct

from cluster.api.discovery import Endpoint, EndpointSlice
from cluster.controllers.endpoint_slices.endpoint import Ports

LIMIT = 100
"""The most endpoints in a slice (--max-endpoints-per-slice)."""


class Draft(Struct):
    """A slice as it will be; `key` is "" for one that does not exist yet."""

    key: str
    ports: Ports
    endpoints: list[Endpoint]
    moved: bool = True
    """Whether it holds other pods, or at other positions, than before."""


class Edit(Struct):
    """What to do to a Service's slices."""

    created: list[Draft]
    updated: list[Draft]
    deleted: list[str]


Wanted = tuple[Ports, Endpoint] | None


class Placement:
    """Where each pod of one Service stands. Pods are known by name: all are in the Service's namespace."""

    __slots__ = ("places", "rows")

    def __init__(self) -> None:
        self.places: dict[str, str] = {}
        """Every pod's slice."""
        self.rows: dict[str, dict[str, int]] = {}
        """Every slice's pods, with their positions."""

    def load(self, slices: Iterable[tuple[str, EndpointSlice]]) -> dict[str, set[int]]:
        """Start again from what is stored; positions of endpoints that stand in two places, by slice."""
        self.places, self.rows = {}, {}
        twice: dict[str, set[int]] = {}
        for key, found in slices:
            rows = self.rows[key] = {}
            for position, endpoint in enumerate(found.endpoints):
                name = name_of(endpoint)
                if self.places.setdefault(name, key) != key or name in rows:
                    twice.setdefault(key, set()).add(position)
                rows[name] = position
        return twice

    def plan(self, wanted: dict[str, Wanted], read: Callable[[str], EndpointSlice]) -> Edit:
        """The edit that brings the pods in `wanted` (by name; None is away) to their places."""
        edits: dict[str, dict[str, Endpoint | None]] = {}
        added: dict[Ports, list[Endpoint]] = {}
        for name, want in wanted.items():
            key = self.places.get(name)
            if key is not None:
                stays = want is not None and read(key).ports == want[0]
                edits.setdefault(key, {})[name] = want[1] if stays and want else None
                if stays:
                    continue
            if want is not None:
                added.setdefault(want[0], []).append(want[1])
        drafts = [
            draft for key, changes in edits.items() if (draft := self._edited(key, read(key), changes)) is not None
        ]
        created: list[Draft] = []
        for ports, endpoints in added.items():
            self._fill(ports, endpoints, drafts, created, read)
        return self._finished(drafts, created, read)

    def _fill(
        self, ports: Ports, endpoints: list[Endpoint], drafts: list[Draft], created: list[Draft],
        read: Callable[[str], EndpointSlice],
    ) -> None:  # fmt: skip
        """Put endpoints into slices being written anyway, then the best fit, then new ones."""
        start = 0
        for draft in sorted(
            (draft for draft in drafts if draft.ports == ports), key=lambda draft: -len(draft.endpoints)
        ):
            room = LIMIT - len(draft.endpoints)
            draft.endpoints += endpoints[start : start + room]
            draft.moved = True
            start += room
        while start < len(endpoints):
            batch = endpoints[start : start + LIMIT]
            start += LIMIT
            best = self._best_fit(ports, len(batch), {draft.key for draft in drafts}, read)
            if best:
                drafts.append(Draft(best, ports, [*read(best).endpoints, *batch]))
            else:
                created.append(Draft("", ports, batch))

    def _best_fit(self, ports: Ports, count: int, written: set[str], read: Callable[[str], EndpointSlice]) -> str:
        """The fullest slice with room for `count` more, "" if there is none."""
        best, most = "", -1
        for key, rows in self.rows.items():
            if most < len(rows) <= LIMIT - count and key not in written and read(key).ports == ports:
                best, most = key, len(rows)
        return best

    def _finished(self, drafts: list[Draft], created: list[Draft], read: Callable[[str], EndpointSlice]) -> Edit:
        """Slices left empty become the new ones, or go; if no other is left one stays, without ports."""
        written = {draft.key for draft in drafts}
        idle = [key for key in self.rows if key not in written]
        empty = [draft for draft in drafts if not draft.endpoints]
        empty += [Draft(key, read(key).ports, []) for key in idle if not self.rows[key]]
        updated = [draft for draft in drafts if draft.endpoints]
        while created and empty:
            new = created.pop(0)
            updated.append(Draft(empty.pop(0).key, new.ports, new.endpoints))
        if not created and not updated and not any(self.rows[key] for key in idle):
            if not empty:
                created.append(Draft("", (), []))
            elif empty[0].key in written or empty[0].ports:
                updated.append(Draft(empty.pop(0).key, (), []))
            else:
                empty.pop(0)
        return Edit(created, updated, [draft.key for draft in empty])

    def _edited(self, key: str, found: EndpointSlice, changes: dict[str, Endpoint | None]) -> Draft | None:
        """The slice with some of its pods' endpoints replaced or (None) taken out; None if nothing differs."""
        rows, endpoints = self.rows[key], list(found.endpoints)
        gone, differs = set(), False
        for name, new in changes.items():
            position = rows[name]
            if new is None:
                gone.add(position)
            elif new != endpoints[position]:
                endpoints[position] = new
                differs = True
        if gone:
            endpoints = [endpoint for position, endpoint in enumerate(endpoints) if position not in gone]
        return Draft(key, found.ports, endpoints, moved=bool(gone)) if gone or differs else None

    def note(self, key: str, found: EndpointSlice | None) -> None:
        """Follow a slice whose pods are others than before (None: that was removed)."""
        if found is None:
            del self.rows[key]
            return
        rows = self.rows[key] = {}
        for position, endpoint in enumerate(found.endpoints):
            name = name_of(endpoint)
            rows[name] = position
            self.places[name] = key

    def forget(self, wanted: dict[str, Wanted]) -> None:
        """Follow the pods that a plan took away, once it is carried out."""
        for name, want in wanted.items():
            if want is None:
                self.places.pop(name, None)


def name_of(endpoint: Endpoint) -> str:
    """The pod that an endpoint stands for, "" if it does not say."""
    return endpoint.targetRef.name if endpoint.targetRef else ""
