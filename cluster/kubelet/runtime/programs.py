"""The programs that every simulated container has, in the words of the usual ones.

Run by `execute`, alone or from the shell. Invariant: a program writes to its run and its files alone, and what it tells
is what the cluster knows of the container.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from posixpath import join, normpath

from cluster.kubelet.runtime.contents import unix_ms
from cluster.kubelet.runtime.filesystem import APPENDED, WRITTEN, Files
from cluster.kubelet.runtime.jobs import Jobs, Pipe

STDOUT, STDERR = 1, 2


Target = int | str | bytearray | Pipe
"""Where a stream goes: to stdout or stderr, into a file, to whoever asked, or to the next command."""


class Run:
    """One command on its way: what it sees, what it wrote, and how much time has gone by in it.

    `foreign` is how long programs take that are not simulated (ms); where it is 0 they are not found.
    """

    def __init__(self, environment: Mapping[str, str], files: Files, folder: str, date: str, foreign: int = 0) -> None:
        self.environment = dict(environment)
        self.files, self.folder, self.date, self.foreign = files, folder, date, foreign
        self.begun = unix_ms(date)
        self.outputs: list[tuple[int, int, bytes]] = []
        self.targets: dict[int, Target] = {STDOUT: STDOUT, STDERR: STDERR}
        self.input = Pipe(closed=True)
        self.stdin = b""
        """What a program reads that is called; the shell takes it from `input`."""
        self.jobs = Jobs()
        self.signals: list[str] = []
        """Signals that the process has been sent and has not dealt with, of those that are `handled`."""
        self.handled: frozenset[str] = frozenset()
        self.elapsed = 0
        self.searching = False
        """Whether only the end counts: a loop without one need not be run."""
        self._steps = 0

    def write(self, text: str | bytes, stream: int = STDOUT) -> None:
        """Write to stdout or stderr, now."""
        data, target = text.encode() if isinstance(text, str) else text, self.targets[stream]
        if isinstance(target, int):
            self.outputs.append((self.elapsed, target, data))
        elif isinstance(target, bytearray):
            target.extend(data)
        elif isinstance(target, Pipe):
            target.data.extend(data)
        elif data:
            self.change(target, APPENDED, data)

    def fork(self) -> "Run":
        """A run beside this one, with variables and streams of its own, that begins now."""
        other = Run(self.environment, self.files, self.folder, self.date, self.foreign)
        other.begun, other.elapsed, other.outputs, other.jobs = self.begun, self.elapsed, self.outputs, self.jobs
        other.targets, other.input = dict(self.targets), self.input
        return other

    def change(self, path: str, how: str, content: bytes = b"") -> None:
        """Change a file (`Files.change`), now. ReadOnly if that is refused."""
        self.files.change(self.begun + self.elapsed, path, how, content)

    def put(self, path: str, content: bytes) -> None:
        """Write a file. ReadOnly if that is refused."""
        self.change(path, WRITTEN, content)

    def refuse(self, text: str, code: int = 1) -> int:
        """Complain in one line; the exit code."""
        self.write(f"{text}\n", STDERR)
        return code

    def path(self, name: str) -> str:
        """An absolute path, without dots."""
        return normpath(join(self.folder, name))

    def start_count(self) -> None:
        """Count commands from here on."""
        self._steps = 0

    def count(self, most: int, error: type[Exception]) -> None:
        """Count a command; `error` if it is one too many."""
        self._steps += 1
        if self._steps > most:
            raise error


SHELLS = ("sh", "bash", "ash", "dash")
WRAPPERS = ("env", "nohup", "timeout")
"""Programs that run another one."""


def expression(run: Run, program: str, text: str, flags: int = 0) -> re.Pattern[str] | None:
    """A regular expression; None after a complaint if it is none."""
    try:
        return re.compile(text, flags)
    except re.error:
        run.refuse(f"{program}: bad regex '{text}'")
        return None


Program = Callable[[Run, list[str]], int]


def _cat(run: Run, names: list[str]) -> int:
    code = 0
    if not names:
        run.write(run.stdin)
    for name in names:
        content = run.files.read(run.path(name))
        if content is not None:
            run.write(content)
        elif run.files.is_folder(run.path(name)):
            code = run.refuse(f"cat: {name}: Is a directory")
        else:
            code = run.refuse(f"cat: {name}: No such file or directory")
    return code


def _date(run: Run, arguments: list[str]) -> int:
    moment = datetime.fromisoformat(run.date) + timedelta(milliseconds=run.elapsed)
    shape = next((text[1:] for text in arguments if text.startswith("+")), "%a %b %e %H:%M:%S UTC %Y")
    run.write(moment.strftime(shape.replace("%s", str(int(moment.timestamp())))) + "\n")
    return 0


def _echo(run: Run, words: list[str]) -> int:
    options = []
    while words and words[0] in ("-n", "-e", "-ne", "-en"):
        options.append(words[0])
        words = words[1:]
    text = " ".join(words)
    if any("e" in option for option in options):
        text = escaped(text)
    run.write(text + ("" if any("n" in option for option in options) else "\n"))
    return 0


_ESCAPE = re.compile(r"\\(0[0-7]{1,3}|x[0-9a-fA-F]{1,2}|[abefnrtv\\])")
_ESCAPED = {"a": "\a", "b": "\b", "e": "\x1b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\\": "\\"}


def escaped(text: str) -> str:
    """The text with its line feeds, tabs and the like as what they mean."""

    def meant(match: re.Match[str]) -> str:
        found = match[1]
        if found[0] in "0x":
            return chr(int(found[1:], 16 if found[0] == "x" else 8))
        return _ESCAPED[found]

    return _ESCAPE.sub(meant, text)


def _env(run: Run, _: list[str]) -> int:
    shown = ((name, value) for name, value in run.environment.items() if name.isidentifier())
    run.write("".join(f"{name}={value}\n" for name, value in shown))
    return 0


def _printenv(run: Run, names: list[str]) -> int:
    if not names:
        return _env(run, names)
    known = [run.environment[name] for name in names if name in run.environment]
    run.write("".join(f"{value}\n" for value in known))
    return 0 if len(known) == len(names) else 1


def _false(_: Run, __: list[str]) -> int:
    return 1


def _true(_: Run, __: list[str]) -> int:
    return 0


def _hostname(run: Run, _: list[str]) -> int:
    run.write(run.environment.get("HOSTNAME", "localhost") + "\n")
    return 0


def _id(run: Run, _: list[str]) -> int:
    run.write("uid=0(root) gid=0(root) groups=0(root)\n")
    return 0


def _pwd(run: Run, _: list[str]) -> int:
    run.write(f"{run.folder}\n")
    return 0


def _sleep(run: Run, arguments: list[str]) -> int:
    units = {"s": 1, "m": 60, "h": 3600, "d": 86400}
    for text in arguments:
        number, unit = (text[:-1], text[-1]) if text[-1:] in units else (text, "s")
        if text in ("infinity", "inf"):
            number, unit = "36500", "d"
        try:
            run.elapsed += round(float(number) * units[unit] * 1000)
        except ValueError:
            return run.refuse(f"sleep: invalid time interval '{text}'")
    return 0 if arguments else run.refuse("sleep: missing operand")


def _whoami(run: Run, _: list[str]) -> int:
    run.write("root\n")
    return 0


PROGRAMS: Mapping[str, Program] = {
    "cat": _cat, "date": _date, "echo": _echo, "env": _env, "false": _false, "hostname": _hostname, "id": _id,
    "printenv": _printenv, "pwd": _pwd, "sleep": _sleep, "true": _true, "whoami": _whoami,
}  # fmt: skip
