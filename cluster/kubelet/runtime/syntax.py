"""What a shell script says: its text as a tree of commands.

Made once for every text by `parser`, run by `shell`. Mirrors the grammar of a POSIX shell as far as manifests
use it. Invariant: a tree never changes, so that every container that runs the script shares it.
"""

from msgspec import Struct


class NotSimulated(Exception):
    """The script asks for more than the simulated shell can do."""


class Text(Struct, frozen=True):
    """Characters as they are; what is not quoted may be a pattern and is split no further."""

    text: str
    quoted: bool = False


class Parameter(Struct, frozen=True):
    """`$NAME` or `${NAME OPERATOR WORD}`; `length` is `${#NAME}`."""

    name: str
    operator: str = ""
    word: "Word" = ()
    quoted: bool = False
    length: bool = False


class Sum(Struct, frozen=True):
    """`$((…))`: the word is worked out once its own variables are replaced."""

    word: "Word"
    quoted: bool = False


class Substitution(Struct, frozen=True):
    """`$(…)`: what a script writes."""

    script: "Script"
    quoted: bool = False


Part = Text | Parameter | Sum | Substitution
Word = tuple[Part, ...]


class HereDocument(Struct):
    """Text of the script that a command reads: its last line is `end`; known once its first line has ended."""

    end: str
    live: bool
    indented: bool
    body: Word = ()


class Redirect(Struct, frozen=True):
    """Where a stream goes or comes from: a file, another stream (`>&`), or text of the script (`<<`, `<<<`)."""

    stream: int
    operator: str
    target: Word
    document: HereDocument | None = None


class Simple(Struct, frozen=True):
    """Assignments, then a program, a function or a builtin with its words."""

    assignments: tuple[tuple[str, Word], ...]
    words: tuple[Word, ...]
    redirects: tuple[Redirect, ...] = ()


class Pipeline(Struct, frozen=True):
    """Commands each of which reads what the one before writes."""

    commands: tuple["Node", ...]
    negated: bool = False


class Script(Struct, frozen=True):
    """Commands one after the other, each with what joins it to the one before: `;`, `&&`, `||`."""

    items: tuple[tuple[str, "Node"], ...]


class Background(Struct, frozen=True):
    """`… &`: commands that nobody waits for."""

    body: Script


class Loop(Struct, frozen=True):
    """`while`, or `until` (`wanted` is False)."""

    condition: Script
    body: Script
    wanted: bool = True


class For(Struct, frozen=True):
    """A body for each of some words, or (None) of the positional parameters."""

    name: str
    words: tuple[Word, ...] | None
    body: Script


class Counted(Struct, frozen=True):
    """`for ((START; CONDITION; STEP))`, each a sum."""

    start: Word
    condition: Word
    step: Word
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


class Arithmetic(Struct, frozen=True):
    """`((…))`: succeeds if the sum is not 0."""

    word: Word


class Function(Struct, frozen=True):
    """A name for a command."""

    name: str
    body: "Node"


class Redirected(Struct, frozen=True):
    """A compound command with redirections of its own."""

    body: "Node"
    redirects: tuple[Redirect, ...]


Node = (
    Simple | Pipeline | Background | Loop | For | Counted | If | Case | Group | Arithmetic | Function | Redirected
)  # fmt: skip
