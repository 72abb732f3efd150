"""A pod's priority, as the number that its priority class stands for.

One of the pod plugins. Mirrors the Priority plugin with the classes every cluster has. Invariant:
the number comes from the class, never from the writer.
"""

from cluster.admission.sharing import changed
from cluster.api.core import PodSpec
from cluster.api.errors import Forbidden

PREEMPT = "PreemptLowerPriority"
SYSTEM_CLASSES = {"system-cluster-critical": 2_000_000_000, "system-node-critical": 2_000_001_000}


def admitted(spec: PodSpec, name: str) -> PodSpec:
    """The spec with its priority and preemption policy; Forbidden if it names no class or contradicts it."""
    priority = 0
    if spec.priorityClassName:
        found = SYSTEM_CLASSES.get(spec.priorityClassName)
        if found is None:
            raise Forbidden.of("pods", name, f"no PriorityClass with name {spec.priorityClassName} was found")
        priority = found
    if spec.priority is not None and spec.priority != priority:
        raise Forbidden.of("pods", name, _given("integer", "priority", str(spec.priority), str(priority)))
    if spec.preemptionPolicy and spec.preemptionPolicy != PREEMPT:
        raise Forbidden.of("pods", name, _given("string", "PreemptionPolicy", spec.preemptionPolicy, PREEMPT))
    return changed(spec, priority=priority, preemptionPolicy=PREEMPT)


def kept(spec: PodSpec, old: PodSpec) -> PodSpec:
    """The spec with the old priority, if a writer left it out."""
    priority = old.priority if spec.priority is None else spec.priority
    return changed(spec, priority=priority, preemptionPolicy=spec.preemptionPolicy or old.preemptionPolicy)


def _given(sort: str, field: str, given: str, computed: str) -> str:
    return (
        f"the {sort} value of {field} ({given}) must not be provided in pod spec; "
        f"priority admission controller computed {computed} from the given PriorityClass name"
    )
