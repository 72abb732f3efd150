"""The watched folders, kept applied: look, read what has settled, apply what was saved, prune what is gone.

The whole of a file's way into the cluster. Level-triggered: `step` may be called at any time and
brings the cluster nearer to the files; what called it does not matter. Invariant: nothing is deleted
while any file is unsettled, and never what another file still holds.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from msgspec.structs import replace

from cluster.api.errors import ApiError
from cluster.manifests import Document, Problem
from ktui.folder import applying, files, plan, scan
from ktui.folder.applying import Applier, Outcome
from ktui.folder.files import Watched
from ktui.folder.gate import Gate, Verdict
from ktui.folder.plan import Identity, Item
from ktui.folder.report import FileReport, FolderState, Held, Status, Summary

RETRY = 0.25
"""Seconds until what waits for something is tried again."""
IDLE = 1.5
"""Seconds between two looks when nothing says that there is anything to see."""
GONE = 100
"""So many deleted files are remembered to be shown."""
YIELD = 25
"""Files read or objects applied before others may run."""


class Folder:
    """Folders of manifests and what became of them; `clock` gives seconds and only goes forward."""

    def __init__(self, roots: Sequence[Path], client: Applier, clock: Callable[[], float]) -> None:
        self.roots = tuple(roots)
        self.state = FolderState(roots=tuple(map(str, self.roots)))
        self._client, self._clock = client, clock
        self._names = {str(root): applying.set_name(root) for root in self.roots}
        self._gate = Gate()
        self._files: dict[str, Watched] = {}
        self._listing = scan.Listing({}, {}, [], {})
        self._pruned_files: dict[str, None] = {}
        self._origins: dict[Identity, str] = {}
        self._owned: dict[Identity, str] | None = None
        self._applied: dict[Identity, Document] = {}
        self._outcomes: dict[Identity, Outcome] = {}
        self._summary = Summary()
        self._pruning = plan.Pruning([], {})
        self._approved: frozenset[Identity] = frozenset()
        self._unsure = 0.0
        self._busy = asyncio.Lock()
        self.settled = False

    async def step(self) -> float:
        """Look at the folders and act on what is there; how many seconds until the next look is due."""
        async with self._busy:
            return await self._step(self._clock())

    async def settle(self, pause: Callable[[float], Awaitable[object]] = asyncio.sleep) -> FolderState:
        """Step until every file is settled; `pause` lets the clock go on between two looks."""
        wait = await self.step()
        while not self.settled:
            await pause(wait)
            wait = await self.step()
        return self.state

    async def approve(self) -> None:
        """Do the deletions that were held."""
        if self.state.held is not None:
            self._approved = frozenset(self.state.held.delete)
            await self.step()

    async def recreate(self, one: Identity) -> None:
        """Delete an object whose change was refused; it is made again as its file says."""
        async with self._busy:
            document = self._applied.get(one)
            if document is not None and await applying.delete(self._client, one, document.kind):
                self._outcomes[one] = Outcome(waiting=f"the old {one.kind} to go")

    async def _step(self, now: float) -> float:
        before, self._listing = self._listing, scan.look(self.roots)
        verdict = self._gate.pass_through(self._listing.files, now)
        saved = await self._read(verdict, now)
        defined = self._read_defined()
        if saved:
            self._summary = Summary()
        was_settled, self.settled = self.settled, verdict.settled and not self._unsure
        if (
            saved
            or defined
            or self._waits()
            or self._approved
            or not (was_settled and self.settled)
            or before != self._listing
        ):
            await self._sync(now, saved=saved)
        wait = RETRY if self._waits() else IDLE
        return min(wait, IDLE if verdict.wait is None else verdict.wait, self._unsure or IDLE)

    async def _sync(self, now: float, *, saved: bool) -> None:
        """Bring the cluster to what the files hold, and tell how that went."""
        items, clashes = plan.wanted({path: file.documents for path, file in self._files.items()}, self._origins)
        worked = await self._apply(items)
        if self.settled:
            worked |= await self._prune([item.identity for item in items])
        first = self.settled and self.state.synced is None
        self._publish(items, clashes if self.settled else [], now if saved or worked or first else self.state.synced)

    def _waits(self) -> bool:
        unknown = any(file.unknown for file in self._files.values())
        return unknown or any(outcome.waiting for outcome in self._outcomes.values())

    def _read_defined(self) -> bool:
        """Read the files again that have objects of a kind that was not defined before and is now; whether there are any."""
        known, read = self._client.kinds, False
        for path, file in self._files.items():
            if any(known.by_api_version(one.api_version, one.kind) for one in file.unknown):
                self._files[path], read = files.taken_in(file, file.good_text, known), True
        return read

    async def _read(self, verdict: Verdict, now: float) -> bool:
        """Take in the files that are ready and drop those that are gone; whether there were any."""
        self._unsure = 0.0
        for path in verdict.gone:
            if self._files.pop(path, None) is not None:
                self._pruned_files[path] = None
        while len(self._pruned_files) > GONE:
            del self._pruned_files[next(iter(self._pruned_files))]
        read = False
        for count, path in enumerate(verdict.ready, 1):
            read |= self._read_file(path, now)
            if count % YIELD == 0:
                await asyncio.sleep(0)
        return read or bool(verdict.gone)

    def _read_file(self, path: str, now: float) -> bool:
        file = self._files.get(path) or Watched(path)
        stamp = self._listing.files[path]
        try:
            loaded = files.load(path)
        except (OSError, ValueError) as error:
            why = (error.strerror if isinstance(error, OSError) else None) or str(error)
            self._files[path] = files.unreadable(file, why)
            self._gate.taken(path, stamp)
            return True
        if loaded is None or loaded[1] != stamp:
            self._unsure = 0.05
            return False
        fresh = files.taken_in(file, loaded[0], self._client.kinds)
        if (fresh.errors or fresh.empty) and self._gate.unsure(path, now):
            self._unsure = 0.1
            return False
        self._files[path] = fresh
        self._pruned_files.pop(path, None)
        self._gate.taken(path, stamp)
        return True

    async def _apply(self, items: list[Item]) -> bool:
        """Apply what was saved since it was last applied, and what waited; whether anything was done."""
        present = {item.identity for item in items}
        for one in [one for one in self._applied if one not in present]:
            del self._applied[one]
            self._outcomes.pop(one, None)
        due = [item for item in items if self._is_due(item)]
        for count, item in enumerate(due, 1):
            await self._apply_one(item)
            if count % YIELD == 0:
                await asyncio.sleep(0)
        return bool(due)

    def _is_due(self, item: Item) -> bool:
        if self._applied.get(item.identity) is not item.document:
            return True
        return bool(self._outcomes[item.identity].waiting)

    async def _apply_one(self, item: Item) -> None:
        one = item.identity
        name = self._set_name(item.path)
        outcome = await applying.apply(self._client, item, name)
        self._applied[one], self._outcomes[one], self._origins[one] = item.document, outcome, item.path
        if outcome.done == "created":
            self._owned_objects()[one] = name
        if outcome.done:
            done = getattr(self._summary, outcome.done)
            self._summary = replace(self._summary, **{outcome.done: (*done, one)})

    async def _prune(self, present: list[Identity]) -> bool:
        """Delete what the folder created and does not hold any more, or hold that and say why."""
        broken = {path: file.text for path, file in self._files.items() if file.errors}
        self._pruning = plan.pruning(
            self._owned_objects(), present, broken, self._origins,
            unknown_held=any(not self._files[path].was_good for path in broken), lost=self._lost(),
        )  # fmt: skip
        delete = self._pruning.delete
        if self._pruning.hold and not self._approved.issuperset(delete):
            return False
        self._approved, self._pruning = frozenset(), plan.Pruning([], self._pruning.kept)
        for one in delete:
            await self._delete(one)
        return bool(delete)

    async def _delete(self, one: Identity) -> None:
        try:
            kind = plan.kind_of(one, self._client.kinds)
            there = kind is not None and await applying.delete(self._client, one, kind)
        except ApiError as error:
            self._pruning.kept[one] = error.message
            return
        self._owned_objects().pop(one, None)
        self._origins.pop(one, None)
        if there:
            self._summary = replace(self._summary, pruned=(*self._summary.pruned, one))

    def _owned_objects(self) -> dict[Identity, str]:
        """What the folders created, in this run or an earlier one."""
        if self._owned is None:
            self._owned = applying.owned(self._client, frozenset(self._names.values()))
        return self._owned

    def _lost(self) -> str:
        """Whether a folder is gone, or all of its files are."""
        gone = [*self._listing.missing, *self._listing.unreadable]
        if gone:
            return f"{gone[0]} is gone or cannot be read"
        return "" if self._listing.files else "no manifests are left in the folder"

    def _set_name(self, path: str) -> str:
        inside = [root for root in self._names if Path(path).is_relative_to(root)]
        return self._names[max(inside, key=len)]

    def _publish(self, items: list[Item], clashes: list[plan.Clash], synced: float | None) -> None:
        """Make a new state, if it differs from the one shown."""
        problems: dict[str, list[Problem]] = {path: list(file.errors) for path, file in self._files.items()}
        for clash in clashes:
            problems[clash.second.path].append(self._clash_problem(clash))
        for item in items:
            problems[item.path] += self._refusals(item)
        reports = [self._report(file, items, problems[path]) for path, file in self._files.items()]
        reports += [
            FileReport(path, Status.READING, "still being written")
            for path in self._listing.files
            if path not in self._files
        ]
        reports += [FileReport(path, Status.PRUNED, "the file is gone") for path in self._pruned_files]
        reports += [FileReport(path, Status.IGNORED, why) for path, why in self._listing.ignored.items()]
        reports += [FileReport(path, Status.ERROR, why) for path, why in self._listing.unreadable.items()]
        reports += [FileReport(path, Status.ERROR, "the folder is gone") for path in self._listing.missing]
        held = Held(self._pruning.hold, tuple(self._pruning.delete)) if self._pruning.hold else None
        state = FolderState(
            roots=self.state.roots, files=tuple(sorted(reports, key=lambda report: report.path)), summary=self._summary,
            held=held, kept=tuple(sorted(self._pruning.kept.items())), synced=synced, number=self.state.number,
            problems=tuple(problem for path in sorted(problems) for problem in problems[path]),
        )  # fmt: skip
        if state != self.state:
            self.state = replace(state, number=state.number + 1)

    def _report(self, file: Watched, items: list[Item], problems: list[Problem]) -> FileReport:
        mine = [item.identity for item in items if item.path == file.path]
        waiting = [applying.definition_of(one.api_version, one.kind) for one in file.unknown]
        waiting += [outcome.waiting for one in mine if (outcome := self._outcomes.get(one)) and outcome.waiting]
        status, detail = Status.APPLIED, ""
        if problems:
            status = Status.ERROR
            detail = "its last good state is kept" if file.errors and file.was_good else ""
        elif waiting:
            status, detail = Status.WAITING, f"waiting for {waiting[0]}"
        elif file.clusters and not mine:
            status, detail = Status.IGNORED, "it describes the cluster; it is read at the start"
        elif file.empty:
            status, detail = Status.EMPTY, "there is nothing in it"
        return FileReport(file.path, status, detail, tuple(mine), tuple(problems), file.warnings)

    def _clash_problem(self, clash: plan.Clash) -> Problem:
        first, second = clash.first, clash.second
        message = f"{first.identity} is already in {first.path}:{first.document.line}; that one stays"
        problem = self._files[second.path].problem(second.document, "metadata.name", message, "remove one of the two")
        return replace(problem, path="")

    def _refusals(self, item: Item) -> list[Problem]:
        outcome = self._outcomes.get(item.identity)
        if outcome is None or not outcome.refused or self._applied.get(item.identity) is not item.document:
            return []
        file = self._files[item.path]
        fixed = item.identity.kind not in applying.RECREATED and applying.immutable(outcome.refused)
        hint = "it cannot be changed in place: recreate the object, or put the old value back" if fixed else ""
        return [file.problem(item.document, cause.field, cause.message, hint) for cause in outcome.refused]
