"""Programs that work on files and on text: what scripts of tutorials use besides `echo` and `sleep`.

A part of `programs`. Invariant: a program writes to its run's own files alone.
"""

import re
from collections.abc import Callable, Mapping
from posixpath import dirname

from cluster.kubelet.runtime.filesystem import APPENDED, MADE, REMOVED, WRITTEN
from cluster.kubelet.runtime.programs import Program, Run, escaped
from cluster.kubelet.runtime.shell import Endless
from cluster.kubelet.runtime.words import arithmetic

READ_ONLY = "Read-only file system"


def _touch(run: Run, names: list[str]) -> int:
    for name in _plain(names):
        path = run.path(name)
        if not run.files.is_folder(dirname(path)):
            return run.refuse(f"touch: {name}: No such file or directory")
        if not run.files.writable(path):
            return run.refuse(f"touch: {name}: {READ_ONLY}")
        if not run.files.exists(path):
            run.put(path, b"")
    return 0


def _rm(run: Run, arguments: list[str]) -> int:
    options = "".join(text for text in arguments if text.startswith("-"))
    code = 0
    for name in _plain(arguments):
        path = run.path(name)
        folder = run.files.is_folder(path)
        if not folder and run.files.read(path) is None:
            code = code if "f" in options else run.refuse(f"rm: can't remove '{name}': No such file or directory")
        elif folder and "r" not in options.lower():
            code = run.refuse(f"rm: '{name}' is a directory")
        elif not run.files.writable(path):
            code = run.refuse(f"rm: can't remove '{name}': {READ_ONLY}")
        else:
            run.change(path, REMOVED)
    return code


def _mkdir(run: Run, arguments: list[str]) -> int:
    parents = any(text.startswith("-") and "p" in text for text in arguments)
    for name in _plain(arguments):
        path = run.path(name)
        why = "" if parents else "File exists" if run.files.exists(path) else ""
        if not parents and not run.files.is_folder(dirname(path)):
            why = "No such file or directory"
        if not run.files.writable(path) and not run.files.is_folder(path):
            why = READ_ONLY
        if why:
            return run.refuse(f"mkdir: can't create directory '{name}': {why}")
        if not run.files.is_folder(path):
            run.change(path, MADE)
    return 0


def _copy(run: Run, arguments: list[str]) -> int:
    *names, last = _plain(arguments) or [""]
    deep = any(text.startswith("-") and set("raR") & set(text) for text in arguments)
    for name in names:
        path, target = run.path(name), run.path(last)
        if run.files.is_folder(target):
            target = run.path(f"{last}/{name.rstrip('/').rpartition('/')[2]}")
        if not run.files.exists(path):
            return run.refuse(f"cp: can't stat '{name}': No such file or directory")
        if run.files.is_folder(path) and not deep:
            return run.refuse(f"cp: omitting directory '{name}'")
        if not run.files.writable(target) or not run.files.is_folder(dirname(target)):
            why = "No such file or directory" if run.files.writable(target) else READ_ONLY
            return run.refuse(f"cp: can't create '{target}': {why}")
        _copy_deep(run, path, target)
    return 0


def _copy_deep(run: Run, path: str, target: str) -> None:
    content = run.files.read(path)
    if content is not None:
        run.put(target, content)
        return
    run.change(target, MADE)
    for name in run.files.listed(path):
        _copy_deep(run, f"{path.rstrip('/')}/{name}", f"{target}/{name}")


def _move(run: Run, arguments: list[str]) -> int:
    names = _plain(arguments)
    return _copy(run, ["-r", *names]) or _rm(run, ["-r", *names[:-1]])


def _test(run: Run, arguments: list[str]) -> int:
    """`test`: files, strings and whole numbers."""
    if arguments[:1] == ["!"]:
        return int(not _test(run, arguments[1:]))
    for word in ("-o", "-a"):
        if word in arguments:
            at = arguments.index(word)
            left, right = _test(run, arguments[:at]), _test(run, arguments[at + 1 :])
            return left and right if word == "-o" else left or right
    if len(arguments) == 3 and arguments[1] in _COMPARED:
        return int(not _COMPARED[arguments[1]](arguments[0], arguments[2]))
    if len(arguments) == 2 and arguments[0] in _ASKED:
        return int(not _ASKED[arguments[0]](run, arguments[1]))
    return int(not (arguments and arguments[0]))


def _bracket(run: Run, arguments: list[str]) -> int:
    if arguments[-1:] not in (["]"], ["]]"]):
        return run.refuse("sh: 1: [: missing ]", 2)
    return _test(run, arguments[:-1])


def _number(text: str) -> int:
    return int(text) if text.strip().lstrip("-").isdecimal() else 0


