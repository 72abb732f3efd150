"""`sh -c`: a script's commands one after the other, for as long as somebody wants to see of it.

Run by `execute`. Mirrors what a POSIX shell does with lists, loops, conditions, pipes and redirections.
Invariant: a run stands still wherever time passes in it, so that a loop without end costs what is looked at.
"""

from collections.abc import Callable, Generator, Iterator, Sequence
from fnmatch import fnmatchcase
from posixpath import dirname

from msgspec import Struct, structs

from cluster.kubelet.runtime import words
from cluster.kubelet.runtime.filesystem import ReadOnly
from cluster.kubelet.runtime.programs import Program, Run, Target
from cluster.kubelet.runtime.syntax import (
    Case,
    For,
    Group,
    If,
    Loop,
    Node,
    NotSimulated,
    Part,
    Pipeline,
    Redirect,
    Script,
    Simple,
    Word,
    parsed,
)

NOT_FOUND, MISUSED, INTERRUPTED = 127, 2, 130
STEPS = 20_000
"""So many commands without an end, or without time passing, and the run is taken for one that has no end."""
FOREVER = 10 * 365 * 86_400_000
Steps = Generator[None, None, int]
"""A run: it stands still each time that the run's `elapsed` has grown, and returns an exit code."""
Find = Callable[[str], Program | None]
_DEVICES: dict[str, Target] = {"/dev/stdout": 1, "/dev/stderr": 2, "/proc/1/fd/1": 1, "/proc/1/fd/2": 2}


class Endless(Exception):
    """The process never comes back by itself."""


class _Exit(Exception):
    def __init__(self, code: int) -> None:
        self.code = code


class _Leave(Exception):
    def __init__(self, *, again: bool) -> None:
        self.again = again


def main(run: Run, arguments: Sequence[str], find: Find) -> Steps:
    """Run `sh ARGUMENTS`. NotSimulated for scripts beyond the shell, Endless for those without an end."""
    options = [text for text in arguments if text.startswith("-") and not text.startswith("--")]
    rest = [text for text in arguments if text not in options]
    if not any("c" in option for option in options):
        if not arguments:
            return 0
        raise NotSimulated("the simulated shell runs `sh -c COMMANDS` only")
    if not rest:
        return run.refuse("sh: -c requires an argument", MISUSED)
    run.environment |= {str(number): text for number, text in enumerate(rest[1:])}
    shell = _Shell(run, find, stops=any("e" in option for option in options))
    try:
        return (yield from shell.script(parsed(rest[0])))
    except _Exit as left:
        return left.code
    except _Leave:
        return 0


def script(run: Run, text: str, find: Find, last: int = 0) -> Generator[None, None, tuple[int, bool]]:
    """Run a line after one that ended with `last`; its exit code, and whether it ended the shell.

    It stands still as `Steps` do. What has no end and takes no time is interrupted.
    """
    run.environment["?"] = str(last)
    run.start_count()
    shell = _Shell(run, find, stops=False, last=last)
    try:
        code = yield from shell.script(parsed(text))
        return (code if parsed(text).items else last), False
    except _Exit as left:
        return left.code, True
    except _Leave:
        return 0, False
    except Endless:
        return INTERRUPTED, False


