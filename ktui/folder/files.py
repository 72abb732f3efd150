"""One watched file: what it held when it was last good, and what is wrong with it now.

Between the gate and the plan. Invariant: an invalid file keeps the documents of its last good state,
so that a mistake while typing takes nothing away from the cluster.
"""

import os
from pathlib import Path

from msgspec import Struct

from cluster.api.kinds import KindNames
from cluster.manifests import Document, Problem, Unknown, locate_problem, read
from ktui.folder.scan import Stamp

MAX_SIZE = 8 * 1024 * 1024


class Watched(Struct):
    """A file: its text and documents as last good, its errors now, and what of it is of kinds not defined yet."""

    path: str
    text: str = ""
    good_text: str = ""
    documents: tuple[Document, ...] = ()
    errors: tuple[Problem, ...] = ()
    was_good: bool = False
    empty: bool = False
    clusters: int = 0
    unknown: tuple[Unknown, ...] = ()

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """What was read but should be written otherwise."""
        return tuple(warning for document in self.documents for warning in document.warnings)

    def problem(self, document: Document, field: str, message: str, suggestion: str = "") -> Problem:
        """A problem with a field of one of its documents, with its place."""
        return locate_problem(self.good_text, document, field, message, self.path, suggestion)


def load(path: str) -> tuple[str, Stamp] | None:
    """A file's text and the stamp it has; None if it changed while it was read, or is gone.

    Raises OSError if it cannot be read, ValueError if it is not UTF-8 or too big.
    """
    try:
        with Path(path).open("rb") as file:
            before = Stamp.of(os.fstat(file.fileno()))
            if before.size > MAX_SIZE:
                raise ValueError(f"{before.size // 2**20} MiB; a manifest may have {MAX_SIZE // 2**20}")
            data = file.read(MAX_SIZE + 1)
            after = Stamp.of(os.fstat(file.fileno()))
    except FileNotFoundError:
        return None
    if before != after:
        return None
    try:
        return data.decode("utf-8"), after
    except UnicodeDecodeError as error:
        raise ValueError(f"not UTF-8 text: byte {error.start} is 0x{data[error.start]:02x}") from None


def taken_in(file: Watched, text: str, known: KindNames) -> Watched:
    """The file after its text was read: its new documents, or its last good ones and what is wrong."""
    manifest = read(text, file.path, known, definitions=True)
    errors = manifest.errors or tuple(
        Problem(file.path, document.line, 1, "metadata.name", "missing: an object kept in a file needs a name")
        for document in manifest.documents
        if not document.name
    )
    if errors:
        return Watched(file.path, text, file.good_text, file.documents, errors, file.was_good)
    return Watched(
        file.path, text, text, manifest.documents, was_good=True, empty=manifest.empty, clusters=len(manifest.clusters),
        unknown=manifest.unknown,
    )  # fmt: skip


def unreadable(file: Watched, why: str) -> Watched:
    """The file when it could not be read at all."""
    problem = Problem(file.path, 0, 0, "", f"cannot be read: {why}")
    return Watched(file.path, "", file.good_text, file.documents, (problem,), file.was_good)
