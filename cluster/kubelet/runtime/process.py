"""How a simulated container behaves, read off its pod's annotations and its probes.

Nothing runs: a process is a few durations. Invariant: the behaviour follows from the pod alone, so
every kubelet that reads the pod expects the same of it.
"""

from collections.abc import Mapping
from typing import NamedTuple

from msgspec import Struct

from cluster import curve
from cluster.api import annotations as ours
from cluster.api import quantity
from cluster.api.cluster import milliseconds
from cluster.api.core import Container, Probe
from cluster.curve import MEMORY
from cluster.kubelet.runtime.commands import command, ignores_termination
from cluster.kubelet.runtime.shell import FOREVER

FIRST_PROBE = 100
INIT_RUNS = 1000
CRASH_AFTER = 1000
DEFAULT_PERIOD = 10


class Ending(NamedTuple):
    """How a process ends: after so many ms, with an exit code, and the runtime's word for it if it has one."""

    after: int
    code: int
    reason: str = ""


class Behaviour(Struct, frozen=True, gc=False):
    """What a container's process does, all in ms: None is never; if it `runs`, its command says when it ends."""

    exit_after: int | None = None
    exit_code: int = 0
    ready_after: int | None = 0
    started_after: int = 0
    runs: bool = False
    stop_after: int = 0
    pull_error: str = ""
    pull_time: int = 0
    oom_after: int | None = None

    @property
    def ends(self) -> bool:
        """Whether the process may end by itself."""
        return self.runs or self.exit_after is not None or self.oom_after is not None


def relevant(annotations: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """The annotations that are ours, in a form that can be compared."""
    if not annotations:
        return ()
    return tuple(sorted(item for item in annotations.items() if item[0].startswith(ours.PREFIX)))


def behaviour(
    container: Container, told: Mapping[str, str], *, init: bool, stop: int = 0, pull: int = 0, processes: bool = False
) -> Behaviour:
    """A container's behaviour; `told` are the pod's annotations, `stop` and `pull` the usual times (ms).

    `processes` is whether its command counts.
    """
    name = container.name
    code_text = _told(told, ours.EXIT_CODE, name)
    code = _integer(code_text)
    exit_after = _duration(_told(told, ours.EXIT_AFTER, name))
    if exit_after is None and code_text:
        exit_after = CRASH_AFTER
    runs = processes and exit_after is None and bool(command(container))
    if exit_after is None and not runs and init and container.restartPolicy != "Always":
        exit_after = INIT_RUNS
    started = _probe_delay(container.startupProbe)
    ready = max(started, _probe_delay(container.readinessProbe))
    told_ready = _duration(_told(told, ours.READY_AFTER, name))
    if told_ready is not None:
        ready = told_ready
    stop_after = _duration(_told(told, ours.STOP_AFTER, name))
    pull_time = _duration(_told(told, ours.PULL_TIME, name))
    if runs and ignores_termination(container):
        stop = FOREVER
    return Behaviour(
        exit_after=exit_after,
        exit_code=code,
        ready_after=None if _told(told, ours.READY, name) == "false" else ready,
        started_after=started,
        runs=runs,
        stop_after=stop if stop_after is None else stop_after,
        pull_error=_told(told, ours.PULL_ERROR, name),
        pull_time=pull if pull_time is None else pull_time,
        oom_after=_out_of_memory(container, told),
    )


def _out_of_memory(container: Container, told: Mapping[str, str]) -> int | None:
    """After how long the container's memory passes its limit."""
    limit = container.resources.limits.get(MEMORY) if told else None
    found = curve.told(told, container.name, MEMORY) if limit else None
    return None if found is None or limit is None else found.passes(quantity.value(limit))


def _told(told: Mapping[str, str], name: str, container: str) -> str:
    return told.get(f"{name}.{container}") or told.get(name, "")


def _duration(text: str) -> int | None:
    """A duration; None if there is none or it is not one."""
    if not text:
        return None
    try:
        return milliseconds(text)
    except ValueError:
        return None


def _integer(text: str) -> int:
    return int(text) & 255 if text.isascii() and text.isdecimal() else 0


def _probe_delay(probe: Probe | None) -> int:
    """When a healthy process passes the probe for the first time, in ms after its start."""
    if probe is None:
        return 0
    more = max(probe.successThreshold - 1, 0) * (probe.periodSeconds or DEFAULT_PERIOD)
    return max((probe.initialDelaySeconds + more) * 1000, FIRST_PROBE)
