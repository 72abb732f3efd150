"""PriorityClasses and RuntimeClasses: what pods refer to by name for their priority and their runtime.

On the data's way two of the kinds' validations. Mirrors pkg/apis/scheduling/validation and
pkg/apis/node/validation. Invariant: a class means the same for as long as it is there.
"""

from collections.abc import Mapping
from typing import Any

from cluster.admission import field_error as error
from cluster.admission.validation import metadata
from cluster.admission.validation.checks import Causes, dns_label, required_one_of, unchanged
from cluster.admission.validation.resources import container_resources
from cluster.admission.validation.rules import Rules
from cluster.admission.validation.scheduling import tolerations
from cluster.admission.validation.selectors import labels
from cluster.api import kinds, names
from cluster.api.core import ResourceRequirements
from cluster.api.kinds import Kind
from cluster.api.meta import StatusCause
from cluster.api.node import RuntimeClass
from cluster.api.scheduling import PriorityClass

HIGHEST = 1_000_000_000
SYSTEM_PREFIX = "system-"
SYSTEM_CLASSES = {"system-node-critical": 2_000_001_000, "system-cluster-critical": 2_000_000_000}


def priority_class(value: PriorityClass) -> list[StatusCause]:
    """What is wrong with a new PriorityClass."""
    name = value.metadata.name
    causes = metadata.create(value.metadata, names.is_dns1123_subdomain, namespaced=False)
    if name.startswith(SYSTEM_PREFIX):
        wrong = _not_of_the_system(value)
        if wrong:
            why = f"priority class names with '{SYSTEM_PREFIX}' prefix are reserved for system use only. error: {wrong}"
            causes.append(error.forbidden("metadata.name", why))
    elif value.value > HIGHEST:
        why = f"maximum allowed value of a user defined priority is {HIGHEST}"
        causes.append(error.forbidden("value", why))
    policies = ("PreemptLowerPriority", "Never")
    return causes + list(required_one_of("preemptionPolicy", value.preemptionPolicy, policies))


def priority_class_update(new: PriorityClass, old: PriorityClass) -> list[StatusCause]:
    """What is wrong with a changed PriorityClass."""
    causes = metadata.update(new.metadata, old.metadata)
    if new.value != old.value:
        causes.append(error.forbidden("value", "may not be changed in an update."))
    return causes + list(unchanged("preemptionPolicy", new.preemptionPolicy, old.preemptionPolicy))


def _not_of_the_system(value: PriorityClass) -> str:
    name = value.metadata.name
    known = SYSTEM_CLASSES.get(name)
    if known is None:
        return f"{name} is not a known system priority class"
    if value.value != known:
        return f"value of {name} PriorityClass must be {known}"
    return f"globalDefault of {name} PriorityClass must be false" if value.globalDefault else ""


def runtime_class(value: RuntimeClass) -> list[StatusCause]:
    """What is wrong with a new RuntimeClass."""
    causes = metadata.create(value.metadata, names.is_dns1123_subdomain, namespaced=False)
    causes += dns_label("handler", value.handler)
    return causes + list(_scheduling(value))


def runtime_class_update(new: RuntimeClass, old: RuntimeClass) -> list[StatusCause]:
    """What is wrong with a changed RuntimeClass."""
    causes = metadata.update(new.metadata, old.metadata)
    return causes + list(unchanged("handler", new.handler, old.handler))


def _scheduling(value: RuntimeClass) -> Causes:
    if value.overhead is not None:
        yield from container_resources("overhead.podFixed", ResourceRequirements(limits=value.overhead.podFixed))
    if value.scheduling is not None:
        yield from labels("scheduling.nodeSelector", value.scheduling.nodeSelector)
        yield from tolerations("scheduling.tolerations", value.scheduling.tolerations)


RULES: Mapping[Kind[Any], Rules] = {
    kinds.PRIORITY_CLASSES: Rules(priority_class, priority_class_update),
    kinds.RUNTIME_CLASSES: Rules(runtime_class, runtime_class_update),
}
