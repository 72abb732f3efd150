"""The base of every API object: a frozen, untracked Struct whose attribute names are the JSON names.

On the data's way this is the value that every other part passes along. Invariant: an object
never changes after it was made; a change is a new object made with `msgspec.structs.replace`.
"""

from msgspec import Struct


class Object(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True, forbid_unknown_fields=True):
    """A value of the API. An absent field holds its default and is left out when encoded."""


class ListType(Struct, frozen=True):
    """How a list merges: the schema's list type and patch strategy, kept as an annotation.

    `kind` is `atomic`, `set` or `map`; `keys` identify the items of a `map` (server-side apply);
    `patch` is the strategic merge strategy (`merge`, `merge,retainKeys`, `replace`) and
    `merge_key` its key.
    """

    kind: str = "atomic"
    keys: tuple[str, ...] = ()
    patch: str = ""
    merge_key: str = ""


class MapType(Struct, frozen=True):
    """How a map or struct merges under server-side apply: `granular` or `atomic`."""

    kind: str = "granular"
    patch: str = ""