class _Shell:
    """One shell on its way through a script."""

    def __init__(self, run: Run, find: Find, *, stops: bool, last: int = 0) -> None:
        self._run, self._find, self._stops, self._last = run, find, stops, last

    def script(self, script: Script, *, judged: bool = False) -> Steps:
        """Run a list of commands; `judged` if somebody looks at its exit code, so that `set -e` does not."""
        code = 0
        for number, (join, node) in enumerate(script.items):
            if join in ("&&", "||") and (join == "&&") is (code != 0):
                continue
            following = script.items[number + 1][0] if number + 1 < len(script.items) else ";"
            code = yield from self._node(node)
            self._last = code
            self._run.environment["?"] = str(code)
            if code and self._stops and not judged and following == ";":
                raise _Exit(code)
        return code

    def _node(self, node: Node) -> Steps:
        match node:
            case Simple():
                return (yield from self._simple(node))
            case Pipeline():
                return (yield from self._pipeline(node))
            case Loop():
                return (yield from self._loop(node))
            case For():
                return (yield from self._for(node))
            case If():
                return (yield from self._if(node))
            case Case():
                return (yield from self._case(node))
            case Group():
                return (yield from self._redirected(node.redirects, self._group(node)))

    def _pipeline(self, node: Pipeline) -> Steps:
        run, code = self._run, 0
        kept, targets = run.stdin, dict(run.targets)
        for number, command in enumerate(node.commands):
            buffer = bytearray()
            if number + 1 < len(node.commands):
                run.targets[1] = buffer
            else:
                run.targets = dict(targets)
            code = yield from self._node(command)
            run.stdin = bytes(buffer)
        run.stdin, run.targets = kept, targets
        return int(not code) if node.negated else code

    def _loop(self, node: Loop) -> Steps:
        code = 0
        if self._run.searching and not self._stops and _without_end(node):
            raise Endless
        while True:
            passed = yield from self.script(node.condition, judged=True)
            if (passed == 0) is not node.wanted:
                return code
            try:
                code = yield from self.script(node.body)
            except _Leave as left:
                if not left.again:
                    return 0

    def _for(self, node: For) -> Steps:
        code = 0
        for word in node.words:
            for text in self._fields(word):
                self._run.environment[node.name] = text
                try:
                    code = yield from self.script(node.body)
                except _Leave as left:
                    if not left.again:
                        return 0
        return code

    def _if(self, node: If) -> Steps:
        for condition, body in node.branches:
            if not (yield from self.script(condition, judged=True)):
                return (yield from self.script(body))
        return (yield from self.script(node.otherwise)) if node.otherwise is not None else 0

    def _case(self, node: Case) -> Steps:
        text = self._joined(node.word)
        for patterns, body in node.branches:
            if any(fnmatchcase(text, self._joined(pattern)) for pattern in patterns):
                return (yield from self.script(body))
        return 0

    def _group(self, node: Group) -> Steps:
        if not node.own:
            return (yield from self.script(node.body))
        run = self._run
        kept, folder = dict(run.environment), run.folder
        try:
            return (yield from self.script(node.body))
        except _Exit as left:
            return left.code
        finally:
            run.environment, run.folder = kept, folder

    def _simple(self, node: Simple) -> Steps:
        return (yield from self._redirected(node.redirects, self._command(node)))

    def _redirected(self, redirects: tuple[Redirect, ...], steps: Steps) -> Steps:
        if not redirects:
            return (yield from steps)
        run = self._run
        targets, stdin = dict(run.targets), run.stdin
        for redirect in redirects:
            name = self._joined(redirect.target)
            if redirect.stream == 0:
                content = run.files.read(run.path(name))
                if content is None:
                    steps.close()
                    return run.refuse(f"sh: 1: cannot open {name}: No such file", MISUSED)
                run.stdin = content
            elif redirect.operator == ">&" and name in ("1", "2"):
                run.targets[redirect.stream] = run.targets[int(name)]
            else:
                why = self._unwritable(run.path(name))
                if why:
                    steps.close()
                    return run.refuse(f"sh: 1: cannot create {name}: {why}", MISUSED)
                run.targets[redirect.stream] = self._opened(run.path(name), redirect.operator)
        try:
            return (yield from steps)
        finally:
            run.targets, run.stdin = targets, stdin

    def _unwritable(self, path: str) -> str:
        """Why nothing can be written there; nothing if it can."""
        files = self._run.files
        if path == "/dev/null" or path in _DEVICES:
            return ""
        if not files.is_folder(dirname(path)):
            return "Directory nonexistent"
        if files.is_folder(path):
            return "Is a directory"
        return "" if files.writable(path) else "Read-only file system"

    def _opened(self, path: str, operator: str) -> Target:
        if path == "/dev/null":
            return bytearray()
        if path in _DEVICES:
            return _DEVICES[path]
        if operator == ">" or self._run.files.read(path) is None:
            self._run.put(path, b"")
        return path

    def _command(self, node: Simple) -> Steps:
        run, position = self._run, 0
        run.count(STEPS, Endless)
        while position < len(node.words) and self._assigned(node.words[position]):
            position += 1
        argv = [text for word in node.words[position:] for text in self._fields(word)]
        if not argv:
            return 0
        builtin = _BUILTINS.get(argv[0])
        if builtin is not None:
            return builtin(self, argv[1:])
        if argv[0] == "exec":
            if argv[1:]:
                raise _Exit((yield from started(run, argv[1:], self._find)))
            return 0
        return (yield from started(run, argv, self._find))

    def _assigned(self, word: Word) -> bool:
        """Set a variable, if the word does."""
        first = word[0]
        name, equals, value = first.text.partition("=")
        if not equals or first.quoted or not first.live or not name.isidentifier():
            return False
        rest = Part(value, live=True)
        self._run.environment[name] = self._joined((rest, *word[1:]))
        return True

    def _fields(self, word: Word) -> list[str]:
        return words.fields(word, self._run.environment, self._substituted, self._run.files)

    def _joined(self, word: Word) -> str:
        return words.joined(word, self._run.environment, self._substituted)

    def _substituted(self, part: Part) -> str:
        """The output of a command, which must take no time for whoever looks on."""
        run, buffer = self._run, bytearray()
        targets, run.targets = run.targets, {**run.targets, 1: buffer}
        try:
            for _ in self.script(part.command or Script(()), judged=True):
                continue
        except _Exit:
            return buffer.decode("utf-8", "replace").rstrip("\n")
        finally:
            run.targets = targets
        return buffer.decode("utf-8", "replace").rstrip("\n")

    # What the shell does itself

    def leave(self, arguments: list[str]) -> int:
        """`exit`."""
        raise _Exit(int(arguments[0]) & 255 if arguments and arguments[0].isdecimal() else self._last)

    def stop_loop(self, _: list[str]) -> int:
        """`break`."""
        raise _Leave(again=False)

    def next_turn(self, _: list[str]) -> int:
        """`continue`."""
        raise _Leave(again=True)

    def set(self, arguments: list[str]) -> int:
        """`set`: of its options, -e and +e count."""
        for text in arguments:
            if text[:1] in ("-", "+") and "e" in text:
                self._stops = text[0] == "-"
        return 0

    def export(self, arguments: list[str]) -> int:
        """`export`, and `local`."""
        pairs = [text.partition("=") for text in arguments if "=" in text]
        self._run.environment.update((key, value) for key, _, value in pairs)
        return 0

    def change_folder(self, arguments: list[str]) -> int:
        """`cd`."""
        run = self._run
        path = run.path(arguments[0] if arguments else "/root")
        if not run.files.is_folder(path):
            return run.refuse(f"sh: 1: cd: can't cd to {arguments[0] if arguments else path}", MISUSED)
        run.folder = path
        return 0

    def nothing(self, _: list[str]) -> int:
        """`:`, and `trap`, which counts when the process is told to stop."""
        return 0


