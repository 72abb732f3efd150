"""Bugs that the engine does not have, one to be planted at a time: the rules have to find each of them.

Each takes the place of one function of a component while it is planted, as a careless change of that
function would. Invariant: nothing in the engine knows of this, and without a planted bug it is itself.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple
from unittest import mock

from msgspec.structs import replace

from cluster.api import kinds
from cluster.controllers import volume_protection
from cluster.controllers.deployment import conditions, sizes
from cluster.controllers.endpoint_slices import controller as endpoint_slices
from cluster.controllers.garbage_collector import GarbageCollector
from cluster.controllers.job import sync
from cluster.controllers.namespace import Content, NamespaceController
from cluster.controllers.pod_states import ENDED
from cluster.controllers.replicas.owned import Owned
from cluster.controllers.resource_quota.ledger import Ledger
from cluster.controllers.stateful_set import decisions
from cluster.kubelet import Kubelets
from cluster.scheduler import Scheduler

Function = Callable[..., Any]


class Bug(NamedTuple):
    """What takes the place of `where.what` (made from the function that is there), and what gives it away."""

    where: Any
    what: str
    made: Callable[[Function], Any]
    told: str
    """Words of the rule that finds it."""
    seed: int
    """A life in which it does harm."""


@contextmanager
def planted(bug: Bug) -> Iterator[None]:
    """The engine with the bug."""
    with mock.patch.object(bug.where, bug.what, bug.made(getattr(bug.where, bug.what))):
        yield


def _always(_: object) -> property:
    return property(lambda _: True)


def _without_pods(follow: Function) -> Function:
    def follow_kinds(collector: Any) -> None:
        collector._followed.add(kinds.PODS.qualified)
        follow(collector)

    return follow_kinds


def _unassumed(bind: Function) -> Function:
    def bound(scheduler: Any, waiting: Any, *found: Any) -> None:
        bind(scheduler, waiting, *found)
        if waiting.key in scheduler.cache.placed:
            scheduler.cache.remove_pod(waiting.key)

    return bound


def _taking_the_ended_for_new(seen: Function) -> Function:
    def bound(kubelets: Any, key: str, pod: Any) -> None:
        seen(kubelets, key, pod)
        api, live = kubelets._desk.api, kubelets._registry.agent(pod.spec.nodeName).live
        if pod.status.phase in ENDED and live and api.find(kinds.PODS, key) is pod:
            fresh = replace(pod.status, phase="Pending", containerStatuses=(), startTime="")
            api.update_status(kinds.PODS, replace(pod, status=fresh), actor="kubelet")

    return bound


def _ready_at_once(made: Function) -> Function:
    def endpoint(*about: Any) -> Any:
        found = made(*about)
        return None if found is None else replace(found, conditions=replace(found.conditions, ready=True))

    return endpoint


def _never_released(noted: Function) -> Function:
    def note(ledger: Any, page: Any, key: str, value: Any, now: str) -> None:
        if value is not None:
            noted(ledger, page, key, value, now)
        page.due.clear()

    return note


def _twice(_: Function) -> Function:
    return lambda uids, pods: (*uids, *(pod.metadata.uid for pod in pods))


def _careless(protect: Function) -> Function:
    return lambda *about, in_use: protect(*about, in_use=False)  # noqa: ARG005 - what it does not care for


def _restless(put: Function) -> Function:
    def reordered(status: Any, condition: Any) -> Any:
        made = put(status, condition)
        return replace(made, conditions=made.conditions[::-1])

    return reordered


def _all_at_once(_: Function) -> Function:
    return lambda deployment, *_: sizes.replicas(deployment)


def _hasty(emptied: Function) -> Function:
    def left(controller: Any, name: str) -> Any:
        emptied(controller, name)
        return Content()

    return left


def _out_of_order(replicas: Function) -> Function:
    return lambda *about: [replace(step, stop=False) for step in replicas(*about)]


BUGS = {
    "impatient-replica-set": Bug(Owned, "settled", _always, "pods and wants", 3),
    "collector-without-pods": Bug(GarbageCollector, "_follow_kinds", _without_pods, "which has gone", 0),
    "forgetful-scheduler": Bug(Scheduler, "_bind", _unassumed, "is asked for", 0),
    "resurrecting-kubelet": Bug(Kubelets, "_bound", _taking_the_ended_for_new, "its phase went from", 0),
    "eager-endpoints": Bug(endpoint_slices, "endpoint", _ready_at_once, "was never ready", 22),
    "miserly-quota": Bug(Ledger, "_set", _never_released, "is true", 6),
    "double-counting-job": Bug(sync, "_merged", _twice, "successes, there were", 2),
    "careless-protection": Bug(volume_protection, "_protect", _careless, "which uses it", 37),
    "restless-deployment": Bug(conditions, "put", _restless, "does not come to rest", 1),
    "surging-rollout": Bug(sizes, "size_of_new", _all_at_once, "are allowed", 10),
    "hasty-namespace": Bug(NamespaceController, "_emptied", _hasty, "is left in it", 4),
    "disorderly-stateful-set": Bug(decisions, "replicas", _out_of_order, "was ready", 0),
}
