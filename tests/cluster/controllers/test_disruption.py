"""Disruption budgets: what their status says, and what evictions make of it."""

from typing import Any

import pytest
from msgspec.structs import replace

from cluster.api import codec, kinds
from cluster.api.core import Pod
from cluster.api.errors import ApiError, Conflict, Forbidden, NotFound, TooManyRequests
from cluster.api.kinds import POD_DISRUPTION_BUDGETS, PODS
from cluster.api.meta import OwnerReference
from cluster.api.policy import PodDisruptionBudget, PodDisruptionBudgetStatus
from cluster.apiserver.eviction import evict
from cluster.controllers.disruption import DisruptionController
from tests.cluster.controllers.plane import NAMESPACE, USER, Plane, key

REFUSED = "Cannot evict pod as it would violate the pod's disruption budget."


@pytest.fixture
def plane() -> Plane:
    """A control plane with the disruption controller."""
    return Plane(DisruptionController)


def budget(plane: Plane, name: str = "guard", **spec: Any) -> None:
    """Create a budget of app=web and let it be measured."""
    plain = {
        "metadata": {"name": name, "namespace": NAMESPACE, "generation": 1},
        "spec": {"selector": {"matchLabels": {"app": "web"}}, **spec},
    }
    plane.api.create(POD_DISRUPTION_BUDGETS, codec.from_plain(PodDisruptionBudget, plain), actor=USER)
    plane.run()


def status(plane: Plane, name: str = "guard") -> PodDisruptionBudgetStatus:
    """What a budget says."""
    return plane.api.get(POD_DISRUPTION_BUDGETS, key(name)).status


def figures(plane: Plane) -> tuple[int, int, int, int]:
    """Expected pods, desired and current healthy ones, and disruptions allowed."""
    found = status(plane)
    return found.expectedPods, found.desiredHealthy, found.currentHealthy, found.disruptionsAllowed


def condition(plane: Plane) -> tuple[str, str, str, int]:
    """The status, reason, message and generation of the budget's one condition."""
    (found,) = status(plane).conditions
    assert found.type == "DisruptionAllowed"
    return found.status, found.reason, found.message, found.observedGeneration


def workload(plane: Plane, kind: kinds.Kind[Any], name: str, replicas: int = 3, owner: Any = None) -> Any:
    """Create a workload, perhaps one that is another's."""
    template: dict[str, Any] = {
        "metadata": {"labels": {"app": "web"}},
        "spec": {"containers": [{"name": "web", "image": "x"}]},
    }
    spec = {"replicas": replicas, "selector": {"matchLabels": {"app": "web"}}, "template": template}
    if kind is kinds.JOBS:
        spec = {"template": {"spec": {**template["spec"], "restartPolicy": "Never"}}}
    value = codec.from_plain(kind.type, {"metadata": {"name": name, "namespace": NAMESPACE}, "spec": spec})
    if owner is not None:
        value = replace(value, metadata=replace(value.metadata, ownerReferences=(reference(owner),)))
    return plane.api.create(kind, value, actor=USER)


def reference(owner: Any) -> OwnerReference:
    """The reference to a controller."""
    kind = kinds.kind_of(owner)
    return OwnerReference(
        apiVersion=kind.api_version, kind=kind.kind, name=owner.metadata.name, uid=owner.metadata.uid, controller=True
    )  # fmt: skip


def running(plane: Plane, *names: str, owner: Any = None) -> None:
    """Pods that are ready, perhaps a controller's."""
    for name in names:
        plane.running(name, 1)
        if owner is not None:
            pod = plane.api.get(PODS, key(name))
            owned = replace(pod, metadata=replace(pod.metadata, ownerReferences=(reference(owner),)))
            plane.api.update(PODS, owned, actor=USER)
    plane.run()


def events(plane: Plane) -> set[tuple[str, str, str]]:
    """What was told: type, reason and message."""
    return {(event.type, event.reason, event.message) for event in plane.api.list(kinds.EVENTS)}


def refusal(plane: Plane, name: str, **given: Any) -> ApiError:
    """The error of an eviction."""
    with pytest.raises(ApiError) as caught:
        evict(plane.api, key(name), actor=USER, **given)
    return caught.value


