"""Where the streams of a command go and come from.

A part of the shell. Mirrors a POSIX shell's redirections, with dash's words. Invariant: a stream that cannot be
redirected changes nothing.
"""

from posixpath import dirname

from cluster.kubelet.runtime.filesystem import WRITTEN
from cluster.kubelet.runtime.jobs import Pipe
from cluster.kubelet.runtime.programs import Run, Target
from cluster.kubelet.runtime.syntax import Redirect
from cluster.kubelet.runtime.words import Expander

_DEVICES: dict[str, Target] = {
    "/dev/stdout": 1, "/dev/stderr": 2, "/dev/tty": 1, "/proc/1/fd/1": 1, "/proc/1/fd/2": 2, "/proc/self/fd/1": 1,
    "/proc/self/fd/2": 2,
}  # fmt: skip
_NOTHING = ("/dev/null", "/dev/zero")


def redirect(run: Run, told: Redirect, expander: Expander) -> str:
    """Redirect a stream; why it cannot be, in the shell's words, or nothing."""
    if told.document is not None:
        run.input = Pipe(expander.joined(told.document.body).encode(), closed=True)
        return ""
    name = expander.joined(told.target)
    if told.operator == "<<<":
        run.input = Pipe(f"{name}\n".encode(), closed=True)
    elif told.operator == "<":
        return _read(run, name)
    elif told.operator in (">&", "<&") and (name.isdecimal() or name == "-"):
        run.targets[told.stream] = bytearray() if name == "-" else run.targets.get(int(name), int(name))
    else:
        return _write(run, told, name)
    return ""


def _read(run: Run, name: str) -> str:
    path = run.path(name)
    content = b"" if path in _NOTHING else run.files.read(path)
    if content is None:
        return f"cannot open {name}: No such file"
    run.input = Pipe(content, closed=True)
    return ""


def _write(run: Run, told: Redirect, name: str) -> str:
    path = run.path(name)
    target: Target = bytearray() if path in _NOTHING else _DEVICES.get(path, path)
    if isinstance(target, str):
        why = _unwritable(run, path)
        if why:
            return f"cannot create {name}: {why}"
        if told.operator != ">>" or run.files.read(path) is None:
            run.change(path, WRITTEN)
    run.targets[told.stream] = target
    if told.operator in ("&>", ">&"):
        run.targets[2] = target
    return ""


def _unwritable(run: Run, path: str) -> str:
    """Why nothing can be written there; nothing if it can."""
    files = run.files
    if not files.is_folder(dirname(path)):
        return "Directory nonexistent"
    if files.is_folder(path):
        return "Is a directory"
    return "" if files.writable(path) else "Read-only file system"
