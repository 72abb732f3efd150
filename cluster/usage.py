"""How much CPU and memory a simulated container uses.

Asked by whoever serves metrics, and by who scales by them. A container uses what its pod's annotations say, or a part of what it
requests that goes slowly up and down. Invariant: the use follows from the pod and the time alone.
"""

from collections.abc import Iterator

from msgspec import Struct

from cluster import curve, ids
from cluster.api import quantity
from cluster.api.core import Container, Pod
from cluster.clock import Clock
from cluster.curve import CPU, MEMORY

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
NODE_ITSELF = Usage(80, 320 << 20)
"""What a node uses without any pods."""


def measured(pod: Pod, clock: Clock) -> Iterator[tuple[str, Usage]]:
    """The containers of a pod that have run for a whole window, with what they use now."""
    known = {container.name: container for container in pod.spec.containers}
    for status in pod.status.containerStatuses:
        running = status.state.running
        age = -1 if running is None else clock.now - clock.milliseconds(running.startedAt)
        if age >= WINDOW:
            yield status.name, usage(pod, known[status.name], clock.now, age)


def usage(pod: Pod, container: Container, now: int, age: int = 0) -> Usage:
    """What a container uses at a time (ms) that has been running for `age` ms."""
    told = pod.metadata.annotations
    cpu, memory = (curve.told(told, container.name, name) if told else None for name in (CPU, MEMORY))
    requests = container.resources.requests
    return Usage(
        _part(pod, CPU, quantity.milli(requests.get(CPU, "0")), now) or IDLE_CPU if cpu is None else cpu.at(age),
        _part(pod, MEMORY, quantity.value(requests.get(MEMORY, "0")), now) or IDLE_MEMORY
        if memory is None
        else memory.at(age),
    )


def most_memory(pod: Pod, container: Container) -> int:
    """The most memory that a container can come to use, bytes: it is killed when it passes its limit."""
    told = pod.metadata.annotations
    found = curve.told(told, container.name, MEMORY) if told else None
    if found is None:
        return quantity.value(container.resources.requests.get(MEMORY, "0")) * MOST // 100 or IDLE_MEMORY
    limit = container.resources.limits.get(MEMORY)
    return found.most if limit is None else min(found.most, quantity.value(limit))


def _part(pod: Pod, resource: str, requested: int, now: int) -> int:
    """A part of what is requested, different for every pod, that changes from minute to minute."""
    step, along = divmod(now, PERIOD)
    uid = pod.metadata.uid
    first, second = (LEAST + ids.jitter(MOST - LEAST, 0, uid, resource, step + ahead) for ahead in (0, 1))
    return requested * (first * (PERIOD - along) + second * along) // PERIOD // 100