def cause(error: ApiError) -> str:
    """Why a budget allows no eviction."""
    assert isinstance(error, TooManyRequests)
    assert error.message == REFUSED
    assert error.details is not None
    (found,) = error.details.causes
    assert found.reason == "DisruptionBudget"
    return found.message


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({"minAvailable": 2}, (3, 2, 3, 1)),
        ({"minAvailable": 3}, (3, 3, 3, 0)),
        ({"minAvailable": 9}, (3, 9, 3, 0)),
        ({"minAvailable": "50%"}, (4, 2, 3, 1)),
        ({"maxUnavailable": 1}, (4, 3, 3, 0)),
        ({"maxUnavailable": "50%"}, (4, 2, 3, 1)),
        ({"maxUnavailable": "30%"}, (4, 2, 3, 1)),
        ({"maxUnavailable": 9}, (4, 0, 3, 3)),
        ({}, (3, 0, 3, 3)),
    ],
)
def test_figures(plane: Plane, spec: dict[str, Any], expected: tuple[int, int, int, int]) -> None:
    """A number is of the pods there are, a percentage of those the controller wants, rounded up."""
    running(plane, "a", "b", "c", owner=workload(plane, kinds.REPLICA_SETS, "web", 4))
    budget(plane, **spec)
    assert figures(plane) == expected
    allowed = expected[3] > 0
    assert condition(plane) == (str(allowed), "SufficientPods" if allowed else "InsufficientPods", "", 1)
    assert plane.quiet()


def test_a_deployment_counts_for_its_replica_sets(plane: Plane) -> None:
    """Pods of several ReplicaSets of one Deployment are expected as often as the Deployment says."""
    deployment = workload(plane, kinds.DEPLOYMENTS, "web", 5)
    for name in ("old", "new"):
        running(plane, f"pod-{name}", owner=workload(plane, kinds.REPLICA_SETS, name, 9, deployment))
    running(plane, "other", owner=workload(plane, kinds.STATEFUL_SETS, "db", 2))
    budget(plane, maxUnavailable=1)
    assert figures(plane) == (7, 6, 3, 0)


def test_no_pods(plane: Plane) -> None:
    """A budget without pods allows nothing, and says so."""
    budget(plane, minAvailable="25%")
    assert figures(plane) == (0, 0, 0, 0)
    assert events(plane) == {("Normal", "NoPods", "No matching pods found")}


def test_pods_without_a_controller(plane: Plane) -> None:
    """Nobody says how many there should be of pods that are nobody's: they count for nothing."""
    running(plane, "a")
    budget(plane, maxUnavailable=1)
    assert figures(plane) == (0, 0, 1, 0)
    assert events(plane) == {(
        "Warning", "UnmanagedPods",
        ("Pods selected by this PodDisruptionBudget (selector: &LabelSelector{MatchLabels:map[string]string{app: web,},"
        "MatchExpressions:[]LabelSelectorRequirement{},}) were found to be unmanaged. As a result, the status of the PDB "
        "cannot be calculated correctly, which may result in undefined behavior. To account for these pods please set "
        '".spec.minAvailable" field of the PDB to an integer value.'),
    )}  # fmt: skip


def test_controllers_that_cannot_be_asked(plane: Plane) -> None:
    """Where a controller has no scale nothing is allowed, and the condition tells why."""
    running(plane, "a", owner=workload(plane, kinds.JOBS, "sums"))
    budget(plane, maxUnavailable=1)
    why = "jobs.batch does not implement the scale subresource"
    assert condition(plane) == ("False", "SyncFailed", why, 0)
    told = f"Failed to calculate the number of expected pods: {why}"
    assert ("Warning", "CalculateExpectedPodCountFailed", told) in events(plane)


