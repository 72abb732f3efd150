"""Which nodes a DaemonSet wants its pod on, and what that pod is made from.

Pure; asked for every node by the sync. Mirrors NodeShouldRunDaemonPod and CreatePodTemplate
(pkg/controller/daemon). Invariant: a node's answer depends on its name, its labels and its taints,
and on the template; nothing else.
"""

from msgspec.structs import replace

from cluster.api.apps import DaemonSet
from cluster.api.core import (
    Affinity,
    Node,
    NodeAffinity,
    NodeSelector,
    NodeSelectorRequirement,
    NodeSelectorTerm,
    Pod,
    PodSpec,
    PodTemplateSpec,
    Toleration,
)
from cluster.api.kinds import DAEMON_SETS
from cluster.api.meta import ObjectMeta
from cluster.api.node_selectors import demands_met
from cluster.api.tolerations import tolerated
from cluster.controllers.history import POD_LABEL
from cluster.controllers.ownership import controller_reference

GENERATION_LABEL = "pod-template-generation"
GENERATION_ANNOTATION = "deprecated.daemonset.template.generation"
NAME_FIELD = "metadata.name"
_ALWAYS = (
    ("node.kubernetes.io/not-ready", "NoExecute"), ("node.kubernetes.io/unreachable", "NoExecute"),
    ("node.kubernetes.io/disk-pressure", "NoSchedule"), ("node.kubernetes.io/memory-pressure", "NoSchedule"),
    ("node.kubernetes.io/pid-pressure", "NoSchedule"), ("node.kubernetes.io/unschedulable", "NoSchedule"),
)  # fmt: skip
_ON_THE_HOST = ("node.kubernetes.io/network-unavailable", "NoSchedule")


class Placement:
    """What one template says about nodes; answers are kept while a node's labels and taints stay the same."""

    def __init__(self, template: PodTemplateSpec) -> None:
        self.template = template
        spec = template.spec
        affinity = spec.affinity.nodeAffinity if spec.affinity is not None else None
        required = None if affinity is None else affinity.requiredDuringSchedulingIgnoredDuringExecution
        self._terms = None if required is None else required.nodeSelectorTerms
        self._tolerations = tolerations(spec)
        self._known: dict[str, tuple[object, object, tuple[bool, bool]]] = {}

    def of(self, node: Node) -> tuple[bool, bool]:
        """Whether the node should get a pod, and whether a pod that runs there may go on."""
        name, labels, taints = node.metadata.name, node.metadata.labels, node.spec.taints
        known = self._known.get(name)
        if known is None or known[0] is not labels or known[1] is not taints:
            known = self._known[name] = (labels, taints, self._decided(node))
        return known[2]

    def forget(self, node: str) -> None:
        """The node is gone."""
        self._known.pop(node, None)

    def _decided(self, node: Node) -> tuple[bool, bool]:
        spec = self.template.spec
        if spec.nodeName and spec.nodeName != node.metadata.name:
            return False, False
        if not demands_met(spec.nodeSelector, self._terms, node):
            return False, False
        untolerated = [each.effect for each in node.spec.taints if not tolerated(each, self._tolerations)]
        return not {"NoSchedule", "NoExecute"} & {*untolerated}, "NoExecute" not in untolerated


def tolerations(spec: PodSpec) -> tuple[Toleration, ...]:
    """The template's tolerations and those of every daemon pod (`AddOrUpdateDaemonPodTolerations`)."""
    always = (*_ALWAYS, _ON_THE_HOST) if spec.hostNetwork else _ALWAYS
    added = tuple(Toleration(key=key, operator="Exists", effect=effect) for key, effect in always)
    kept = tuple(each for each in spec.tolerations if each not in added)
    return (*kept, *added)


def node_of(pod: Pod) -> str:
    """The node that a daemon pod is on, or is meant for (`GetTargetNodeName`); "" if it names none."""
    if pod.spec.nodeName:
        return pod.spec.nodeName
    affinity = pod.spec.affinity.nodeAffinity if pod.spec.affinity is not None else None
    required = affinity.requiredDuringSchedulingIgnoredDuringExecution if affinity is not None else None
    for term in required.nodeSelectorTerms if required is not None else ():
        for field in term.matchFields:
            if field.key == NAME_FIELD and field.operator == "In" and len(field.values) == 1:
                return field.values[0]
    return ""


def blueprint(owner: DaemonSet, hashed: str) -> Pod:
    """What the owner's pods are made from, node aside."""
    meta, template = owner.metadata, owner.spec.template
    labels = {**template.metadata.labels, POD_LABEL: hashed}
    generation = meta.annotations.get(GENERATION_ANNOTATION, "")
    if generation:
        labels[GENERATION_LABEL] = generation
    return Pod(
        metadata=ObjectMeta(
            generateName=f"{meta.name}-", namespace=meta.namespace, labels=labels,
            annotations=template.metadata.annotations, finalizers=template.metadata.finalizers,
            ownerReferences=(controller_reference(DAEMON_SETS, owner),),
        ),
        spec=replace(template.spec, tolerations=tolerations(template.spec)),
    )  # fmt: skip


def meant_for(pod: Pod, node: str) -> Pod:
    """The blueprint with the demand to be on this node in place of the template's own."""
    field = NodeSelectorRequirement(key=NAME_FIELD, operator="In", values=(node,))
    required = NodeSelector(nodeSelectorTerms=(NodeSelectorTerm(matchFields=(field,)),))
    affinity = pod.spec.affinity or Affinity()
    nodes = replace(affinity.nodeAffinity or NodeAffinity(), requiredDuringSchedulingIgnoredDuringExecution=required)
    return replace(pod, spec=replace(pod.spec, affinity=replace(affinity, nodeAffinity=nodes)))
