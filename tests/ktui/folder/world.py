"""A folder, a clock that moves when told, and a cluster that only remembers, for the tests of the folder."""

import asyncio
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from msgspec.structs import replace

from cluster.api import codec, kinds
from cluster.api.core import Namespace
from cluster.api.errors import Invalid, NotFound
from cluster.api.kinds import NAMESPACES, STATIC, Kind, KindNames
from cluster.api.labels import Selector
from cluster.api.meta import ManagedFieldsEntry, ObjectMeta, Resource, StatusCause
from ktui.folder import Folder, FolderState, Status

T = TypeVar("T", bound=Resource)


def config_map(name: str, value: str = "1", namespace: str = "") -> str:
    """A document; the name is in quotes because `y` is a boolean to YAML."""
    place = f", namespace: {namespace}" if namespace else ""
    return f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: '{name}'{place}}}\ndata: {{a: '{value}'}}\n"


def namespace(name: str) -> str:
    """A document."""
    return f"apiVersion: v1\nkind: Namespace\nmetadata: {{name: {name}}}\n"


class FakeCluster:
    """An `Applier` that keeps objects in a dict and every verb in a list; `refuse` makes apply fail for a name."""

    def __init__(self) -> None:
        self.kinds: KindNames = STATIC
        self.objects: dict[tuple[str, str], Resource] = {}
        self.log: list[str] = []
        self.refuse: dict[str, Exception] = {}
        self.immutable: set[str] = set()
        self.lingering: set[str] = set()
        self.written = asyncio.Event()
        for name in ("default", "kube-system"):
            self.objects[NAMESPACES.qualified, name] = Namespace(metadata=ObjectMeta(name=name))

    def find(self, kind: Kind[T], key: str, /) -> T | None:
        """The object, or None."""
        return self.objects.get((kind.qualified, key))  # type: ignore[return-value]

    def list(self, kind: Kind[T], *, labels: Selector) -> "list[T]":
        """The objects of a kind with these labels."""
        found = [value for (plural, _), value in sorted(self.objects.items()) if plural == kind.qualified]
        return [value for value in found if labels.matches(value.metadata.labels)]  # type: ignore[misc]

    async def apply(
        self, kind: Kind[T], plain: Mapping[str, Any], /, *, manager: str, force: bool = False, dry_run: bool = False
    ) -> T:
        """Take the object over as it is written."""
        assert force or dry_run
        value = codec.from_plain(kind.type, dict(plain))
        key, name = kinds.key(value), value.metadata.name
        before = self.objects.get((kind.qualified, key))
        if name in self.refuse:
            raise self.refuse[name]
        value = replace(value, metadata=replace(value.metadata, managedFields=(ManagedFieldsEntry(manager=manager),)))
        if name in self.immutable and before is not None and before != value:
            cause = StatusCause(field="spec", message="Forbidden: pod updates may not change fields other than x")
            raise Invalid.of(kind.kind, name, [cause])
        if not dry_run:
            self.objects[kind.qualified, key] = value
            self.log.append(f"apply {kind.kind} {key}")
            self.written.set()
        return value

    async def delete(self, kind: Kind[T], key: str, /) -> None:
        """Take the object away, or begin to if it is one that lingers."""
        value = self.objects.get((kind.qualified, key))
        if value is None:
            raise NotFound.of(kind.plural, key)
        self.log.append(f"delete {kind.kind} {key}")
        if value.metadata.name in self.lingering:
            meta = replace(value.metadata, deletionTimestamp="2026-01-01T00:00:00Z")
            self.objects[kind.qualified, key] = replace(value, metadata=meta)
        else:
            del self.objects[kind.qualified, key]

    def names(self) -> Sequence[str]:
        """Kind and key of everything but the namespaces that are always there."""
        shown = [f"{plural} {key}" for plural, key in sorted(self.objects)]
        return [name for name in shown if name not in {"namespaces default", "namespaces kube-system"}]


class World:
    """One folder on one fake cluster."""

    def __init__(self, root: Path, cluster: FakeCluster | None = None) -> None:
        self.root, self.cluster, self.now = root, cluster or FakeCluster(), 100.0
        self.folder = Folder([root], self.cluster, lambda: self.now)
        self._saves = 0

    @property
    def state(self) -> FolderState:
        """The folder's state."""
        return self.folder.state

    def save(self, name: str, text: str | bytes) -> None:
        """Write a file, with a time of change of its own however coarse the file system's clock is."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        self._saves += 1
        os.utime(path, ns=(self._saves * 10**9, self._saves * 10**9))

    def remove(self, name: str) -> None:
        """Delete a file."""
        (self.root / name).unlink()

    async def step(self, seconds: float = 0.0) -> float:
        """Let time pass, then look once."""
        self.now += seconds
        return await self.folder.step()

    async def settle(self) -> FolderState:
        """Look until everything is settled, time passing as asked for."""
        return await self.folder.settle(self._pause)

    async def _pause(self, seconds: float) -> None:
        self.now += seconds

    def statuses(self) -> dict[str, Status]:
        """The status of every file, by its path in the folder."""
        return {str(Path(report.path).relative_to(self.root)): report.status for report in self.state.files}
