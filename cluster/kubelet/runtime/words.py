"""What the words of a shell command become: variables, sums, the output of commands, fields and file names.

Between a script's tree and the programs it runs. Mirrors a POSIX shell's expansions. Invariant: a word that
is quoted stays one word, and no pattern.
"""

import re
from collections.abc import Iterator, Mapping, MutableMapping
from fnmatch import fnmatchcase
from glob import escape
from posixpath import dirname

from cluster.kubelet.runtime.filesystem import Files
from cluster.kubelet.runtime.sums import arithmetic
from cluster.kubelet.runtime.syntax import NotSimulated, Parameter, Part, Substitution, Sum, Text, Word

_MAGIC = re.compile(r"[*?\[]")


class Unset(Exception):
    """`${NAME:?WORD}` of a variable that has no value."""


class Expander:
    """The words of one command: with the variables, and what the commands in them have written (by `id`)."""

    def __init__(self, known: MutableMapping[str, str], files: Files, folder: str, written: Mapping[int, str]) -> None:
        self._known, self._files, self._folder, self._written = known, files, folder, written

    def fields(self, word: Word) -> list[str]:
        """The words that one word becomes, with the files that match for patterns. Unset, NotSimulated."""
        return [found for text, pattern in self._split(word) for found in self._matched(text, pattern)]

    def joined(self, word: Word) -> str:
        """A word that stays one, as on the right of an assignment. Unset, NotSimulated."""
        return "".join(self._value(part) for part in word)

    def pattern(self, word: Word) -> str:
        """A word as a pattern: what is quoted in it counts as it is. Unset, NotSimulated."""
        return "".join(escape(self._value(part)) if part.quoted else self._value(part) for part in word)

    def _split(self, word: Word) -> list[tuple[str, str]]:
        """The fields, each as text and as pattern."""
        found = list[tuple[str, str]]()
        current: tuple[str, str] | None = None
        for part in word:
            if isinstance(part, Parameter) and part.quoted and part.name == "@" and not part.operator:
                pieces = [self._known[str(number)] for number in range(1, int(self._known.get("#", "0")) + 1)]
            elif part.quoted or isinstance(part, Text):
                pieces = [self._value(part)]
            else:
                pieces = re.split(r"[ \t\n]+", self._value(part))
            for number, piece in enumerate(pieces):
                if number:
                    found += [current] if current is not None else []
                    current = None
                if piece or part.quoted:
                    before = current or ("", "")
                    current = before[0] + piece, before[1] + (escape(piece) if part.quoted else piece)
        return [*found, *([current] if current is not None else [])]

    def _matched(self, text: str, pattern: str) -> list[str]:
        """A field that is a pattern, as the files it matches; if there is none, as it is."""
        if _MAGIC.search(pattern) is None or escape(text) == pattern:
            return [text]
        folder = dirname(text)
        where = folder if folder.startswith("/") else f"{self._folder.rstrip('/')}/{folder}".rstrip("/") or "/"
        if _MAGIC.search(folder) or not self._files.is_folder(where):
            return [text]
        names = [name for name in self._files.listed(where) if not name.startswith(".")]
        paths = [f"{folder.rstrip('/')}/{name}" if folder else name for name in names]
        return [path for path in paths if fnmatchcase(path, pattern)] or [text]

    def _value(self, part: Part) -> str:
        match part:
            case Text():
                return part.text
            case Sum():
                return str(arithmetic(self.joined(part.word), self._known))
            case Substitution():
                return self._written.get(id(part), "")
        return self._parameter(part)

    def _parameter(self, part: Parameter) -> str:
        held = self._known.get(part.name)
        if part.length:
            return str(len(held or ""))
        operator = part.operator
        if operator.lstrip(":") in ("-", "=", "+", "?") and operator:
            there = bool(held) if operator.startswith(":") else held is not None
            return self._alternative(part, held or "", there=there)
        value = held or ""
        if operator in ("#", "##", "%", "%%"):
            return _cut(value, self.pattern(part.word), operator)
        if operator in ("/", "//"):
            return self._replaced(part, value)
        if operator == ":":
            return _piece(value, self.joined(part.word), self._known)
        return value

    def _alternative(self, part: Parameter, value: str, *, there: bool) -> str:
        how = part.operator[-1]
        if how == "+":
            return self.joined(part.word) if there else ""
        if there:
            return value
        other = self.joined(part.word)
        if how == "?":
            raise Unset(f"{part.name}: {other or 'parameter not set'}")
        if how == "=":
            self._known[part.name] = other
        return other

    def _replaced(self, part: Parameter, value: str) -> str:
        pattern, _, new = self.joined(part.word).partition("/")
        if not pattern:
            return value
        spans = list(_spans(value, pattern))
        for start, end in reversed(spans if part.operator == "//" else spans[:1]):
            value = value[:start] + new + value[end:]
        return value


def substitutions(word: Word) -> Iterator[Substitution]:
    """The commands in a word, which are run before it is expanded."""
    for part in word:
        if isinstance(part, Substitution):
            yield part
        elif isinstance(part, (Parameter, Sum)):
            yield from substitutions(part.word)


def _cut(value: str, pattern: str, operator: str) -> str:
    """The value without the shortest or longest beginning (`#`) or end (`%`) that matches."""
    lengths = range(len(value) + 1) if len(operator) == 1 else range(len(value), -1, -1)
    for length in lengths:
        part = value[:length] if operator[0] == "#" else value[len(value) - length :]
        if fnmatchcase(part, pattern):
            return value[length:] if operator[0] == "#" else value[: len(value) - length]
    return value


def _spans(value: str, pattern: str) -> Iterator[tuple[int, int]]:
    """Where the pattern matches, from left to right, each time the longest."""
    start = 0
    while start < len(value):
        end = next((end for end in range(len(value), start, -1) if fnmatchcase(value[start:end], pattern)), start)
        if end > start:
            yield start, end
        start = max(end, start + 1)


def _piece(value: str, text: str, known: MutableMapping[str, str]) -> str:
    """`${NAME:START}` or `${NAME:START:LENGTH}`."""
    start_text, colon, length_text = text.partition(":")
    start = arithmetic(start_text, known)
    if start < 0:
        start += len(value)
    if start < 0:
        raise NotSimulated("the simulated shell cuts nothing out from before the beginning")
    if not colon:
        return value[start:]
    length = arithmetic(length_text, known)
    return value[start : start + length] if length >= 0 else value[start:length]
