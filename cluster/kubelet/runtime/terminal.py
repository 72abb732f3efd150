"""An interactive shell in a container: what is typed, and what the terminal shows.

Opened by whoever runs a shell without a script. With a terminal it echoes, edits the line and prompts, as the
kernel's line discipline and the shell do; without one it reads commands line by line. Invariant: everything
shown follows from the container, the time and what was typed.
"""

from collections.abc import Iterator
from typing import Protocol

from msgspec.structs import replace

from cluster.kubelet.runtime.builtins import MISUSED, Exited
from cluster.kubelet.runtime.contents import unix_ms
from cluster.kubelet.runtime.execute import Inside, finder
from cluster.kubelet.runtime.filesystem import Files
from cluster.kubelet.runtime.jobs import Steps
from cluster.kubelet.runtime.launch import Launcher, line
from cluster.kubelet.runtime.programs import Run
from cluster.kubelet.runtime.simulation import Process, Simulation
from cluster.kubelet.runtime.sockets import Sockets

ENTER, ERASE, INTERRUPT, END = (b"\r", b"\n"), (b"\x7f", b"\x08"), b"\x03", b"\x04"
INTERRUPTED = 130
Shown = tuple[int, bytes]
"""So many ms after the key, something to show."""


class Room(Protocol):
    """The container as it is at any time."""

    def now(self) -> str:
        """The time (RFC 3339)."""

    def files(self) -> Files:
        """Its files, for a process that may write."""

    def keep(self, files: Files) -> None:
        """Keep what a command has written."""


class Terminal:
    """One shell, until it has a `code`."""

    def __init__(self, view: Inside, room: Room, *, tty: bool) -> None:
        self._run = Run(view.environment, view.files, view.container.workingDir or "/", room.now())
        self._sockets = Sockets(None if view.link is None else replace(view.link, past=True))
        self._launch = Launcher(finder(self._sockets, view.container))
        self._room, self._tty, self._line = room, tty, bytearray()
        self._last = 0
        self.code: int | None = None

    def start(self) -> bytes:
        """What is shown before anything was typed."""
        return self._prompt()

    def feed(self, data: bytes) -> Iterator[Shown]:
        """What is shown for what was typed."""
        for number in data:
            if self.code is None:
                yield from self._key(bytes([number]))

    def end(self) -> Iterator[Shown]:
        """What is shown once nothing more will be typed: the rest is a line too."""
        if self._line:
            yield from self._entered()
        if self.code is None:
            self.code = self._last

    def hang_up(self) -> None:
        """End the shell where nobody is there to type or read: what was begun is not done."""
        if self.code is None:
            self.code = self._last

    def interrupt(self) -> bytes:
        """What is shown when the command that runs is ended by Ctrl-C."""
        self._last = INTERRUPTED
        return b"^C\r\n" + self._prompt()

    def _key(self, key: bytes) -> Iterator[Shown]:
        if key in ENTER:
            yield from self._entered()
        elif not self._tty:
            self._line += key
        elif key in ERASE:
            if self._line:
                del self._line[-1]
                yield 0, b"\x08 \x08"
        elif key == INTERRUPT:
            self._line.clear()
            yield 0, self.interrupt()
        elif key == END:
            if not self._line:
                self.code = self._last
                yield 0, b"\r\n"
        elif key >= b" ":
            self._line += key
            yield 0, key

    def _entered(self) -> Iterator[Shown]:
        text, run = self._line.decode("utf-8", "replace"), self._run
        self._line.clear()
        run.outputs.clear()
        run.date, run.elapsed = self._room.now(), 0
        run.begun, run.files = unix_ms(run.date), self._room.files()
        if self._tty:
            yield 0, b"\r\n"
        yield from self._run_line(text)
        if self.code is None:
            yield run.elapsed, self._prompt()

    def _run_line(self, text: str) -> Iterator[Shown]:
        """Run a line, as far as its time has come: what comes next is found out when it is time."""
        run, left = self._run, list[int]()

        def steps() -> Steps:
            try:
                return (yield from line(run, text, self._launch, self._last))
            except Exited as ended:
                left.append(ended.code)
                return ended.code

        process = Process(run, steps(), self._sockets, run.begun)
        together = Simulation([process])
        try:
            coming = together.advance()
            yield from self._written()
            while coming is not None and not process.gone:
                yield coming - run.begun, b""
                coming = together.advance()
                yield from self._written()
        finally:
            self._room.keep(run.files)
        if process.refused is not None:
            run.refuse(f"sh: {process.refused}")
            yield from self._written()
        self._last = MISUSED if process.refused is not None else INTERRUPTED if process.code is None else process.code
        self.code = left[0] if left else None

    def _written(self) -> Iterator[Shown]:
        """What was written since the last time."""
        run = self._run
        for after, _, written in run.outputs:
            yield after, written.replace(b"\n", b"\r\n") if self._tty else written
        run.outputs.clear()

    def _prompt(self) -> bytes:
        return f"{self._run.folder} # ".encode() if self._tty else b""
