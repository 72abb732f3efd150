"""What a patch must know of a type: its fields, and how each list and map merges.

Read once from the annotations of the API's Structs. Invariant: the Structs are the only source.
"""

import types
from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any, NamedTuple, Union, get_args, get_origin, get_type_hints

import msgspec

from cluster.api.object import ListType, MapType, Object


class Field(NamedTuple):
    """One field: the Struct it holds (or holds many of), whether a list or map, and its merge rules."""

    item: type[Object] | None
    shape: str
    merging: ListType | MapType | None


PLAIN = Field(None, "scalar", None)


@cache
def fields(owner: type[Object]) -> Mapping[str, Field]:
    """The fields of a Struct by their JSON names."""
    hints = get_type_hints(owner, include_extras=True)
    return {info.encode_name: _field(hints[info.name]) for info in msgspec.structs.fields(owner)}


def _field(hint: Any) -> Field:
    merging: ListType | MapType | None = None
    if get_origin(hint) is Annotated:
        hint, *extras = get_args(hint)
        merging = next((extra for extra in extras if isinstance(extra, ListType | MapType)), None)
    if get_origin(hint) in (Union, types.UnionType):
        options = [option for option in get_args(hint) if option is not type(None)]
        hint = options[0] if len(options) == 1 else Any
    if get_origin(hint) is tuple:
        return Field(_struct(get_args(hint)[0]), "list", merging)
    if isinstance(get_origin(hint), type) and issubclass(get_origin(hint), Mapping):
        return Field(_struct(get_args(hint)[1]), "map", merging)
    return Field(_struct(hint), "struct" if _struct(hint) else "scalar", merging)


def _struct(hint: Any) -> type[Object] | None:
    return hint if isinstance(hint, type) and issubclass(hint, Object) else None