_COMPARED: Mapping[str, Callable[[str, str], bool]] = {
    "=": lambda a, b: a == b, "==": lambda a, b: a == b, "!=": lambda a, b: a != b,
    "-eq": lambda a, b: _number(a) == _number(b), "-ne": lambda a, b: _number(a) != _number(b),
    "-lt": lambda a, b: _number(a) < _number(b), "-le": lambda a, b: _number(a) <= _number(b),
    "-gt": lambda a, b: _number(a) > _number(b), "-ge": lambda a, b: _number(a) >= _number(b),
}  # fmt: skip
_ASKED: Mapping[str, Callable[[Run, str], bool]] = {
    "-z": lambda _, text: not text,
    "-n": lambda _, text: bool(text),
    "-f": lambda run, text: run.files.read(run.path(text)) is not None,
    "-s": lambda run, text: bool(run.files.read(run.path(text))),
    "-d": lambda run, text: run.files.is_folder(run.path(text)),
    "-e": lambda run, text: run.files.exists(run.path(text)),
    "-r": lambda run, text: run.files.exists(run.path(text)),
    "-w": lambda run, text: run.files.exists(run.path(text)) and run.files.writable(run.path(text)),
}  # fmt: skip


def _expr(run: Run, arguments: list[str]) -> int:
    value = arithmetic(" ".join(arguments), {})
    run.write(f"{value}\n")
    return int(not value)


def _seq(run: Run, arguments: list[str]) -> int:
    numbers = [_number(text) for text in arguments]
    if not 1 <= len(numbers) <= 3:
        return run.refuse("seq: missing operand")
    first, step = (numbers[0] if len(numbers) > 1 else 1), (numbers[1] if len(numbers) > 2 else 1)
    last = numbers[-1]
    shown = range(first, last + (1 if step > 0 else -1), step or 1)
    run.write("".join(f"{number}\n" for number in shown[:100_000]))
    return 0


def _printf(run: Run, arguments: list[str]) -> int:
    values = iter(arguments[1:])
    run.write(re.sub(r"%[sd]", lambda _: next(values, ""), escaped(arguments[0] if arguments else "")))
    return 0


def _lines(run: Run, names: list[str]) -> list[bytes]:
    found = [run.files.read(run.path(name)) or b"" for name in names] if names else [run.stdin]
    return [line for content in found for line in content.splitlines(keepends=True)]


def _wc(run: Run, arguments: list[str]) -> int:
    lines = _lines(run, _plain(arguments))
    text = b"".join(lines)
    counts = {"-l": len(lines), "-w": len(text.split()), "-c": len(text)}
    wanted = [option for option in counts if option in arguments] or list(counts)
    run.write(" ".join([*(str(counts[option]) for option in wanted), *_plain(arguments)]) + "\n")
    return 0


def _grep(run: Run, arguments: list[str]) -> int:
    pattern, *names = _plain(arguments) or [""]
    quiet, options = "-q" in arguments, "".join(text for text in arguments if text.startswith("-"))
    expression = re.compile(re.escape(pattern) if "F" in options else pattern, re.IGNORECASE if "i" in options else 0)
    found = [
        line for line in _lines(run, names)
        if bool(expression.search(line.decode("utf-8", "replace"))) is not ("v" in options)
    ]  # fmt: skip
    run.write(b"" if quiet else f"{len(found)}\n" if "c" in options else b"".join(found))
    return int(not found)


def _counted(arguments: list[str]) -> tuple[int, list[str]]:
    """How many lines are wanted, and the names that are left."""
    count, rest, it = 10, list[str](), iter(arguments)
    for text in it:
        if text == "-n":
            count = abs(_number(next(it, "10")))
        elif text.startswith("-"):
            count = _number(text[2:] if text.startswith("-n") else text[1:]) or count
        else:
            rest.append(text)
    return count, rest


def _head(run: Run, arguments: list[str]) -> int:
    count, names = _counted(arguments)
    run.write(b"".join(_lines(run, names)[:count]))
    return 0


def _tail(run: Run, arguments: list[str]) -> int:
    count, names = _counted([text for text in arguments if text.lower() != "-f"])
    run.write(b"".join(_lines(run, names)[-count:]))
    if any(text.startswith("-") and "f" in text.lower() for text in arguments):
        raise Endless
    return 0


def _tee(run: Run, arguments: list[str]) -> int:
    for name in _plain(arguments):
        if not run.files.writable(run.path(name)):
            run.refuse(f"tee: {name}: {READ_ONLY}")
            continue
        run.change(run.path(name), APPENDED if "-a" in arguments else WRITTEN, run.stdin)
    run.write(run.stdin)
    return 0


def _uname(run: Run, arguments: list[str]) -> int:
    run.write("Linux\n" if not arguments or arguments == ["-s"] else "x86_64\n")
    return 0


def _plain(arguments: list[str]) -> list[str]:
    return [text for text in arguments if not text.startswith("-")]


PROGRAMS: Mapping[str, Program] = {
    "[": _bracket, "[[": _bracket, "cp": _copy, "expr": _expr, "grep": _grep, "head": _head, "mkdir": _mkdir,
    "mv": _move, "printf": _printf, "rm": _rm, "seq": _seq, "tail": _tail, "tee": _tee, "test": _test, "touch": _touch,
    "uname": _uname, "wc": _wc,
}  # fmt: skip
