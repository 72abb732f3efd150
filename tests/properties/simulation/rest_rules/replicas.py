"""ReplicaSets, ReplicationControllers and Deployments: as many pods as asked for, and a status that says so."""

from collections.abc import Iterator
from typing import Any

from cluster.api import kinds
from cluster.api.apps import Deployment, ReplicaSet
from cluster.api.core import PodTemplateSpec, ReplicationController
from cluster.api.kinds import Kind
from cluster.api.meta import LabelSelector
from cluster.controllers.ownership import controller_of
from tests.properties.simulation.rest_rules.rest import Rest, is_controlled_by, is_ready, name

DESIRED = "deployment.kubernetes.io/desired-replicas"


def broken(rest: Rest) -> Iterator[str]:
    """See RULES."""
    for found in rest.all(kinds.REPLICA_SETS):
        yield from _replicas(rest, kinds.REPLICA_SETS, found, found.spec.selector)
    for found in rest.all(kinds.REPLICATION_CONTROLLERS):
        yield from _replicas(rest, kinds.REPLICATION_CONTROLLERS, found, LabelSelector(matchLabels=found.spec.selector))
    for found in rest.all(kinds.DEPLOYMENTS):
        yield from _deployment(rest, found)


def _replicas(
    rest: Rest, kind: Kind[Any], owner: ReplicaSet | ReplicationController, selector: LabelSelector
) -> Iterator[str]:
    words, mine = name(kind, owner), rest.pods_of(owner)
    wanted = 1 if owner.spec.replicas is None else owner.spec.replicas
    template = owner.spec.template
    if len(mine) > wanted:
        yield f"{words} has {len(mine)} pods and wants {wanted}"
    if len(mine) < wanted and (template is None or not rest.is_refused(owner.metadata.namespace, template)):
        yield f"{words} has {len(mine)} pods and wants {wanted}"
    for pod in rest.selected(owner.metadata.namespace, selector):
        if controller_of(pod) is None:
            yield f"{words} has not adopted {pod.metadata.name}"
    status, ready = owner.status, sum(map(is_ready, mine))
    told = (status.replicas, status.readyReplicas, status.availableReplicas, status.observedGeneration)
    true = (len(mine), ready, ready, owner.metadata.generation)
    if told != true:
        yield f"{words} tells {told}, {true} is true"


def _deployment(rest: Rest, owner: Deployment) -> Iterator[str]:
    words, status = name(kinds.DEPLOYMENTS, owner), owner.status
    family = [each for each in rest.all(kinds.REPLICA_SETS) if is_controlled_by(each, owner)]
    pods = [pod for each in family for pod in rest.pods_of(each)]
    wanted = 1 if owner.spec.replicas is None else owner.spec.replicas
    ready = sum(map(is_ready, pods))
    told = (status.replicas, status.readyReplicas, status.availableReplicas, status.observedGeneration)
    true = (len(pods), ready, ready, owner.metadata.generation)
    if told != true:
        yield f"{words} tells {told}, {true} is true"
    with_pods = [each for each in family if each.spec.replicas]
    stuck = ready < len(pods) or any(len(rest.pods_of(each)) != each.spec.replicas for each in with_pods)
    # As in Kubernetes, one that adopted a ReplicaSet of another Deployment's size and its own takes itself to be scaled.
    stuck |= any(each.metadata.annotations.get(DESIRED, str(wanted)) != str(wanted) for each in with_pods)
    if not stuck and (len(pods) != wanted or len(with_pods) > 1 or status.updatedReplicas != wanted):
        yield f"{words} has {[each.spec.replicas for each in with_pods]} replicas and wants {wanted}"
    if not stuck and not all(_has_template_of(each, owner) for each in with_pods):
        yield f"{words} has pods of another template"


def _has_template_of(replica_set: ReplicaSet, owner: Deployment) -> bool:
    """Whether a ReplicaSet's pods have the images and the requests of a Deployment's template."""
    made, wanted = replica_set.spec.template, owner.spec.template
    return _parts(made) == _parts(wanted)


def _parts(template: PodTemplateSpec) -> list[tuple[str, object]]:
    return [(one.image, one.resources.requests) for one in template.spec.containers]
