"""The words of a command line as options and the rest, as getopt(3) reads them.

Used by the programs that take more than a flag or two. Invariant: nothing is lost: what is no known option is told.
"""

from collections.abc import Mapping

from msgspec import Struct


class UnknownOption(Exception):
    """An option that the program does not have, as it was written."""


class Options(Struct, frozen=True):
    """The options given, by name without dashes (several values in a list), and the other words."""

    given: Mapping[str, list[str]]
    rest: tuple[str, ...]

    def __contains__(self, name: str) -> bool:
        return name in self.given

    def value(self, name: str, default: str = "") -> str:
        """The last value of an option."""
        return self.given.get(name, [default])[-1]

    def seconds(self, name: str) -> int | None:
        """An option's value in ms, if it was given and is a number of seconds."""
        text = self.value(name)
        number = text.replace(".", "", 1)
        return round(float(text) * 1000) if number.isascii() and number.isdecimal() else None


def read(words: list[str], flags: str, valued: str, long: Mapping[str, str]) -> Options:
    """Read a command line. UnknownOption for what it does not know.

    `flags` and `valued` are one-letter options without and with a value; `long` maps long names to one-letter ones.
    """
    given: dict[str, list[str]] = {}
    rest: list[str] = []
    ahead = list(words)
    while ahead:
        word = ahead.pop(0)
        if word == "--":
            rest += ahead
            break
        if word.startswith("--"):
            name, equals, value = word[2:].partition("=")
            short = long.get(name)
            if short is None:
                raise UnknownOption(word)
            if short in valued and not equals:
                value = ahead.pop(0) if ahead else ""
            given.setdefault(short, []).append(value)
        elif word.startswith("-") and len(word) > 1:
            _letters(word, flags, valued, ahead, given)
        else:
            rest.append(word)
    return Options(given, tuple(rest))


def _letters(word: str, flags: str, valued: str, ahead: list[str], given: dict[str, list[str]]) -> None:
    """One-letter options behind one dash: the last may have its value behind it or in the next word."""
    for position in range(1, len(word)):
        letter = word[position]
        if letter in valued:
            value = word[position + 1 :] or (ahead.pop(0) if ahead else "")
            given.setdefault(letter, []).append(value)
            return
        if letter not in flags:
            raise UnknownOption(f"-{letter}")
        given.setdefault(letter, []).append("")
