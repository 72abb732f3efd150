"""Programs that work on files: `ls`, `cp`, `rm`, `mkdir`, `chmod`, `find`, and `test`.

A part of `programs`, in busybox's words. Invariant: a program changes nothing but the files of its run.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from posixpath import basename, dirname, join

from cluster.kubelet.runtime.filesystem import APPENDED, MADE, MODE, REMOVED, WRITTEN
from cluster.kubelet.runtime.programs import Program, Run, expression

READ_ONLY = "Read-only file system"


def _touch(run: Run, names: list[str]) -> int:
    for name in _plain(names):
        path = run.path(name)
        if not run.files.is_folder(dirname(path)):
            return run.refuse(f"touch: {name}: No such file or directory")
        if not run.files.writable(path):
            return run.refuse(f"touch: {name}: {READ_ONLY}")
        if not run.files.is_folder(path):
            run.change(path, APPENDED)
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
        if target == path or target.startswith(path.rstrip("/") + "/"):
            return run.refuse(f"cp: can't copy '{name}' into itself")
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
        if word in arguments[1:]:
            at = arguments.index(word, 1)
            left, right = _test(run, arguments[:at]), _test(run, arguments[at + 1 :])
            return left and right if word == "-o" else left or right
    if arguments[:1] == ["("] and arguments[-1:] == [")"]:
        return _test(run, arguments[1:-1])
    if len(arguments) == 3 and arguments[1] in _COMPARED:
        return int(not _COMPARED[arguments[1]](arguments[0], arguments[2]))
    if len(arguments) == 2 and arguments[0] in _ASKED:
        return int(not _ASKED[arguments[0]](run, arguments[1]))
    return int(not (arguments and arguments[0]))


def _bracket(run: Run, arguments: list[str]) -> int:
    if arguments[-1:] != ["]"]:
        return run.refuse("sh: 1: [: missing ]", 2)
    return _test(run, arguments[:-1])


def _double_bracket(run: Run, arguments: list[str]) -> int:
    """`[[ … ]]`: as `test`, with patterns (`==`, `!=`) and regular expressions (`=~`)."""
    words = [word for word in arguments if word != "]]"]
    for word in ("-o", "-a"):
        if word in words[1:]:
            at = words.index(word, 1)
            left, right = _double_bracket(run, words[:at]), _double_bracket(run, words[at + 1 :])
            return left and right if word == "-o" else left or right
    if len(words) == 3 and words[1] in ("==", "=", "!="):
        return int(fnmatchcase(words[0], words[2]) is (words[1] == "!="))
    if len(words) == 3 and words[1] == "=~":
        pattern = expression(run, "sh: 1: [[", words[2])
        return 2 if pattern is None else int(pattern.search(words[0]) is None)
    return _test(run, words)


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
    "-x": lambda run, text: run.files.is_folder(run.path(text)) or run.files.executable(run.path(text)),
    "-r": lambda run, text: run.files.exists(run.path(text)),
    "-w": lambda run, text: run.files.exists(run.path(text)) and run.files.writable(run.path(text)),
}  # fmt: skip


def _tee(run: Run, arguments: list[str]) -> int:
    for name in _plain(arguments):
        if not run.files.writable(run.path(name)):
            run.refuse(f"tee: {name}: {READ_ONLY}")
            continue
        run.change(run.path(name), APPENDED if "-a" in arguments else WRITTEN, run.stdin)
    run.write(run.stdin)
    return 0


def _ls(run: Run, arguments: list[str]) -> int:
    options = "".join(text for text in arguments if text.startswith("-"))
    names, code = _plain(arguments) or ["."], 0
    for name in names:
        path = run.path(name)
        if run.files.is_folder(path) and "d" not in options:
            run.write(f"{name}:\n" if len(names) > 1 else "")
            inside = [each for each in run.files.listed(path) if not each.startswith(".") or "a" in options.lower()]
            _list(run, [(each, join(path, each)) for each in inside], options)
        elif run.files.exists(path):
            _list(run, [(name, path)], options.replace("l", "L") if "l" not in options else options + "1")
        else:
            code = run.refuse(f"ls: cannot access '{name}': No such file or directory", 2)
    return code


def _list(run: Run, found: list[tuple[str, str]], options: str) -> None:
    if "l" not in options:
        run.write("".join(f"{name}\n" for name, _ in found))
        return
    if "1" not in options:
        sizes = (len(run.files.read(path) or b"") for _, path in found)
        run.write(f"total {sum(4 * -(-size // 4096) for size in sizes)}\n")
    run.write("".join(_long_line(run, name, path) for name, path in found))


def _long_line(run: Run, name: str, path: str) -> str:
    folder = run.files.is_folder(path)
    mode, size = run.files.mode(path), 4096 if folder else len(run.files.read(path) or b"")
    letters = "".join(letter if mode >> (8 - place) & 1 else "-" for place, letter in enumerate("rwxrwxrwx"))
    time = run.files.time(path)
    moment = datetime.fromtimestamp((run.begun if time is None else time) / 1000, UTC)
    date = moment.strftime("%b %e %H:%M")
    return f"{'d' if folder else '-'}{letters}    {2 if folder else 1} root     root     {size:>9} {date} {name}\n"


def _chmod(run: Run, arguments: list[str]) -> int:
    words = [text for text in arguments if text != "-R"]
    code = 0
    for name in words[1:]:
        path = run.path(name)
        if not run.files.exists(path):
            code = run.refuse(f"chmod: {name}: No such file or directory")
            continue
        mode = int(words[0], 8) if re.fullmatch("[0-7]{3,4}", words[0]) else _with(run.files.mode(path), words[0])
        run.change(path, MODE, f"{mode:o}".encode())
    return code


def _with(mode: int, text: str) -> int:
    """A mode with what `chmod` is told by letters, as in `u+x`."""
    found = re.fullmatch("([ugoa]*)([-+=])([rwx]*)", text)
    if found is None:
        return mode
    who = [{"u": 6, "g": 3, "o": 0}[each] for each in (found[1].replace("a", "ugo") or "ugo")]
    bits = sum({"r": 4, "w": 2, "x": 1}[each] for each in set(found[3]))
    for shift in who:
        if found[2] == "=":
            mode &= ~(7 << shift)
        mode = mode & ~(bits << shift) if found[2] == "-" else mode | bits << shift
    return mode


def _find(run: Run, arguments: list[str]) -> int:
    start = next((at for at, text in enumerate(arguments) if text.startswith("-")), len(arguments))
    told = dict(zip(arguments[start:], [*arguments[start + 1 :], ""], strict=False))
    code = 0
    for name in arguments[:start] or ["."]:
        if not run.files.exists(run.path(name)):
            code = run.refuse(f"find: {name}: No such file or directory")
            continue
        for path in _below(run, name):
            kind = "d" if run.files.is_folder(run.path(path)) else "f"
            named = fnmatchcase(basename(path.rstrip("/")), told.get("-name", "*"))
            if told.get("-type", kind) == kind and named and _age_fits(run, path, told.get("-mmin", "")):
                run.write(f"{path}\n")
    return code


def _age_fits(run: Run, path: str, minutes: str) -> bool:
    """Whether a file was changed less (`-N`) or more (`+N`) than so many minutes ago."""
    time = run.files.time(run.path(path))
    number = minutes.lstrip("+-").replace(".", "", 1)
    if not minutes or not number.isdecimal():
        return True
    age = (run.begun + run.elapsed - (run.begun if time is None else time)) / 60_000
    limit = float(minutes.lstrip("+-"))
    return age < limit if minutes.startswith("-") else age > limit


def _below(run: Run, name: str) -> list[str]:
    found = [name]
    if run.files.is_folder(run.path(name)):
        for each in run.files.listed(run.path(name)):
            found += _below(run, join(name, each))
    return found


def _plain(arguments: list[str]) -> list[str]:
    return [text for text in arguments if not text.startswith("-")]


PROGRAMS: Mapping[str, Program] = {
    "[": _bracket, "[[": _double_bracket, "chmod": _chmod, "cp": _copy, "find": _find, "ls": _ls, "mkdir": _mkdir,
    "mv": _move, "rm": _rm, "tee": _tee, "test": _test, "touch": _touch,
}  # fmt: skip
