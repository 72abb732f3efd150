"""Programs that work on files and on text: what scripts of tutorials use besides `echo` and `sleep`.

A part of `programs`. Invariant: a program writes to its run's own files alone.
"""

import re
from collections.abc import Callable, Mapping

from cluster.kubelet.runtime.programs import Program, Run, escaped
from cluster.kubelet.runtime.shell import Endless
from cluster.kubelet.runtime.words import arithmetic


def _touch(run: Run, names: list[str]) -> int:
    for name in _plain(names):
        path = run.path(name)
        if path.rpartition("/")[0] not in ("", *run.files.folders):
            return run.refuse(f"touch: {name}: No such file or directory")
        run.put(path, run.files.contents.get(path, b""))
    return 0


def _rm(run: Run, arguments: list[str]) -> int:
    options = "".join(text for text in arguments if text.startswith("-"))
    code = 0
    for name in _plain(arguments):
        path = run.path(name)
        below = [found for found in run.files.contents if found.startswith(path + "/")]
        if path in run.files.contents:
            del run.files.contents[path]
        elif path in run.files.folders and "r" in options.lower():
            run.files.folders -= {found for found in run.files.folders if found == path or found.startswith(path + "/")}
            for found in below:
                del run.files.contents[found]
        elif "f" not in options:
            code = run.refuse(f"rm: can't remove '{name}': No such file or directory")
        run.changed.append(run.elapsed)
    return code


def _mkdir(run: Run, arguments: list[str]) -> int:
    for name in _plain(arguments):
        path = run.path(name)
        parts = path.strip("/").split("/")
        above = {"/" + "/".join(parts[:number]) for number in range(1, len(parts))}
        if not above <= run.files.folders and "-p" not in arguments:
            return run.refuse(f"mkdir: can't create directory '{name}': No such file or directory")
        run.files.folders |= {path, *above}
        run.changed.append(run.elapsed)
    return 0


def _copy(run: Run, arguments: list[str]) -> int:
    *names, last = _plain(arguments) or [""]
    for name in names:
        content = run.files.contents.get(run.path(name))
        if content is None:
            return run.refuse(f"cp: can't stat '{name}': No such file or directory")
        folder = run.path(last) in run.files.folders
        run.put(run.path(f"{last}/{name.rpartition('/')[2]}" if folder else last), content)
    return 0


def _move(run: Run, arguments: list[str]) -> int:
    names = _plain(arguments)
    return _copy(run, names) or _rm(run, names[:-1])


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
    "-f": lambda run, text: run.path(text) in run.files.contents,
    "-s": lambda run, text: bool(run.files.contents.get(run.path(text))),
    "-d": lambda run, text: run.path(text) in run.files.folders,
    "-e": lambda run, text: run.path(text) in run.files.contents or run.path(text) in run.files.folders,
    "-r": lambda run, text: run.path(text) in run.files.contents,
    "-w": lambda run, text: run.path(text) in run.files.contents,
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
    found = [run.files.contents.get(run.path(name), b"") for name in names] if names else [run.stdin]
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
        before = run.files.contents.get(run.path(name), b"") if "-a" in arguments else b""
        run.put(run.path(name), before + run.stdin)
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
