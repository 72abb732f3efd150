"""The programs that every simulated container has, in the words of the usual ones.

Run by `execute`, alone or from the shell. Invariant: a program only writes to its run, and what it tells
is what the cluster knows of the container.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from posixpath import join, normpath

from cluster.kubelet.runtime.filesystem import Files

STDOUT, STDERR = 1, 2


class Run:
    """One command on its way: what it sees, what it wrote, and how much time has gone by in it."""

    def __init__(self, environment: Mapping[str, str], files: Files, folder: str, date: str) -> None:
        self.environment = dict(environment)
        self.files, self.folder, self.date = files, folder, date
        self.outputs: list[tuple[int, int, bytes]] = []
        self.elapsed = 0

    def write(self, text: str | bytes, stream: int = STDOUT) -> None:
        """Write to stdout or stderr, now."""
        self.outputs.append((self.elapsed, stream, text.encode() if isinstance(text, str) else text))

    def refuse(self, text: str, code: int = 1) -> int:
        """Complain in one line; the exit code."""
        self.write(f"{text}\n", STDERR)
        return code

    def path(self, name: str) -> str:
        """An absolute path, without dots."""
        return normpath(join(self.folder, name))


Program = Callable[[Run, list[str]], int]


def _cat(run: Run, names: list[str]) -> int:
    code = 0
    for name in names:
        content = run.files.contents.get(run.path(name))
        if content is not None:
            run.write(content)
        elif run.path(name) in run.files.folders:
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
    bare = words[:1] == ["-n"]
    run.write(" ".join(words[1:] if bare else words) + ("" if bare else "\n"))
    return 0


def _env(run: Run, _: list[str]) -> int:
    run.write("".join(f"{name}={value}\n" for name, value in run.environment.items()))
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
    run.write(run.environment["HOSTNAME"] + "\n")
    return 0


def _id(run: Run, _: list[str]) -> int:
    run.write("uid=0(root) gid=0(root) groups=0(root)\n")
    return 0


def _ls(run: Run, arguments: list[str]) -> int:
    names = [name for name in arguments if not name.startswith("-")] or ["."]
    code = 0
    for name in names:
        path = run.path(name)
        if path in run.files.contents:
            run.write(f"{name}\n")
        elif path in run.files.folders:
            head = f"{name}:\n" if len(names) > 1 else ""
            run.write(head + "".join(f"{entry}\n" for entry in run.files.listed(path)))
        else:
            code = run.refuse(f"ls: cannot access '{name}': No such file or directory", 2)
    return code


def _pwd(run: Run, _: list[str]) -> int:
    run.write(f"{run.folder}\n")
    return 0


def _sleep(run: Run, arguments: list[str]) -> int:
    units = {"s": 1, "m": 60, "h": 3600, "d": 86400}
    for text in arguments:
        number, unit = (text[:-1], text[-1]) if text[-1:] in units else (text, "s")
        if text == "infinity":
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
    "cat": _cat, "date": _date, "echo": _echo, "env": _env, "false": _false, "hostname": _hostname, "id": _id, "ls": _ls,
    "printenv": _printenv, "pwd": _pwd, "sleep": _sleep, "true": _true, "whoami": _whoami,
}  # fmt: skip
