"""Programs that work on text: `grep`, `sed`, `cut`, `sort`, `printf` and their like.

A part of `programs`, in busybox's words. Invariant: a program writes what follows from its arguments and its input.
"""

import re
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping
from hashlib import md5, sha256
from posixpath import basename, dirname

from cluster.kubelet.runtime.programs import Program, Run, escaped, expression
from cluster.kubelet.runtime.sed import sed
from cluster.kubelet.runtime.sums import arithmetic


def _number(text: str) -> int:
    return int(text) if text.strip().lstrip("+-").isdecimal() else 0


def _plain(arguments: list[str]) -> list[str]:
    return [text for text in arguments if not text.startswith("-") or text == "-"]


def _contents(run: Run, program: str, names: list[str]) -> Iterator[tuple[str, bytes]]:
    """The files that are there, by name, or what comes in; complaints about the others."""
    if not names:
        yield "", run.stdin
    for name in names:
        content = run.stdin if name == "-" else run.files.read(run.path(name))
        if content is None:
            run.refuse(f"{program}: {name}: No such file or directory")
        else:
            yield name, content


def _expr(run: Run, arguments: list[str]) -> int:
    value = arithmetic(" ".join(arguments), {})
    run.write(f"{value}\n")
    return int(not value)


def _seq(run: Run, arguments: list[str]) -> int:
    numbers = [_number(text) for text in arguments]
    if not 1 <= len(numbers) <= 3:
        return run.refuse("seq: missing operand")
    first, step = (numbers[0] if len(numbers) > 1 else 1), (numbers[1] if len(numbers) > 2 else 1)
    shown = range(first, numbers[-1] + (1 if step > 0 else -1), step or 1)
    run.write("".join(f"{number}\n" for number in shown[:100_000]))
    return 0


_FORMAT = re.compile(r"%([-+ 0#]*)(\d*)(?:\.(\d+))?([sdifxXobcu%])")


def _printf(run: Run, arguments: list[str]) -> int:
    text, values = escaped(arguments[0]) if arguments else "", arguments[1:]
    while True:
        rest = _print_once(run, text, values)
        if not rest or len(rest) == len(values):
            return 0
        values = rest


def _print_once(run: Run, text: str, values: list[str]) -> list[str]:
    """Write the text with the first values in it; those that are left."""
    taken = iter(values)
    run.write(_FORMAT.sub(lambda match: _formatted(match, taken), text))
    return list(taken)


def _formatted(match: re.Match[str], values: Iterator[str]) -> str:
    flags, width, precision, kind = match[1], match[2], match[3], match[4]
    if kind == "%":
        return "%"
    value = next(values, "")
    if kind in "diuxXo":
        return f"%{flags}{width}{'d' if kind in 'diu' else kind}" % _number(value)
    if kind == "f":
        number = float(value) if re.fullmatch(r"[-+]?\d+(\.\d*)?|[-+]?\.\d+", value) else 0.0
        return f"%{flags}{width}.{precision or 6}f" % number
    value = escaped(value) if kind == "b" else value[:1] if kind == "c" else value
    return f"%{flags.replace('0', '')}{width}s" % (value if precision is None else value[: int(precision)])


def _wc(run: Run, arguments: list[str]) -> int:
    names = _plain(arguments)
    wanted = [option for option in "lwc" if any(option in text for text in arguments if text.startswith("-"))]
    for name, content in _contents(run, "wc", names):
        counts = {"l": content.count(b"\n"), "w": len(content.split()), "c": len(content)}
        shown = [str(counts[option]) for option in wanted or "lwc"]
        run.write(" ".join([*shown, *([name] if name else [])]) + "\n")
    return 0


def _grep(run: Run, arguments: list[str]) -> int:
    options = "".join(text[1:] for text in arguments if text.startswith("-") and not text.startswith("--"))
    pattern, *names = _plain(arguments) or [""]
    text = re.escape(pattern) if "F" in options else _extended(pattern) if "E" not in options else pattern
    text = rf"\b(?:{text})\b" if "w" in options else rf"^(?:{text})$" if "x" in options else text
    wanted, found = expression(run, "grep", text, re.IGNORECASE if "i" in options else 0), 0
    if wanted is None:
        return 2
    for name, content in _contents(run, "grep", names):
        lines = list(enumerate(content.splitlines(), 1))
        hits = [
            (number, line.decode("utf-8", "replace")) for number, line in lines
            if bool(wanted.search(line.decode("utf-8", "replace"))) is not ("v" in options)
        ]  # fmt: skip
        found += len(hits)
        if "q" in options:
            continue
        head = f"{name}:" if len(names) > 1 and "h" not in options else ""
        if "c" in options:
            run.write(f"{head}{len(hits)}\n")
        elif "l" in options:
            run.write(f"{name}\n" if hits else "")
        elif "o" in options:
            run.write("".join(f"{head}{one[0]}\n" for _, line in hits for one in wanted.finditer(line)))
        else:
            run.write("".join(f"{head}{f'{number}:' if 'n' in options else ''}{line}\n" for number, line in hits))
    return int(not found)


