"""How a simulated container behaves, read off its command and its pod's annotations.

Nothing runs: a process is a few durations. Invariant: the behaviour follows from the pod alone, so
every kubelet that reads the pod expects the same of it.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

from msgspec import Struct

from cluster import curve
from cluster.api import annotations as ours
from cluster.api import quantity
from cluster.api.cluster import milliseconds
from cluster.api.core import Container
from cluster.curve import MEMORY
from cluster.kubelet.runtime.commands import ignores_termination
from cluster.kubelet.runtime.entry_points import command, image_name
from cluster.kubelet.runtime.jobs import FOREVER

INIT_RUNS = 1000
CRASH_AFTER = 1000
TERMINATED = 143
GRACEFUL = frozenset(
    ["caddy", "haproxy", "httpd", "mariadb", "memcached", "mongo", "mysql", "nginx", "postgres", "redis", "traefik"]
)
"""Images whose servers end with 0 when they are told to."""
_TRAP = re.compile(r"\btrap\s+(['\"])(.*?)\1\s[^;\n]*TERM\b", re.DOTALL)
_EXIT = re.compile(r"\bexit\b(?:\s+(\d+))?")


class Ending(NamedTuple):
    """How a process ends: after so many ms, with an exit code, and the runtime's word for it if it has one."""

    after: int
    code: int
    reason: str = ""


class Behaviour(Struct, frozen=True, gc=False):
    """What a container's process does, all in ms: None is never.

    If it `runs`, its command says when it ends; if it `traps`, also what it does when it is told to.
    """

    exit_after: int | None = None
    exit_code: int = 0
    ready_after: int | None = 0
    runs: bool = False
    stop_after: int = 0
    stop_code: int = 0
    traps: bool = False
    pull_error: str = ""
    pull_time: int = 0
    oom_after: int | None = None
    memory_limit: int | None = None

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
    code_text = told_text(told, ours.EXIT_CODE, name)
    code = _integer(code_text)
    exit_after = told_duration(told, ours.EXIT_AFTER, name)
    if exit_after is None and code_text:
        exit_after = CRASH_AFTER
    runs = processes and exit_after is None and bool(command(container))
    works = init and container.restartPolicy != "Always"
    if exit_after is None and not runs and works:
        exit_after = INIT_RUNS
    ready_after = told_duration(told, ours.READY_AFTER, name) or 0
    stop_after = told_duration(told, ours.STOP_AFTER, name)
    pull_time = told_duration(told, ours.PULL_TIME, name)
    if runs and ignores_termination(container):
        stop = FOREVER
    limit = (
        quantity.value(container.resources.limits[MEMORY]) if MEMORY in container.resources.limits and told else None
    )
    return Behaviour(
        exit_after=exit_after,
        exit_code=code,
        ready_after=None if works or told_text(told, ours.READY, name) == "false" else ready_after,
        runs=runs,
        traps=runs and stop_after is None and any("trap" in text for text in command(container)),
        stop_code=_stop_code(container) if processes else 0,
        stop_after=stop if stop_after is None else stop_after,
        pull_error=told_text(told, ours.PULL_ERROR, name),
        pull_time=pull if pull_time is None else pull_time,
        oom_after=out_of_memory(container.name, told, limit),
        memory_limit=limit,
    )


def out_of_memory(name: str, told: Mapping[str, str], limit: int | None, since: int = 0) -> int | None:
    """At which age (ms), not before `since`, the container's memory passes its limit (bytes)."""
    found = curve.told(told, name, MEMORY) if limit is not None else None
    return None if found is None or limit is None else found.passes(limit, since)


def told_text(told: Mapping[str, str], name: str, container: str) -> str:
    """What an annotation says of a container, by its own name or for the whole pod; nothing if it is not there."""
    return told.get(f"{name}.{container}") or told.get(name, "")


def told_duration(told: Mapping[str, str], name: str, container: str) -> int | None:
    """A duration that an annotation gives (ms); None if there is none or it is not one."""
    text = told_text(told, name, container)
    if not text:
        return None
    try:
        return milliseconds(text)
    except ValueError:
        return None


def _integer(text: str) -> int:
    return int(text) & 255 if text.isascii() and text.isdecimal() else 0


def _stop_code(container: Container) -> int:
    """What the process exits with on SIGTERM, if it ends: well-known servers do so in good order."""
    for words in command(container):
        trap = _TRAP.search(words)
        if trap is not None:
            found = _EXIT.search(trap[2])
            return TERMINATED if found is None else int(found[1] or 0) & 255
    return 0 if image_name(container) in GRACEFUL else TERMINATED
