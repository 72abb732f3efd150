"""`sh`: a script's commands one after the other, for as long as somebody wants to see of it.

Run by `execute` within a simulation. Mirrors what a POSIX shell does with lists, loops, conditions, functions, jobs,
pipes and redirections. Invariant: a run stands still wherever time passes in it or it has to wait, so that a loop
without end costs what is looked at.
"""

from collections.abc import Generator, Iterable, Sequence
from fnmatch import fnmatchcase

from cluster.kubelet.runtime import endless, redirecting, words
from cluster.kubelet.runtime.builtins import BUILTINS, Exited, Left, Returned
from cluster.kubelet.runtime.endless import STEPS, Endless
from cluster.kubelet.runtime.jobs import Condition, Job, Launch, Pipe, Steps
from cluster.kubelet.runtime.parser import parsed
from cluster.kubelet.runtime.programs import STDERR, Run
from cluster.kubelet.runtime.sums import arithmetic
from cluster.kubelet.runtime.syntax import (
    Arithmetic,
    Background,
    Case,
    Counted,
    For,
    Function,
    Group,
    If,
    Loop,
    Node,
    Pipeline,
    Redirect,
    Redirected,
    Script,
    Simple,
    Word,
)

MISUSED = 2
Expanding = Generator[Condition | None, None, words.Expander]
Writing = Generator[Condition | None, None, str]


