"""TaintToleration: NoSchedule and NoExecute taints keep pods away, PreferNoSchedule taints put them off.

A filter and a score on the node object alone. Invariant: an empty key tolerates every key, an
empty effect every effect.
"""

from collections.abc import Iterable

from cluster.api.core import Taint, Toleration
from cluster.scheduler.framework import Rejection
from cluster.scheduler.node_info import NodeInfo
from cluster.scheduler.pod_info import PodInfo

UNTOLERATED = Rejection("TaintToleration", ("node(s) had untolerated taint(s)",))
PREFER = "PreferNoSchedule"
FORBIDDING = ("NoSchedule", "NoExecute")


def tolerates(toleration: Toleration, taint: Taint) -> bool:
    """Whether a toleration covers a taint (`Toleration.ToleratesTaint`)."""
    if toleration.effect and toleration.effect != taint.effect:
        return False
    if toleration.key and toleration.key != taint.key:
        return False
    if toleration.operator == "Exists":
        return True
    return toleration.operator in {"", "Equal"} and toleration.value == taint.value


def tolerated(taint: Taint, tolerations: Iterable[Toleration]) -> bool:
    """Whether one of the tolerations covers a taint."""
    return any(tolerates(toleration, taint) for toleration in tolerations)


def forbidding(pod: PodInfo, node: NodeInfo) -> bool:
    """Whether the node has a taint that keeps the pod away."""
    return any(
        taint.effect in FORBIDDING and not tolerated(taint, pod.spec.tolerations) for taint in node.node.spec.taints
    )


def filter(pod: PodInfo, node: NodeInfo) -> Rejection | None:  # noqa: A001 - the framework's word
    """Reject a node with a taint the pod does not tolerate."""
    return UNTOLERATED if node.node.spec.taints and forbidding(pod, node) else None


def score(pod: PodInfo, node: NodeInfo) -> int:
    """How many PreferNoSchedule taints the pod does not tolerate: fewer is better."""
    taints = [taint for taint in node.node.spec.taints if taint.effect == PREFER]
    if not taints:
        return 0
    tolerations = [each for each in pod.spec.tolerations if each.effect in {"", PREFER}]
    return sum(not tolerated(taint, tolerations) for taint in taints)
