"""What volumes hold beside what running processes write: the kubelet's and runtime's disks, kept in the store.

Written when a process has ended, when somebody runs a command in a container, and when a ConfigMap or Secret that is
mounted changes; read by every simulation of processes. None of these tables is the API's: nobody can list or watch
them. Invariant: a volume that nobody has written into, and an object that has not changed, have no entry.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from cluster.api.kinds import Kind
from cluster.api.meta import Resource
from cluster.kubelet.runtime.filesystem import Change, Files, Volume
from cluster.store import Store

ACTOR = "kubelet"
MOST_CHANGES = 2000
"""So many changes of a volume are known with their times while processes run on it; older ones are taken for its start."""
MOST_VERSIONS = 100


class Output(Struct, frozen=True):
    """Something that was written: so many ms after the start, to 1 (stdout) or 2 (stderr)."""

    after: int
    stream: int
    data: bytes


class Contents(Resource, frozen=True, kw_only=True):
    """A volume: what it held, what has changed since and when, and which processes run on it.

    `pod` is the key of the pod whose own it is; `users` are `pod key/container` of the others.
    """

    pod: str = ""
    files: Mapping[str, bytes] = {}
    folders: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()
    users: tuple[str, ...] = ()


class Version(Struct, frozen=True, gc=False):
    """An object as it was from a time on (Unix ms)."""

    at: int
    held: Resource


class Versions(Resource, frozen=True, kw_only=True):
    """What an object was that is mounted, oldest first."""

    known: tuple[Version, ...] = ()


CONTENTS = Kind("runtime.ktui.dev/v1", Contents, "volumecontents")
VERSIONS = Kind("runtime.ktui.dev/v1", Versions, "mountedversions")


def unix_ms(timestamp: str) -> int:
    """An RFC 3339 timestamp as ms."""
    return int(datetime.fromisoformat(timestamp).timestamp() * 1000)


def add(store: Store, name: str, changes: Iterable[Change], *, pod: str = "") -> None:
    """Keep changes of a volume, by its name; `pod` is the key of the pod whose own it is."""
    new = tuple(changes)
    if not new:
        return
    held = store.table(CONTENTS).get(name) or Contents(pod=pod)
    every = tuple(sorted((*held.changes, *new), key=lambda change: change.at))
    store.put(CONTENTS, name, _shortened(replace(held, changes=every)), ACTOR)


def use(store: Store, name: str, user: str, *, begins: bool) -> None:
    """Note that a process begins, or ends, to run on a volume that is not its pod's own."""
    held = store.table(CONTENTS).get(name) or Contents()
    others = tuple(each for each in held.users if each != user)
    users = (*others, user) if begins else others
    if users != held.users:
        store.put(CONTENTS, name, _shortened(replace(held, users=users)), ACTOR)


def keep_written(store: Store, files: Files, own: str, *, but: str = "none") -> None:
    """Keep what a process has written, `but` in volumes with such names; `own` is the key of its pod."""
    for volume in files.volumes():
        if volume.name and not volume.name.startswith(but):
            mine = volume.name.startswith(PRIVATE)
            add(store, volume.name, (change for by, change in volume.log if by == files.who), pod=own if mine else "")


PRIVATE = ("root/", "empty/")
"""How the names of volumes begin that are gone with their pod."""


def _shortened(held: Contents) -> Contents:
    """Without the times of changes that nobody who runs can tell."""
    most = MOST_CHANGES if held.pod or held.users else 0
    split = max(len(held.changes) - most, 0)
    early, late = held.changes[:split], held.changes[split:]
    if not early:
        return held
    whole = Volume("", held.files, held.folders)
    for change in early:
        whole.apply(change)
    return replace(held, files=whole.contents(), folders=tuple(sorted(whole.folders)), changes=late)


def forget(store: Store, name: str) -> None:
    """A volume is gone."""
    if name in store.table(CONTENTS):
        store.delete(CONTENTS, name, ACTOR)


def changed(store: Store, name: str, old: Resource | None, new: Resource | None, at: int) -> None:
    """An object that is mounted, by `version_name`, has become another at a time (Unix ms); None is none."""
    known = (store.table(VERSIONS).get(name) or Versions()).known
    if not known and old is not None:
        known = (Version(0, old),)
    if new is not None:
        known = (*known, Version(at, new))
    store.put(VERSIONS, name, Versions(known=known[-MOST_VERSIONS:]), ACTOR)


def version_name(kind: str, key: str) -> str:
    """What the versions of an object are kept under."""
    return f"{kind} {key}"


def versions(store: Store, name: str) -> tuple[Version, ...]:
    """What is known of an object's past, oldest first; nothing if it has always been what it is."""
    held = store.table(VERSIONS).get(name)
    return () if held is None else held.known