def test_figures_follow_pods(plane: Plane) -> None:
    """Readiness, labels and deletions change the figures; other changes write nothing."""
    running(plane, "a", "b", "c")
    budget(plane, minAvailable=1)
    assert figures(plane) == (3, 1, 3, 2)
    plane.state("a", ready=False)
    plane.run()
    assert figures(plane) == (3, 1, 2, 1)
    pod = plane.api.get(PODS, key("b"))
    plane.api.update(PODS, replace(pod, metadata=replace(pod.metadata, labels={"app": "other"})), actor=USER)
    plane.run()
    assert figures(plane) == (2, 1, 1, 0)
    plane.api.delete(PODS, key("c"), actor=USER)
    plane.run()
    assert figures(plane) == (2, 1, 0, 0)
    plane.remove("c")
    plane.run()
    assert figures(plane) == (1, 1, 0, 0)
    plane.running("d", 1, labels={"app": "other"})
    revision = plane.store.table(POD_DISRUPTION_BUDGETS).revision(key("guard"))
    plane.run()
    assert plane.store.table(POD_DISRUPTION_BUDGETS).revision(key("guard")) == revision


def test_a_changed_budget(plane: Plane) -> None:
    """A budget is measured anew when its spec changes, and the observed generation tells."""
    running(plane, "a", "b")
    budget(plane, minAvailable=1)
    found = plane.api.get(POD_DISRUPTION_BUDGETS, key("guard"))
    new = replace(found, spec=replace(found.spec, minAvailable=2), metadata=replace(found.metadata, generation=2))
    plane.store.put(POD_DISRUPTION_BUDGETS, key("guard"), new, USER)
    assert cause(refusal(plane, "a")) == "The disruption budget guard is still being processed by the server."
    plane.run()
    assert figures(plane) == (2, 2, 2, 0)
    assert condition(plane) == ("False", "InsufficientPods", "", 2)


def test_evicted(plane: Plane) -> None:
    """An eviction takes one disruption, tells the pod why it goes, and deletes it."""
    running(plane, "a", "b")
    budget(plane, minAvailable=1)
    evict(plane.api, key("a"), actor=USER)
    found: Pod = plane.api.get(PODS, key("a"))
    assert found.metadata.deletionTimestamp
    told = found.status.conditions[-1]
    assert (told.type, told.status, told.reason) == ("DisruptionTarget", "True", "EvictionByEvictionAPI")
    assert told.message == "Eviction API: evicting"
    assert status(plane).disruptedPods == {"a": plane.api.now}
    assert condition(plane) == ("False", "InsufficientPods", "", 1)
    assert cause(refusal(plane, "b")) == "The disruption budget guard needs 1 healthy pods and has 2 currently"
    plane.run()
    assert status(plane).disruptedPods == {}
    assert figures(plane) == (2, 1, 1, 0)
    assert cause(refusal(plane, "b")) == "The disruption budget guard needs 1 healthy pods and has 1 currently"


def test_an_eviction_that_comes_to_nothing(plane: Plane) -> None:
    """A disruption that was allowed counts for two minutes, then the pod counts again."""
    running(plane, "a", "b")
    budget(plane, minAvailable=1)
    found = plane.api.get(POD_DISRUPTION_BUDGETS, key("guard"))
    taken = replace(found.status, disruptedPods={"a": plane.api.now}, disruptionsAllowed=0)
    plane.api.update_status(POD_DISRUPTION_BUDGETS, replace(found, status=taken), actor=USER)
    plane.run(119_000)
    assert figures(plane) == (2, 1, 1, 0)
    plane.run(3_000)
    assert figures(plane) == (2, 1, 2, 1)
    why = "Pod was expected by PDB shop/guard to be deleted but it wasn't"
    assert ("Warning", "NotDeleted", why) in events(plane)


def test_a_dry_run(plane: Plane) -> None:
    """A dry run is refused as the eviction would be, and takes nothing."""
    running(plane, "a", "b")
    budget(plane, minAvailable=1)
    revision = plane.store.revision
    evict(plane.api, key("a"), actor=USER, dry_run=True)
    assert plane.store.revision == revision
    budget(plane, "strict", minAvailable=2)
    assert refusal(plane, "a", dry_run=True).code == 500


def test_several_budgets(plane: Plane) -> None:
    """A pod of two budgets cannot be evicted at all."""
    running(plane, "a")
    budget(plane, "first", minAvailable=0)
    budget(plane, "second", minAvailable=0)
    error = refusal(plane, "a")
    assert (error.code, error.reason) == (500, "")
    assert error.message == (
        "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support."
    )


