"""The scheduler's rules, written down once more in the plainest way: every plugin, every node, every pod.

Kept independent of `cluster.scheduler` on purpose: it works on API objects alone, counts everything
afresh for every decision, and cares for nothing but being right.
"""

from collections.abc import Iterable, Mapping, Sequence
from math import floor, log

from cluster.api import quantity
from cluster.api.core import Container, Node, NodeSelectorTerm, Pod, Taint, Toleration, TopologySpreadConstraint
from cluster.api.labels import Selector, from_label_selector
from tests.cluster.scheduler.literal_neighbours import company_scores, unneighbourly

HOST, ZONE = "kubernetes.io/hostname", "topology.kubernetes.io/zone"


class Outcome:
    """The nodes that rejected the pod, with their reasons, and the total score of the others."""

    def __init__(self, rejected: dict[str, list[str]], totals: dict[str, int]) -> None:
        self.rejected, self.totals = rejected, totals

    @property
    def choice(self) -> str:
        """The first node with the highest total; "" if every node rejected the pod."""
        return max(self.totals, key=lambda name: self.totals[name]) if self.totals else ""


def decide(pod: Pod, nodes: Sequence[Node], placed: Sequence[Pod], siblings: Selector | None) -> Outcome:
    """What the default profile decides for a pod, given the nodes in order and the pods assigned to them."""
    rejected: dict[str, list[str]] = {}
    for node in nodes:
        reasons = filter_node(pod, node, nodes, placed)
        if reasons:
            rejected[node.metadata.name] = reasons
    feasible = [node for node in nodes if node.metadata.name not in rejected]
    return Outcome(rejected, totals(pod, feasible, nodes, placed, siblings) if feasible else {})


def on(node: Node, placed: Iterable[Pod]) -> list[Pod]:
    """The pods assigned to a node."""
    return [pod for pod in placed if pod.spec.nodeName == node.metadata.name]


# Requests


def amount(resource: str, text: str) -> int:
    """Millicores of cpu, whole units of anything else."""
    return quantity.milli(text) if resource == "cpu" else quantity.value(text)


def request(pod: Pod, resource: str, missing: int = 0) -> int:
    """What a pod requests: its containers together or its hungriest init container, with sidecars, and overhead."""

    def of(container: Container) -> int:
        asked = container.resources.requests
        return amount(resource, asked[resource]) if resource in asked else missing

    running = sum(of(each) for each in pod.spec.containers)
    sidecars = 0
    peak = 0
    for container in pod.spec.initContainers:
        if container.restartPolicy == "Always":
            sidecars += of(container)
            peak = max(peak, sidecars)
        else:
            peak = max(peak, sidecars + of(container))
    overhead = amount(resource, pod.spec.overhead[resource]) if resource in pod.spec.overhead else 0
    return max(running + sidecars, peak) + overhead


def offered(node: Node, resource: str) -> int:
    """What a node has to give."""
    allocatable = node.status.allocatable
    return amount(resource, allocatable[resource]) if resource in allocatable else 0


def ports(pod: Pod) -> list[tuple[str, str, int]]:
    """The host ports a pod listens on."""
    return [
        (port.hostIP or "0.0.0.0", port.protocol or "TCP", port.hostPort)
        for container in pod.spec.containers
        for port in container.ports
        if port.hostPort
    ]


# Filters


def filter_node(pod: Pod, node: Node, nodes: Sequence[Node], placed: Sequence[Pod]) -> list[str]:
    """The reasons of the first plugin that rejects the node; none if it will do."""
    neighbours = on(node, placed)
    for rule in (not_named, unschedulable, untolerated, unmatched):
        if reason := rule(pod, node):
            return [reason]
    for _, protocol, port in ports(pod):  # every address is 0.0.0.0 in these tests
        if any((protocol, port) == taken[1:] for other in neighbours for taken in ports(other)):
            return ["node(s) didn't have free ports for the requested pod ports"]
    return lacking(pod, node, neighbours) or skewed(pod, node, nodes, placed) or unneighbourly(pod, node, nodes, placed)


