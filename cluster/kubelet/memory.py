"""What a kubelet and its runtime must remember of a container beside its status, kept in the store.

Written and read by probes, hooks, kills and sessions alone. Kubernetes keeps such things in the kubelet's and containerd's
memory. The table is none of the API's: nobody can list or watch it. Invariant: what is remembered is of one run
of one container, and a container about which there is nothing special has no entry.
"""

from collections.abc import Mapping

from msgspec import Struct
from msgspec.structs import replace

from cluster.api.core import Pod
from cluster.api.kinds import Kind, key
from cluster.api.meta import Resource
from cluster.store import Store

ACTOR = "kubelet"


class Streak(Struct, frozen=True, gc=False):
    """Probes in a row that came to the same result, as long as that result has not been acted upon for good."""

    healthy: bool
    count: int


class Kill(Struct, frozen=True, gc=False):
    """A stop under way: why, since when (ms)."""

    why: str
    at: int


class Left(Struct, frozen=True, gc=False):
    """The end of a shell by what was typed into it: when (ms), and with which exit code."""

    at: int
    code: int


class ContainerMemory(Resource, frozen=True, kw_only=True):
    """One run, by the restart count that its container's stored status shows.

    `streaks` are by the probe's name, `started` is when its process came to be whose postStart hook runs (ms), `left`
    when the shell that it is was left by who had attached to it.
    """

    uid: str = ""
    run: int = 0
    streaks: Mapping[str, Streak] = {}
    started: int | None = None
    kill: Kill | None = None
    left: Left | None = None


CONTAINER_MEMORIES = Kind("runtime.ktui.dev/v1", ContainerMemory, "containermemories")


class Memory:
    """The table, by pod and container."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._table = store.table(CONTAINER_MEMORIES)

    def of(self, pod: Pod, container: str, run: int) -> ContainerMemory:
        """What is remembered of a run; an empty one if there is nothing."""
        found = self._table.get(f"{key(pod)}/{container}")
        if found is not None and (found.uid, found.run) == (pod.metadata.uid, run):
            return found
        return ContainerMemory(uid=pod.metadata.uid, run=run)

    def keep(self, pod: Pod, container: str, memory: ContainerMemory) -> None:
        """Remember this of a container from now on."""
        name = f"{key(pod)}/{container}"
        held = self._table.get(name)
        if memory != ContainerMemory(uid=memory.uid, run=memory.run):
            if memory != held:
                self._store.put(CONTAINER_MEMORIES, name, memory, ACTOR)
        elif held is not None:
            self._store.delete(CONTAINER_MEMORIES, name, ACTOR)

    def forget(self, pod: Pod) -> None:
        """Remember nothing of a pod that is gone."""
        if not len(self._table):
            return
        for container in (*pod.spec.initContainers, *pod.spec.containers):
            name = f"{key(pod)}/{container.name}"
            if name in self._table:
                self._store.delete(CONTAINER_MEMORIES, name, ACTOR)


def with_streak(memory: ContainerMemory, name: str, streak: Streak | None) -> ContainerMemory:
    """The memory with a probe's streak, or without one."""
    others = {probe: held for probe, held in memory.streaks.items() if probe != name}
    return replace(memory, streaks=others if streak is None else {**others, name: streak})