_BUILTINS: dict[str, Callable[[_Shell, list[str]], int]] = {
    "exit": _Shell.leave, "return": _Shell.leave, "break": _Shell.stop_loop, "continue": _Shell.next_turn, "set": _Shell.set,
    "export": _Shell.export, "local": _Shell.export, "cd": _Shell.change_folder, ":": _Shell.nothing, "trap": _Shell.nothing,
    "wait": _Shell.nothing,
}  # fmt: skip


def started(run: Run, argv: list[str], find: Find) -> Steps:
    """Run one program, as a shell would find it."""
    name, before = argv[0], run.elapsed
    if not argv[0]:
        return run.refuse("sh: 1: : not found", NOT_FOUND)
    if name.rpartition("/")[2] in SHELLS:
        return (yield from main(run, argv[1:], find))
    found = find(name)
    if found is not None:
        try:
            code = found(run, argv[1:])
        except ReadOnly:
            code = run.refuse(f"{name}: Read-only file system")
    elif run.foreign:
        code, run.elapsed = 0, run.elapsed + run.foreign
    else:
        return run.refuse(f"sh: 1: {name}: not found", NOT_FOUND)
    if run.elapsed >= FOREVER:
        raise Endless
    if run.elapsed != before:
        if not run.searching:
            run.start_count()
        yield
    return code


SHELLS = ("sh", "bash", "ash")
_LEAVING = ("exit", "break", "return", "exec", "set")


def _without_end(loop: Loop) -> bool:
    """Whether the loop is seen to have no end without running it."""
    condition = loop.condition.items
    first = condition[0][1] if len(condition) == 1 else None
    always = isinstance(first, Simple) and _first_word(first) in (("true", ":") if loop.wanted else ("false",))
    return always and not any(_first_word(node) in _LEAVING for node in _simple_commands(loop.body))


def _first_word(node: Simple) -> str:
    return node.words[0][0].text if node.words else ""


def _simple_commands(value: object) -> Iterator[Simple]:
    """Every simple command in a tree."""
    if isinstance(value, Simple):
        yield value
    if isinstance(value, Struct):
        value = structs.astuple(value)
    if isinstance(value, tuple):
        for part in value:
            yield from _simple_commands(part)


def programs_in(text: str) -> list[str]:
    """The programs that a script runs, as far as it names them itself. NotSimulated as for `main`."""
    names = [_first_word(node) for node in _simple_commands(parsed(text))]
    return [name for name in names if name and "=" not in name and name not in (*_BUILTINS, *SHELLS, "exec")]
