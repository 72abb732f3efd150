"""A pod's priority, as the number that its priority class stands for; and that one class is the default.

One of the plugins. Mirrors the Priority plugin. Invariant: the number comes from the class, never
from the writer.
"""

from cluster.admission.plugins.view import ApiView, asked_name
from cluster.admission.sharing import changed
from cluster.api.core import PodSpec
from cluster.api.errors import Forbidden
from cluster.api.kinds import PRIORITY_CLASSES
from cluster.api.meta import ObjectMeta
from cluster.api.scheduling import PriorityClass

PREEMPT = "PreemptLowerPriority"
SYSTEM_CLASSES = ("system-node-critical", "system-cluster-critical")
"""The classes that every cluster has."""


def of(api: ApiView, spec: PodSpec, meta: ObjectMeta) -> PriorityClass | None:
    """The class of a pod: the one it names, else the cluster's default; Forbidden if it names none there is."""
    if not spec.priorityClassName:
        return api.policies.priority_class.get()
    found = api.find(PRIORITY_CLASSES, spec.priorityClassName)
    if found is None:
        raise Forbidden.of("pods", asked_name(meta), f"no PriorityClass with name {spec.priorityClassName} was found")
    return found


def admitted(spec: PodSpec, chosen: PriorityClass | None, name: str) -> PodSpec:
    """The spec with its class's name, priority and preemption policy; Forbidden if it contradicts them."""
    priority, policy, class_name = 0, PREEMPT, ""
    if chosen is not None:
        priority, policy, class_name = chosen.value, chosen.preemptionPolicy or PREEMPT, chosen.metadata.name
    if spec.priority is not None and spec.priority != priority:
        raise Forbidden.of("pods", name, _given("integer", "priority", str(spec.priority), str(priority)))
    if spec.preemptionPolicy and spec.preemptionPolicy != policy:
        raise Forbidden.of("pods", name, _given("string", "PreemptionPolicy", spec.preemptionPolicy, policy))
    return changed(spec, priority=priority, preemptionPolicy=policy, priorityClassName=class_name)


def kept(spec: PodSpec, old: PodSpec) -> PodSpec:
    """The spec with the old priority, if a writer left it out."""
    priority = old.priority if spec.priority is None else spec.priority
    return changed(spec, priority=priority, preemptionPolicy=spec.preemptionPolicy or old.preemptionPolicy)


def check_class(api: ApiView, value: PriorityClass) -> None:
    """Forbidden if another class is the default already."""
    default = api.policies.priority_class.get()
    if value.globalDefault and default is not None and default.metadata.name != value.metadata.name:
        why = f"PriorityClass {default.metadata.name} is already marked as default. Only one default can exist"
        raise Forbidden.of("priorityclasses", value.metadata.name, why, "scheduling.k8s.io")


def check_delete(name: str) -> None:
    """Forbidden for the classes that every cluster has."""
    if name in SYSTEM_CLASSES:
        why = "this is a system priority class and cannot be deleted"
        raise Forbidden.of("priorityclasses", name, why, "scheduling.k8s.io")


def _given(sort: str, field: str, given: str, computed: str) -> str:
    return (
        f"the {sort} value of {field} ({given}) must not be provided in pod spec; "
        f"priority admission controller computed {computed} from the given PriorityClass name"
    )
