"""What a shell does itself: `exit`, `cd`, `read`, `trap`, `wait`, `kill` and their like.

A part of the shell. Mirrors the builtins of a POSIX shell. Invariant: a builtin changes its shell and its run alone.
"""

import re
import shlex
from collections.abc import Callable
from typing import TYPE_CHECKING

from cluster.kubelet.runtime.jobs import FIRST, KILLED, Job, Steps
from cluster.kubelet.runtime.parser import parsed
from cluster.kubelet.runtime.sums import arithmetic

if TYPE_CHECKING:
    from cluster.kubelet.runtime.shell import Shell

SIGNALS = {
    "HUP": 1,
    "INT": 2,
    "QUIT": 3,
    "KILL": 9,
    "USR1": 10,
    "USR2": 12,
    "PIPE": 13,
    "ALRM": 14,
    "TERM": 15,
    "CONT": 18,
}
_NAMES = {number: name for name, number in SIGNALS.items()}
MISUSED = 2


class Exited(Exception):
    """The shell ends with a code."""

    def __init__(self, code: int) -> None:
        self.code = code


class Returned(Exception):
    """A function, or a script that was read in, ends with a code."""

    def __init__(self, code: int) -> None:
        self.code = code


class Left(Exception):
    """So many loops are left, or (`again`) go on with their next turn."""

    def __init__(self, levels: int, *, again: bool) -> None:
        self.levels, self.again = levels, again

    def leaves(self) -> bool:
        """Whether the loop that it has come to is left. Raises itself on if it is about an outer one."""
        if self.levels > 1:
            raise Left(self.levels - 1, again=self.again)
        return not self.again


def _code(shell: "Shell", arguments: list[str]) -> int:
    return int(arguments[0]) & 255 if arguments and arguments[0].isdecimal() else shell.last


def _exit(shell: "Shell", arguments: list[str]) -> int:
    raise Exited(_code(shell, arguments))


def _return(shell: "Shell", arguments: list[str]) -> int:
    raise Returned(_code(shell, arguments))


def _break(_: "Shell", arguments: list[str]) -> int:
    raise Left(int(arguments[0]) if arguments and arguments[0].isdecimal() else 1, again=False)


def _continue(_: "Shell", arguments: list[str]) -> int:
    raise Left(int(arguments[0]) if arguments and arguments[0].isdecimal() else 1, again=True)


def _set(shell: "Shell", arguments: list[str]) -> int:
    """`set`: of its options, e and x count; words become the positional parameters."""
    for number, text in enumerate(arguments):
        if text == "--" or text[:1] not in ("-", "+"):
            shell.position(arguments[number + (text == "--") :])
            break
        if text in ("-o", "+o"):
            continue
        if "e" in text:
            shell.stops = text[0] == "-"
        if "x" in text:
            shell.traces = text[0] == "-"
    return 0


def _export(shell: "Shell", arguments: list[str]) -> int:
    """`export`, `local`, `readonly`, `declare`."""
    pairs = [text.partition("=") for text in arguments if "=" in text]
    shell.run.environment.update((name, value) for name, _, value in pairs)
    return 0


def _unset(shell: "Shell", arguments: list[str]) -> int:
    for name in arguments:
        shell.run.environment.pop(name, None)
        shell.functions.pop(name, None)
    return 0


def _shift(shell: "Shell", arguments: list[str]) -> int:
    known = shell.run.environment
    count, size = int(arguments[0]) if arguments and arguments[0].isdecimal() else 1, int(known.get("#", "0"))
    if count > size:
        return shell.run.refuse("sh: 1: shift: can't shift that many", MISUSED)
    shell.position([known[str(number)] for number in range(count + 1, size + 1)])
    return 0


def _cd(shell: "Shell", arguments: list[str]) -> int:
    run = shell.run
    name = arguments[0] if arguments else run.environment.get("HOME", "/")
    path = run.path(run.environment.get("OLDPWD", run.folder) if name == "-" else name)
    if not run.files.is_folder(path):
        return run.refuse(f"sh: 1: cd: can't cd to {name}", MISUSED)
    run.environment["OLDPWD"], run.folder = run.folder, path
    run.environment["PWD"] = path
    return 0


def _nothing(_: "Shell", __: list[str]) -> int:
    return 0


def _read(shell: "Shell", arguments: list[str]) -> Steps:
    """`read NAME …`: a line, its words to the names and what is left to the last."""
    run, names = shell.run, [text for text in arguments if not text.startswith("-")] or ["REPLY"]
    raw = any(text.startswith("-") and "r" in text for text in arguments)
    while not run.input.has_line:
        yield lambda: run.input.has_line
    line = (run.input.line() or b"").decode("utf-8", "replace")
    ended = line.endswith("\n")
    text = line.removesuffix("\n")
    text = text if raw else re.sub(r"\\(.)", r"\1", text)
    separators = run.environment.get("IFS", " \t\n")
    blank = not separators.strip()
    parts = text.split(None if blank else separators[:1], len(names) - 1)
    for number, name in enumerate(names):
        value = parts[number] if number < len(parts) else ""
        run.environment[name] = value.rstrip(" \t") if blank else value
    return 0 if ended or text else 1


