"""The probes of a container, worked out once for all pods of a template, and when each has its turn.

Between a pod's spec and the probing of its containers. Mirrors the periods of pkg/kubelet/prober's workers, which
count from the time at which the kubelet took the pod. Invariant: a turn follows from the pod and the time.
"""

from collections.abc import Mapping

from msgspec import Struct

from cluster.api import annotations as ours
from cluster.api.core import Container, Probe
from cluster.kubelet.probes import faults
from cluster.kubelet.probes.faults import FAIL, Fault
from cluster.kubelet.runtime import entry_points
from cluster.kubelet.runtime.process import told_duration, told_text

STARTUP, READINESS, LIVENESS = "Startup", "Readiness", "Liveness"
AT_ONCE = 100
"""How long after a container's start (ms) the kubelet first asks whether it is ready, if it need not wait."""
_ANNOTATIONS = {STARTUP: ours.STARTUP_PROBE, READINESS: ours.READINESS_PROBE, LIVENESS: ours.LIVENESS_PROBE}
_SERVES, _BROKEN = 10_000, 500


class ProbePlan(Struct, frozen=True, gc=False):
    """One probe: its name, how old the process must be (ms), and what our annotations say of its answers.

    `prompt` is whether it is asked as soon as the process is that old; `processes` whether its command counts.
    """

    name: str
    probe: Probe
    first: int
    faults: tuple[Fault, ...]
    prompt: bool
    processes: bool

    @property
    def period(self) -> int:
        """Time between two turns (ms)."""
        return max(self.probe.periodSeconds, 1) * 1000

    def turn(self, taken: int, after: int) -> int:
        """The first turn later than `after`, of a pod that the kubelet took at `taken` (all in ms)."""
        return taken + ((after - taken) // self.period + 1) * self.period


def probe_plans(container: Container, told: Mapping[str, str], *, processes: bool) -> tuple[ProbePlan, ...]:
    """The container's probes; `told` are the pod's annotations, `processes` is whether its commands count."""
    given = (
        (STARTUP, container.startupProbe), (READINESS, container.readinessProbe), (LIVENESS, container.livenessProbe)
    )  # fmt: skip
    return tuple(_plan(container, told, name, probe, processes) for name, probe in given if probe is not None)


def _plan(container: Container, told: Mapping[str, str], name: str, probe: Probe, processes: bool) -> ProbePlan:  # noqa: FBT001 - passed on
    known = faults.faults(told_text(told, _ANNOTATIONS[name], container.name))
    first, prompt = probe.initialDelaySeconds * 1000, False
    if name == READINESS:
        ready_after = told_duration(told, ours.READY_AFTER, container.name)
        prompt = first == 0 or ready_after is not None
        first = first if ready_after is None else ready_after
        if told_text(told, ours.READY, container.name) == "false":
            known = (Fault(FAIL),)
    if not known and processes and probe.httpGet is not None and _breaks(container):
        known = (Fault(FAIL, _BROKEN, _SERVES),)
    return ProbePlan(name, probe, first, known, prompt, processes)


def _breaks(container: Container) -> bool:
    """Whether this is the server of Kubernetes' documentation, which is healthy for ten seconds only."""
    name = entry_points.image_name(container)
    return (name == "agnhost" and container.args[:1] == ("liveness",)) or name == "liveness"