class Shell:
    """One shell on its way through a script."""

    def __init__(self, run: Run, launch: Launch, *, stops: bool = False, traces: bool = False, last: int = 0) -> None:
        self.run, self.launch, self.stops, self.traces, self.last = run, launch, stops, traces, last
        self.functions: dict[str, Node] = {}
        self.traps: dict[str, str] = {}
        """What is done on a signal, by its name; nothing is done on one with an empty text."""
        self._judging = 0
        """How many commands are under way whose code is looked at, so that `set -e` does not."""
        self.inner = False
        """Whether it is a part of another one, which deals with the signals."""

    def knows(self, name: str) -> bool:
        """Whether there is such a program."""
        return self.launch.knows(name)

    def position(self, arguments: Sequence[str], *, name: str = "") -> None:
        """Set the positional parameters."""
        known = self.run.environment
        for number in range(1, int(known.get("#", "0")) + 1):
            known.pop(str(number), None)
        known |= {str(number): text for number, text in enumerate(arguments, 1)}
        known |= {"#": str(len(arguments)), "@": " ".join(arguments), "*": " ".join(arguments), "$": "1"}
        if name:
            known["0"] = name

    def whole(self, script: Script) -> Steps:
        """Run a whole script, and what it has asked for at its end; the code that the shell exits with."""
        try:
            code = yield from self.script(script)
        except Exited as left:
            code = left.code
        except (Left, Returned):
            code = 0
        final = self.traps.pop("EXIT", "")
        if final:
            self.last = code
            try:
                yield from self.script(parsed(final))
            except Exited as left:
                code = left.code
            except (Left, Returned):
                return code
        return code

    def script(self, script: Script, *, judged: bool = False) -> Steps:
        """Run a list of commands; `judged` if somebody looks at its exit code, so that `set -e` does not."""
        code = 0
        for number, (join, node) in enumerate(script.items):
            if join in ("&&", "||") and (join == "&&") is (code != 0):
                continue
            following = script.items[number + 1][0] if number + 1 < len(script.items) else ";"
            looked_at = judged or following != ";"
            self._judging += looked_at
            try:
                code = yield from self._node(node)
            finally:
                self._judging -= looked_at
            self._note(code)
            if self.run.signals and not self.inner:
                yield from self._answer()
            if code and self.stops and not looked_at and not self._judging and _counts(node):
                raise Exited(code)
        return code

    def _note(self, code: int) -> None:
        self.last = code
        self.run.environment["?"] = str(code)

    def _answer(self) -> Steps:
        """Do what is to be done on the signals that have come."""
        while self.run.signals:
            text = self.traps.get(self.run.signals.pop(0), "")
            kept = self.last
            yield from self.script(parsed(text))
            self._note(kept)
        return 0

    def _node(self, node: Node) -> Steps:
        match node:
            case Simple():
                return (yield from self._simple(node))
            case Pipeline():
                return (yield from self._pipeline(node))
            case Background():
                return self._background(node)
            case Loop():
                return (yield from self._loop(node))
            case For():
                return (yield from self._for(node))
            case Counted():
                return (yield from self._counted(node))
            case If():
                return (yield from self._if(node))
            case Case():
                return (yield from self._case(node))
            case Group():
                return (yield from self._group(node))
            case Arithmetic():
                expander = yield from self._expander([node.word])
                return int(not arithmetic(expander.joined(node.word), self.run.environment))
            case Function():
                self.functions[node.name] = node.body
                return 0
            case Redirected():
                return (yield from self._redirected(node.redirects, self._node(node.body)))

    # Parts that run side by side

    def _fork(self, run: Run) -> "Shell":
        other = Shell(run, self.launch, stops=self.stops, traces=self.traces, last=self.last)
        other.functions, other.inner = dict(self.functions), True
        return other

    def _start(self, node: Node, run: Run, out: Pipe | None = None) -> Job:
        """Let a command run by itself; `out` is closed at its end."""

        def steps() -> Steps:
            try:
                return (yield from shell.whole(Script(((";", node),))))
            finally:
                if out is not None:
                    out.closed = True

        shell = self._fork(run)
        shell._judging = self._judging  # noqa: SLF001 - its own kind
        return self.run.jobs.start(run, steps(), endless=endless.is_endless(node))

    def _pipeline(self, node: Pipeline) -> Steps:
        if len(node.commands) == 1:
            code = yield from self.script(Script(((";", node.commands[0]),)), judged=True)
            return int(not code)
        source, jobs = self.run.input, list[Job]()
        for number, command in enumerate(node.commands):
            run = self.run.fork()
            run.input = source
            out = None
            if number + 1 < len(node.commands):
                out = source = Pipe()
                run.targets[1] = out
            jobs.append(self._start(command, run, out))
        yield from self.until(jobs)
        code = jobs[-1].code or 0
        return int(not code) if node.negated else code

    def _background(self, node: Background) -> int:
        run = self.run.fork()
        run.input = Pipe(closed=True)
        body = node.body.items[0][1] if len(node.body.items) == 1 else Group(node.body, own=False)
        self.run.environment["!"] = str(self._start(body, run).number)
        return 0

    def until(self, jobs: Iterable[Job], *, signals: bool = False) -> Steps:
        """Wait for jobs; the number of the signal that comes before, if one counts (`signals`)."""
        waited = [job for job in jobs if job.code is None]
        if self.run.searching and any(job.endless for job in waited):
            raise Endless
        while any(job.code is None for job in waited) and not (signals and self.run.signals):
            yield lambda: all(job.code is not None for job in waited) or (signals and bool(self.run.signals))
        return 0

    # Compound commands

    def _loop(self, node: Loop) -> Steps:
        code = 0
        if self.run.searching and not self.stops and endless.is_endless(node):
            raise Endless
        while True:
            passed = yield from self.script(node.condition, judged=True)
            if (passed == 0) is not node.wanted:
                return code
            try:
                code = yield from self.script(node.body)
            except Left as left:
                if left.leaves():
                    return 0

    def _for(self, node: For) -> Steps:
        code, known = 0, self.run.environment
        if node.words is None:
            texts = [known[str(number)] for number in range(1, int(known.get("#", "0")) + 1)]
        else:
            expander = yield from self._expander(node.words)
            texts = [text for word in node.words for text in expander.fields(word)]
        for text in texts:
            known[node.name] = text
            try:
                code = yield from self.script(node.body)
            except Left as left:
                if left.leaves():
                    return 0
        return code

    def _counted(self, node: Counted) -> Steps:
        code, known = 0, self.run.environment
        yield from self._node(Arithmetic(node.start))
        while True:
            expander = yield from self._expander([node.condition])
            text = expander.joined(node.condition).strip()
            if text and not arithmetic(text, known):
                return code
            try:
                code = yield from self.script(node.body)
            except Left as left:
                if left.leaves():
                    return 0
            yield from self._node(Arithmetic(node.step))

    def _if(self, node: If) -> Steps:
        for condition, body in node.branches:
            if not (yield from self.script(condition, judged=True)):
                return (yield from self.script(body))
        return (yield from self.script(node.otherwise)) if node.otherwise is not None else 0

    def _case(self, node: Case) -> Steps:
        patterns = [pattern for branch, _ in node.branches for pattern in branch]
        expander = yield from self._expander([node.word, *patterns])
        text = expander.joined(node.word)
        for branch, body in node.branches:
            if any(fnmatchcase(text, expander.pattern(pattern)) for pattern in branch):
                return (yield from self.script(body))
        return 0

    def _group(self, node: Group) -> Steps:
        if not node.own:
            return (yield from self.script(node.body))
        run, functions = self.run, dict(self.functions)
        kept, folder = run.environment, run.folder
        run.environment = dict(kept)
        try:
            return (yield from self.script(node.body))
        except Exited as left:
            return left.code
        finally:
            run.environment, run.folder, self.functions = kept, folder, functions

    # Simple commands

    def _expander(self, found: Iterable[Word]) -> Expanding:
        """What expands the words, once the commands in them have run."""
        written: dict[int, str] = {}
        for word in found:
            for part in words.substitutions(word):
                written[id(part)] = yield from self._output(part.script)
        return words.Expander(self.run.environment, self.run.files, self.run.folder, written)

    def _output(self, script: Script) -> Writing:
        """What a script writes."""
        run, buffer = self.run, bytearray()
        targets, kept, folder = run.targets, run.environment, run.folder
        run.targets, run.environment = {**targets, 1: buffer}, dict(kept)
        code = 0
        try:
            code = yield from self.script(script, judged=True)
        except Exited as left:
            code = left.code
        finally:
            run.targets, run.environment, run.folder = targets, kept, folder
            self._note(code)
        return buffer.decode("utf-8", "replace").rstrip("\n")

    def _redirected(self, redirects: tuple[Redirect, ...], steps: Steps, *, kept: bool = False) -> Steps:
        """Run something with streams that go elsewhere, which they do from then on if that is `kept`."""
        run = self.run
        targets, source = dict(run.targets), run.input
        for redirect in redirects:
            expander = yield from self._expander([redirect.target, redirect.document.body if redirect.document else ()])
            why = redirecting.redirect(run, redirect, expander)
            if why:
                steps.close()
                run.targets, run.input = targets, source
                return run.refuse(f"sh: 1: {why}", MISUSED)
        try:
            return (yield from steps)
        finally:
            if not kept:
                run.targets, run.input = targets, source

    def _simple(self, node: Simple) -> Steps:
        run = self.run
        run.count(STEPS, Endless)
        values = [value for _, value in node.assignments]
        expander = yield from self._expander([*node.words, *values])
        try:
            argv = [text for word in node.words for text in expander.fields(word)]
            assigned = {name: expander.joined(value) for name, value in node.assignments}
        except words.Unset as unset:
            run.refuse(f"sh: 1: {unset}", MISUSED)
            raise Exited(MISUSED) from None
        if self.traces and (argv or assigned):
            shown = [*(f"{name}={value}" for name, value in assigned.items()), *argv]
            run.write(f"+ {' '.join(shown)}\n", STDERR)
        if not argv:
            run.environment |= assigned
            command: Steps = _nothing(self.last if values and any(map(_has_command, values)) else 0)
        else:
            command = self._assigned(assigned, self.command(argv)) if assigned else self.command(argv)
        if not node.redirects:
            return (yield from command)
        return (yield from self._redirected(node.redirects, command, kept=argv == ["exec"]))

    def _assigned(self, assigned: dict[str, str], steps: Steps) -> Steps:
        known = self.run.environment
        kept = {name: known.get(name) for name in assigned}
        known |= assigned
        try:
            return (yield from steps)
        finally:
            for name, value in kept.items():
                if value is None:
                    known.pop(name, None)
                else:
                    known[name] = value

    def command(self, argv: list[str]) -> Steps:
        """Run a function, a builtin or a program."""
        body, builtin = self.functions.get(argv[0]), BUILTINS.get(argv[0])
        if body is not None:
            return (yield from self._called(body, argv[1:]))
        if builtin is not None:
            found = builtin(self, argv[1:])
            return found if isinstance(found, int) else (yield from found)
        return (yield from self.launch(self.run, argv))

    def _called(self, body: Node, arguments: list[str]) -> Steps:
        known = self.run.environment
        before = [known[str(number)] for number in range(1, int(known.get("#", "0")) + 1)]
        self.position(arguments)
        try:
            return (yield from self._node(body))
        except Returned as back:
            return back.code
        finally:
            self.position(before)


def _counts(node: Node) -> bool:
    """Whether `set -e` ends the shell when the command fails: others have had their say in it."""
    if isinstance(node, Pipeline):
        return not node.negated
    return isinstance(node, Simple) or (isinstance(node, Group) and node.own)


def _nothing(code: int) -> Steps:
    return code
    yield


def _has_command(word: Word) -> bool:
    return any(True for _ in words.substitutions(word))
