"""How many pods a budget's controllers want, and how many of them have to stay.

Pure but for looks at the owners. Mirrors getExpectedPodCount and its finders (pkg/controller/disruption).
Invariant: a controller counts once for all its pods, and the pods of a Deployment's ReplicaSets count for
the Deployment.
"""

from typing import Any, NamedTuple

from cluster.api import intstr, kinds
from cluster.api.apps import Deployment, ReplicaSet
from cluster.api.policy import PodDisruptionBudget
from cluster.apiserver import ApiServer, scaling
from cluster.controllers.disruption.members import Controller, Members
from cluster.controllers.ownership import controller_of


class CannotCount(Exception):
    """Why the number of expected pods is not known."""


class Expected(NamedTuple):
    """What a budget is measured by."""

    pods: int
    healthy: int
    """How many have to stay."""
    unmanaged: bool = False
    """Whether some pods are nobody's, though their controllers are asked."""


def expected(api: ApiServer, budget: PodDisruptionBudget, members: Members) -> Expected:
    """The figures of a budget; CannotCount if a pod's controller cannot say how many it wants."""
    spec, namespace = budget.spec, budget.metadata.namespace
    if spec.maxUnavailable is not None:
        total = _scale(api, namespace, members)
        allowed = intstr.scaled(spec.maxUnavailable, total, round_up=True)
        return Expected(total, max(total - allowed, 0), None in members.controllers)
    if isinstance(spec.minAvailable, str):
        total = _scale(api, namespace, members)
        return Expected(total, intstr.scaled(spec.minAvailable, total, round_up=True), None in members.controllers)
    return Expected(len(members), spec.minAvailable or 0)


def _scale(api: ApiServer, namespace: str, members: Members) -> int:
    found: dict[str, int] = {}
    for controller in members.controllers:
        if controller is not None:
            uid, replicas = _asked(api, namespace, controller, members)
            found[uid] = replicas
    return sum(found.values())


def _asked(api: ApiServer, namespace: str, controller: Controller, members: Members) -> tuple[str, int]:
    """Who says how many pods there are, the controller or the Deployment of a ReplicaSet, and how many."""
    kind = api.registry.by_api_version(controller.api_version, controller.kind)
    if kind is not None and "scale" not in kind.subresources:
        raise CannotCount(f"{kind.qualified} does not implement the scale subresource")
    owner: Any = None if kind is None else api.find(kind.stored, kinds.key_of(namespace, controller.name))
    if kind is None or owner is None or owner.metadata.uid != controller.uid:
        name = members.first_of(controller).rpartition("/")[2]
        raise CannotCount(f'found no controllers for pod "{name}"')
    deployment = _deployment_of(api, owner) if isinstance(owner, ReplicaSet) else None
    if deployment is not None:
        return deployment.metadata.uid, scaling.wanted(kinds.DEPLOYMENTS, deployment)
    return owner.metadata.uid, scaling.wanted(kind, owner)


def _deployment_of(api: ApiServer, replica_set: ReplicaSet) -> Deployment | None:
    reference = controller_of(replica_set)
    if reference is None or reference.kind != kinds.DEPLOYMENTS.kind:
        return None
    found = api.find(kinds.DEPLOYMENTS, kinds.key_of(replica_set.metadata.namespace, reference.name))
    return found if found is not None and found.metadata.uid == reference.uid else None
