"""`sed`, as far as manifests use it: `s`, `d`, `p` and `q`, with lines and patterns before them.

A part of `text_programs`. Invariant: a script is understood, or refused before anything is written.
"""

import re
from collections.abc import Callable

from msgspec import Struct

from cluster.kubelet.runtime.programs import Run

_ADDRESS = r"(?:(\d+|\$)|/((?:[^/\\]|\\.)*)/)"
_COMMAND = re.compile(rf"\s*(?:{_ADDRESS}(?:,{_ADDRESS})?)?\s*(!?)([sdpq])", re.DOTALL)


class _Step(Struct, frozen=True):
    first: str
    first_pattern: re.Pattern[str] | None
    last: str
    negated: bool
    letter: str
    pattern: re.Pattern[str] | None = None
    new: str = ""
    flags: str = ""

    def fits(self, number: int, line: str, *, final: bool) -> bool:
        """Whether it is about the line."""
        if self.first_pattern is not None:
            found = self.first_pattern.search(line) is not None
        elif not self.first:
            found = True
        elif self.last:
            found = (
                _line(self.first, final=final, number=number) <= number <= _line(self.last, final=final, number=number)
            )
        else:
            found = final if self.first == "$" else number == int(self.first)
        return found is not self.negated


def _line(text: str, *, final: bool, number: int) -> int:
    return (number if final else number + 1) if text == "$" else int(text)


def sed(run: Run, arguments: list[str], extended: Callable[[str], str]) -> int:
    """Run `sed ARGUMENTS`; `extended` makes a basic regular expression an extended one."""
    quiet, inside, basic, scripts, names = False, False, True, list[str](), list[str]()
    rest = list(arguments)
    while rest:
        text = rest.pop(0)
        if text == "-e":
            scripts.append(rest.pop(0) if rest else "")
        elif text.startswith("-") and len(text) > 1:
            quiet, inside = quiet or "n" in text, inside or "i" in text
            basic = basic and not set("rE") & set(text)
        else:
            names.append(text)
    if not scripts and names:
        scripts.append(names.pop(0))
    try:
        steps = _steps("\n".join(scripts), extended if basic else str)
    except (re.error, IndexError):
        return run.refuse("sed: bad regex")
    if steps is None:
        return run.refuse("sed: unsupported command")
    code = 0
    for name in names or [""]:
        content = run.files.read(run.path(name)) if name else run.stdin
        if content is None:
            code = run.refuse(f"sed: {name}: No such file or directory")
            continue
        out = _edited(content.decode("utf-8", "replace"), steps, quiet=quiet)
        if inside and name:
            run.put(run.path(name), out.encode())
        else:
            run.write(out)
    return code


def _steps(script: str, regular: Callable[[str], str]) -> list[_Step] | None:
    """The commands of a script; None if there are others in it. re.error, IndexError if an expression is none."""
    found, at = list[_Step](), 0
    while script[at:].strip(" ;\n"):
        at += len(script[at:]) - len(script[at:].lstrip(" ;\n"))
        match = _COMMAND.match(script, at)
        if match is None:
            return None
        at = match.end()
        pattern = re.compile(regular(match[2])) if match[2] is not None else None
        step = _Step(match[1] or "", pattern, match[3] or "", bool(match[5]), match[6])
        if match[6] == "s":
            parts = _parts(script, at)
            if parts is None:
                return None
            old, new, flags, at = parts
            ignore = re.IGNORECASE if "i" in flags.lower() else 0
            new = re.sub(r"(?<!\\)&", r"\\g<0>", new).replace("\\&", "&")
            step = _Step(
                step.first,
                step.first_pattern,
                step.last,
                step.negated,
                "s",
                re.compile(regular(old), ignore),
                new,
                flags,
            )
        if step.pattern is not None:
            step.pattern.sub(step.new, "")  # re.error if it speaks of groups that are none
        found.append(step)
    return found


def _parts(script: str, at: int) -> tuple[str, str, str, int] | None:
    """What stands between the delimiters of `s`, its flags, and where it ends."""
    mark = re.escape(script[at : at + 1])
    found = re.compile(rf"{mark}((?:[^\\]|\\.)*?){mark}((?:[^\\]|\\.)*?){mark}([gpiI0-9]*)", re.DOTALL).match(
        script, at
    )
    if not mark or found is None:
        return None
    plain = script[at]
    return found[1].replace(f"\\{plain}", plain), found[2].replace(f"\\{plain}", plain), found[3], found.end()


def _edited(text: str, steps: list[_Step], *, quiet: bool) -> str:
    out, lines = list[str](), text.splitlines(keepends=True)
    for number, whole in enumerate(lines, 1):
        line, end = whole.removesuffix("\n"), "\n" if whole.endswith("\n") else ""
        gone = stop = False
        for step in steps:
            if not step.fits(number, line, final=number == len(lines)):
                continue
            if step.pattern is not None:
                line, count = step.pattern.subn(step.new, line, count=0 if "g" in step.flags else 1)
                out += [line + end] if "p" in step.flags and count else []
            elif step.letter == "p":
                out.append(line + end)
            elif step.letter == "d":
                gone = True
                break
            else:
                stop = True
        out += [] if quiet or gone else [line + end]
        if stop:
            break
    return "".join(out)
