"""What a shell script says: its text as a tree of commands.

Read once for every text, run by `shell`. Mirrors the grammar of a POSIX shell as far as manifests use it.
Invariant: a script is understood as a shell would, or refused as a whole.
"""

from functools import lru_cache

from msgspec import Struct

_OPERATORS = ("&&", "||", ";;", ">>", "<<", ">&", ";", "\n", "&", "|", "<", ">", "(", ")")
_CLOSING = frozenset(["then", "do", "done", "fi", "elif", "else", "esac", "}", ")", ";;"])
_REFUSED = frozenset(["function", "select"])
_BLANK = " \t\r"


class NotSimulated(Exception):
    """The script asks for more than the simulated shell can do."""


class Part(Struct, frozen=True):
    """A piece of a word: text as it is, text with variables in it, or a command to put in its place."""

    text: str = ""
    live: bool = False
    quoted: bool = False
    command: "Script | None" = None


Word = tuple[Part, ...]


class Redirect(Struct, frozen=True):
    """Where a stream goes: `stream` 1 or 2 into a file (or 0 from one), or into another stream (`&1`)."""

    stream: int
    operator: str
    target: Word


class Simple(Struct, frozen=True):
    """A program, or a builtin, with its words."""

    words: tuple[Word, ...]
    redirects: tuple[Redirect, ...] = ()


class Pipeline(Struct, frozen=True):
    """Commands each of which reads what the one before wrote."""

    commands: tuple["Node", ...]
    negated: bool = False


class Script(Struct, frozen=True):
    """Commands one after the other, each with what joins it to the one before: `;`, `&&`, `||`."""

    items: tuple[tuple[str, "Node"], ...]


class Loop(Struct, frozen=True):
    """`while`, or `until` (`wanted` is False)."""

    condition: Script
    body: Script
    wanted: bool = True


class For(Struct, frozen=True):
    """A body for each of some words."""

    name: str
    words: tuple[Word, ...]
    body: Script


class If(Struct, frozen=True):
    """Conditions with their bodies, and what else."""

    branches: tuple[tuple[Script, Script], ...]
    otherwise: Script | None


class Case(Struct, frozen=True):
    """A word, and bodies for the patterns it may match."""

    word: Word
    branches: tuple[tuple[tuple[Word, ...], Script], ...]


class Group(Struct, frozen=True):
    """Commands in braces or, with variables of their own, in parentheses."""

    body: Script
    own: bool
    redirects: tuple[Redirect, ...] = ()


Node = Simple | Pipeline | Loop | For | If | Case | Group


@lru_cache(maxsize=1024)
def parsed(script: str) -> Script:
    """The script as a tree. NotSimulated if there is more in it than the simulated shell knows."""
    parser = _Parser(script)
    found = parser.sequence()
    if parser.ahead is not None:
        raise NotSimulated(f"the simulated shell found `{parser.shown}` where it does not belong")
    return found


