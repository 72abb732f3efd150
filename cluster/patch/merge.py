"""JSON merge patch (RFC 7386): a partial document laid over another; null takes a field away.

Plain data in, plain data out. Invariant: the document given is not changed.
"""

from collections.abc import Mapping
from typing import Any


def apply(document: Any, patch: Any) -> Any:
    """The document after the patch: maps merge, everything else is replaced, null removes."""
    if not isinstance(patch, Mapping):
        return patch
    merged: dict[str, Any] = dict(document) if isinstance(document, Mapping) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = apply(merged.get(name), value)
    return merged
