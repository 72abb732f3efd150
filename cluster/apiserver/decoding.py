"""From plain data to a typed object, as strictly as the client asks, in the words of Go's decoder.

On the data's way between a request's body, or a patched document, and the verbs. Mirrors the API
server's codec and its fieldValidation (Ignore, Warn, Strict). Invariant: an object that comes out of
here holds every field that went in, or the client was told of those it does not.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any, TypeVar

from msgspec import Struct, ValidationError, inspect

from cluster import schema
from cluster.admission.warnings import Warnings
from cluster.api import codec
from cluster.api.apiextensions import CustomResourceValidation
from cluster.api.errors import BadRequest
from cluster.api.kinds import Kind
from cluster.api.meta import ObjectMeta, Resource
from cluster.api.quantity import Quantity
from cluster.apiserver.binary import corrupt_at
from cluster.schema import shape

T = TypeVar("T", bound=Resource)
STRICT, WARN, IGNORE = "Strict", "Warn", "Ignore"
LONG = frozenset({
    "activeDeadlineSeconds", "deletionGracePeriodSeconds", "expirationSeconds", "fsGroup", "generation", "gracePeriodSeconds",
    "maxItems", "maxLength", "maxProperties", "minItems", "minLength", "minProperties", "nodeAllocatableUpdatePeriodSeconds",
    "observedGeneration", "remainingItemCount", "revision", "runAsGroup", "runAsUser", "seconds", "sizeBytes",
    "startingDeadlineSeconds", "supplementalGroups", "terminationGracePeriodSeconds", "tolerationSeconds",
})  # fmt: skip
"""The fields that are int64 in Go; all other whole numbers are int32."""
BYTES = frozenset({("Secret", "data"), ("ConfigMap", "binaryData"), ("WebhookClientConfig", "caBundle")})
"""The fields that are bytes in Go, and so have to be base64."""
_INT32, _INT64 = 2**31, 2**63
_GO: dict[type[Any], str] = {
    inspect.StrType: "string",
    inspect.IntType: "int32",
    inspect.BoolType: "bool",
    inspect.FloatType: "float64",
}


class JSONSchemaProps(Struct):
    """The name that Go's decoder has for a schema; its fields are `cluster.schema.shape`'s."""


class Decoder:
    """Decodes one request's documents; `warnings` are what the client is told beside the answer."""

    def __init__(self, validation: str = STRICT) -> None:
        self.warnings = Warnings()
        self._validation = validation or WARN

    def decode(self, kind: Kind[T], data: Mapping[str, Any], *, patched: bool = False) -> T:
        """The object that plain data means.

        Raises BadRequest for values of the wrong type, and if the request is Strict, naming every
        unknown field; `patched` says that the data is an object that a patch was applied to.
        """
        head = f'{kind.kind} in version "{kind.version}" cannot be handled as a {kind.kind}: '
        walk = _Walk()
        if kind.custom is not None:
            pruned = schema.prune(data, kind.custom.schema)
            walk.unknown += pruned.unknown
            known = {**pruned.data, "metadata": walk.metadata(kind, pruned.data.get("metadata"))}
            return self._read(kind, known, walk, head, patched=patched)
        given = {name: value for name, value in data.items() if name not in ("apiVersion", "kind")}
        return self._read(kind, walk.fields(kind.type, given, ""), walk, head, patched=patched)

    def _read(self, kind: Kind[T], known: dict[str, Any], walk: "_Walk", head: str, *, patched: bool) -> T:
        if walk.mismatch:
            raise BadRequest(head + walk.mismatch)
        unknown = tuple(f'unknown field "{path}"' for path in walk.unknown)
        if unknown and self._validation == STRICT:
            raise BadRequest(f"{'' if patched else head}strict decoding error: {', '.join(unknown)}")
        if unknown and self._validation == WARN:
            self.warnings.add(*unknown)
        try:
            return codec.from_plain(kind.type, known)
        except ValidationError as error:
            raise BadRequest(head + str(error).partition(" - at `$")[0]) from error


