"""When a file is worth reading: not while it is being written, and not gone while it is being replaced.

Between a look at the folder and the reading of files. Time is given, in seconds of a clock that only
goes forward. Invariant: every change of a file that lasts is let through exactly once.
"""

from collections.abc import Mapping

from msgspec import Struct

from ktui.folder.scan import Stamp

STABLE = 0.05
"""A file is read when two looks this far apart find the same stamp."""
WRITING = 0.5
"""An error, or emptiness, so soon after a write may be half of it."""
TOMBSTONE = 0.7
"""A file that has vanished may be being replaced for so long."""


class _Seen(Struct):
    """What is known of one file: its stamp and since when, the stamp that was taken in, and when it vanished."""

    stamp: Stamp
    since: float
    taken: Stamp | None = None
    again: float | None = None
    vanished: float | None = None


class Verdict(Struct):
    """What to do now: files to read, files that are gone, whether nothing is pending, when to look again."""

    ready: list[str]
    gone: list[str]
    settled: bool
    wait: float | None


class Gate:
    """Remembers when each file was seen to change. Everything found at the first look is ready at once."""

    def __init__(self) -> None:
        self._seen: dict[str, _Seen] = {}
        self._first = True

    def pass_through(self, files: Mapping[str, Stamp], now: float) -> Verdict:
        """Judge one look at the folder; `now` in seconds."""
        verdict = Verdict([], [], True, None)
        for path, stamp in files.items():
            self._present(path, stamp, now, verdict)
        for path in sorted(self._seen.keys() - files.keys()):
            self._absent(path, now, verdict)
        self._first = False
        verdict.settled = verdict.wait is None
        return verdict

    def taken(self, path: str, stamp: Stamp) -> None:
        """The file was read in this state."""
        seen = self._seen[path]
        seen.taken, seen.again = stamp, None

    def unsure(self, path: str, now: float) -> bool:
        """Whether what was found in the file may be half a write; then it will be ready once more later."""
        seen = self._seen[path]
        if now - seen.since >= WRITING:
            return False
        seen.again = seen.since + WRITING
        return True

    def _present(self, path: str, stamp: Stamp, now: float, verdict: Verdict) -> None:
        seen = self._seen.get(path)
        if seen is None:
            seen = self._seen[path] = _Seen(stamp, float("-inf") if self._first else now)
        elif seen.stamp != stamp:
            seen.stamp, seen.since, seen.again = stamp, now, None
        seen.vanished = None
        if seen.again is not None:
            due = seen.again
        elif seen.taken != stamp:
            due = seen.since + STABLE
        else:
            return
        if now >= due:
            verdict.ready.append(path)
        else:
            _wait(verdict, due - now)

    def _absent(self, path: str, now: float, verdict: Verdict) -> None:
        seen = self._seen[path]
        if seen.vanished is None:
            seen.vanished = now
        left = seen.vanished + TOMBSTONE - now
        if left <= 0:
            verdict.gone.append(path)
            del self._seen[path]
        else:
            _wait(verdict, left)


def _wait(verdict: Verdict, seconds: float) -> None:
    verdict.wait = seconds if verdict.wait is None else min(verdict.wait, seconds)
