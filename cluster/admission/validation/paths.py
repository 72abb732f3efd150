"""Paths of files inside volumes and hosts.

Part of the validation of volumes and mounts. Mirrors validatePathNoBacksteps and its relatives.
Invariant: no path that passes leads out of where it starts.
"""

from cluster.admission import field_error as error
from cluster.admission.validation.checks import Causes

MODE = "must be a number between 0 and 0777 (octal), both inclusive"


def no_backsteps(field: str, path: str) -> Causes:
    """No `..` between slashes."""
    if ".." in path.split("/"):
        yield error.invalid(field, path, "must not contain '..'")


def descending(field: str, path: str) -> Causes:
    """A relative path without `..`."""
    if path.startswith("/"):
        yield error.invalid(field, path, "must be a relative path")
    yield from no_backsteps(field, path)


def not_reserved(field: str, path: str) -> Causes:
    """A relative path that does not begin with two dots."""
    yield from descending(field, path)
    if path.startswith("..") and not path.startswith("../"):
        yield error.invalid(field, path, "must not start with '..'")


def mode(field: str, value: int | None) -> Causes:
    """The permission bits of a file."""
    if value is not None and not 0 <= value <= 0o777:
        yield error.invalid(field, value, MODE)
