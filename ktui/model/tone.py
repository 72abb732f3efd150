"""How a state is told apart: a glyph and a tone, so that a colour never stands alone.

Panes, describe and the top line ask here what a status word means. Invariant: every tone has its
own glyph, and the word itself is always shown beside it.
"""

from enum import Enum


class Tone(Enum):
    """What a text means to the reader; the theme decides its colour."""

    PLAIN = ""
    GOOD = "good"
    WORKING = "working"
    WARN = "warn"
    BAD = "bad"
    DIM = "dim"
    NAME = "name"


GLYPHS = {
    Tone.GOOD: "●",
    Tone.WORKING: "◐",
    Tone.WARN: "▲",
    Tone.BAD: "✖",
    Tone.DIM: "○",
    Tone.PLAIN: " ",
    Tone.NAME: " ",
}

_TONES = {
    "Running": Tone.GOOD, "Ready": Tone.GOOD, "Active": Tone.GOOD, "Bound": Tone.GOOD, "True": Tone.GOOD, "Available": Tone.GOOD,
    "Pending": Tone.WORKING, "ContainerCreating": Tone.WORKING, "PodInitializing": Tone.WORKING,
    "Terminating": Tone.WARN, "SchedulingGated": Tone.WARN, "NotReady": Tone.BAD, "Warning": Tone.WARN,
    "Completed": Tone.DIM, "Complete": Tone.DIM, "Suspended": Tone.DIM, "Released": Tone.WARN, "Lost": Tone.BAD, "Succeeded": Tone.DIM, "Normal": Tone.DIM,
    "Unknown": Tone.BAD, "Failed": Tone.BAD, "Error": Tone.BAD, "Evicted": Tone.BAD, "OOMKilled": Tone.BAD, "NodeLost": Tone.BAD,
}  # fmt: skip
_BAD_ENDINGS = ("BackOff", "Error", "Killed", "Failed", "Invalid", "NeverPull")


def of_status(word: str) -> Tone:
    """The tone of a status as kubectl prints it: `Running`, `NotReady,SchedulingDisabled`, `Init:1/2`."""
    known = _TONES.get(word)
    if known is not None:
        return known
    first, _, rest = word.partition(",")
    if rest:
        return Tone.WARN if of_status(first) is Tone.GOOD else of_status(first)
    if word.startswith("Init:"):
        detail = word.removeprefix("Init:")
        return Tone.WORKING if detail[:1].isdigit() else Tone.BAD
    return Tone.BAD if word.endswith(_BAD_ENDINGS) or ":" in word else Tone.PLAIN


def of_ratio(text: str) -> Tone:
    """The tone of `ready/total`: all, some, none."""
    ready, _, total = text.partition("/")
    if not (ready.isdigit() and total.isdigit()):
        return Tone.PLAIN
    if ready == total:
        return Tone.GOOD if total != "0" else Tone.DIM
    return Tone.BAD if ready == "0" else Tone.WARN


def marked(word: str) -> str:
    """The word with the glyph of its tone before it: `● Running`."""
    return f"{GLYPHS[of_status(word)]} {word}" if word else ""


def of_marked(text: str) -> Tone:
    """The tone of a text that `marked` made."""
    return of_status(text[2:])