class _Walk:
    """One pass over the data: what no field takes is left out, the first value of the wrong type is kept."""

    def __init__(self) -> None:
        self.unknown: list[str] = []
        self.mismatch = ""

    def metadata(self, kind: Kind[Any], value: Any) -> Any:
        """The metadata of a custom resource, as strictly typed as any other's."""
        if value is None:
            return {}
        if isinstance(value, Mapping):
            return self.fields(ObjectMeta, value, "metadata")
        return self._wrong(value, "metadata", kind.type, "v1.ObjectMeta")

    def fields(self, struct: type[Struct], data: Mapping[str, Any], path: str) -> dict[str, Any]:
        known, kept = _types(struct), {}
        for name, value in data.items():
            where = f"{path}.{name}" if path else name
            hint = known.get(name)
            if hint is None:
                self.unknown.append(where)
            elif struct is CustomResourceValidation:
                kept[name] = self._schema(value, where)
            else:
                kept[name] = self._value(hint, value, where, struct, name)
        return kept

    def _schema(self, value: Any, path: str) -> Any:
        """A definition's schema: what it has beside what schemas have, and what of it is of the wrong type."""
        faults = list(shape.faults(value, path)) if value is not None else []
        unknown = [fault.path for fault in faults if not fault.wanted]
        self.unknown += unknown
        for fault in faults:
            if fault.wanted:
                self._wrong(fault.value, fault.path, JSONSchemaProps, fault.wanted)
        return shape.known(value, path, frozenset(unknown))

    def _value(self, hint: Any, value: Any, path: str, owner: type[Struct], name: str) -> Any:
        hint = _plain(hint)
        if value is None:
            return None
        if isinstance(hint, inspect.StructType):
            if isinstance(value, Mapping):
                if issubclass(hint.cls, Resource):
                    value = {field: item for field, item in value.items() if field not in ("apiVersion", "kind")}
                return self.fields(hint.cls, value, path)
            return self._wrong(value, path, owner, _go(hint, name))
        if isinstance(hint, inspect.VarTupleType | inspect.ListType):
            if isinstance(value, list):
                return [
                    self._value(hint.item_type, item, f"{path}[{index}]", owner, name)
                    for index, item in enumerate(value)
                ]
            return self._wrong(value, path, owner, f"[]{_go(hint.item_type, name)}")
        if isinstance(hint, inspect.DictType):
            if isinstance(value, Mapping):
                return {
                    key: self._value(hint.value_type, item, f"{path}.{key}", owner, name) for key, item in value.items()
                }
            return self._wrong(value, path, owner, f"map[string]{_go(hint.value_type, name)}")
        if (owner.__name__, name) in BYTES:
            return self._bytes(value, path, owner, name)
        if isinstance(hint, inspect.UnionType):
            return self._number_or_text(value)
        if not _fits(hint, value, name):
            self._wrong(value, path, owner, _go(hint, name), inside_map=not path.endswith(name))
        return value

    def _bytes(self, value: Any, path: str, owner: type[Struct], name: str) -> Any:
        if not isinstance(value, str):
            return self._wrong(value, path, owner, "[]uint8", inside_map=not path.endswith(name))
        position = corrupt_at(value)
        if position is not None and not self.mismatch:
            self.mismatch = f"illegal base64 data at input byte {position}"
        return value

    def _number_or_text(self, value: Any) -> Any:
        """A number or a text (IntOrString), which decodes itself and so does not know where it stands."""
        whole = isinstance(value, int) and not isinstance(value, bool)
        if not isinstance(value, str) and not whole and not self.mismatch:
            self.mismatch = f"json: cannot unmarshal {_json(value, to_number=True)} into Go value of type int32"
        return value

    def _wrong(self, value: Any, path: str, owner: type[Struct], wanted: str, *, inside_map: bool = False) -> Any:
        """Note the first value of the wrong type, as encoding/json does: by struct, path and Go type."""
        if not self.mismatch:
            steps = [step.partition("[")[0] for step in path.split(".")]
            shown = ".".join(steps[:-1] if inside_map and "[" not in path.rpartition(".")[2] else steps)
            where = f"Go struct field {owner.__name__}.{shown} of type {wanted}"
            self.mismatch = (
                f"json: cannot unmarshal {_json(value, to_number=wanted in ('int32', 'int64'))} into {where}"
            )
        return value


@cache
def _types(struct: type[Struct]) -> dict[str, Any]:
    info = inspect.type_info(struct)
    assert isinstance(info, inspect.StructType)
    return {field.encode_name: field.type for field in info.fields}


def _plain(hint: Any) -> Any:
    """The type without annotations, and without None, if that leaves one."""
    while isinstance(hint, inspect.Metadata):
        hint = hint.type
    if isinstance(hint, inspect.UnionType):
        parts = [part for part in hint.types if not isinstance(part, inspect.NoneType)]
        return _plain(parts[0]) if len(parts) == 1 else hint
    return hint


def _fits(hint: Any, value: Any, name: str) -> bool:
    if isinstance(hint, inspect.StrType):
        return isinstance(value, str)
    if isinstance(hint, inspect.BoolType):
        return isinstance(value, bool)
    if isinstance(hint, inspect.IntType):
        whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
        limit = _INT64 if name in LONG else _INT32
        return whole and not isinstance(value, bool) and -limit <= value < limit
    return True  # quantities explain themselves


def _go(hint: Any, name: str) -> str:
    hint = _plain(hint)
    if isinstance(hint, inspect.StructType):
        version = "v2" if hint.cls.__module__.endswith(".autoscaling") else "v1"
        return f"{version}.{hint.cls.__name__}"
    if isinstance(hint, inspect.CustomType) and hint.cls is Quantity:
        return "resource.Quantity"
    if isinstance(hint, inspect.IntType) and name in LONG:
        return "int64"
    return _GO.get(type(hint), "intstr.IntOrString")


def _json(value: Any, *, to_number: bool = False) -> str:
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int | float):
        return f"number {value}" if to_number else "number"
    return "string" if isinstance(value, str) else "array" if isinstance(value, list) else "object"
