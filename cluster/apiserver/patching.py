"""Patches: from a stored object and a patch document to the object that the request means.

On the data's way between a request's body and `update`: object → plain data → patched → object.
Mirrors k8s.io/apiserver's patch handler. Invariant: the stored object is not touched, and a patch
that does not decode is refused with every reason.
"""

import json
from collections.abc import Mapping
from enum import Enum
from typing import Any, TypeVar

from msgspec import ValidationError

from cluster.api import codec
from cluster.api.errors import BadRequest, UnsupportedMediaType
from cluster.api.kinds import Kind
from cluster.api.meta import Resource
from cluster.apiserver.decoding import Decoder
from cluster.patch import json_patch, managed, merge, strategic
from cluster.schema import merging_of

T = TypeVar("T", bound=Resource)


class PatchType(Enum):
    """The four patch types, by their media types."""

    JSON = "application/json-patch+json"
    MERGE = "application/merge-patch+json"
    STRATEGIC = "application/strategic-merge-patch+json"
    APPLY = "application/apply-patch+yaml"


def patched(
    kind: Kind[T], old: T, patch: Any, patch_type: PatchType, decoder: Decoder | None = None, revision: int = 0
) -> T:
    """The object after a JSON, merge or strategic merge patch; BadRequest if it cannot be read.

    `decoder` reads what comes out of it, strictly if not given; `revision` is the version that the patch sees.
    """
    if kind.custom is not None and patch_type is PatchType.STRATEGIC:
        raise unsupported(PatchType.JSON, PatchType.MERGE, PatchType.APPLY)
    document = json.loads(patch) if isinstance(patch, bytes) else patch
    plain = codec.to_plain(old)
    if revision:
        plain["metadata"] = {**plain["metadata"], "resourceVersion": str(revision)}
    if patch_type is PatchType.JSON:
        after = json_patch.apply(plain, document)
    elif not isinstance(document, Mapping):
        raise BadRequest(
            "error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}"
        )
    else:
        document = {name: value for name, value in document.items() if name not in ("apiVersion", "kind")}
        after = (
            merge.apply(plain, document)
            if patch_type is PatchType.MERGE
            else strategic.apply(kind.type, plain, document)
        )
    if not isinstance(after, Mapping):
        raise BadRequest(f"the patch leaves no {kind.kind} behind")
    return (decoder or Decoder()).decode(kind, after, patched=True)


def unsupported(*accepted: PatchType) -> UnsupportedMediaType:
    """A patch of a type that the resource does not take."""
    listed = ", ".join(patch_type.value for patch_type in accepted)
    return UnsupportedMediaType(
        f"the body of the request was in an unknown format - accepted media types include: {listed}"
    )


def applied(kind: Kind[T], old: T | None, plain: Mapping[str, Any], *, manager: str, force: bool, time: str) -> T:
    """The object after a server-side apply by `manager`; ApplyConflict as `managed` finds it."""
    document = {name: value for name, value in plain.items() if name not in ("apiVersion", "kind")}
    if kind.custom is None or "status" in kind.subresources:
        document.pop("status", None)
    live = None if old is None else codec.to_plain(old)
    merged = managed.apply(
        merging_of(kind), live, document, api_version=kind.api_version, manager=manager, force=force, time=time
    )
    return decoded(kind, merged)


def track(kind: Kind[T], old: T | None, new: T, manager: str, time: str, subresource: str = "") -> T:
    """The new object with `manager` as owner of the fields that a write changed (all of them, if it is new)."""
    before, after = {} if old is None else codec.to_plain(old), codec.to_plain(new)
    if not subresource and "status" in kind.subresources:
        before["status"] = after.get("status", {})  # reset by such a write, so nobody's by it
    tracked = managed.update(
        merging_of(kind),
        before,
        after,
        api_version=kind.api_version,
        manager=manager,
        time=time,
        subresource=subresource,
    )
    return decoded(kind, tracked)


def decoded(kind: Kind[T], plain: Any) -> T:
    """The object that plain data means; BadRequest if it is none of the kind."""
    try:
        return codec.from_plain(kind.type, plain)
    except ValidationError as error:
        raise BadRequest(
            f"{kind.kind} in version {kind.version!r} cannot be handled as a {kind.kind}: {error}"
        ) from error
