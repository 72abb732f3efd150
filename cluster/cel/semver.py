"""Versions in expressions: semver.org's, read strictly or after being put in order.

Beside `library`. Mirrors k8s.io/apiserver/pkg/cel/library's semver. Invariant: build metadata never counts.
"""

import re
from functools import cmp_to_key
from typing import Any

_IDENTIFIER = r"(?:0|[1-9]\d*|\d*[A-Za-z-][0-9A-Za-z-]*)"
_VERSION = re.compile(
    rf"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-({_IDENTIFIER}(?:\.{_IDENTIFIER})*))?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?",
    re.ASCII,
)


def parsed(text: str, *, normalize: bool = False) -> str:
    """The version itself; ValueError if it is none. Normalized: without a `v`, leading zeros, and with three numbers."""
    found = _normal(text) if normalize else text
    if not _VERSION.fullmatch(found):
        raise ValueError(f"no version: {text}")
    return found


def number(text: str, index: int) -> int:
    """The major (0), minor (1) or patch (2) number of a version."""
    return int(_match(text)[index + 1])


def order(text: str) -> Any:
    """What versions are compared by: their numbers, then what comes before a release."""
    found = _match(text)
    numbers = tuple(int(found[index]) for index in (1, 2, 3))
    before = tuple(_PART(part) for part in found[4].split(".")) if found[4] else ()
    return numbers, not before, before


def _match(text: str) -> re.Match[str]:
    found = _VERSION.fullmatch(text)
    if found is None:
        raise ValueError(f"no version: {text}")
    return found


def _compare(one: str, other: str) -> int:
    """Numbers go before words, numbers by their value, words by their letters."""
    left, right = ((not part.isdigit(), int(part) if part.isdigit() else 0, part) for part in (one, other))
    return (left > right) - (left < right)


_PART = cmp_to_key(_compare)


def _normal(text: str) -> str:
    release, sign, rest = re.match(r"([^+-]*)([+-]?)(.*)", text.removeprefix("v"), re.DOTALL).groups()  # type: ignore[union-attr]
    numbers = [part.lstrip("0") or ("0" if part else "") for part in release.split(".")]
    return ".".join([*numbers, "0", "0"][: max(len(numbers), 3)]) + sign + rest