def not_named(pod: Pod, node: Node) -> str:
    """NodeAffinity, before any other: required terms that all name nodes leave no other node."""
    required = required_terms(pod)
    if not required or not all(any(field.operator == "In" for field in term.matchFields) for term in required):
        return ""
    for term in required:
        if all(node.metadata.name in field.values for field in term.matchFields if field.operator == "In"):
            return ""
    return "node(s) didn't satisfy plugin(s) [NodeAffinity]"


def unschedulable(pod: Pod, node: Node) -> str:
    """NodeUnschedulable."""
    cordon = Taint(key="node.kubernetes.io/unschedulable", effect="NoSchedule")
    if node.spec.unschedulable and not any(tolerates(each, cordon) for each in pod.spec.tolerations):
        return "node(s) were unschedulable"
    return ""


def untolerated(pod: Pod, node: Node) -> str:
    """TaintToleration."""
    return "node(s) had untolerated taint(s)" if repelling(pod, node) else ""


def repelling(pod: Pod, node: Node) -> bool:
    """Whether a taint of the node forbids the pod."""
    for taint in node.spec.taints:
        forbids = taint.effect in {"NoSchedule", "NoExecute"}
        if forbids and not any(tolerates(each, taint) for each in pod.spec.tolerations):
            return True
    return False


def tolerates(toleration: Toleration, taint: Taint) -> bool:
    """Whether a toleration covers a taint."""
    same_effect = toleration.effect in {"", taint.effect}
    same_key = toleration.key in {"", taint.key}
    same_value = toleration.operator == "Exists" or toleration.value == taint.value
    return same_effect and same_key and same_value


def unmatched(pod: Pod, node: Node) -> str:
    """NodeAffinity."""
    return "" if wanted(pod, node) else "node(s) didn't match Pod's node affinity/selector"


def wanted(pod: Pod, node: Node) -> bool:
    """Whether the node meets the node selector and the required node affinity."""
    for key, value in pod.spec.nodeSelector.items():
        if node.metadata.labels.get(key) != value:
            return False
    required = required_terms(pod)
    return required is None or any(term_matches(term, node) for term in required)


def required_terms(pod: Pod) -> Sequence[NodeSelectorTerm] | None:
    """The alternatives of the required node affinity."""
    if pod.spec.affinity is None or pod.spec.affinity.nodeAffinity is None:
        return None
    required = pod.spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution
    return None if required is None else required.nodeSelectorTerms


def term_matches(term: NodeSelectorTerm, node: Node) -> bool:
    """Whether a node meets all of a term that is not empty."""
    pairs = [(each, node.metadata.labels.get(each.key)) for each in term.matchExpressions]
    pairs += [(each, node.metadata.name) for each in term.matchFields]
    return bool(pairs) and all(meets(each.operator, each.values, value) for each, value in pairs)


def meets(operator: str, values: Sequence[str], value: str | None) -> bool:
    """Whether a label's value meets a requirement."""
    if operator in {"In", "NotIn"}:
        return (value in values) == (operator == "In")
    if operator in {"Exists", "DoesNotExist"}:
        return (value is not None) == (operator == "Exists")
    if value is None or not value.isdigit():
        return False
    return int(value) > int(values[0]) if operator == "Gt" else int(value) < int(values[0])


def lacking(pod: Pod, node: Node, neighbours: Sequence[Pod]) -> list[str]:
    """NodeResourcesFit."""
    reasons = []
    if len(neighbours) + 1 > offered(node, "pods"):
        reasons.append("Too many pods")
    asked = {name for container in pod.spec.containers for name in container.resources.requests}
    asked |= {name for container in pod.spec.initContainers for name in container.resources.requests}
    order = ["cpu", "memory", "ephemeral-storage"]
    for resource in [*order, *sorted(asked - set(order))]:
        taken = sum(request(other, resource) for other in neighbours)
        if request(pod, resource) and request(pod, resource) > offered(node, resource) - taken:
            reasons.append(f"Insufficient {resource}")
    return reasons


# Topology spread


def constraints(pod: Pod, when: str) -> list[TopologySpreadConstraint]:
    """The pod's own constraints of one kind."""
    return [each for each in pod.spec.topologySpreadConstraints if each.whenUnsatisfiable == when]