def _eval(shell: "Shell", arguments: list[str]) -> Steps:
    return (yield from shell.script(parsed(" ".join(arguments))))


def _source(shell: "Shell", arguments: list[str]) -> Steps:
    content = shell.run.files.read(shell.run.path(arguments[0])) if arguments else None
    if content is None:
        shell.run.refuse(f"sh: 1: .: cannot open {arguments[0] if arguments else ''}: No such file", MISUSED)
        raise Exited(MISUSED)
    try:
        return (yield from shell.script(parsed(content.decode("utf-8", "replace"))))
    except Returned as back:
        return back.code


def _exec(shell: "Shell", arguments: list[str]) -> Steps:
    if arguments:
        shell.traps.clear()
        raise Exited((yield from shell.launch(shell.run, arguments)))
    return 0


def _let(shell: "Shell", arguments: list[str]) -> int:
    return not [arithmetic(text, shell.run.environment) for text in arguments][-1:] or 0


def _command(shell: "Shell", arguments: list[str]) -> Steps:
    """`command -v NAME`, `type NAME`, `which NAME`, or `command NAME …`."""
    names = [text for text in arguments if not text.startswith("-")]
    if names == arguments and names:
        return (yield from shell.launch(shell.run, names))
    return _where(shell, names)


def _where(shell: "Shell", names: list[str]) -> int:
    code = 0
    for name in names:
        own = name in BUILTINS or name in shell.functions
        if own or shell.knows(name):
            shell.run.write(f"{name}\n" if own else f"/bin/{name}\n")
        else:
            code = 127
    return code


def _trap(shell: "Shell", arguments: list[str]) -> int:
    """`trap TEXT SIGNAL …`."""
    if len(arguments) < 2:
        shown = (f"trap -- {shlex.quote(text)} {name}\n" for name, text in shell.traps.items())
        shell.run.write("".join(shown))
        return 0
    text, names = arguments[0], [signal_name(name) for name in arguments[1:]]
    for name in names:
        if text == "-":
            shell.traps.pop(name, None)
        else:
            shell.traps[name] = text
    shell.run.handled = frozenset(shell.traps) - {"EXIT"}
    return 0


def signal_name(text: str) -> str:
    """A signal's name without SIG; `EXIT` for 0."""
    if text.isdecimal():
        return _NAMES.get(int(text), "EXIT" if text == "0" else text)
    return text.upper().removeprefix("SIG")


def _wait(shell: "Shell", arguments: list[str]) -> Steps:
    """`wait [NUMBER …]`: for jobs, or until a signal comes."""
    run = shell.run
    jobs = [_job(shell, text) for text in arguments if not text.startswith("-")]
    waited = [job for job in jobs if job is not None] if jobs else run.jobs.known
    yield from shell.until(waited, signals=not shell.inner)
    if run.signals and not shell.inner:
        return KILLED + SIGNALS.get(run.signals[0], 0)
    if not jobs:
        return 0
    last = jobs[-1]
    return 127 if last is None else last.code or 0


def _kill(shell: "Shell", arguments: list[str]) -> int:
    """`kill [-SIGNAL] NUMBER …`: jobs end, and the shell itself does what it is to do."""
    name, code = "TERM", 0
    for position, text in enumerate(arguments):
        if position and arguments[position - 1] == "-s":
            continue
        if text == "-s":
            name = signal_name(arguments[position + 1]) if position + 1 < len(arguments) else name
        elif text.startswith("-") and not position:
            name = signal_name(text[1:])
        else:
            code = _send(shell, text, name) or code
    return code


def _send(shell: "Shell", text: str, name: str) -> int:
    if text in ("0", "1"):
        if name in shell.run.handled:
            shell.run.signals.append(name)
        return 0
    job = _job(shell, text)
    if job is None or job.code is not None:
        return shell.run.refuse("sh: 1: kill: No such process")
    if name not in ("EXIT", "0", "CONT"):
        job.code = KILLED + SIGNALS.get(name, SIGNALS["TERM"])
    return 0


def _job(shell: "Shell", text: str) -> Job | None:
    jobs = shell.run.jobs
    if text.startswith("%"):
        place = text[1:]
        return jobs.by_number(int(place) + FIRST - 1) if place.isdecimal() else next(reversed(jobs.known), None)
    return jobs.by_number(int(text)) if text.isdecimal() else None


Builtin = Callable[["Shell", list[str]], "int | Steps"]
BUILTINS: dict[str, Builtin] = {
    ".": _source, ":": _nothing, "break": _break, "cd": _cd, "command": _command, "continue": _continue,
    "declare": _export, "eval": _eval, "exec": _exec, "exit": _exit, "export": _export, "kill": _kill, "let": _let,
    "local": _export, "read": _read, "readonly": _export, "return": _return, "set": _set, "shift": _shift,
    "shopt": _nothing, "source": _source, "trap": _trap, "type": _where, "ulimit": _nothing, "umask": _nothing,
    "unset": _unset, "wait": _wait, "which": _where,
}  # fmt: skip
