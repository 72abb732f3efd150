"""What is wrong with a manifest, said so that it can be put right: place, words, and what to write.

The far end of a manifest's way when it is not good; the app, the command line and logs show these.
Invariant: a problem is complete by itself, and printing it needs no file.
"""

from unicodedata import east_asian_width

from msgspec import Struct


class Problem(Struct, frozen=True):
    """One thing wrong: where (line and column from 1, 0 if it has no place), the field, what, and what to write."""

    source: str
    line: int
    column: int
    path: str
    message: str
    suggestion: str = ""
    line_text: str = ""

    def __str__(self) -> str:
        place = ":".join([self.source, *([str(self.line), str(self.column)] if self.line else [])])
        said = f"{self.path}: {self.message}" if self.path else self.message
        text = f"{place}: {said}" if place else said
        return f"{text}; {self.suggestion}" if self.suggestion else text

    def excerpt(self) -> str:
        """The line with its number, and below it a caret at the column (wide characters take two cells)."""
        if not self.line:
            return ""
        gutter = f"{self.line} | "
        before = "".join(
            character if character == "\t" else "  " if east_asian_width(character) in "WF" else " "
            for character in self.line_text[: self.column - 1]
        )
        return f"{gutter}{self.line_text}\n{' ' * (len(gutter) - 2)}| {before}^"
