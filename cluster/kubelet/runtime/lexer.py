"""The text of a shell script as tokens: operators, and words with what is live in them.

The first half of reading a script; `parser` is the other. Mirrors a POSIX shell's quoting. Invariant: a token
is read once, and the text of a here-document when its line ends.
"""

import re
from collections.abc import Callable

from cluster.kubelet.runtime.syntax import (
    HereDocument,
    NotSimulated,
    Parameter,
    Part,
    Script,
    Substitution,
    Sum,
    Text,
    Word,
)

OPERATORS = (
    "<<<",
    "<<-",
    "&&",
    "||",
    ";;",
    "&>",
    ">>",
    "<<",
    ">&",
    "<&",
    ">|",
    ";",
    "\n",
    "&",
    "|",
    "<",
    ">",
    "(",
    ")",
)
_ENDS = " \t\r\n;&|<>()"
_PARAMETER = re.compile(r"\$([A-Za-z_][A-Za-z0-9_]*|[0-9?$#@*!-])")
_BRACED = re.compile(r"\$\{(#(?=[^}]))?([A-Za-z_][A-Za-z0-9_]*|[0-9]+|[?$#@*!])(:[-=+?]|[-=+?]|##|#|%%|%|//|/|:)?")


Token = str | Word
Read = Callable[[str], Script]


