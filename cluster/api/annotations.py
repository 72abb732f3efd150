"""Our annotations (`sim.ktui.dev/…`): what each makes the simulation do, in one table.

Whoever acts on one takes its name from here, and the help, the README and the kubelet tell the same
story. Invariant: an annotation that is not in `TABLE` has no effect.
"""

import textwrap
from typing import NamedTuple

PREFIX = "sim.ktui.dev/"
EXIT_CODE = PREFIX + "exit-code"
EXIT_AFTER = PREFIX + "exit-after"
PULL_ERROR = PREFIX + "pull-error"
PULL_TIME = PREFIX + "pull-time"
READY_AFTER = PREFIX + "ready-after"
READY = PREFIX + "ready"
STARTUP_PROBE = PREFIX + "startup-probe"
READINESS_PROBE = PREFIX + "readiness-probe"
LIVENESS_PROBE = PREFIX + "liveness-probe"
STOP_AFTER = PREFIX + "stop-after"
CPU_USE = PREFIX + "cpu-use"
MEMORY_USE = PREFIX + "memory-use"
AGENT = PREFIX + "agent"
SHUTDOWN = PREFIX + "shutdown"


class Annotation(NamedTuple):
    """One annotation: its name, the kind it stands on, whether `NAME.CONTAINER` works, what it does."""

    name: str
    where: str
    per_container: bool
    meaning: str
    example: str


TABLE = (
    Annotation(
        EXIT_AFTER, "Pod", True,
        "The container's process ends this long after each start (a duration). Without exit-code it ends with 0.",
        f'{EXIT_AFTER}: "30s"',
    ),
    Annotation(
        EXIT_CODE, "Pod", True,
        "The exit code the process ends with. Without exit-after it ends one second after each start.",
        f'{EXIT_CODE}: "1"',
    ),
    Annotation(
        PULL_ERROR, "Pod", True,
        "Pulling the image fails with these words for as long as the annotation is there.",
        f'{PULL_ERROR}.web: "manifest unknown"',
    ),
    Annotation(
        PULL_TIME, "Pod", True,
        "How long pulling the image takes (a duration) where the node does not have it.",
        f'{PULL_TIME}: "20s"',
    ),
    Annotation(
        READY_AFTER, "Pod", True,
        "The readiness probe first succeeds this long after the container's start (a duration), probe or none in the spec.",
        f'{READY_AFTER}: "5s"',
    ),
    Annotation(
        READY, "Pod", True,
        '"false": the readiness probe fails until the annotation is changed or taken away.',
        f'{READY}: "false"',
    ),
    Annotation(
        LIVENESS_PROBE, "Pod", True,
        "What the liveness probe of the spec meets: `fail` (an HTTP server answers 503, or `fail CODE`), or `slow` (its "
        "timeout passes, or `slow DURATION`: an answer takes so long); `after AGE` and `for DURATION` say when, counted "
        "from the container's start. Several with commas.",
        f'{LIVENESS_PROBE}.web: "fail 500 after 30s"',
    ),
    Annotation(
        READINESS_PROBE, "Pod", True,
        "What the readiness probe of the spec meets, in the same words.",
        f'{READINESS_PROBE}: "slow 2s after 1m for 30s"',
    ),
    Annotation(
        STARTUP_PROBE, "Pod", True,
        "What the startup probe of the spec meets, in the same words.",
        f'{STARTUP_PROBE}: "fail for 25s"',
    ),
    Annotation(
        STOP_AFTER, "Pod", True,
        "How long the process takes to end after SIGTERM (a duration); beyond the grace period it is killed (exit code 137).",
        f'{STOP_AFTER}: "1h"',
    ),
    Annotation(
        CPU_USE, "Pod", True,
        "How much CPU the container uses, from its start on: an amount; `ramp FROM TO DURATION`; `sine LOW HIGH PERIOD`; or a "
        "trace of steps, each `AGE=AMOUNT`. A part of its request, if absent.",
        f'{CPU_USE}: "trace 0s=100m 2m=800m 10m=50m"',
    ),
    Annotation(
        MEMORY_USE, "Pod", True,
        "How much memory the container uses, in the same words. It is killed when that passes its limit (OOMKilled). "
        "Where the pods of a node leave less than 100Mi of its memory, pods are evicted (MemoryPressure).",
        f'{MEMORY_USE}: "ramp 20Mi 200Mi 5m"',
    ),
    Annotation(
        AGENT, "Node", False,
        '"false" on a Node made by hand: no kubelet takes care of it, so it is never Ready.',
        f'{AGENT}: "false"',
    ),
    Annotation(
        SHUTDOWN, "Node", False,
        "The node shuts down in order: its kubelet ends the pods within this time (a duration), critical ones in the last "
        "third, and stops. It comes back when the annotation is taken away.",
        f'{SHUTDOWN}: "30s"',
    ),
)  # fmt: skip
"""Every annotation of ours, by name."""


def table_markdown() -> str:
    """The table as the README shows it."""
    rows = [f"| `{entry.name}` | {entry.where} | {entry.meaning} | `{entry.example}` |" for entry in TABLE]
    return "\n".join(["| annotation | on | what it does | example |", "| --- | --- | --- | --- |", *rows])


def table_text() -> str:
    """The table as `ktui --help annotations` prints it."""
    head = (
        "Annotations that tell the simulated runtime what a container does, and a node whether it has a kubelet. Where it\n"
        "says so, the name may end in .CONTAINER to mean one container of the pod.\n"
    )
    parts = [
        f"{entry.name}{'[.CONTAINER]' if entry.per_container else ''}   (on a {entry.where})\n"
        + textwrap.indent(textwrap.fill(entry.meaning, 100), "  ") + f"\n  example: {entry.example}\n"
        for entry in TABLE
    ]  # fmt: skip
    return "\n".join([head, *parts])