class _Parser:
    """A reader of one script, one token ahead: a token is an operator, a word, or None at the end."""

    def __init__(self, script: str) -> None:
        self._text, self._at = script, 0
        self.ahead: str | Word | None = None
        self._next()

    @property
    def shown(self) -> str:
        """The token as it was written, if it is an operator or a plain word."""
        if isinstance(self.ahead, tuple):
            plain = all(part.command is None and not part.quoted for part in self.ahead)
            return "".join(part.text for part in self.ahead) if plain else ""
        return self.ahead or ""

    def sequence(self) -> Script:
        """Commands up to a closing word or the end."""
        items: list[tuple[str, Node]] = []
        join = ";"
        while True:
            while self.ahead in ("\n", ";") and not (self.ahead == ";" and join in ("&&", "||")):
                self._next()
            if self.ahead is None or self.shown in _CLOSING:
                break
            items.append((join, self._pipeline()))
            join = ";"
            if self.ahead == "&":
                raise NotSimulated("the simulated shell runs nothing in the background")
            if self.ahead in ("&&", "||", ";", "\n"):
                join = self.ahead if self.ahead in ("&&", "||") else ";"
                self._next()
        if join != ";":
            raise NotSimulated(f"the simulated shell found nothing after `{join}`")
        return Script(tuple(items))

    def _pipeline(self) -> Node:
        negated = self.shown == "!"
        if negated:
            self._next()
        commands = [self._command()]
        while self.ahead == "|":
            self._next()
            while self.ahead == "\n":
                self._next()
            commands.append(self._command())
        return commands[0] if len(commands) == 1 and not negated else Pipeline(tuple(commands), negated)

    def _command(self) -> Node:
        word = self.shown
        if word in _REFUSED:
            raise NotSimulated(f"the simulated shell knows no `{word}`")
        if word in ("while", "until"):
            self._next()
            condition = self.sequence()
            return Loop(condition, self._body("do", "done"), word == "while")
        if word == "for":
            return self._for()
        if word == "if":
            return self._if()
        if word == "case":
            return self._case()
        if word in ("{", "("):
            self._next()
            body = self.sequence()
            self._expect("}" if word == "{" else ")")
            return Group(body, word == "(", self._redirects())
        return self._simple()

    def _body(self, first: str, last: str) -> Script:
        self._expect(first)
        body = self.sequence()
        self._expect(last)
        return body

    def _for(self) -> For:
        self._next()
        name = self.shown
        self._next()
        words: list[Word] = []
        self._skip_lines()
        self._expect("in")
        while isinstance(self.ahead, tuple):
            words.append(self.ahead)
            self._next()
        self._skip_lines()
        return For(name, tuple(words), self._body("do", "done"))

    def _if(self) -> If:
        branches: list[tuple[Script, Script]] = []
        while self.shown in ("if", "elif"):
            self._next()
            condition = self.sequence()
            self._expect("then")
            branches.append((condition, self.sequence()))
        otherwise = None
        if self.shown == "else":
            self._next()
            otherwise = self.sequence()
        self._expect("fi")
        return If(tuple(branches), otherwise)

    def _case(self) -> Case:
        self._next()
        word = self._word_ahead()
        self._skip_lines()
        self._expect("in")
        self._skip_lines()
        branches: list[tuple[tuple[Word, ...], Script]] = []
        while self.shown != "esac":
            if self.ahead == "(":
                self._next()
            patterns = [self._word_ahead()]
            while self.ahead == "|":
                self._next()
                patterns.append(self._word_ahead())
            self._expect(")")
            branches.append((tuple(patterns), self.sequence()))
            if self.ahead == ";;":
                self._next()
            self._skip_lines()
        self._next()
        return Case(word, tuple(branches))

    def _simple(self) -> Simple:
        words: list[Word] = []
        redirects: list[Redirect] = []
        while True:
            redirects += self._redirects()
            if not isinstance(self.ahead, tuple):
                break
            words.append(self.ahead)
            self._next()
        if self.ahead == "(":
            raise NotSimulated("the simulated shell knows no functions")
        if not words and not redirects:
            raise NotSimulated(f"the simulated shell found `{self.shown}` where a command should be")
        return Simple(tuple(words), tuple(redirects))

    def _redirects(self) -> tuple[Redirect, ...]:
        found = []
        while self.ahead in (">", ">>", "<", ">&", "<<") or self._numbered():
            number = self.shown if isinstance(self.ahead, tuple) else ""
            if number:
                self._next()
            operator = self.ahead
            if operator == "<<" or not isinstance(operator, str):
                raise NotSimulated("the simulated shell reads no text out of the script")
            self._next()
            stream = int(number) if number else int(operator != "<")
            found.append(Redirect(stream, operator, self._word_ahead()))
        return tuple(found)

    def _numbered(self) -> bool:
        """Whether a stream's number comes here, right before an operator."""
        return self.shown in ("0", "1", "2") and self._text[self._at : self._at + 1] in ("<", ">")

    def _word_ahead(self) -> Word:
        ahead = self.ahead
        if not isinstance(ahead, tuple):
            raise NotSimulated(f"the simulated shell found `{self.shown or 'the end'}` where a word should be")
        self._next()
        return ahead

    def _expect(self, word: str) -> None:
        if self.shown != word:
            raise NotSimulated(f"the simulated shell found no `{word}`")
        self._next()

    def _skip_lines(self) -> None:
        while self.ahead in ("\n", ";"):
            self._next()

    # The text as tokens

    def _next(self) -> None:
        text = self._text
        while self._at < len(text):
            if text[self._at] in _BLANK:
                self._at += 1
            elif text.startswith("\\\n", self._at):
                self._at += 2
            elif text[self._at] == "#":
                end = text.find("\n", self._at)
                self._at = len(text) if end < 0 else end
            else:
                break
        if self._at >= len(text):
            self.ahead = None
            return
        for operator in _OPERATORS:
            if text.startswith(operator, self._at):
                self._at += len(operator)
                self.ahead = operator
                return
        self.ahead = tuple(self._parts())

    def _parts(self) -> list[Part]:
        text, parts = self._text, list[Part]()
        while self._at < len(text) and text[self._at] not in " \t\r\n;&|<>()":
            here = text[self._at]
            if here == "'":
                end = self._until("'", self._at + 1)
                parts.append(Part(text[self._at + 1 : end], quoted=True))
                self._at = end + 1
            elif here == '"':
                self._at += 1
                parts += self._double()
            elif here == "\\":
                parts.append(Part(text[self._at + 1 : self._at + 2], quoted=True))
                self._at += 2
            else:
                parts.append(self._live(" \t\r\n;&|<>()'\"\\", quoted=False))
        return parts

    def _double(self) -> list[Part]:
        parts = [Part("", quoted=True)]
        while self._text[self._at : self._at + 1] != '"':
            if self._at >= len(self._text):
                raise NotSimulated("the simulated shell found a quote without an end")
            if self._text[self._at] == "\\":
                following = self._text[self._at + 1 : self._at + 2]
                kept = following if following in '"\\$`' else "\\" + following
                parts.append(Part("" if following == "\n" else kept, quoted=True))
                self._at += 2
            else:
                parts.append(self._live('"\\', quoted=True))
        self._at += 1
        return parts

    def _live(self, stops: str, *, quoted: bool) -> Part:
        """A variable, a command to substitute, or text up to the next of them."""
        text, start = self._text, self._at
        if text[start] == "`":
            end = self._until("`", start + 1)
            self._at = end + 1
            return Part(command=parsed(text[start + 1 : end]), quoted=quoted)
        if text.startswith("$(", start):
            end = self._matching(start + 1)
            self._at = end + 1
            if text.startswith("$((", start) and text[end - 1] == ")":
                return Part(f"$(({text[start + 3 : end - 1]}))", live=True, quoted=quoted)
            return Part(command=parsed(text[start + 2 : end]), quoted=quoted)
        if text.startswith("${", start):
            self._at = self._until("}", start) + 1
            return Part(text[start : self._at], live=True, quoted=quoted)
        end = start + 1
        while end < len(text) and text[end] not in stops and text[end] not in "$`":
            end += 1
        self._at = end
        return Part(text[start:end], live=True, quoted=quoted)

    def _until(self, mark: str, start: int) -> int:
        end = self._text.find(mark, start)
        if end < 0:
            raise NotSimulated("the simulated shell found a quote without an end")
        return end

    def _matching(self, start: int) -> int:
        """Where the parenthesis that opens at `start` closes."""
        depth, at, quote = 0, start, ""
        while at < len(self._text):
            here = self._text[at]
            if quote:
                quote = "" if here == quote else quote
            elif here in "'\"":
                quote = here
            elif here == "(":
                depth += 1
            elif here == ")":
                depth -= 1
                if not depth:
                    return at
            at += 1
        raise NotSimulated("the simulated shell found a `(` without an end")
