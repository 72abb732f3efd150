"""How a simulated container behaves, read off its pod's annotations and its probes.

Nothing runs: a process is a few durations. Invariant: the behaviour follows from the pod alone, so
every kubelet that reads the pod expects the same of it.
"""

from collections.abc import Mapping

from msgspec import Struct

from cluster.api import annotations as ours
from cluster.api.cluster import milliseconds
from cluster.api.core import Container, Probe

FIRST_PROBE = 100
INIT_RUNS = 1000
CRASH_AFTER = 1000
DEFAULT_PERIOD = 10


class Behaviour(Struct, frozen=True, gc=False):
    """What a container's process does, all in ms: None is never."""

    exit_after: int | None = None
    exit_code: int = 0
    ready_after: int | None = 0
    started_after: int = 0
    stop_after: int = 0
    pull_error: str = ""
    pull_time: int = 0


def relevant(annotations: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """The annotations that are ours, in a form that can be compared."""
    if not annotations:
        return ()
    return tuple(sorted(item for item in annotations.items() if item[0].startswith(ours.PREFIX)))


def behaviour(container: Container, told: Mapping[str, str], *, init: bool, stop: int = 0, pull: int = 0) -> Behaviour:
    """A container's behaviour; `told` are the pod's annotations, `stop` and `pull` the usual times (ms)."""
    name = container.name
    code_text = _told(told, ours.EXIT_CODE, name)
    code = _integer(code_text)
    exit_after = _duration(_told(told, ours.EXIT_AFTER, name))
    if exit_after is None and code_text:
        exit_after = CRASH_AFTER
    if exit_after is None and init and container.restartPolicy != "Always":
        exit_after = INIT_RUNS
    started = _probe_delay(container.startupProbe)
    ready = started + _probe_delay(container.readinessProbe)
    told_ready = _duration(_told(told, ours.READY_AFTER, name))
    if told_ready is not None:
        ready = told_ready
    stop_after = _duration(_told(told, ours.STOP_AFTER, name))
    pull_time = _duration(_told(told, ours.PULL_TIME, name))
    return Behaviour(
        exit_after=exit_after,
        exit_code=code,
        ready_after=None if _told(told, ours.READY, name) == "false" else ready,
        started_after=started,
        stop_after=stop if stop_after is None else stop_after,
        pull_error=_told(told, ours.PULL_ERROR, name),
        pull_time=pull if pull_time is None else pull_time,
    )


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
