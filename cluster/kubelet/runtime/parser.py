"""The tokens of a shell script as a tree of commands.

The second half of reading a script, after `lexer`. Mirrors the grammar of a POSIX shell, with what bash adds that
manifests use. Invariant: a script is understood as a shell would, or refused as a whole.
"""

from functools import lru_cache

from cluster.kubelet.runtime.lexer import Lexer, Token
from cluster.kubelet.runtime.syntax import (
    Arithmetic,
    Background,
    Case,
    Counted,
    For,
    Function,
    Group,
    HereDocument,
    If,
    Loop,
    Node,
    NotSimulated,
    Pipeline,
    Redirect,
    Redirected,
    Script,
    Simple,
    Text,
    Word,
)

_CLOSING = frozenset(["then", "do", "done", "fi", "elif", "else", "esac", "}"])
_COMPOUND = frozenset(["while", "until", "for", "if", "case", "{", "function"])
_REDIRECTS = ("<", ">", ">>", "<<", "<<-", "<<<", ">&", "<&", ">|", "&>")
_JOINS = ("&&", "||")
_CONDITION = {"&&": "-a", "||": "-o"}


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
        self._lexer = Lexer(script, parsed)
        self.ahead: Token | None = None
        self._next()

    @property
    def shown(self) -> str:
        """The token as it was written, if it is an operator or a plain word."""
        if isinstance(self.ahead, tuple):
            plain = all(isinstance(part, Text) and not part.quoted for part in self.ahead)
            return "".join(part.text for part in self.ahead if isinstance(part, Text)) if plain else ""
        return self.ahead or ""

    def sequence(self) -> Script:
        """Commands up to a closing word or the end."""
        items: list[tuple[str, Node]] = []
        begin, join = 0, ";"
        while True:
            while self.ahead == "\n":
                self._next()
            if self.ahead is None or self.shown in _CLOSING or self.ahead in (")", ";;"):
                break
            items.append((join, self._pipeline()))
            join = ";"
            if self.ahead in _JOINS:
                join = self.shown
            elif self.ahead == "&":
                items[begin:] = [
                    (items[begin][0] if begin < len(items) else ";", Background(Script(_from(items, begin))))
                ]
            elif self.ahead not in (";", "\n"):
                break
            begin = begin if join in _JOINS else len(items)
            self._next()
        if join != ";":
            raise NotSimulated(f"the simulated shell found nothing after `{join}`")
        return Script(tuple(items))

    def _next(self) -> None:
        self.ahead = self._lexer.token()

    def _pipeline(self) -> Node:
        negated = self.shown == "!"
        if negated:
            self._next()
        commands = [self._command()]
        while self.ahead == "|":
            self._next()
            self._skip_lines()
            commands.append(self._command())
        return commands[0] if len(commands) == 1 and not negated else Pipeline(tuple(commands), negated)

    def _command(self) -> Node:
        if self.ahead == "(":
            text = self._lexer.sum_ahead()
            found: Node = Arithmetic(self._lexer.live_text(text)) if text is not None else self._group("(", ")")
            if text is not None:
                self._next()
        elif isinstance(self.ahead, tuple) and self.shown in _COMPOUND:
            found = self._compound(self.shown)
        else:
            return self._simple()
        redirects = self._redirects()
        return Redirected(found, redirects) if redirects else found

    def _compound(self, word: str) -> Node:
        if word == "{":
            return self._group("{", "}")
        self._next()
        if word in ("while", "until"):
            condition = self.sequence()
            return Loop(condition, self._body("do", "done"), word == "while")
        if word == "for":
            return self._for()
        if word == "if":
            return self._if()
        if word == "case":
            return self._case()
        name = self.shown
        self._next()
        if self.ahead == "(":
            self._next()
            self._expect(")")
        return self._function(name)

    def _group(self, first: str, last: str) -> Group:
        self._next()
        body = self.sequence()
        self._expect(last)
        return Group(body, first == "(")

    def _function(self, name: str) -> Function:
        self._skip_lines()
        return Function(name, self._command())

    def _body(self, first: str, last: str) -> Script:
        self._expect(first)
        body = self.sequence()
        self._expect(last)
        return body

    def _for(self) -> Node:
        if self.ahead == "(":
            return self._counted()
        name = self.shown
        if not name.isidentifier():
            raise NotSimulated("the simulated shell found no name after `for`")
        self._next()
        words: list[Word] | None = None
        self._skip_lines()
        if self.shown == "in":
            words = []
            self._next()
            while isinstance(self.ahead, tuple):
                words.append(self.ahead)
                self._next()
        self._skip_ends()
        return For(name, None if words is None else tuple(words), self._body("do", "done"))

    def _counted(self) -> Counted:
        text = self._lexer.sum_ahead()
        parts = (text or "").split(";")
        if len(parts) != 3:
            raise NotSimulated("the simulated shell found no three sums after `for`")
        self._next()
        self._skip_ends()
        start, condition, step = map(self._lexer.live_text, parts)
        return Counted(start, condition, step, self._body("do", "done"))

    def _if(self) -> If:
        branches: list[tuple[Script, Script]] = []
        while True:
            condition = self.sequence()
            self._expect("then")
            branches.append((condition, self.sequence()))
            if self.shown != "elif":
                break
            self._next()
        otherwise = None
        if self.shown == "else":
            self._next()
            otherwise = self.sequence()
        self._expect("fi")
        return If(tuple(branches), otherwise)

    def _case(self) -> Case:
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

    def _simple(self) -> Node:
        words: list[Word] = []
        redirects: list[Redirect] = []
        assignments: list[tuple[str, Word]] = []
        while True:
            redirects += self._redirects()
            if not isinstance(self.ahead, tuple):
                break
            found = None if words else _assignment(self.ahead)
            if found is not None:
                assignments.append(found)
            else:
                words.append(self.ahead)
            bracket = len(words) == 1 and self.shown == "[["
            name = self.shown
            self._next()
            if bracket:
                words += self._condition()
            elif self._opens() and len(words) == 1 and not assignments and name:
                self._next()
                self._expect(")")
                return self._function(name)
        if not words and not redirects and not assignments:
            raise NotSimulated(f"the simulated shell found `{self.shown or 'the end'}` where a command should be")
        return Simple(tuple(assignments), tuple(words), tuple(redirects))

    def _opens(self) -> bool:
        return self.ahead == "("

    def _condition(self) -> list[Word]:
        """What stands in `[[ … ]]`, where operators are words."""
        words: list[Word] = []
        while self.ahead is not None:
            shown = self.shown
            word = self.ahead if isinstance(self.ahead, tuple) else (Text(_CONDITION.get(shown, shown), quoted=True),)
            words.append(word)
            self._next()
            if shown == "]]":
                return words
        raise NotSimulated("the simulated shell found no `]]`")

    def _redirects(self) -> tuple[Redirect, ...]:
        found = []
        while self.ahead in _REDIRECTS or self._numbered():
            number = self.shown if isinstance(self.ahead, tuple) else ""
            if number:
                self._next()
            operator = self.shown
            stream = int(number) if number else int(not operator.startswith("<"))
            if operator in ("<<", "<<-"):
                document: HereDocument | None = self._lexer.here_document(operator)
                self._next()
                found.append(Redirect(stream, "<<", (), document))
                continue
            self._next()
            found.append(Redirect(stream, operator, self._word_ahead()))
        return tuple(found)

    def _numbered(self) -> bool:
        """Whether a stream's number comes here, right before an operator."""
        return self.shown in ("0", "1", "2", "3") and self._lexer.follows("<", ">")

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
        while self.ahead == "\n":
            self._next()

    def _skip_ends(self) -> None:
        while self.ahead in ("\n", ";"):
            self._next()


def _from(items: list[tuple[str, Node]], begin: int) -> tuple[tuple[str, Node], ...]:
    """The items of the list from one on, of which the first stands alone."""
    return tuple((";" if not number else join, node) for number, (join, node) in enumerate(items[begin:]))


def _assignment(word: Word) -> tuple[str, Word] | None:
    """`NAME=WORD`, if it is one."""
    first = word[0] if word else None
    if not isinstance(first, Text) or first.quoted:
        return None
    name, equals, value = first.text.partition("=")
    if not equals or not name.isidentifier():
        return None
    rest: Word = (Text(value), *word[1:]) if value else word[1:]
    return name, rest
