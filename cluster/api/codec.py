"""Objects to and from plain data and JSON, strictly, with quantities.

On the data's way between text and typed objects, both ways. Invariant: `from_plain(type(x),
to_plain(x)) == x`, and whatever a type does not know is an error.
"""

from collections.abc import Callable
from typing import Any, TypeVar

import msgspec
from msgspec import ValidationError
from msgspec.structs import replace

from cluster.api.apps import StatefulSet
from cluster.api.autoscaling import HorizontalPodAutoscaler
from cluster.api.core import Pod
from cluster.api.custom import CustomResource
from cluster.api.kinds import Kind
from cluster.api.meta import ObjectMeta, Resource
from cluster.api.quantity import Quantity, parse

T = TypeVar("T")


def decode_hook(struct: type, value: Any) -> Any:
    """What msgspec asks for types that are ours: quantities. ValueError in Kubernetes' words."""
    if struct is Quantity:
        return parse(value)
    raise NotImplementedError(struct)


_NEVER_LEFT_OUT: dict[str, tuple[tuple[str, str], ...]] = {
    "endpointslices.discovery.k8s.io/v1": (("", "endpoints"), ("", "ports")),
    "horizontalpodautoscalers.autoscaling/v2": (("status", "currentMetrics"),),
}
"""Lists that the real API shows as null when they are empty: in which part of the object, and their names."""
_CLAIM = {"apiVersion": "v1", "kind": "PersistentVolumeClaim"}
"""What the real API shows of the claims inside a StatefulSet, which are objects of their own kind."""
_TYPE_META = frozenset({"apiVersion", "kind"})
_encoder = msgspec.json.Encoder(enc_hook=str)
_sorting_encoder = msgspec.json.Encoder(enc_hook=str, order="sorted")
_decoders: dict[type, msgspec.json.Decoder[Any]] = {}


def encode(value: Any) -> bytes:
    """An object, or plain data, as JSON."""
    return _encoder.encode(value)


def decode(struct: type[T], data: bytes | str) -> T:
    """The object in JSON text. msgspec.ValidationError (strict) or msgspec.DecodeError (no JSON)."""
    decoder = _decoders.get(struct)
    if decoder is None:
        decoder = _decoders[struct] = msgspec.json.Decoder(struct, dec_hook=decode_hook)
    try:
        return decoder.decode(data)  # type: ignore[no-any-return]
    except ValidationError:
        return from_plain(struct, msgspec.json.decode(data))


def to_plain(value: Any) -> Any:
    """An object as dicts, lists, strings and numbers; absent fields are left out."""
    if isinstance(value, CustomResource):
        return {**value.content, "metadata": to_plain(value.metadata)}
    return msgspec.json.decode(_encoder.encode(value))


def from_plain(struct: type[T], data: Any) -> T:
    """The object that plain data means; msgspec.ValidationError if the data does not fit.

    A null means absent. The `apiVersion` and `kind` of a resource are its type, and are left out; so are
    those of the claims inside a StatefulSet.
    """
    if struct is CustomResource:
        return _custom(data)  # type: ignore[return-value]
    if isinstance(data, dict) and issubclass(struct, Resource):
        data = {name: item for name, item in data.items() if name not in _TYPE_META}
    try:
        return msgspec.convert(data, struct, dec_hook=decode_hook)
    except ValidationError:
        pruned = without_nulls(data)
        if struct is StatefulSet:
            pruned = _plain_claims(pruned)
        if pruned == data:
            raise
        return msgspec.convert(pruned, struct, dec_hook=decode_hook)


def _plain_claims(data: Any) -> Any:
    """A StatefulSet's data whose claims do not say of what kind they are."""
    spec = data.get("spec") if isinstance(data, dict) else None
    claims = spec.get("volumeClaimTemplates") if isinstance(spec, dict) else None
    if not isinstance(spec, dict) or not isinstance(claims, list):
        return data
    plain = [
        {name: item for name, item in claim.items() if name not in _TYPE_META} if isinstance(claim, dict) else claim
        for claim in claims
    ]
    return {**data, "spec": {**spec, "volumeClaimTemplates": plain}}


