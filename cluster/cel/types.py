"""The types of what expressions speak of, made from schemas, so that a compiler can check them.

Between a schema and `program`. Objects become messages of protobuf, the only types with fields that the library
knows. Mirrors k8s.io/apiserver/pkg/cel/common.SchemaDeclType. Invariant: what a schema does not describe is not
there for expressions; what may be several things is `dyn`.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from cel_expr_python import cel
from google.protobuf import descriptor_pb2, descriptor_pool, duration_pb2, struct_pb2, timestamp_pb2

from cluster.cel.values import escaped, resource
from cluster.schema.pruning import Schema

T = cel.Type
_Field = descriptor_pb2.FieldDescriptorProto
_FILES = (duration_pb2, struct_pb2, timestamp_pb2)


class Shape(NamedTuple):
    """A type as the compiler has it, and how the field of a message holds a value of it."""

    type: Any
    number: int = _Field.TYPE_MESSAGE
    message: str = ""
    repeated: bool = False
    values: "Shape | None" = None
    """What a map holds."""


def _well_known(type_: Any, name: str) -> Shape:
    return Shape(type_, message=f".google.protobuf.{name}")


_DYN = _well_known(T.DYN, "Value")
_SCALARS: Mapping[tuple[str, str], Shape] = {
    ("boolean", ""): Shape(T.BOOL, _Field.TYPE_BOOL), ("integer", ""): Shape(T.INT, _Field.TYPE_INT64),
    ("number", ""): Shape(T.DOUBLE, _Field.TYPE_DOUBLE), ("string", ""): Shape(T.STRING, _Field.TYPE_STRING),
    ("string", "byte"): Shape(T.BYTES, _Field.TYPE_BYTES), ("string", "duration"): _well_known(T.DURATION, "Duration"),
    ("string", "date"): _well_known(T.TIMESTAMP, "Timestamp"),
    ("string", "date-time"): _well_known(T.TIMESTAMP, "Timestamp"),
}  # fmt: skip
_BY_NAME: Mapping[str, Shape] = {shape.type.name(): shape for shape in _SCALARS.values()}


class Types:
    """The types of one environment; an object's type is a message of `pool`."""

    def __init__(self, *, numbers: bool = True) -> None:
        """`numbers` may be left without types: the library compares those of one type only."""
        self._numbers = numbers
        self._file = descriptor_pb2.FileDescriptorProto(name="types.proto", syntax="proto2")
        self._file.dependency.extend(module.DESCRIPTOR.name for module in _FILES)

    def copy(self) -> "Types":
        """The same types, to which others can be added."""
        made = Types(numbers=self._numbers)
        made._file.CopyFrom(self._file)
        return made

    @property
    def pool(self) -> Any:
        """The messages of every type made so far."""
        made = descriptor_pool.DescriptorPool()
        for module in _FILES:
            made.AddSerializedFile(module.DESCRIPTOR.serialized_pb)
        made.AddSerializedFile(self._file.SerializeToString())
        return made

    def of(self, schema: Schema | None, name: str) -> Any:
        """The type of what a schema describes; the names of its objects begin with `name`."""
        found = self._shape(schema, name)
        return T.DYN if found is None else found.type

    def of_fields(self, fields: Iterable[tuple[str, Any]], name: str) -> Any:
        """The type of an object whose fields have types already."""
        return self._message(name, [(field, _held(type_)) for field, type_ in fields]).type

    def _shape(self, schema: Any, name: str) -> Shape | None:
        if not isinstance(schema, Mapping):
            return None
        if schema.get("x-kubernetes-int-or-string"):
            return _DYN
        kind, form = schema.get("type") or "", schema.get("format") or ""
        if kind == "array":
            item = self._shape(schema.get("items"), name)
            return None if item is None else _list_of(item)
        if kind == "object":
            return self._object(schema, name)
        if kind in ("integer", "number") and not self._numbers:
            return _DYN
        return _SCALARS.get((kind, form)) or _SCALARS.get((kind, ""))

    def _object(self, schema: Schema, name: str) -> Shape | None:
        extra = schema.get("additionalProperties")
        if isinstance(extra, Mapping):
            value = self._shape(extra, name)
            return None if value is None else Shape(T.Map(T.STRING, value.type), values=value)
        whole = resource(schema) if schema.get("x-kubernetes-embedded-resource") else schema
        properties = whole.get("properties") or {}
        inside = [(field, self._shape(each, name)) for field, each in properties.items()]
        return self._message(name, [(field, shape) for field, shape in inside if shape is not None])

    def _message(self, name: str, fields: Iterable[tuple[str, Shape]]) -> Shape:
        spelled = [(escaped(field), shape) for field, shape in fields]
        known = {field: shape for field, shape in spelled if field.isascii() and field.isidentifier()}
        message = self._file.message_type.add(name=f"{name}Type{len(self._file.message_type)}")
        message.options.deprecated_legacy_json_field_conflicts = True  # `a_b` beside `aB` is no fault here
        taken = set(known)
        for number, (field, shape) in enumerate(known.items(), 1):
            _add_field(message, number, field, shape, taken)
        return Shape(T(message.name), message=f".{message.name}")


def _add_field(message: Any, number: int, name: str, shape: Shape, taken: set[str]) -> None:
    """Add a field; `taken` are the names that a nested message cannot have."""
    entry_name = f"{''.join(part[:1].upper() + part[1:] for part in name.split('_'))}Entry"  # the one it may have
    if shape.values is not None and entry_name in taken:
        shape = _single(shape)
    label = _Field.LABEL_REPEATED if shape.repeated or shape.values is not None else _Field.LABEL_OPTIONAL
    added = message.field.add(name=name, number=number, json_name=str(number), label=label, type=shape.number)
    if shape.message:
        added.type_name = shape.message
    if shape.values is None:
        return
    taken.add(entry_name)
    entry = message.nested_type.add(name=entry_name)
    entry.options.map_entry = True
    added.type_name = f".{message.name}.{entry_name}"
    value = _single(shape.values)
    entry.field.add(name="key", number=1, label=_Field.LABEL_OPTIONAL, type=_Field.TYPE_STRING)
    second = entry.field.add(name="value", number=2, label=_Field.LABEL_OPTIONAL, type=value.number)
    if value.message:
        second.type_name = value.message


def _list_of(item: Shape) -> Shape:
    held = _single(item)
    return Shape(T.List(item.type), held.number, held.message, repeated=True)


def _single(shape: Shape) -> Shape:
    """A shape that can be repeated: protobuf knows no lists of lists."""
    if shape.repeated:
        return _well_known(shape.type, "ListValue")
    return shape if shape.values is None else _well_known(shape.type, "Struct")


def _held(type_: Any) -> Shape:
    """How a field holds a value of a type that a compiler has found."""
    name = type_.name()
    if name in _BY_NAME:
        return _BY_NAME[name]
    if type_.is_message():
        return Shape(type_, message=f".{name}")
    if name.startswith("LIST<"):
        item = _BY_NAME.get(name[5:-1])
        return _well_known(type_, "ListValue") if item is None else _list_of(item)
    return _well_known(type_, "Struct") if name.startswith("MAP<") else _DYN
