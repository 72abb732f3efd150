"""A program in a pseudo-terminal, and what its screen shows: the standard library's pty, and pyte as the terminal."""

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pyte

ROOT = Path(__file__).parent.parent.parent
PATIENCE = 60.0


class Terminal:
    """One run of a program, Python if not said, in a terminal of its own, with these environment variables besides."""

    def __init__(
        self,
        arguments: Sequence[str],
        columns: int = 80,
        lines: int = 24,
        program: str = sys.executable,
        **variables: str,
    ) -> None:
        self.screen = pyte.Screen(columns, lines)
        self._stream = pyte.ByteStream(self.screen)
        self.written = b""
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        environment = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8", **variables}
        command = [program, *arguments]
        self.process = subprocess.Popen(
            command, cwd=ROOT, stdin=slave, stdout=slave, stderr=slave, env=environment, start_new_session=True
        )
        os.close(slave)

    def text(self) -> str:
        """What the screen shows."""
        return "\n".join(self.screen.display)

    def send(self, keys: str) -> None:
        """Press keys."""
        os.write(self._master, keys.encode())

    def pump(self, wait: float = 0.05) -> bool:
        """Take in what the program writes for at most `wait` seconds; whether it wrote anything."""
        if not select.select([self._master], [], [], wait)[0]:
            return False
        try:
            data = os.read(self._master, 65536)
        except OSError:
            return False
        self.written += data
        self._stream.feed(data)
        return bool(data)

    def wait_for(self, *texts: str) -> None:
        """Wait until the screen shows all of the texts."""
        self.wait_until(lambda: all(text in self.text() for text in texts), " and ".join(texts))

    def wait_until(self, true: Callable[[], bool], what: str) -> None:
        """Wait until something is true of the screen; AssertionError with the screen if it never is."""
        end = time.monotonic() + PATIENCE
        while not true():
            assert time.monotonic() < end, f"not seen: {what}\n{self.text()}"
            self.pump()

    def end(self) -> int:
        """Wait for the program to end, and return its exit code."""
        end = time.monotonic() + PATIENCE
        while self.process.poll() is None:
            assert time.monotonic() < end, f"still running\n{self.text()}"
            self.pump()
        while self.pump(0.1):
            continue
        return self.process.returncode

    def close(self) -> None:
        """End the program, whatever it does."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self._master)
