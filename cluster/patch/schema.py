"""What a patch must know of a type: its fields, and how each list and map merges.

Read once from the annotations of the API's Structs. Invariant: the Structs are the only source, but
for the types that the published schemas declare atomic as a whole.
"""

import json
import types
from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any, NamedTuple, Union, get_args, get_origin, get_type_hints

import msgspec

from cluster.api import core, discovery, meta
from cluster.api.object import ListType, MapType, Object
from cluster.api.quantity import Quantity
from cluster.schema import Merging

ATOMIC: tuple[type[Object], ...] = (
    core.ConfigMapKeySelector, core.EndpointAddress, core.EndpointPort, core.FileKeySelector, core.LocalObjectReference,
    core.NodeSelector, core.NodeSelectorTerm, core.ObjectFieldSelector, core.ObjectReference, core.ResourceFieldSelector,
    core.ScopeSelector, core.SecretKeySelector, core.SecretReference, core.TopologySelectorTerm,
    core.TypedLocalObjectReference, discovery.EndpointPort, meta.LabelSelector, meta.OwnerReference,
)  # fmt: skip
"""The types whose values have one owner and are replaced as a whole by server-side apply."""
KEY_DEFAULTS: Mapping[str, Any] = {"protocol": "TCP"}
"""What a list's key is when an item leaves it out."""

SCALARS: Mapping[Any, str] = {str: "string", int: "integer", float: "number", bool: "boolean"}


class Field(NamedTuple):
    """One field: the Struct it holds (or holds many of), its shape, its merge rules, and if it is of quantities.

    `scalar` is what a scalar is to be, or the scalars that a list or a map holds: `string`, `integer`, `number`,
    `boolean`, or "" for any.
    """

    item: "Owner | None"
    shape: str  # "scalar", "struct", "map" or "list"
    merging: ListType | MapType | None
    quantity: bool = False
    scalar: str = ""

    @property
    def atomic(self) -> bool:
        """Whether server-side apply takes the whole value as one."""
        if self.shape == "list":
            return not isinstance(self.merging, ListType) or self.merging.kind == "atomic"
        if self.shape == "struct" and self.item in ATOMIC:
            return True
        return self.shape == "scalar" or (isinstance(self.merging, MapType) and self.merging.kind == "atomic")


PLAIN = Field(None, "scalar", None)
Owner = type[Object] | Merging
"""What declares fields: a Struct, or an object of a custom kind's schema."""


def fields(owner: Owner) -> Mapping[str, Field]:
    """The fields of a Struct, or of a schema's object, by their JSON names."""
    if isinstance(owner, Merging):
        return {name: Field(*part) for name, part in owner.parts.items()}
    return _struct_fields(owner)


def is_open(owner: Owner) -> bool:
    """Whether there may be fields that are not declared."""
    return isinstance(owner, Merging) and owner.open


@cache
def _struct_fields(owner: type[Object]) -> Mapping[str, Field]:
    hints = get_type_hints(owner, include_extras=True)
    return {info.encode_name: _field(hints[info.name]) for info in msgspec.structs.fields(owner)}


def element(rules: ListType, item: Any) -> str:
    """The path element of a list's item, as FieldsV1 writes it: `k:{"name":"web"}` or `v:"x"`."""
    if rules.kind == "set":
        return f"v:{json.dumps(item, ensure_ascii=False)}"
    keys = {name: item.get(name, KEY_DEFAULTS.get(name)) for name in sorted(rules.keys)}
    present = {name: value for name, value in keys.items() if value is not None}
    return f"k:{json.dumps(present, separators=(',', ':'), ensure_ascii=False)}"


def _field(hint: Any) -> Field:
    merging: ListType | MapType | None = None
    if get_origin(hint) is Annotated:
        hint, *extras = get_args(hint)
        merging = next((extra for extra in extras if isinstance(extra, ListType | MapType)), None)
    if get_origin(hint) in (Union, types.UnionType):
        options = [option for option in get_args(hint) if option is not type(None)]
        hint = options[0] if len(options) == 1 else Any
    if get_origin(hint) is tuple:
        return Field(_struct(get_args(hint)[0]), "list", merging, scalar=SCALARS.get(get_args(hint)[0], ""))
    if isinstance(get_origin(hint), type) and issubclass(get_origin(hint), Mapping):
        value = get_args(hint)[1]
        return Field(_struct(value), "map", merging, value is Quantity, SCALARS.get(value, ""))
    shape = "struct" if _struct(hint) else "scalar"
    return Field(_struct(hint), shape, merging, hint is Quantity, SCALARS.get(hint, ""))


def _struct(hint: Any) -> type[Object] | None:
    return hint if isinstance(hint, type) and issubclass(hint, Object) else None
