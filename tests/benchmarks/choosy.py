"""Nodes that differ and pods that mind: what scenario C is made of.

A tenth of the nodes is dedicated, a sixth would rather be left alone; they stand in five zones and seven
pools, every other one with a fast disk. `WISHES` are pod specs without containers, by the name of their
Deployment, one for each way of being choosy.
"""

from msgspec.structs import replace

from cluster.api import kinds
from cluster.api.core import (
    Affinity,
    NodeAffinity,
    NodeSelector,
    NodeSelectorRequirement,
    NodeSelectorTerm,
    PodAffinityTerm,
    PodAntiAffinity,
    PodSpec,
    PreferredSchedulingTerm,
    Taint,
    Toleration,
    TopologySpreadConstraint,
)
from cluster.api.meta import LabelSelector
from cluster.engine import Engine

ZONE, HOST = "topology.kubernetes.io/zone", "kubernetes.io/hostname"
ZONES, POOLS, DEDICATED, SOFT = 5, 7, 10, 6


def diversify(made: Engine) -> None:
    """Label and taint every node, as an administrator would."""
    for number, node in enumerate(list(made.store.table(kinds.NODES).values())):
        labels = {
            **node.metadata.labels,
            ZONE: f"z{number % ZONES}",
            "disk": "ssd" if number % 2 else "hdd",
            "pool": f"p{number % POOLS}",
        }
        taints = [Taint(key="dedicated", value="x", effect="NoSchedule")] if number % DEDICATED == 0 else []
        if number % SOFT == 1:
            taints.append(Taint(key="soft", value="x", effect="PreferNoSchedule"))
        changed = replace(
            node, metadata=replace(node.metadata, labels=labels), spec=replace(node.spec, taints=tuple(taints))
        )  # fmt: skip
        made.api.update(kinds.NODES, changed, actor="user", previous=node)


def _spread(name: str, key: str, skew: int, when: str) -> TopologySpreadConstraint:
    selector = LabelSelector(matchLabels={"app": name})
    return TopologySpreadConstraint(topologyKey=key, maxSkew=skew, whenUnsatisfiable=when, labelSelector=selector)


def _term(key: str, *values: str) -> NodeSelectorTerm:
    return NodeSelectorTerm(matchExpressions=(NodeSelectorRequirement(key=key, operator="In", values=values),))


_ALONE = PodAffinityTerm(topologyKey=HOST, labelSelector=LabelSelector(matchLabels={"app": "alone"}))
_DRAWN = NodeAffinity(
    requiredDuringSchedulingIgnoredDuringExecution=NodeSelector(nodeSelectorTerms=(_term("pool", "p1", "p2", "p3"),)),
    preferredDuringSchedulingIgnoredDuringExecution=(
        PreferredSchedulingTerm(weight=10, preference=_term("disk", "ssd")),
        PreferredSchedulingTerm(weight=5, preference=_term("pool", "p2")),
    ),
)
WISHES = {
    "alone": PodSpec(
        affinity=Affinity(podAntiAffinity=PodAntiAffinity(requiredDuringSchedulingIgnoredDuringExecution=(_ALONE,)))
    ),
    "spread": PodSpec(
        topologySpreadConstraints=(
            _spread("spread", ZONE, 1, "DoNotSchedule"),
            _spread("spread", HOST, 1, "ScheduleAnyway"),
        )
    ),
    "drawn": PodSpec(affinity=Affinity(nodeAffinity=_DRAWN)),
    "tolerant": PodSpec(
        tolerations=(Toleration(key="dedicated", operator="Exists"),),
        topologySpreadConstraints=(
            _spread("tolerant", HOST, 1, "DoNotSchedule"),
            _spread("tolerant", ZONE, 2, "ScheduleAnyway"),
        ),
    ),
}