def _extended(pattern: str) -> str:
    """A basic regular expression as an extended one: in it, operators are written with a backslash."""
    return re.sub(r"\\([|(){}+?])|([|(){}+?])", lambda match: match[1] or "\\" + match[2], pattern)


def _counted(arguments: list[str]) -> tuple[str, list[str]]:
    """How many lines are wanted, as it was written, and the names that are left."""
    count, rest, it = "10", list[str](), iter(arguments)
    for text in it:
        if text in ("-n", "-c"):
            count = next(it, "10")
        elif text.startswith("-") and len(text) > 1:
            count = (text[2:] if text[1] in "nc" else text[1:]) or count
        else:
            rest.append(text)
    return count, rest


def _head(run: Run, arguments: list[str]) -> int:
    count, names = _counted(arguments)
    for _, content in _contents(run, "head", names):
        whole = any(text.startswith("-c") for text in arguments)
        run.write(content[: _number(count)] if whole else b"".join(content.splitlines(keepends=True)[: _number(count)]))
    return 0


def _tail(run: Run, arguments: list[str]) -> int:
    count, names = _counted(arguments)
    for _, content in _contents(run, "tail", names):
        lines = content.splitlines(keepends=True)
        number = abs(_number(count))
        run.write(b"".join(lines[number - 1 :] if count.startswith("+") else lines[-number:] if number else []))
    return 0


def _cut(run: Run, arguments: list[str]) -> int:
    told = {"d": "\t", "f": "", "c": ""}
    rest, it = list[str](), iter(arguments)
    for text in it:
        if text[:1] == "-" and text[1:2] in told:
            told[text[1]] = text[2:] or next(it, "")
        else:
            rest.append(text)
    for _, content in _contents(run, "cut", rest):
        for line in content.decode("utf-8", "replace").splitlines():
            parts = list(line) if told["c"] else line.split(told["d"] or "\t")
            chosen = [part for number, part in enumerate(parts, 1) if _chosen(number, told["c"] or told["f"])]
            whole = told["d"] not in line and not told["c"]
            run.write((line if whole else ("" if told["c"] else told["d"]).join(chosen)) + "\n")
    return 0


def _chosen(number: int, text: str) -> bool:
    for part in text.split(","):
        first, dash, last = part.partition("-")
        if number == _number(first) and not dash:
            return True
        if dash and number >= (_number(first) or 1) and (not last or number <= _number(last)):
            return True
    return False


def _tr(run: Run, arguments: list[str]) -> int:
    options, sets = "".join(text[1:] for text in arguments if text.startswith("-")), _plain(arguments)
    text, first = run.stdin.decode("utf-8", "replace"), _characters(sets[0] if sets else "")
    if "d" in options:
        run.write("".join(each for each in text if each not in first))
        return 0
    second = _characters(sets[1]) if len(sets) > 1 else first
    second += second[-1:] * (len(first) - len(second))
    text = text.translate({ord(old): new for old, new in zip(first, second, strict=False)})
    run.write(re.sub(rf"([{re.escape(second)}])\1+", r"\1", text) if "s" in options and second else text)
    return 0


def _characters(text: str) -> str:
    classes = {
        "[:upper:]": "A-Z",
        "[:lower:]": "a-z",
        "[:digit:]": "0-9",
        "[:space:]": " \t\n\r",
        "[:alnum:]": "A-Za-z0-9",
    }
    for name, meant in classes.items():
        text = text.replace(name, meant)
    text = escaped(text)
    return re.sub(r"(.)-(.)", lambda match: "".join(map(chr, range(ord(match[1]), ord(match[2]) + 1))), text)


def _sort(run: Run, arguments: list[str]) -> int:
    options = "".join(text[1:] for text in arguments if text.startswith("-"))
    lines = [line for _, content in _contents(run, "sort", _plain(arguments)) for line in content.decode().splitlines()]
    lines = sorted(set(lines) if "u" in options else lines)
    if "n" in options:
        lines.sort(key=_leading)
    run.write("".join(f"{line}\n" for line in (reversed(lines) if "r" in options else lines)))
    return 0


