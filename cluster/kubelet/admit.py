"""Whether a node takes a pod that was bound to it, and what the node has given away.

Mirrors the kubelet's admission (lifecycle.predicateAdmitHandler) with the scheduler's fit rules.
Invariant: counts follow the pods' log in its order, so a pod bound after another is gone finds room.
"""

from collections.abc import Mapping
from typing import NamedTuple

from cluster.api import labels
from cluster.api.core import Node, NodeSelectorRequirement, NodeSelectorTerm, Pod
from cluster.api.quantity import Quantity
from cluster.api.tolerations import tolerated
from cluster.kubelet.plan import Plan, amount_of

_OPERATORS = {"In": "in", "NotIn": "notin", "Exists": "exists", "DoesNotExist": "!", "Gt": "gt", "Lt": "lt"}
ANY = "0.0.0.0"  # noqa: S104 - the API's word for any address


class Refusal(NamedTuple):
    """Why a pod is not taken: a reason for the pod's status and a message."""

    reason: str
    message: str


class Ledger:
    """What the pods on one node take, and what it has for them as it was last asked."""

    __slots__ = ("allocatable", "plans", "room", "used")

    def __init__(self) -> None:
        self.plans: dict[str, Plan] = {}
        self.used: dict[str, int] = {}
        self.allocatable: Mapping[str, Quantity] = {}
        self.room: dict[str, int] = {}

    def measure(self, allocatable: Mapping[str, Quantity]) -> None:
        """Take note of what the node has for pods."""
        self.allocatable = allocatable
        self.room = {name: amount_of(name, allocatable[name]) for name in allocatable}

    def charge(self, key: str, plan: Plan) -> None:
        """Count a pod."""
        self.plans[key] = plan
        for name, amount in plan.requests:
            self.used[name] = self.used.get(name, 0) + amount

    def charge_again(self, key: str, plan: Plan) -> None:
        """Count a pod as it is now."""
        self.release(key)
        self.charge(key, plan)

    def release(self, key: str) -> None:
        """Count a pod no longer, if it was."""
        plan = self.plans.pop(key, None)
        if plan is not None:
            for name, amount in plan.requests:
                self.used[name] -= amount


def resize_refusal(node: Node, ledger: Ledger, key: str, asked: Plan) -> Refusal | None:
    """Why the node does not give a pod of its own what it now asks for: never (`Infeasible`), or not yet (`Deferred`)."""
    wanted = dict(asked.requests)
    ledger.measure(node.status.allocatable)
    for name in ("memory", "cpu"):
        amount, capacity = wanted.get(name, 0), ledger.room.get(name, 0)
        if amount > capacity:
            words = f"Node didn't have enough capacity: {name}, requested: {amount}, capacity: {capacity}"
            return Refusal("Infeasible", words)
    held = ledger.plans.get(key)
    own = dict(held.requests) if held is not None else {}
    for name, amount in asked.requests:
        used, room = ledger.used.get(name, 0) - own.get(name, 0), ledger.room.get(name, 0)
        if used + amount > room:
            return Refusal("Deferred", _insufficient(name, amount, used, room).message)
    return None


def refusal(node: Node, ledger: Ledger, pod: Pod, plan: Plan) -> Refusal | None:
    """Why `node` does not take `pod` (`GeneralPredicates`, first failure only), or None."""
    return (
        _resources(node.status.allocatable, ledger, plan)
        or _affinity(node, pod)
        or _ports(ledger, plan)
        or _taints(node, pod)
    )


def _resources(allocatable: Mapping[str, Quantity], ledger: Ledger, plan: Plan) -> Refusal | None:
    if allocatable is not ledger.allocatable:
        ledger.measure(allocatable)
    pods = ledger.room.get("pods", 0)
    if len(ledger.plans) + 1 > pods:
        return _insufficient("pods", 1, len(ledger.plans), pods)
    for name, amount in plan.requests:
        used, room = ledger.used.get(name, 0), ledger.room.get(name, 0)
        if used + amount > room:
            return _insufficient(name, amount, used, room)
    return None


def _insufficient(name: str, asked: int, used: int, room: int) -> Refusal:
    return Refusal(
        f"OutOf{name}", f"Node didn't have enough resource: {name}, requested: {asked}, used: {used}, capacity: {room}"
    )


def _predicate(name: str, words: str) -> Refusal:
    return Refusal(name, f"Predicate {name} failed: {words}")


def _affinity(node: Node, pod: Pod) -> Refusal | None:
    spec = pod.spec
    if not spec.nodeSelector and spec.affinity is None:
        return None
    wrong = _predicate("NodeAffinity", "node(s) didn't match Pod's node affinity/selector")
    found = node.metadata.labels
    if any(found.get(key) != value for key, value in spec.nodeSelector.items()):
        return wrong
    affinity = spec.affinity.nodeAffinity if spec.affinity is not None else None
    required = affinity.requiredDuringSchedulingIgnoredDuringExecution if affinity is not None else None
    if required is None or any(_matches(node, term) for term in required.nodeSelectorTerms):
        return None
    return wrong


def _matches(node: Node, term: NodeSelectorTerm) -> bool:
    """Whether the node fulfils every requirement of a term; an empty term matches nothing."""
    if not term.matchExpressions and not term.matchFields:
        return False
    fields = {"metadata.name": node.metadata.name}
    return all(_holds(one, node.metadata.labels) for one in term.matchExpressions) and all(
        _holds(one, fields) for one in term.matchFields
    )


def _holds(wanted: NodeSelectorRequirement, values: Mapping[str, str]) -> bool:
    return labels.Requirement(wanted.key, _OPERATORS[wanted.operator], wanted.values).matches(values)


def _ports(ledger: Ledger, plan: Plan) -> Refusal | None:
    for address, protocol, port in plan.host_ports:
        for other in ledger.plans.values():
            for theirs, their_protocol, their_port in other.host_ports:
                same_address = address == theirs or ANY in {address, theirs}
                if same_address and (protocol, port) == (their_protocol, their_port):
                    return _predicate("NodePorts", "node(s) didn't have free ports for the requested pod ports")
    return None


def _taints(node: Node, pod: Pod) -> Refusal | None:
    """Only taints that would evict the pod at once count here."""
    for taint in node.spec.taints:
        if taint.effect == "NoExecute" and not tolerated(taint, pod.spec.tolerations):
            return _predicate("TaintToleration", "node(s) had untolerated taint(s)")
    return None
