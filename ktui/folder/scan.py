"""What lies in the watched folders: every manifest with its stamp, and what is passed over and why.

The first step of a file's way into the cluster. A whole look each time: a change event only says
that a look is worth while. Invariant: nothing is remembered between two looks.
"""

import fnmatch
import os
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from msgspec import Struct

SUFFIXES = (".yaml", ".yml", ".json")
DROPPINGS = ("*~", ".#*", "#*#", "*.sw?", "4913", "*.tmp", "*.bak")
"""What editors leave behind, for a moment or for good."""
MAX_DEPTH = 32


class Stamp(NamedTuple):
    """What tells one state of a file from another without reading it."""

    modified_ns: int
    changed_ns: int
    size: int
    inode: int

    @classmethod
    def of(cls, stat: os.stat_result) -> "Stamp":
        """The stamp of a stat."""
        return cls(stat.st_mtime_ns, stat.st_ctime_ns, stat.st_size, stat.st_ino)


class Listing(Struct):
    """One look: stamps by path, why files were passed over, roots that are not there, folders that cannot be read."""

    files: dict[str, Stamp]
    ignored: dict[str, str]
    missing: list[str]
    unreadable: dict[str, str]


@lru_cache(maxsize=65_536)
def ignored(name: str) -> str:
    """Why a file of this name is passed over, or nothing."""
    if any(fnmatch.fnmatchcase(name, pattern) for pattern in DROPPINGS):
        return "an editor's temporary or backup file"
    if name.startswith("."):
        return "hidden"
    if not name.lower().endswith(SUFFIXES):
        return f"not {', '.join(SUFFIXES)}"
    return ""


def look(roots: Sequence[Path]) -> Listing:
    """Everything in the folders and below, by path. Never raises: what cannot be read is told."""
    listing = Listing({}, {}, [], {})
    for root in roots:
        if root.is_dir():
            _enter(str(root), listing, set(), 0)
        else:
            listing.missing.append(str(root))
    return listing


def _enter(folder: str, listing: Listing, above: set[tuple[int, int]], depth: int) -> None:
    try:
        entries = sorted(_entries(folder), key=lambda entry: entry.name)
        here = os.stat(folder)  # noqa: PTH116  - a scan of a thousand files makes no Path of each
    except OSError as error:
        listing.unreadable[folder] = error.strerror or str(error)
        return
    place = (here.st_dev, here.st_ino)
    if place in above or depth > MAX_DEPTH:
        listing.ignored[folder] = (
            "a link to a folder above it" if place in above else f"deeper than {MAX_DEPTH} folders"
        )
        return
    for entry in entries:
        try:
            if entry.is_dir():
                if not entry.name.startswith("."):
                    _enter(entry.path, listing, above | {place}, depth + 1)
                continue
            why = ignored(entry.name)
            if why:
                listing.ignored[entry.path] = why
            elif entry.is_file():
                listing.files[entry.path] = Stamp.of(entry.stat())
        except FileNotFoundError:
            continue  # it went between the listing and the look at it
        except OSError as error:
            listing.unreadable[entry.path] = error.strerror or str(error)


def _entries(folder: str) -> Iterator[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        yield from entries
