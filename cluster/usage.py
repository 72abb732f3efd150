"""How much CPU and memory a simulated container uses.

Asked by whoever serves metrics, and by who scales by them. A container uses what its pod's annotations say, or a part of what it
requests that goes slowly up and down. Invariant: the use follows from the pod and the time alone.
"""

from collections.abc import Iterator, Mapping

from msgspec import Struct

from cluster import ids
from cluster.api import annotations as ours
from cluster.api import quantity
from cluster.api.core import Container, Pod
from cluster.clock import Clock

WINDOW = 15_000
"""Over how long a use is measured, in ms."""
PERIOD = 60_000
IDLE_CPU, IDLE_MEMORY = 5, 16 << 20
LEAST, MOST = 20, 60


class Usage(Struct, frozen=True):
    """Thousandths of a CPU, and bytes."""

    cpu: int
    memory: int

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(self.cpu + other.cpu, self.memory + other.memory)


NOTHING = Usage(0, 0)


def measured(pod: Pod, clock: Clock) -> Iterator[tuple[str, Usage]]:
    """The containers of a pod that have run for a whole window, with what they use now."""
    known = {container.name: container for container in pod.spec.containers}
    for status in pod.status.containerStatuses:
        running = status.state.running
        if running is not None and clock.now - clock.milliseconds(running.startedAt) >= WINDOW:
            yield status.name, usage(pod, known[status.name], clock.now)


def usage(pod: Pod, container: Container, now: int) -> Usage:
    """What a running container uses at a time (ms)."""
    told = pod.metadata.annotations
    cpu = _told(told, ours.CPU_USE, container.name)
    memory = _told(told, ours.MEMORY_USE, container.name)
    requests = container.resources.requests
    return Usage(
        quantity.milli(cpu) if cpu else _part(pod, "cpu", quantity.milli(requests.get("cpu", "0")), now) or IDLE_CPU,
        quantity.value(memory)
        if memory
        else _part(pod, "memory", quantity.value(requests.get("memory", "0")), now) or IDLE_MEMORY,
    )


def _part(pod: Pod, resource: str, requested: int, now: int) -> int:
    """A part of what is requested, different for every pod, that changes from minute to minute."""
    step, along = divmod(now, PERIOD)
    uid = pod.metadata.uid
    first, second = (LEAST + ids.jitter(MOST - LEAST, 0, uid, resource, step + ahead) for ahead in (0, 1))
    return requested * (first * (PERIOD - along) + second * along) // PERIOD // 100


def _told(told: Mapping[str, str], name: str, container: str) -> str:
    """What an annotation says of a container; nothing if it is no quantity."""
    text = told.get(f"{name}.{container}") or told.get(name, "")
    try:
        return quantity.parse(text) if text else ""
    except ValueError:
        return ""