def _leading(line: str) -> int:
    found = re.match(r"\s*(-?\d+)", line)
    return int(found[1]) if found is not None else 0


def _uniq(run: Run, arguments: list[str]) -> int:
    counts = list[tuple[str, int]]()
    for _, content in _contents(run, "uniq", _plain(arguments)):
        for line in content.decode("utf-8", "replace").splitlines():
            if counts and counts[-1][0] == line:
                counts[-1] = line, counts[-1][1] + 1
            else:
                counts.append((line, 1))
    counted = "-c" in arguments
    run.write("".join(f"{count:>7} {line}\n" if counted else f"{line}\n" for line, count in counts))
    return 0


_PRINT = re.compile(r"^\s*(?:/(.*?)/)?\s*\{\s*print\s*(.*?)\s*;?\s*\}\s*$", re.DOTALL)


def _awk(run: Run, arguments: list[str]) -> int:
    """`awk` as far as it prints fields: `/PATTERN/ {print $1, $NF}`."""
    separator = next(
        (text[2:] or arguments[at + 1] for at, text in enumerate(arguments[:-1]) if text[:2] == "-F"), None
    )
    words = [text for at, text in enumerate(arguments) if text[:2] != "-F" and (not at or arguments[at - 1] != "-F")]
    found = _PRINT.match(words[0]) if words else None
    if found is None:
        return run.refuse("awk: the simulated program prints fields only", 2)
    wanted = expression(run, "awk", found[1] or "")
    if wanted is None:
        return 2
    for _, content in _contents(run, "awk", words[1:]):
        for line in content.decode("utf-8", "replace").splitlines():
            if wanted.search(line):
                fields = [line, *line.split(separator)]
                run.write(" ".join(_awk_value(part.strip(), fields) for part in (found[2] or "$0").split(",")) + "\n")
    return 0


def _awk_value(text: str, fields: list[str]) -> str:
    pieces = re.findall(r'"([^"]*)"|\$(NF|\d+)|(NF)', text)
    return "".join(
        quoted or (str(len(fields) - 1) if number else _awk_field(name, fields)) for quoted, name, number in pieces
    )


def _awk_field(name: str, fields: list[str]) -> str:
    place = len(fields) - 1 if name == "NF" else _number(name or "-1")
    return fields[place] if 0 <= place < len(fields) else ""


def _basename(run: Run, arguments: list[str]) -> int:
    run.write(basename(arguments[0].rstrip("/")).removesuffix("".join(arguments[1:2])) + "\n" if arguments else "")
    return int(not arguments)


def _dirname(run: Run, arguments: list[str]) -> int:
    run.write((dirname(arguments[0].rstrip("/")) or ".") + "\n" if arguments else "")
    return int(not arguments)


def _base64(run: Run, arguments: list[str]) -> int:
    for _, content in _contents(run, "base64", _plain(arguments)):
        if "-d" not in arguments and "--decode" not in arguments:
            run.write(b64encode(content) + b"\n")
            continue
        try:
            run.write(b64decode(content))
        except ValueError:
            return run.refuse("base64: invalid input")
    return 0


def _md5sum(run: Run, arguments: list[str]) -> int:
    for name, content in _contents(run, "md5sum", _plain(arguments)):
        run.write(f"{md5(content, usedforsecurity=False).hexdigest()}  {name or '-'}\n")
    return 0


def _sha256sum(run: Run, arguments: list[str]) -> int:
    for name, content in _contents(run, "sha256sum", _plain(arguments)):
        run.write(f"{sha256(content).hexdigest()}  {name or '-'}\n")
    return 0


def _sed(run: Run, arguments: list[str]) -> int:
    return sed(run, arguments, _extended)


def _uname(run: Run, arguments: list[str]) -> int:
    run.write("Linux\n" if not arguments or arguments == ["-s"] else "x86_64\n")
    return 0


PROGRAMS: Mapping[str, Program] = {
    "awk": _awk, "base64": _base64, "basename": _basename, "cut": _cut, "dirname": _dirname, "expr": _expr, "grep": _grep,
    "head": _head, "md5sum": _md5sum, "printf": _printf, "sed": _sed, "seq": _seq, "sha256sum": _sha256sum, "sort": _sort,
    "tail": _tail, "tr": _tr, "uname": _uname, "uniq": _uniq, "wc": _wc,
}  # fmt: skip