def counted(pod: Pod, selector: Selector, pods: Iterable[Pod]) -> int:
    """How many pods of the pod's namespace the selector picks, the dying ones aside."""
    return sum(
        other.metadata.namespace == pod.metadata.namespace
        and not other.metadata.deletionTimestamp
        and selector.matches(other.metadata.labels)
        for other in pods
    )


def included(pod: Pod, node: Node, affinity_policy: str, taints_policy: str) -> bool:
    """Whether the inclusion policies let a node's pods count."""
    return (affinity_policy == "Ignore" or wanted(pod, node)) and not (
        taints_policy == "Honor" and repelling(pod, node)
    )


def domain_counts(
    pod: Pod, each: TopologySpreadConstraint, selector: Selector, keys: Sequence[str], nodes: Sequence[Node], placed: Sequence[Pod]
) -> dict[str, int]:  # fmt: skip
    """The matching pods in every domain that has an eligible node."""
    counts: dict[str, int] = {}
    for node in nodes:
        labels = node.metadata.labels
        if all(key in labels for key in keys) and included(pod, node, each.nodeAffinityPolicy, each.nodeTaintsPolicy):
            value = labels.get(each.topologyKey, "")
            counts[value] = counts.get(value, 0) + counted(pod, selector, on(node, placed))
    return counts


def skewed(pod: Pod, node: Node, nodes: Sequence[Node], placed: Sequence[Pod]) -> list[str]:
    """PodTopologySpread's filter."""
    hard = constraints(pod, "DoNotSchedule")
    keys = [each.topologyKey for each in hard]
    for each in hard:
        if each.topologyKey not in node.metadata.labels:
            return ["node(s) didn't match pod topology spread constraints (missing required label)"]
        selector = from_label_selector(each.labelSelector)
        counts = domain_counts(pod, each, selector, keys, nodes, placed)
        lowest = min(counts.values(), default=0) if len(counts) >= (each.minDomains or 1) else 0
        here = counts.get(node.metadata.labels[each.topologyKey], 0) + int(selector.matches(pod.metadata.labels))
        if here - lowest > each.maxSkew:
            return ["node(s) didn't match pod topology spread constraints"]
    return []


# Scores


