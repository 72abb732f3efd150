"""`sh -c`: lists of simple commands, with quotes and variables; no loops, pipes or redirections.

Run by `execute`. Mirrors what a POSIX shell does with `a; b && c || d`. Invariant: a script is run as
a shell would run it, or not at all.
"""

import re
from collections.abc import Callable, Iterator, Sequence

from cluster.kubelet.runtime.programs import Program, Run

NOT_FOUND, MISUSED = 127, 2
_WORD = re.compile(
    r"""'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)|(&&|\|\||[;\n&|<>()`])|(\s+)|([^\s'"\\;&|<>()`]+)|(.)""", re.DOTALL
)
_VARIABLE = re.compile(r"\$(?:\{([A-Za-z_][A-Za-z0-9_]*)\}|([A-Za-z_][A-Za-z0-9_]*)|(\?))")
_ASSIGNMENT = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=")
_JOINS = (";", "\n", "&&", "||")
_KEYWORDS = frozenset(
    ["case", "do", "done", "elif", "else", "exec", "fi", "for", "function", "if", "then", "trap", "until", "while", "{"]
)
Part = tuple[bool, str]
"""A piece of a word: whether variables in it count, and its text."""


class NotSimulated(Exception):
    """The script asks for more than the simulated shell can do."""


def main(run: Run, arguments: Sequence[str], find: Callable[[str], Program | None]) -> int:
    """Run `sh ARGUMENTS`; the exit code. NotSimulated for scripts beyond simple commands."""
    if not arguments:
        return 0
    if not arguments[0].startswith("-") or not arguments[0].endswith("c") or len(arguments) < 2:
        raise NotSimulated("the simulated shell runs `sh -c COMMANDS` only")
    return script(run, arguments[1], find)[0]


def script(run: Run, text: str, find: Callable[[str], Program | None], last: int = 0) -> tuple[int, bool]:
    """Run a script after a command that ended with `last`; its exit code, and whether it ended the shell."""
    code, join = last, ";"
    for words, following in list(_commands(text)):
        if words and (join not in ("&&", "||") or (join == "&&") is (code == 0)):
            code, ended = _command(run, words, code, find)
            if ended:
                return code, True
        join = following
    return code, False


def _command(run: Run, words: list[list[Part]], last: int, find: Callable[[str], Program | None]) -> tuple[int, bool]:
    """Run one command; its exit code, and whether the shell ends with it."""
    argv = ["".join(_expanded(run, part, last) for part in word) for word in words]
    while argv and _ASSIGNMENT.match(argv[0]):
        name, _, value = argv.pop(0).partition("=")
        run.environment[name] = value
    if not argv:
        return 0, False
    name, arguments = argv[0], argv[1:]
    if name == "exit":
        return (int(arguments[0]) & 255 if arguments and arguments[0].isdecimal() else last), True
    if name in (":", "set", "export"):
        pairs = [pair.partition("=") for pair in arguments if name == "export" and "=" in pair]
        run.environment.update((key, value) for key, _, value in pairs)
        return 0, False
    if name == "cd":
        return _change_folder(run, arguments), False
    found = find(name)
    if found is None:
        return run.refuse(f"sh: 1: {name}: not found", NOT_FOUND), False
    return found(run, arguments), False


def _change_folder(run: Run, arguments: list[str]) -> int:
    path = run.path(arguments[0] if arguments else "/root")
    if path not in run.files.folders:
        return run.refuse(f"sh: 1: cd: can't cd to {arguments[0] if arguments else path}", MISUSED)
    run.folder = path
    return 0


def _expanded(run: Run, part: Part, last: int) -> str:
    live, text = part
    if not live:
        return text

    def value(match: re.Match[str]) -> str:
        return str(last) if match[3] else run.environment.get(match[1] or match[2], "")

    return _VARIABLE.sub(value, text)


def _commands(script: str) -> Iterator[tuple[list[list[Part]], str]]:
    """The script's commands, each as words of parts, with what joins it to the next one."""
    words: list[list[Part]] = []
    open_word = False
    for match in _WORD.finditer(script):
        single, double, escaped, operator, space, plain, other = match.groups()
        if operator is not None:
            if operator not in _JOINS:
                raise NotSimulated(f"the simulated shell knows no `{operator}`")
            yield words, operator
            words, open_word = [], False
            continue
        if space is not None:
            if "\n" in space:
                yield words, "\n"
                words = []
            open_word = False
            continue
        if other is not None:
            raise NotSimulated("the simulated shell found a quote without an end")
        if not open_word:
            if plain in _KEYWORDS and not words:
                raise NotSimulated(f"the simulated shell knows no `{plain}`")
            words.append([])
            open_word = True
        words[-1].append(_part(single, double, escaped, plain))
    yield words, ";"


def _part(single: str | None, double: str | None, escaped: str | None, plain: str | None) -> Part:
    if single is not None or escaped is not None:
        return False, single if single is not None else escaped or ""
    text = plain if plain is not None else re.sub(r'\\(["\\$`])', r"\1", double or "")
    if "$(" in text or "`" in text:
        raise NotSimulated("the simulated shell substitutes no commands")
    return True, text
