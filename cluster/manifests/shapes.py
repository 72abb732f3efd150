"""The shape of every type as a reader of manifests sees it: fields, lists, text, numbers.

Made from the types themselves, when an error has to be explained; nothing else describes them.
Invariant: a shape says exactly what `cluster.api.codec` accepts.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from msgspec import Struct, inspect

from cluster.api.meta import Resource
from cluster.api.quantity import Quantity

TEXT, NUMBER, FLAG, QUANTITY, NUMBER_OR_TEXT, ANYTHING = (
    "text", "a number", "true or false", "a quantity", "a number or text", "anything",
)  # fmt: skip


class Shape(Struct):
    """What may stand in a place: `what` in words; the fields of a struct, or the shape of every item."""

    what: str
    fields: Mapping[str, "Shape"] | None = None
    item: "Shape | None" = None
    listed: bool = False


_SIMPLE: dict[type, Shape] = {
    inspect.StrType: Shape(TEXT), inspect.IntType: Shape(NUMBER), inspect.FloatType: Shape(NUMBER),
    inspect.BoolType: Shape(FLAG),
}  # fmt: skip
_ANYTHING = Shape(ANYTHING)


@lru_cache(maxsize=256)
def of(struct: type[Struct]) -> Shape:
    """The shape of a type."""
    return _shape(inspect.type_info(struct), {})


def _shape(info: Any, known: dict[type, Shape]) -> Shape:
    if isinstance(info, inspect.Metadata):
        return _shape(info.type, known)
    if isinstance(info, inspect.StructType):
        return _struct(info, known)
    if isinstance(info, inspect.ListType | inspect.VarTupleType):
        return Shape("a list", item=_shape(info.item_type, known), listed=True)
    if isinstance(info, inspect.DictType):
        return Shape("a mapping", item=_shape(info.value_type, known))
    if isinstance(info, inspect.CustomType):
        return Shape(QUANTITY) if info.cls is Quantity else _ANYTHING
    if isinstance(info, inspect.UnionType):
        shapes = [_shape(part, known) for part in info.types if not isinstance(part, inspect.NoneType)]
        return shapes[0] if len(shapes) == 1 else Shape(NUMBER_OR_TEXT)
    return _SIMPLE.get(type(info), _ANYTHING)


def _struct(info: inspect.StructType, known: dict[type, Shape]) -> Shape:
    shape = known.get(info.cls)
    if shape is None:
        fields: dict[str, Shape] = {}
        shape = known[info.cls] = Shape("a mapping", fields=fields)
        for field in info.fields:
            fields[field.encode_name] = _shape(field.type, known)
        if issubclass(info.cls, Resource):
            fields.setdefault("apiVersion", Shape(TEXT))
            fields.setdefault("kind", Shape(TEXT))
    return shape
