"""A program by its name: a shell, one that is simulated, a script among the files, or one of the image.

Between the shell and the programs. Mirrors execvp(3) with the words of a shell that finds nothing. Invariant: a program
that is not simulated takes its time where the image may have it, and is not found elsewhere.
"""

from collections.abc import Callable, Sequence

from cluster.kubelet.runtime import endless
from cluster.kubelet.runtime.builtins import BUILTINS, MISUSED, Left, Returned
from cluster.kubelet.runtime.endless import Endless
from cluster.kubelet.runtime.filesystem import ReadOnly
from cluster.kubelet.runtime.jobs import FOREVER, Launch, Steps
from cluster.kubelet.runtime.parser import parsed
from cluster.kubelet.runtime.programs import SHELLS, Program, Run
from cluster.kubelet.runtime.shell import Shell
from cluster.kubelet.runtime.streams import follows, in_streams, reads_input, tail
from cluster.kubelet.runtime.syntax import Function, Simple

NOT_FOUND, NOT_EXECUTABLE, TIMED_OUT = 127, 126, 143
Find = Callable[[str], Program | None]


class Launcher:
    """Runs programs that `find` knows, and others."""

    def __init__(self, find: Find) -> None:
        self.find = find

    def __call__(self, run: Run, argv: list[str]) -> Steps:
        """Run one program, as a shell would find it."""
        name, base = argv[0], argv[0].rpartition("/")[2]
        if not name:
            return run.refuse("sh: 1: : not found", NOT_FOUND)
        if base in SHELLS:
            return (yield from self._alone(run, argv[1:]))
        wrapped = _WRAPPERS.get(base)
        if wrapped is not None and len(argv) > 1:
            return (yield from wrapped(self, run, argv[1:]))
        found = self.find(name)
        if found is None:
            return (yield from self._unknown(run, argv))
        if base == "tail" and follows(argv[1:]):
            return (yield from tail(run, argv[1:]))
        if reads_input(base, argv[1:]):
            return (yield from in_streams(run, base, argv[1:], found))
        return (yield from _called(run, found, argv))

    def knows(self, name: str) -> bool:
        """Whether there is such a program."""
        return name.rpartition("/")[2] in (*SHELLS, *_WRAPPERS) or self.find(name) is not None

    def _unknown(self, run: Run, argv: list[str]) -> Steps:
        name, content = argv[0], run.files.read(run.path(argv[0])) if "/" in argv[0] else None
        if content is not None:
            if not run.files.executable(run.path(name)):
                return run.refuse(f"sh: 1: {name}: Permission denied", NOT_EXECUTABLE)
            return (yield from self._alone(run, [name, *argv[1:]]))
        if not run.foreign:
            return run.refuse(f"sh: 1: {name}: not found", NOT_FOUND)
        if run.foreign >= FOREVER:
            raise Endless
        run.elapsed += run.foreign
        yield None
        return 0

    def _alone(self, run: Run, arguments: list[str]) -> Steps:
        """A shell with variables, a folder and signals of its own."""
        kept, folder, handled = run.environment, run.folder, run.handled
        run.environment = dict(kept)
        try:
            return (yield from main(run, arguments, self))
        finally:
            run.environment, run.folder, run.handled = kept, folder, handled

    def env(self, run: Run, arguments: list[str]) -> Steps:
        """`env NAME=VALUE … COMMAND`."""
        position = next((at for at, text in enumerate(arguments) if "=" not in text and text != "-i"), len(arguments))
        kept = run.environment
        pairs = (text.partition("=") for text in arguments[:position] if "=" in text)
        run.environment = {**kept, **{name: value for name, _, value in pairs}}
        try:
            return (yield from self(run, arguments[position:] or ["printenv"]))
        finally:
            run.environment = kept

    def timeout(self, run: Run, arguments: list[str]) -> Steps:
        """`timeout SECONDS COMMAND`: it is ended after so long."""
        rest = [text for text in arguments if not text.startswith("-")]
        seconds = rest[0].rstrip("s") if rest else ""
        if len(rest) < 2 or not seconds.replace(".", "", 1).isdecimal():
            return run.refuse("timeout: usage: timeout SECONDS COMMAND")
        last = run.elapsed + round(float(seconds) * 1000)
        steps = self(run, arguments[arguments.index(rest[1]) :])
        while True:
            try:
                waits = next(steps)
            except StopIteration as end:
                return int(end.value)
            except Endless:
                waits, run.elapsed = None, last + 1
            if run.elapsed > last:
                steps.close()
                run.elapsed = last
                yield None
                return TIMED_OUT
            yield waits


def _called(run: Run, program: Program, argv: list[str]) -> Steps:
    """Run a program that is simulated, to its end."""
    before = run.elapsed
    try:
        code = program(run, argv[1:])
    except ReadOnly:
        code = run.refuse(f"{argv[0]}: Read-only file system")
    if run.elapsed - before >= FOREVER:
        raise Endless
    if run.elapsed != before:
        if not run.searching:
            run.start_count()
        yield None
    return code


def main(run: Run, arguments: Sequence[str], launch: Launch) -> Steps:
    """Run `sh ARGUMENTS`. NotSimulated for scripts beyond the shell, Endless for those without an end."""
    rest, options = list(arguments), ""
    while rest and rest[0][:1] in ("-", "+") and len(rest[0]) > 1:
        option = rest.pop(0)
        options += "" if option.startswith("--") else option[1:]
        if option in ("-o", "+o") and rest:
            options += rest.pop(0)[:1]
    if "c" in options:
        if not rest:
            return run.refuse("sh: -c requires an argument", MISUSED)
        text, given = rest[0], rest[1:]
    elif rest:
        content = run.files.read(run.path(rest[0]))
        if content is None:
            return run.refuse(f"sh: 0: cannot open {rest[0]}: No such file", MISUSED)
        text, given = content.decode("utf-8", "replace"), rest
    else:
        while not run.input.closed:
            yield lambda: run.input.closed
        text, given = run.input.take().decode("utf-8", "replace"), ["sh"]
    shell = Shell(run, launch, stops="e" in options, traces="x" in options)
    shell.position(given[1:], name=given[0] if given else "sh")
    return (yield from shell.whole(parsed(text)))


def line(run: Run, text: str, launch: Launch, last: int = 0) -> Steps:
    """Run a line of an interactive shell after one that ended with `last`. Exited if it ends the shell."""
    run.environment["?"] = str(last)
    run.start_count()
    shell = Shell(run, launch, last=last)
    script = parsed(text)
    if not script.items:
        return last
    try:
        return (yield from shell.script(script))
    except (Left, Returned):
        return 0


_WRAPPERS: dict[str, Callable[[Launcher, Run, list[str]], Steps]] = {
    "env": Launcher.env, "nohup": Launcher.__call__, "timeout": Launcher.timeout,
}  # fmt: skip


def programs_in(text: str) -> list[str]:
    """The programs that a script runs, as far as it names them itself. NotSimulated as for `main`."""
    tree = parsed(text)
    own = {node.name for node in endless.every(tree, Function)}
    known = (*BUILTINS, *SHELLS, *_WRAPPERS, *own)
    return [name for name in map(endless.first_word, endless.every(tree, Simple)) if name and name not in known]
