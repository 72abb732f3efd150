"""The filter language of every table: what is typed after `/`.

    web 5/5          rows that have both words, each a regular expression, in any column, any case
    ^web             `^` and `$` are the beginning and end of any cell
    !Running         rows that do not match
    status:^Crash    the word is looked for in that column only
    -l app=web       rows whose object the label selector selects (as kubectl's -l)

A text becomes a `Filter` once and is then asked about rows. Invariant: a text that cannot be
understood raises `FilterError` with what is wrong and where; it never silently matches nothing.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from cluster.api import labels
from cluster.api.errors import ApiError

_COLUMN = re.compile(r"([A-Za-z][\w-]*):(.+)", re.DOTALL)


class FilterError(ValueError):
    """A filter that cannot be understood; the text says why in words for the person who typed it."""


class Word(NamedTuple):
    """One condition: a pattern, looked for in one column (or anywhere, -1), wanted or unwanted."""

    pattern: re.Pattern[str]
    column: int
    wanted: bool


class Filter(NamedTuple):
    """Conditions that must all hold."""

    text: str
    words: tuple[Word, ...]
    selectors: tuple[Callable[[Mapping[str, str]], bool], ...]

    def __bool__(self) -> bool:
        return bool(self.words or self.selectors)

    def matches(self, cells: Sequence[str], haystack: str, having: Mapping[str, str]) -> bool:
        """Whether a row passes: its cells, its searchable cells joined, and its object's labels."""
        for selects in self.selectors:
            if not selects(having):
                return False
        for pattern, column, wanted in self.words:
            text = haystack if column < 0 else cells[column]
            if (pattern.search(text) is None) is wanted:
                return False
        return True


NONE = Filter("", (), ())


def parse(text: str, titles: Sequence[str] = ()) -> Filter:
    """The filter that `text` means for a table with these column titles; FilterError if it is none."""
    words: list[Word] = []
    selectors: list[Callable[[Mapping[str, str]], bool]] = []
    waiting = iter(text.split())
    columns = {title.lower(): index for index, title in reversed(list(enumerate(titles)))}
    for word in waiting:
        if word == "-l" or word.startswith("-l="):
            selector = word.removeprefix("-l").removeprefix("=") or " ".join(waiting)
            selectors.append(_selector(selector))
        elif word != "!":
            words.append(_word(word, columns))
    return Filter(text.strip(), tuple(words), tuple(selectors))


def _selector(text: str) -> Callable[[Mapping[str, str]], bool]:
    if not text:
        raise FilterError("-l needs a label selector, for example -l app=web")
    try:
        return labels.parse(text).matches
    except (ApiError, ValueError) as problem:
        raise FilterError(f"-l {text}: {problem}") from None


def _word(word: str, columns: Mapping[str, int]) -> Word:
    wanted = not word.startswith("!")
    body = word if wanted else word[1:]
    column = -1
    scoped = _COLUMN.fullmatch(body)
    if scoped and scoped[1].lower() in columns:
        column, body = columns[scoped[1].lower()], scoped[2]
    try:
        return Word(re.compile(body, re.IGNORECASE | re.MULTILINE), column, wanted)
    except re.error as problem:
        where = f" at character {problem.pos + 1}" if problem.pos is not None else ""
        raise FilterError(f"{body}: {problem.msg}{where}") from None
