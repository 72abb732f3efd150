"""What may be typed after `:`: any kind by any of its names, with a namespace or a filter; or a word for a screen.

    :deploy              every Deployment           :po kube-system     one namespace's pods
    :svc /web            filtered, as by `/`        :po -l app=web      selected by label

Invariant: a line is understood or `UnknownCommand` says what was meant most likely; nothing is guessed that is not shown.
"""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any, NamedTuple

from cluster.api.kinds import STATIC, Kind, KindNames


class UnknownCommand(ValueError):
    """A line that means nothing; the text names what comes nearest."""


class OpenKind(NamedTuple):
    """Show the objects of a kind, filtered."""

    kind: Kind[Any]
    filter: str


class OpenWord(NamedTuple):
    """Do what a word stands for: the id of a command."""

    command: str


WORDS = {
    "q": "quit", "q!": "quit", "quit": "quit", "exit": "quit", "help": "help", "h": "help", "?": "help",
    "files": "files", "folder": "files", "problems": "files", "panes": "home", "home": "home",
}  # fmt: skip


def parse(line: str, namespaces: Iterable[str] = (), known: KindNames = STATIC) -> OpenKind | OpenWord:
    """What a line means among the kinds known; UnknownCommand if nothing."""
    name, _, rest = line.strip().partition(" ")
    if not name:
        raise UnknownCommand("type a kind, for example deploy")
    if name.lower() in WORDS and not rest:
        return OpenWord(WORDS[name.lower()])
    kind = known.by_name(name)
    if kind is None:
        raise UnknownCommand(f"no kind {name!r}{_nearest(name, known)}")
    return OpenKind(kind, _filter(rest.strip(), set(namespaces)))


def parse_or_complete(line: str, namespaces: Iterable[str] = (), known: KindNames = STATIC) -> OpenKind | OpenWord:
    """What a line means, or the line that is shown as its completion; UnknownCommand if neither means anything."""
    try:
        return parse(line, namespaces, known)
    except UnknownCommand:
        shown = completions(line, namespaces, known)
        if not shown:
            raise
        return parse(shown[0], namespaces, known)


def completions(line: str, namespaces: Iterable[str] = (), known: KindNames = STATIC) -> list[str]:
    """Lines that begin as this one does, the likeliest first."""
    name, space, rest = line.partition(" ")
    if space:
        return [f"{name} {found}" for found in sorted(namespaces) if found.startswith(rest) and known.by_name(name)]
    low = name.lower()
    kinds = known.kinds
    words = [kind.plural for kind in kinds] + [short for kind in kinds for short in kind.short_names] + sorted(WORDS)
    return [found for found in words if low and found.startswith(low)]


def _filter(rest: str, namespaces: set[str]) -> str:
    first, _, others = rest.partition(" ")
    if first in namespaces:
        return f"namespace:^{first}$ {_filter(others.strip(), set())}".strip()
    return rest.removeprefix("/")


def _nearest(name: str, known: KindNames) -> str:
    names = [one for kind in known.kinds for one in (kind.plural, kind.singular, *kind.short_names)] + list(WORDS)
    low = name.lower()
    near = [found for found in names if found.startswith(low)] + get_close_matches(low, names, n=2, cutoff=0.6)
    near = list(dict.fromkeys(near))[:3]
    return f"; did you mean {' or '.join(near)}?" if near else "; Ctrl+P lists every kind"