def _custom(data: Any) -> CustomResource:
    """A custom resource: its metadata is as strict as that of any other object, the rest is kept as it is."""
    if not isinstance(data, dict):
        raise ValidationError(f"Expected `object`, got `{type(data).__name__}`")
    metadata = from_plain(ObjectMeta, data.get("metadata") or {})
    content = {name: item for name, item in data.items() if name not in _TYPE_META and name != "metadata"}
    return CustomResource(
        apiVersion=data.get("apiVersion", ""), kind=data.get("kind", ""), metadata=metadata, content=content
    )


def without_nulls(data: Any) -> Any:
    """The data without the keys whose value is null: to an API object they say nothing."""
    if isinstance(data, dict):
        return {name: without_nulls(item) for name, item in data.items() if item is not None}
    if isinstance(data, list):
        return [without_nulls(item) for item in data]
    return data


def _claims_with_kind(fields: dict[str, Any]) -> None:
    claims = fields.get("spec", {}).get("volumeClaimTemplates")
    if claims:
        fields["spec"]["volumeClaimTemplates"] = [{**_CLAIM, **claim} for claim in claims]


def _metrics_or_null(fields: dict[str, Any]) -> None:
    status = {"currentMetrics": None, **fields.get("status", {})}
    fields["status"] = {name: status[name] for name in sorted(status)}


def _times_or_null(fields: dict[str, Any]) -> None:
    conditions = [{"lastTransitionTime": None, **each} for each in fields.get("status", {}).get("conditions", ())]
    if conditions:
        fields["status"]["conditions"] = [{name: each[name] for name in sorted(each)} for each in conditions]


Inside = Callable[[dict[str, Any]], None]
_INSIDE: dict[type[Any], Inside] = {
    StatefulSet: _claims_with_kind,
    HorizontalPodAutoscaler: _metrics_or_null,
}
"""What the real API shows of parts of an object otherwise than the parts would be shown alone."""


def _inside(kind: Kind[Any], value: Resource) -> Inside | None:
    """What there is to change in this object; of pods, those that users add conditions to, perhaps without a time."""
    if isinstance(value, Pod):
        return _times_or_null if value.spec.readinessGates else None
    return _INSIDE.get(kind.type)


def to_wire(kind: Kind[Any], value: Resource, revision: int | str | None = None) -> dict[str, Any]:
    """An object as clients get it: with apiVersion, kind and its resourceVersion, keys in kubectl's order."""
    whole = to_plain(value) if isinstance(value, CustomResource) else value
    fields = msgspec.json.decode(_sorting_encoder.encode(whole))
    for part, name in _NEVER_LEFT_OUT.get(f"{kind.plural}.{kind.api_version}", ()):
        owner = fields.get(part) if part else fields
        if owner is not None:
            owner[name] = owner.get(name) or None
    inside = _inside(kind, value)
    if inside is not None:
        inside(fields)
    fields["apiVersion"], fields["kind"] = kind.api_version, kind.kind
    plain = {name: fields[name] for name in sorted(fields)}
    if revision is not None:
        metadata = {**plain["metadata"], "resourceVersion": str(revision)}
        plain["metadata"] = {name: metadata[name] for name in sorted(metadata)}
    return plain


def to_json(kind: Kind[Any], value: Resource, revision: int | None = None, *, typed: bool = True) -> msgspec.Raw:
    """What `to_wire` says, as JSON to stand in a document; not `typed`: without apiVersion and kind, as in a list."""
    named = f"{kind.plural}.{kind.api_version}"
    if isinstance(value, CustomResource) or named in _NEVER_LEFT_OUT or _inside(kind, value) is not None:
        plain = to_wire(kind, value, revision)
        shown = {name: item for name, item in plain.items() if typed or name not in _TYPE_META}
        return msgspec.Raw(_encoder.encode(shown))
    if revision is not None:
        value = replace(value, metadata=replace(value.metadata, resourceVersion=str(revision)))
    text = _sorting_encoder.encode(value)
    head = f'{{"apiVersion":"{kind.api_version}","kind":"{kind.kind}",'.encode() if typed else b"{"
    return msgspec.Raw(head + text[1:])


def metadata_json(meta: ObjectMeta, revision: int) -> msgspec.Raw:
    """An object's metadata with its resourceVersion, as JSON to stand in a document."""
    return msgspec.Raw(_sorting_encoder.encode(replace(meta, resourceVersion=str(revision))))
