"""One object of the folder into the cluster: applied, waiting, refused, or recreated.

The folder's only door to the API. Invariant: only what the folder itself created carries its label, so
only that can ever be pruned.
"""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol, TypeVar

from msgspec import Struct

from cluster.api.codec import without_nulls
from cluster.api.errors import AlreadyExists, ApiError, Conflict, Forbidden, Invalid, NotFound, TooManyRequests
from cluster.api.kinds import NAMESPACES, Kind, KindNames
from cluster.api.labels import Selector, from_map
from cluster.api.meta import Resource, StatusCause
from ktui.folder.plan import Identity, Item, identity_of

T = TypeVar("T", bound=Resource)

MANAGER = "ktui-folder"
PART_OF = "applyset.kubernetes.io/part-of"
RECREATED = frozenset({"Pod", "Job"})
"""Kinds whose specs cannot be changed and whose objects can be made again without harm."""
_SERVER_FIELDS = frozenset(
    {"creationTimestamp", "deletionTimestamp", "generation", "managedFields", "resourceVersion", "selfLink", "uid"}
)


class Applier(Protocol):
    """What the folder needs of a client."""

    @property
    def kinds(self) -> KindNames:
        """Every kind that the cluster serves."""

    def find(self, kind: Kind[T], key: str, /) -> T | None:
        """The object as it is now, or None."""

    def list(self, kind: Kind[T], *, labels: Selector) -> "list[T]":
        """The objects with these labels."""

    async def apply(
        self, kind: Kind[T], plain: Mapping[str, Any], /, *, manager: str, force: bool = False, dry_run: bool = False
    ) -> T:
        """Server-side apply."""

    async def delete(self, kind: Kind[T], key: str, /) -> None:
        """Delete an object."""


class Outcome(Struct, frozen=True):
    """What became of one object: `created`, `changed` or `unchanged`; or what it waits for; or what was said against it."""

    done: str = ""
    waiting: str = ""
    refused: tuple[StatusCause, ...] = ()


def set_name(root: Path) -> str:
    """The label value of a folder's objects: its name, and its place in a few letters."""
    word = "".join(letter for letter in root.name.lower() if letter.isascii() and letter.isalnum())[:40]
    return f"ktui-{word or 'folder'}-{sha256(str(root.resolve()).encode()).hexdigest()[:8]}"


def owned(client: Applier, set_names: frozenset[str]) -> dict[Identity, str]:
    """The objects in the cluster that these folders created, with the label each has.

    The label alone is not enough: controllers copy labels, as Endpoints have those of their Service.
    """
    found: dict[Identity, str] = {}
    for kind in client.kinds.kinds:
        for name in sorted(set_names):
            for value in client.list(kind, labels=from_map({PART_OF: name})):
                meta = value.metadata
                if not meta.ownerReferences and any(entry.manager == MANAGER for entry in meta.managedFields):
                    found[identity_of(kind, meta.namespace, meta.name)] = name
    return found


async def apply(client: Applier, item: Item, set_name: str) -> Outcome:
    """Make the cluster have the object as its file says. Never raises for what the API answers."""
    document, key = item.document.kind, item.identity.key
    kind = client.kinds.by_api_version(document.api_version, document.kind)
    if kind is None:
        return Outcome(waiting=definition_of(document.api_version, document.kind))
    before = client.find(kind, key)
    if before is not None and before.metadata.deletionTimestamp:
        return Outcome(waiting=f"the old {item.identity.kind} to go")
    missing = _missing_namespace(client, item.identity)
    if missing:
        return Outcome(waiting=missing)
    mine = before is None or before.metadata.labels.get(PART_OF) == set_name
    plain = _plain(item, set_name if mine else "")
    try:
        after = await client.apply(kind, plain, manager=MANAGER, force=True)
    except ApiError as error:
        if before is not None and isinstance(error, Invalid) and await _recreate(client, kind, item, plain, error):
            return Outcome(waiting=f"the old {item.identity.kind} to go")
        return _answer(error, item.identity)
    return Outcome(done="created" if before is None else "unchanged" if after == before else "changed")


async def delete(client: Applier, one: Identity, kind: Kind[Any]) -> bool:
    """Delete an object; whether it was still there."""
    try:
        await client.delete(kind, one.key)
    except NotFound:
        return False
    return True


def definition_of(api_version: str, kind: str) -> str:
    """What an object of a custom kind waits for."""
    return f"the definition of {kind} ({api_version})"


def _plain(item: Item, label: str) -> dict[str, Any]:
    """The document as it is sent: in its namespace, with the folder's label, without what only the server writes."""
    document = without_nulls(item.document.plain)
    written = document.get("metadata", {})
    metadata = {name: value for name, value in written.items() if name not in _SERVER_FIELDS}
    if item.identity.namespace:
        metadata["namespace"] = item.identity.namespace
    if label:
        metadata["labels"] = {**metadata.get("labels", {}), PART_OF: label}
    plain = {name: value for name, value in document.items() if name != "status"}
    return {**plain, "metadata": metadata}


def _missing_namespace(client: Applier, wanted: Identity) -> str:
    if not wanted.namespace:
        return ""
    namespace = client.find(NAMESPACES, wanted.namespace)
    if namespace is None:
        return f"namespace {wanted.namespace}"
    return f"namespace {wanted.namespace} to be gone" if namespace.metadata.deletionTimestamp else ""


async def _recreate(client: Applier, kind: Kind[Any], item: Item, plain: dict[str, Any], error: Invalid) -> bool:
    """Delete an object whose change was refused, if it is of a kind to be made again and the new one is good."""
    if item.identity.kind not in RECREATED or not immutable(error.details.causes if error.details else ()):
        return False
    trial = {**plain, "metadata": {**plain["metadata"], "name": f"{item.identity.name[:240]}-trial"}}
    try:
        await client.apply(kind, trial, manager=MANAGER, dry_run=True)
    except ApiError:
        return False
    return await delete(client, item.identity, kind)


def immutable(causes: Sequence[StatusCause]) -> bool:
    """Whether only the change was refused, not the object as such."""
    words = ("updates may not change fields", "field is immutable", "may not be changed")
    return bool(causes) and all(any(word in cause.message for word in words) for cause in causes)


def _answer(error: ApiError, wanted: Identity) -> Outcome:
    if isinstance(error, AlreadyExists | Conflict | TooManyRequests):
        return Outcome(waiting="another try")
    if isinstance(error, NotFound) and wanted.namespace and "namespaces" in error.message:
        return Outcome(waiting=f"namespace {wanted.namespace}")
    if isinstance(error, Forbidden) and "service account" in error.message and "not found" in error.message:
        return Outcome(waiting=f"the service account of namespace {wanted.namespace}")
    if isinstance(error, Invalid) and error.details and error.details.causes:
        return Outcome(refused=error.details.causes)
    return Outcome(refused=(StatusCause(field="", message=error.message, reason=error.reason),))
