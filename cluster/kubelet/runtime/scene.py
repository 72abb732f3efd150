"""A container with everything that has a say in its files: the containers that run on the same volumes.

Between a container that somebody looks at and the simulation of its process. Invariant: who is in a scene follows from
the store: containers that run, in the same pod or noted as users of a volume (`contents`).
"""

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from cluster.api import kinds
from cluster.api.core import Container, ContainerStatus, Pod
from cluster.api.kinds import key
from cluster.kubelet.runtime.commands import foreign_time
from cluster.kubelet.runtime.contents import CONTENTS, PRIVATE, unix_ms
from cluster.kubelet.runtime.entry_points import command, uses_network, waits_for_input
from cluster.kubelet.runtime.environment import environment, expanded
from cluster.kubelet.runtime.execute import Inside, begin
from cluster.kubelet.runtime.given import FIRST_SECOND
from cluster.kubelet.runtime.mounting import Disks, place_of
from cluster.kubelet.runtime.simulation import Process, Simulation
from cluster.kubelet.runtime.sockets import link
from cluster.store import Store

Seat = tuple[Pod, Container, str]
"""A container of a pod, and when it started (RFC 3339)."""


class Scene:
    """The container in question, which comes first, and the others.

    `told` is when they get SIGTERM (Unix ms), if that is not when their pod was deleted.
    """

    def __init__(
        self, store: Store, pod: Pod, container: Container, started: str, told: int | None = None
    ) -> None:  # fmt: skip
        self._store, self._disks = store, Disks(store)
        self._begun = unix_ms(started)
        self.process: Process | None = None
        """The container's own process; None if it has none that is simulated."""
        processes, seats, known = list[Process](), [(pod, container, started)], set[tuple[str, str]]()
        for number, seat in enumerate(seats):
            known.add((key(seat[0]), seat[1].name))
            view = self._enter(*seat, number)
            if not number:
                self.view = view
            process = self._process(view, seat[2])
            if process is not None:
                process.rank = key(seat[0]), _position(seat[0], seat[1])
                processes.append(process)
                self.process = process if not number else self.process
            for other in self._others(seat[0], seat[1]):
                if (key(other[0]), other[1].name) not in known:
                    known.add((key(other[0]), other[1].name))
                    seats.append(other)
        self.simulation = Simulation(processes, self._disks.coming)
        told = _told_to_end(pod, container) if told is None else told
        if told is not None:
            self.simulation.tell_to_end(told)

    def play(self, until: int | None) -> None:
        """Let everybody go on until so many ms after the container's start, or to the end of its process."""
        if until is not None:
            self.simulation.run_until(self._begun + until)
        elif self.process is not None:
            self.simulation.run_to_end()

    def _enter(self, pod: Pod, container: Container, started: str, number: int) -> Inside:
        begun = unix_ms(started)
        variables = environment(self._store, pod, container, begun + FIRST_SECOND)
        files = self._disks.files(pod, container, variables, begun, number)
        return Inside(pod, container, variables, files, link(self._store, pod, container))

    def _process(self, view: Inside, started: str) -> Process | None:
        container = view.container
        if not command(container) or waits_for_input(container):
            return None
        if view.link is not None:
            if uses_network(container):
                view.link.network.begin()
            view = replace(view, link=replace(view.link, past=True))
        return begin(view, entry_point(view), started, foreign=foreign_time(view.pod, container))

    def _others(self, pod: Pod, container: Container) -> Iterator[Seat]:
        """The containers with processes of their own that run on a volume of this one."""
        mounted = {mount.name for mount in container.volumeMounts}
        for spec in pod.spec.volumes:
            place = place_of(self._store, pod, spec) if spec.name in mounted else None
            if place is None:
                continue
            if place[0].startswith(PRIVATE):
                yield from (seat for seat in running(pod) if any(one.name == spec.name for one in seat[1].volumeMounts))
                continue
            held = self._store.table(CONTENTS).get(place[0])
            for user in held.users if held is not None else ():
                owner, _, name = user.rpartition("/")
                found = pod if owner == key(pod) else self._store.table(kinds.PODS).get(owner)
                yield from (seat for seat in running(found) if seat[1].name == name) if found is not None else ()


def running(pod: Pod) -> Iterator[Seat]:
    """The containers of a pod that run a command."""
    statuses = {each.name: each for each in (*pod.status.initContainerStatuses, *pod.status.containerStatuses)}
    for container in (*pod.spec.initContainers, *pod.spec.containers):
        started = _started(statuses.get(container.name))
        if started and command(container):
            yield pod, container, started


def _told_to_end(pod: Pod, container: Container) -> int | None:
    """When the processes of a pod that is deleted got SIGTERM (Unix ms), to the second."""
    meta, lifecycle = pod.metadata, container.lifecycle
    if not meta.deletionTimestamp or (lifecycle is not None and lifecycle.preStop is not None):
        return None
    return unix_ms(meta.deletionTimestamp) - (meta.deletionGracePeriodSeconds or 0) * 1000


def _position(pod: Pod, container: Container) -> int:
    names = [each.name for each in (*pod.spec.initContainers, *pod.spec.containers)]
    return names.index(container.name) if container.name in names else len(names)


def _started(status: ContainerStatus | None) -> str:
    return "" if status is None or status.state.running is None else status.state.running.startedAt


def entry_point(view: Inside) -> Sequence[str]:
    """The container's command with its variables replaced."""
    return [expanded(part, view.environment) for part in command(view.container)]
