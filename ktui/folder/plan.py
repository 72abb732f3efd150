"""What the folder asks of the cluster: which objects, in which order, and which are to go.

Pure decisions between the files and the API. Invariant: the plan depends on what the files hold, not
on the order in which they were found.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from msgspec import Struct

from cluster.api import kinds
from cluster.api.kinds import Kind, KindNames
from cluster.manifests import Document

DEFAULT_NAMESPACE = "default"
PROTECTED = frozenset({"CustomResourceDefinition", "Namespace", "PersistentVolume", "PersistentVolumeClaim"})
"""Kinds that take data or other objects with them: never deleted unasked."""
FEW = 5
"""So many objects may go at once without asking."""
_ORDER = (
    "CustomResourceDefinition", "Namespace", "PriorityClass", "StorageClass", "RuntimeClass", "IngressClass",
    "ResourceQuota", "LimitRange", "ServiceAccount", "ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding",
    "ConfigMap", "Secret", "PersistentVolume", "PersistentVolumeClaim", "Service", "Endpoints", "EndpointSlice", "Pod",
    "ReplicationController", "ReplicaSet", "Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob",
)  # fmt: skip
_RANKS = {kind: rank for rank, kind in enumerate(_ORDER)}


class Identity(NamedTuple):
    """What makes an object the same one, whichever file it is in."""

    group: str
    kind: str
    namespace: str
    name: str

    @property
    def key(self) -> str:
        """Its key in the store."""
        return kinds.key_of(self.namespace, self.name)

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


class Item(NamedTuple):
    """One object wanted: who it is, and the file and document it comes from."""

    identity: Identity
    path: str
    document: Document


class Clash(NamedTuple):
    """An object that is in the folder already: the one too many, and the one that stays."""

    second: Item
    first: Item


class Pruning(Struct):
    """Objects that the folder created and does not hold any more: to delete, or kept and why; `hold` says why to ask."""

    delete: list[Identity]
    kept: dict[Identity, str]
    hold: str = ""


def identity(document: Document) -> Identity:
    """Who a document's object is; without a namespace it is in `default`."""
    kind = document.kind
    namespace = (document.namespace or DEFAULT_NAMESPACE) if kind.namespaced else ""
    return Identity(kind.group, kind.kind, namespace, document.name)


def identity_of(kind: Kind[Any], namespace: str, name: str) -> Identity:
    """Who an object in the cluster is."""
    return Identity(kind.group, kind.kind, namespace, name)


def kind_of(one: Identity, known: KindNames) -> Kind[Any] | None:
    """The kind of an object, None if the cluster does not serve it (any more)."""
    return next((kind for kind in known.kinds if (kind.group, kind.kind) == (one.group, one.kind)), None)


def rank(wanted: Identity) -> int:
    """When it is applied: what others need comes first; kinds not named come last."""
    return _RANKS.get(wanted.kind, len(_ORDER))


def wanted(files: Mapping[str, Iterable[Document]], origins: Mapping[Identity, str]) -> tuple[list[Item], list[Clash]]:
    """The objects of all files in the order to apply them, and those that are there twice.

    Of two, the one in the file that it came from before (`origins`) stays, else the first by path.
    """
    chosen: dict[Identity, Item] = {}
    found: list[Item] = [Item(identity(document), path, document) for path in sorted(files) for document in files[path]]
    clashes = []
    for item in sorted(found, key=lambda item: origins.get(item.identity) != item.path):
        first = chosen.setdefault(item.identity, item)
        if first is not item:
            clashes.append(Clash(item, first))
    ordered = sorted(
        chosen.values(), key=lambda item: (rank(item.identity), item.path, item.document.index, item.document.path)
    )
    return ordered, clashes


def pruning(
    owned: Iterable[Identity],
    wanted: Iterable[Identity],
    broken: Mapping[str, str],
    origins: Mapping[Identity, str],
    *,
    unknown_held: bool,
    lost: str = "",
) -> Pruning:
    """What of the objects that the folder created is to go.

    `broken` is the text of each file that is in error: what it names is kept, it may be meant to stay.
    `unknown_held` keeps objects of earlier runs, whose file is not known. `lost` says that a folder is
    gone or empty.
    """
    present = set(wanted)
    mine = sorted(owned, key=lambda one: (-rank(one), one))
    found = Pruning([], {})
    for one in mine:
        if one in present:
            continue
        named = next((path for path, text in sorted(broken.items()) if _names(text, one.name)), "")
        if one.kind in PROTECTED:
            found.kept[one] = f"a {one.kind} is not deleted unasked"
        elif named:
            found.kept[one] = f"{named}, which is in error, names it"
        elif unknown_held and one not in origins:
            found.kept[one] = "its file may be one of those in error"
        else:
            found.delete.append(one)
    if found.delete and lost:
        found.hold = lost
    elif len(found.delete) > FEW and len(found.delete) * 2 > len(mine):
        found.hold = f"{len(found.delete)} of {len(mine)} objects would be deleted"
    return found


def _names(text: str, name: str) -> bool:
    """Whether a file that cannot be read has this name in it: as a whole word, and not in a comment."""
    word = re.compile(rf"(?<![\w.-]){re.escape(name)}(?![\w.-])")
    return any(word.search(line) for line in text.splitlines() if not line.lstrip().startswith("#"))