def test_pods_that_need_no_budget(plane: Plane) -> None:
    """What has not started, has ended or is going may go: nothing is disrupted."""
    running(plane, "done", "going")
    plane.pod("new")
    budget(plane, minAvailable=9)
    plane.state("done", phase="Succeeded", ready=False)
    plane.api.delete(PODS, key("going"), actor=USER)
    for name in ("new", "done", "going"):
        evict(plane.api, key(name), actor=USER, grace=0)
        assert plane.api.find(PODS, key(name)) is None
    assert status(plane).disruptedPods == {}


@pytest.mark.parametrize(
    ("policy", "least", "allowed"),
    [("", 1, True), ("", 2, False), ("IfHealthyBudget", 2, False), ("AlwaysAllow", 2, True), ("", 0, True)],
)
def test_pods_that_do_not_serve(plane: Plane, policy: str, least: int, allowed: bool) -> None:  # noqa: FBT001
    """A pod that is not ready may go if enough others are, or always if the budget says so."""
    running(plane, "good", "bad")
    plane.state("bad", ready=False)
    budget(plane, minAvailable=least, **({"unhealthyPodEvictionPolicy": policy} if policy else {}))
    if allowed:
        evict(plane.api, key("bad"), actor=USER)
        assert plane.api.get(PODS, key("bad")).metadata.deletionTimestamp
    else:
        assert cause(refusal(plane, "bad")) == "The disruption budget guard needs 2 healthy pods and has 1 currently"


def test_other_refusals(plane: Plane) -> None:
    """A pod has to be there and be the one that is meant, and the budget has to make sense."""
    running(plane, "a")
    assert isinstance(refusal(plane, "missing"), NotFound)
    assert isinstance(refusal(plane, "a", uid="other"), Conflict)
    assert isinstance(refusal(plane, "a", resource_version="1"), Conflict)
    budget(plane, maxUnavailable=1)
    found = plane.api.get(POD_DISRUPTION_BUDGETS, key("guard"))
    plane.store.put(
        POD_DISRUPTION_BUDGETS, key("guard"), replace(found, status=replace(found.status, disruptionsAllowed=-1)), USER
    )
    error = refusal(plane, "a")
    assert isinstance(error, Forbidden)
    assert error.message == 'poddisruptionbudget.policy "guard" is forbidden: pdb disruptions allowed is negative'


def test_a_budget_that_cannot_be_measured(plane: Plane) -> None:
    """The refusal tells what failed."""
    running(plane, "a", owner=workload(plane, kinds.REPLICA_SETS, "web"))
    budget(plane, maxUnavailable=1)
    running(plane, "b", owner=workload(plane, kinds.JOBS, "sums"))
    assert cause(refusal(plane, "a")) == (
        "The disruption budget guard does not allow evicting pods currently because it failed sync: "
        "jobs.batch does not implement the scale subresource"
    )


def test_a_restart_writes_nothing(plane: Plane) -> None:
    """A controller that starts anew finds its own status right."""
    running(plane, "a", "b", owner=workload(plane, kinds.REPLICA_SETS, "web", 2))
    budget(plane, maxUnavailable="50%")
    revision = plane.store.revision
    plane.restart(DisruptionController)
    plane.run()
    assert plane.store.revision == revision
    plane.remove("a")
    plane.run()
    assert figures(plane) == (2, 1, 1, 0)


def test_without_budgets_no_pod_is_read(plane: Plane) -> None:
    """Reading starts with the first budget."""
    (controller,) = plane.components
    running(plane, "a")
    assert not controller._reads_pods
    budget(plane, minAvailable=1)
    assert controller._reads_pods


def test_a_budget_without_a_selector(plane: Plane) -> None:
    """No selector selects nothing, an empty one everything."""
    running(plane, "a")
    specs: dict[str, dict[str, Any]] = {"none": {}, "all": {"selector": {}}}
    for name, spec in specs.items():
        plain = {"metadata": {"name": name, "namespace": NAMESPACE}, "spec": {"minAvailable": 1, **spec}}
        plane.api.create(POD_DISRUPTION_BUDGETS, codec.from_plain(PodDisruptionBudget, plain), actor=USER)
    plane.run()
    assert (status(plane, "none").expectedPods, status(plane, "all").expectedPods) == (0, 1)
