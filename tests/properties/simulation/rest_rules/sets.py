"""StatefulSets and DaemonSets: the pods they should have, of the template they have now."""

from collections.abc import Iterator

from cluster.api import kinds
from cluster.api.apps import DaemonSet, StatefulSet
from cluster.api.core import Node, Pod
from tests.properties.simulation import fitting
from tests.properties.simulation.rest_rules.rest import Rest, is_ready, name

REVISION = "controller-revision-hash"


def broken(rest: Rest) -> Iterator[str]:
    """See RULES."""
    for found in rest.all(kinds.STATEFUL_SETS):
        yield from _stateful(rest, found)
    for found in rest.all(kinds.DAEMON_SETS):
        yield from _daemon(rest, found)


def _stateful(rest: Rest, owner: StatefulSet) -> Iterator[str]:
    words, mine, status = name(kinds.STATEFUL_SETS, owner), rest.pods_of(owner), owner.status
    wanted = 1 if owner.spec.replicas is None else owner.spec.replicas
    names = {f"{owner.metadata.name}-{number}" for number in range(wanted)}
    ready = sum(map(is_ready, mine))
    told = (status.replicas, status.readyReplicas, status.availableReplicas, status.observedGeneration)
    true = (len(mine), ready, ready, owner.metadata.generation)
    if told != true:
        yield f"{words} tells {told}, {true} is true"
    if not {pod.metadata.name for pod in mine} <= names and ready == len(mine):
        yield f"{words} has {sorted(pod.metadata.name for pod in mine)} and wants {wanted}"
    if ready < len(mine) or rest.is_refused(owner.metadata.namespace, owner.spec.template):
        return
    if {pod.metadata.name for pod in mine} != names:
        yield f"{words} has {sorted(pod.metadata.name for pod in mine)} and wants {wanted}"
    revisions = {pod.metadata.labels.get(REVISION) for pod in mine}
    if not revisions <= {status.updateRevision} or status.currentRevision != status.updateRevision:
        yield f"{words} is at {status.currentRevision}, its pods at {sorted(map(str, revisions))}"


def _daemon(rest: Rest, owner: DaemonSet) -> Iterator[str]:
    words, mine, status = name(kinds.DAEMON_SETS, owner), rest.pods_of(owner), owner.status
    nodes = sorted(each.metadata.name for each in rest.all(kinds.NODES) if _suits(owner, each))
    mine = [pod for pod in mine if fitting.place(pod)]  # one that was adopted while it waits is for no node
    places = sorted(map(fitting.place, mine))
    refused = rest.is_refused(owner.metadata.namespace, owner.spec.template)
    stuck = refused or not all(map(is_ready, mine))
    if (places != nodes and not stuck) or not set(places) <= set(nodes):
        yield f"{words} is on {places}, should be on {nodes}"
    told = (status.desiredNumberScheduled, status.numberMisscheduled, status.numberReady, status.observedGeneration)
    true = (len(nodes), 0, sum(map(is_ready, _oldest(mine))), owner.metadata.generation)
    if told != true:
        yield f"{words} tells {told}, {true} is true"
    if not stuck and len({pod.metadata.labels.get(REVISION) for pod in mine}) > 1:
        yield f"{words} has pods of several templates"


def _suits(owner: DaemonSet, node: Node) -> bool:
    return all(node.metadata.labels.get(key) == value for key, value in owner.spec.template.spec.nodeSelector.items())


def _oldest(pods: list[Pod]) -> list[Pod]:
    """One pod a node: a surging one is not counted."""
    ready_first = sorted(pods, key=lambda pod: not is_ready(pod))
    return list({fitting.place(pod): pod for pod in reversed(ready_first)}.values())