class Lexer:
    """A reader of one text; `read` makes a tree of what is substituted in it."""

    def __init__(self, text: str, read: Read) -> None:
        self._text, self._at, self._read = text, 0, read
        self._waiting: list[HereDocument] = []

    def token(self) -> Token | None:
        """The next operator or word; None at the end."""
        self._skip_blanks()
        text = self._text
        if self._at >= len(text):
            return None
        for operator in OPERATORS:
            if text.startswith(operator, self._at):
                self._at += len(operator)
                if operator == "\n":
                    self._read_documents()
                return operator
        return self._word()

    def follows(self, *texts: str) -> bool:
        """Whether one of the texts comes right here."""
        return any(self._text.startswith(text, self._at) for text in texts)

    def sum_ahead(self) -> str | None:
        """After `(`: what stands in `((…))`, read to its end; None if this is none."""
        if not self.follows("("):
            return None
        end = self._matching(self._at)
        if not self._text.startswith("))", end):
            return None
        inside = self._text[self._at + 1 : end]
        self._at = end + 2
        return inside

    def here_document(self, operator: str) -> HereDocument:
        """The word after `<<`, and the document that will follow the line."""
        self._skip_blanks()
        word = self._word()
        live = all(isinstance(part, Text) and not part.quoted for part in word)
        end = "".join(part.text for part in word if isinstance(part, Text))
        document = HereDocument(end, live, operator == "<<-")
        self._waiting.append(document)
        return document

    def live_text(self, text: str) -> Word:
        """A text in which variables, sums and commands count and quotes do not."""
        other = Lexer(text, self._read)
        return tuple(other._document_parts())

    def _skip_blanks(self) -> None:
        text = self._text
        while self._at < len(text):
            if text[self._at] in " \t\r":
                self._at += 1
            elif text.startswith("\\\n", self._at):
                self._at += 2
            elif text[self._at] == "#":
                end = text.find("\n", self._at)
                self._at = len(text) if end < 0 else end
            else:
                break

    def _read_documents(self) -> None:
        for document in self._waiting:
            lines = []
            while self._at < len(self._text):
                end = self._text.find("\n", self._at)
                end = len(self._text) if end < 0 else end
                line = self._text[self._at : end]
                self._at = end + 1
                line = line.lstrip("\t") if document.indented else line
                if line == document.end:
                    break
                lines.append(line + "\n")
            whole = "".join(lines)
            document.body = self.live_text(whole) if document.live else (Text(whole, quoted=True),)
        self._waiting = []
        self._at = min(self._at, len(self._text))

    def _word(self) -> Word:
        text, parts = self._text, list[Part]()
        while self._at < len(text) and text[self._at] not in _ENDS:
            here = text[self._at]
            if here == "'":
                end = self._until("'", self._at + 1)
                parts.append(Text(text[self._at + 1 : end], quoted=True))
                self._at = end + 1
            elif here == '"':
                self._at += 1
                parts += self._double()
            elif here == "\\":
                if text[self._at + 1 : self._at + 2] != "\n":
                    parts.append(Text(text[self._at + 1 : self._at + 2], quoted=True))
                self._at += 2
            elif here in "$`":
                parts.append(self._live(quoted=False))
            else:
                parts.append(self._plain(_ENDS + "'\"\\$`", quoted=False))
        return tuple(parts)

    def _double(self) -> list[Part]:
        parts: list[Part] = [Text("", quoted=True)]
        while self._text[self._at : self._at + 1] != '"':
            if self._at >= len(self._text):
                raise NotSimulated("the simulated shell found a quote without an end")
            parts.append(self._inside('"'))
        self._at += 1
        return parts

    def _document_parts(self) -> list[Part]:
        parts = list[Part]()
        while self._at < len(self._text):
            parts.append(self._inside(""))
        return parts

    def _inside(self, end: str) -> Part:
        """A part of a text in double quotes, or of a here-document."""
        here = self._text[self._at]
        if here == "\\":
            following = self._text[self._at + 1 : self._at + 2]
            self._at += 2
            kept = following if following and following in end + "\\$`" else "\\" + following
            return Text("" if following == "\n" else kept, quoted=True)
        return self._live(quoted=True) if here in "$`" else self._plain(end + "\\$`", quoted=True)

    def _plain(self, stops: str, *, quoted: bool) -> Text:
        start = self._at
        while self._at < len(self._text) and self._text[self._at] not in stops:
            self._at += 1
        return Text(self._text[start : self._at], quoted)

    def _live(self, *, quoted: bool) -> Part:
        """A variable, a sum, or a command to substitute."""
        text, start = self._text, self._at
        if text[start] == "`":
            end = self._until("`", start + 1)
            self._at = end + 1
            return Substitution(self._read(re.sub(r"\\([\\`$])", r"\1", text[start + 1 : end])), quoted)
        if text.startswith("$(", start):
            end = self._matching(start + 1)
            self._at = end + 1
            if text.startswith("$((", start) and text[end - 1] == ")":
                return Sum(self.live_text(text[start + 3 : end - 1]), quoted)
            return Substitution(self._read(text[start + 2 : end]), quoted)
        if text.startswith("${", start):
            return self._braced(quoted=quoted)
        found = _PARAMETER.match(text, start)
        if found is None:
            self._at += 1
            return Text("$", quoted)
        self._at = found.end()
        return Parameter(found[1], quoted=quoted)

    def _braced(self, *, quoted: bool) -> Parameter:
        found = _BRACED.match(self._text, self._at)
        end = self._closing(self._at + 1)
        if found is None or (found[3] is None and found.end() != end):
            raise NotSimulated(f"the simulated shell knows no `{self._text[self._at : end + 1]}`")
        inside = self._text[found.end() : end]
        other = Lexer(inside, self._read)
        word = self.live_text(inside) if quoted else tuple(other._operand())
        self._at = end + 1
        return Parameter(found[2], found[3] or "", word, quoted, length=found[1] is not None)

    def _operand(self) -> list[Part]:
        """A word to its very end: blanks and operators are text in it."""
        parts = list[Part]()
        while self._at < len(self._text):
            parts += self._word()
            if self._at < len(self._text):
                parts.append(Text(self._text[self._at]))
                self._at += 1
        return parts

    def _until(self, quote: str, start: int) -> int:
        end = start
        while end < len(self._text) and self._text[end] != quote:
            end += 2 if quote == "`" and self._text[end] == "\\" else 1
        if end >= len(self._text):
            raise NotSimulated("the simulated shell found a quote without an end")
        return end

    def _matching(self, start: int) -> int:
        """Where the parenthesis that opens at `start` closes."""
        return self._balanced(start, "(", ")")

    def _closing(self, start: int) -> int:
        """Where the brace that opens at `start` closes."""
        return self._balanced(start, "{", "}")

    def _balanced(self, start: int, opening: str, closing: str) -> int:
        depth, at, quote = 0, start, ""
        while at < len(self._text):
            here = self._text[at]
            if here == "\\" and quote != "'":
                at += 1
            elif quote:
                quote = "" if here == quote else quote
            elif here in "'\"":
                quote = here
            elif here == opening:
                depth += 1
            elif here == closing:
                depth -= 1
                if not depth:
                    return at
            at += 1
        raise NotSimulated(f"the simulated shell found a `{opening}` without an end")
