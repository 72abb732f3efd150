"""What nodes have given to the containers of pods that are being resized, kept in the store.

Read when a pod's plan is made, written by `resizing`. Mirrors the checkpoints of pkg/kubelet/allocation. The table is
none of the API's. Invariant: a pod has an entry only while it waits for other resources than it was given, or has not
yet got what it was given.
"""

from collections.abc import Mapping

from msgspec import Struct
from msgspec.structs import replace

from cluster.api.core import Container, Pod, PodSpec, ResourceRequirements
from cluster.api.kinds import Kind, key
from cluster.api.meta import Resource
from cluster.store import Store

ACTOR = "kubelet"
Shares = Mapping[str, ResourceRequirements]
"""Resources by container."""


class Progress(Struct, frozen=True, gc=False):
    """A resize under way: what the containers had before, since when (ms), and for which generation of the pod."""

    had: Shares
    since: int
    generation: int


class Allocation(Resource, frozen=True, kw_only=True):
    """What a pod's containers were given."""

    uid: str = ""
    given: Mapping[str, ResourceRequirements] = {}
    progress: Progress | None = None


ALLOCATIONS = Kind("runtime.ktui.dev/v1", Allocation, "allocations")


class Allocations:
    """The table, by pod."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._table = store.table(ALLOCATIONS)

    def of(self, pod: Pod) -> Allocation | None:
        """A pod's entry, if it has one."""
        if not len(self._table):
            return None
        found = self._table.get(key(pod))
        return found if found is not None and found.uid == pod.metadata.uid else None

    def keep(self, pod: Pod, given: Shares, progress: Progress | None) -> None:
        """Remember what a pod was given, as long as there is something to remember."""
        if progress is None and given == shares(pod.spec):
            self.forget(pod)
            return
        entry = Allocation(uid=pod.metadata.uid, given=given, progress=progress)
        if entry != self._table.get(key(pod)):
            self._store.put(ALLOCATIONS, key(pod), entry, ACTOR)

    def forget(self, pod: Pod) -> None:
        """Remember nothing of a pod."""
        if key(pod) in self._table:
            self._store.delete(ALLOCATIONS, key(pod), ACTOR)


def shares(spec: PodSpec) -> Shares:
    """What a spec says of every container that can be resized: main containers and sidecars."""
    sidecars = [one for one in spec.initContainers if one.restartPolicy == "Always"]
    return {one.name: one.resources for one in (*spec.containers, *sidecars)}


def reported(pod: Pod) -> Shares:
    """What a pod's status says that its containers were given; where it says nothing, what its spec says."""
    known = {one.name: one for one in (*pod.status.initContainerStatuses, *pod.status.containerStatuses)}
    found = dict(shares(pod.spec))
    for name, wanted in found.items():
        status = known.get(name)
        if status is not None and status.state.running is not None and status.resources is not None:
            found[name] = replace(wanted, requests=status.allocatedResources, limits=status.resources.limits)
    return found


def with_shares(spec: PodSpec, given: Shares) -> PodSpec:
    """The spec with these resources instead of its own."""
    return replace(spec, containers=_given(spec.containers, given), initContainers=_given(spec.initContainers, given))


def _given(containers: tuple[Container, ...], given: Shares) -> tuple[Container, ...]:
    return tuple(
        replace(one, resources=given[one.name]) if one.name in given and given[one.name] != one.resources else one
        for one in containers
    )
