"""When a probe may come to another result than now, so that nobody asks in between.

Between a probe that was answered and the timer of the next one. Invariant: a probe whose result stays is not asked
again; a time told here may be too early, which costs a probe, and never too late for what follows from the pod.
"""

from collections.abc import Sequence

from cluster.kubelet.probes import faults
from cluster.kubelet.probes.check import Probed, check
from cluster.kubelet.probes.plans import ProbePlan
from cluster.kubelet.runtime import commands
from cluster.kubelet.runtime.exec_results import leaves_simulation
from cluster.store import Store

AHEAD = 600_000
"""How far a process without an end is looked ahead for files that it changes (ms)."""
SAMPLES = 6
"""So many turns with one result, while such a process goes round, and it is taken for settled."""


def next_change(store: Store, seen: Probed, plan: ProbePlan) -> int | None:
    """The process's age (ms) from which on the probe may find something else; None if it never will by itself."""
    told = faults.next_change(plan.faults, seen.age)
    action = plan.probe.exec
    if action is None or not plan.processes or leaves_simulation(seen.container, action.command):
        return told
    own = seen.age + 1 if _asks_the_time(action.command) else _files_change(store, seen, plan)
    return own if told is None else told if own is None else min(told, own)


def _asks_the_time(argv: Sequence[str]) -> bool:
    return any("date" in word or "find" in word for word in argv)


def _files_change(store: Store, seen: Probed, plan: ProbePlan) -> int | None:
    """When the process next writes or removes a file."""
    running = seen.status.state.running
    if running is None:
        return None
    whole = commands.seen(store, seen.pod, seen.container, running.startedAt)
    if whole is None:
        return None
    later = min((time for time in whole.changed if time > seen.age), default=None)
    if later is not None or whole.code is not None:
        return later
    near = commands.seen(store, seen.pod, seen.container, running.startedAt, seen.age + AHEAD)
    times = [time for time in near.changed if time > seen.age] if near is not None else []
    return min(times) if times and _differs(store, seen, plan) else None


def _differs(store: Store, seen: Probed, plan: ProbePlan) -> bool:
    """Whether one of the next turns brings another result."""
    now = check(store, seen, plan)
    return any(
        check(store, seen._replace(age=seen.age + turn * plan.period), plan) != now for turn in range(1, SAMPLES + 1)
    )