def totals(
    pod: Pod, feasible: Sequence[Node], nodes: Sequence[Node], placed: Sequence[Pod], siblings: Selector | None
) -> dict[str, int]:
    """The weighted scores of the feasible nodes."""
    taints = [disliked(pod, node) for node in feasible]
    wishes = [preferred(pod, node) for node in feasible]
    spread = spread_scores(pod, feasible, nodes, placed, siblings)
    company = company_scores(pod, feasible, nodes, placed)
    found = {}
    for index, node in enumerate(feasible):
        total = 3 * (100 - (100 * taints[index] // max(taints) if max(taints) else 0))
        total += 2 * (100 * wishes[index] // max(wishes) if max(wishes) else 0)
        total += least_allocated(pod, node, on(node, placed)) + balanced(pod, node, on(node, placed))
        total += 2 * spread[index] + 2 * company[index] + at_hand(pod, node, nodes)
        found[node.metadata.name] = total
    return found


def at_hand(pod: Pod, node: Node, nodes: Sequence[Node]) -> int:
    """ImageLocality: the images that are there, each for its size times the share of the nodes that have it."""
    containers = [*pod.spec.initContainers, *pod.spec.containers]
    total = 0
    for container in containers:
        tag = container.image.rpartition("/")[2]
        name = container.image if ":" in tag else container.image + ":latest"
        having = [each for each in nodes if any(name in image.names for image in each.status.images)]
        if node in having:
            size = next(image.sizeBytes for image in node.status.images if name in image.names)
            total += int(size * (len(having) / len(nodes)))
    megabytes = 2**20
    total = min(max(total, 23 * megabytes), 1000 * megabytes * len(containers))
    return 100 * (total - 23 * megabytes) // (1000 * megabytes * len(containers) - 23 * megabytes)


def disliked(pod: Pod, node: Node) -> int:
    """How many PreferNoSchedule taints the pod does not tolerate."""
    return sum(
        taint.effect == "PreferNoSchedule" and not any(tolerates(each, taint) for each in pod.spec.tolerations)
        for taint in node.spec.taints
    )


def preferred(pod: Pod, node: Node) -> int:
    """The weights of the preferred terms that the node meets."""
    if pod.spec.affinity is None or pod.spec.affinity.nodeAffinity is None:
        return 0
    terms = pod.spec.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution
    return sum(term.weight for term in terms if term_matches(term.preference, node))


def least_allocated(pod: Pod, node: Node, neighbours: Sequence[Pod]) -> int:
    """NodeResourcesFit: the share that stays free; a container that asks nothing counts for 100m and 200Mi."""
    shares = []
    for resource, missing in (("cpu", 100), ("memory", 200 * 2**20)):
        has = offered(node, resource)
        taken = sum(request(each, resource, missing) for each in (*neighbours, pod))
        if has:
            shares.append((has - taken) * 100 // has if taken <= has else 0)
    return sum(shares) // len(shares) if shares else 0


def balanced(pod: Pod, node: Node, neighbours: Sequence[Pod]) -> int:
    """NodeResourcesBalancedAllocation: how evenly cpu and memory are used with the pod, against without."""
    if not request(pod, "cpu") and not request(pod, "memory"):
        return 0

    def evenness(pods: Sequence[Pod]) -> int:
        shares = []
        for resource in ("cpu", "memory"):
            has = offered(node, resource)
            if has:
                shares.append(min(sum(request(each, resource) for each in pods) / has, 1.0))
        deviation = abs((shares[0] - shares[1]) / 2) if len(shares) == 2 else 0.0
        return int((1 - deviation) * 100)

    return 50 + (50 + evenness((*neighbours, pod)) - evenness(neighbours)) // 2


def spread_scores(
    pod: Pod, feasible: Sequence[Node], nodes: Sequence[Node], placed: Sequence[Pod], siblings: Selector | None
) -> list[int]:
    """PodTopologySpread's score, normalised."""
    strict = bool(pod.spec.topologySpreadConstraints)
    if strict:
        soft = [(each, from_label_selector(each.labelSelector)) for each in constraints(pod, "ScheduleAnyway")]
    elif siblings is not None:
        soft = [(TopologySpreadConstraint(topologyKey=HOST, maxSkew=3), siblings),
                (TopologySpreadConstraint(topologyKey=ZONE, maxSkew=5), siblings)]  # fmt: skip
    else:
        soft = []
    if not soft:
        return [0] * len(feasible)
    keys = [each.topologyKey for each, _ in soft] if strict else []
    complete = [node for node in feasible if all(key in node.metadata.labels for key in keys)]
    sums = {node.metadata.name: 0.0 for node in complete}
    for each, selector in soft:
        counts = domain_counts(pod, each, selector, keys, nodes, placed)
        domains = {node.metadata.labels.get(each.topologyKey) for node in complete}
        weight = log((len(complete) if each.topologyKey == HOST else len(domains)) + 2)
        for node in complete:
            value = node.metadata.labels.get(each.topologyKey)
            if value is not None:
                own = counted(pod, selector, on(node, placed))
                count = own if each.topologyKey == HOST else counts.get(value, 0)
                sums[node.metadata.name] += count * weight + (each.maxSkew - 1)
    return normalised([floor(sums[node.metadata.name] + 0.5) if node in complete else None for node in feasible])


def normalised(sums: Sequence[int | None]) -> list[int]:
    """Fewest is 100 and in proportion down from there; a node left out has 0."""
    scored = [each for each in sums if each is not None]
    highest, lowest = max(scored, default=0), min(scored, default=0)
    return [
        0 if each is None else 100 if not highest else 100 * (highest + lowest - each) // highest for each in sums
    ]  # fmt: skip


def summary(rejected: Mapping[str, Sequence[str]], nodes: int) -> str:
    """The reasons as the message counts them."""
    reasons = [reason for each in rejected.values() for reason in each]
    listed = sorted(f"{reasons.count(reason)} {reason}" for reason in set(reasons))
    return f"0/{nodes} nodes are available: {', '.join(listed)}."
