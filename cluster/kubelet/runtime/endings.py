"""What stays of a process that has ended: its log, and what it wrote into volumes that outlive it.

Kept when the process ends, for containers whose log cannot be worked out later from the pod alone. Mirrors the log
files on a node's disk, of which the kubelet keeps those of the last two runs. Invariant: a log that was kept never changes.
"""

from collections.abc import Iterator

from msgspec import Struct

from cluster.api.core import Container, Pod
from cluster.api.kinds import Kind, key
from cluster.api.meta import Resource
from cluster.kubelet.runtime import commands
from cluster.kubelet.runtime.contents import ACTOR, CONTENTS, PRIVATE, Output, keep_written, use
from cluster.kubelet.runtime.mounting import place_of, root_name
from cluster.store import Store

RUNS = 2
MOST = 1_000_000
"""So many bytes of a log are kept, its newest."""


class Run(Struct, frozen=True):
    """What a process wrote that started then (RFC 3339)."""

    started: str
    outputs: tuple[Output, ...]


class Logs(Resource, frozen=True, kw_only=True):
    """A container's last runs, oldest first."""

    runs: tuple[Run, ...] = ()


LOGS = Kind("runtime.ktui.dev/v1", Logs, "containerlogs")


def keep_ended(
    store: Store, pod: Pod, container: Container, started: str, age: int, told: int | None, *, keeps: bool
) -> None:
    """Keep what is left of a process that ends now, `age` ms after its start, and was told to so (`told`).

    `keeps` is whether its log may depend on other objects; it does, too, if somebody else wrote into its files.
    """
    if not keeps and root_name(pod, container.name) not in store.table(CONTENTS):
        return
    seen = commands.seen(store, pod, container, started, age, told)
    if seen is None:
        return
    name = log_name(pod, container.name)
    held = store.table(LOGS).get(name) or Logs()
    runs = (*held.runs, Run(started, _newest(seen.outputs)))[-RUNS:]
    store.put(LOGS, name, Logs(runs=runs), ACTOR)
    stop_using(store, pod, container)
    keep_written(store, seen.files, key(pod), but="root/")


def kept(store: Store, pod: Pod, container: str, started: str) -> tuple[Output, ...] | None:
    """What a process wrote that has ended, if that was kept."""
    held = store.table(LOGS).get(log_name(pod, container))
    runs = held.runs if held is not None else ()
    return next((run.outputs for run in runs if run.started == started), None)


def log_name(pod: Pod, container: str) -> str:
    """What a container's logs are kept under."""
    return f"{key(pod)}/{pod.metadata.uid}/{container}"


def start_using(store: Store, pod: Pod, container: Container) -> None:
    """Note that a container's process runs on volumes that are not its pod's own."""
    for place in _shared(store, pod, container):
        use(store, place, f"{key(pod)}/{container.name}", begins=True)


def stop_using(store: Store, pod: Pod, container: Container) -> None:
    """Note that it does not any more."""
    for place in _shared(store, pod, container):
        use(store, place, f"{key(pod)}/{container.name}", begins=False)


def _shared(store: Store, pod: Pod, container: Container) -> Iterator[str]:
    mounted = {mount.name for mount in container.volumeMounts}
    for spec in pod.spec.volumes:
        place = place_of(store, pod, spec) if spec.name in mounted else None
        if place is not None and not place[0].startswith(PRIVATE):
            yield place[0]


def _newest(outputs: tuple[Output, ...]) -> tuple[Output, ...]:
    size = 0
    for number, output in enumerate(reversed(outputs)):
        size += len(output.data)
        if size > MOST:
            return outputs[len(outputs) - number :]
    return outputs
