"""Where a pod may run, as pods and their templates tell it: selectors, tolerations, spreading.

Invariant: the order is that of the keys, not that of the manifest.
"""

from cluster.api.core import PodSpec, Toleration, TopologySpreadConstraint
from cluster.printers.selectors import selector_text
from ktui.model.describe.sheet import Sheet


def write_tolerations(sheet: Sheet, spec: PodSpec, *, indent: str = "") -> None:
    """The taints that the pod bears."""
    ordered = sorted(spec.tolerations, key=lambda toleration: toleration.key)
    sheet.entries(f"{indent}Tolerations", map(_toleration, ordered))


def write_spreading(sheet: Sheet, spec: PodSpec, *, indent: str = "") -> None:
    """The topology spread constraints, if any."""
    if not spec.topologySpreadConstraints:
        return
    ordered = sorted(spec.topologySpreadConstraints, key=lambda constraint: constraint.topologyKey)
    first, *rest = map(_constraint, ordered)
    sheet.field(f"{indent}Topology Spread Constraints", first)
    for constraint in rest:
        sheet.line(f"{indent}\t{constraint}")


def write_group(sheet: Sheet, spec: PodSpec, *, indent: str = "") -> None:
    """The group the pod is scheduled with, if any."""
    if spec.schedulingGroup is not None:
        sheet.line(f"{indent}SchedulingGroup:")
        sheet.field("PodGroupName", spec.schedulingGroup.podGroupName, 1)


def _toleration(toleration: Toleration) -> str:
    text = toleration.key
    if toleration.value:
        text += f"={toleration.value}"
    if toleration.effect:
        text += f":{toleration.effect}"
    if toleration.operator == "Exists" and not toleration.value:
        text += " op=Exists" if text else "op=Exists"
    return text if toleration.tolerationSeconds is None else f"{text} for {toleration.tolerationSeconds}s"


def _constraint(constraint: TopologySpreadConstraint) -> str:
    text = f"{constraint.topologyKey}:{constraint.whenUnsatisfiable} when max skew {constraint.maxSkew} is exceeded"
    if constraint.labelSelector is None:
        return text
    return f"{text} for selector {selector_text(constraint.labelSelector)}"
