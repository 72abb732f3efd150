"""Quotas: what admission charges and refuses, and what the controller counts."""

from typing import Any

import pytest

from cluster.api import codec, kinds
from cluster.api.core import ResourceQuota
from cluster.api.errors import Forbidden
from cluster.api.kinds import Kind
from cluster.controllers.replica_set import ReplicaSetController
from cluster.controllers.resource_quota import ResourceQuotaController
from cluster.controllers.resource_quota.ledger import Ledger
from tests.cluster.controllers.plane import NAMESPACE, USER, Plane, key


@pytest.fixture
def plane() -> Plane:
    """A control plane with the quota controller."""
    return Plane(ResourceQuotaController)


def made(plane: Plane, kind: Kind[Any], name: str, **plain: Any) -> Any:
    """Create an object in the namespace."""
    meta = {"name": name, "namespace": NAMESPACE, **plain.pop("metadata", {})}
    return plane.api.create(kind, codec.from_plain(kind.type, {"metadata": meta, **plain}), actor=USER)


def quota(plane: Plane, name: str = "team", hard: dict[str, str] | None = None, **spec: Any) -> None:
    """Create a quota and let it be counted."""
    made(plane, kinds.RESOURCE_QUOTAS, name, spec={"hard": hard or {}, **spec})
    plane.run()


def pod(plane: Plane, name: str, resources: dict[str, Any] | None = None, **spec: Any) -> Any:
    """Create a pod of one container with these resources."""
    containers = [{"name": "web", "image": "x", "resources": resources or {}}]
    return made(plane, kinds.PODS, name, spec={"containers": containers, **spec})


def used(plane: Plane, name: str = "team") -> dict[str, str]:
    """What the quota says is used."""
    return dict(plane.api.get(kinds.RESOURCE_QUOTAS, key(name)).status.used)


def refused(plane: Plane, kind: Kind[Any], name: str, **plain: Any) -> str:
    """Why an object is refused."""
    with pytest.raises(Forbidden) as caught:
        made(plane, kind, name, **plain)
    return caught.value.message


def replica_set(plane: Plane, replicas: int = 1) -> None:
    """Create a ReplicaSet."""
    template = {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "web", "image": "x"}]}}
    spec = {"replicas": replicas, "selector": {"matchLabels": {"app": "web"}}, "template": template}
    made(plane, kinds.REPLICA_SETS, "web", spec=spec)


SMALL = {"requests": {"cpu": "100m", "memory": "64Mi"}, "limits": {"cpu": "250m", "memory": "128Mi"}}
COMPUTE = {"pods": "3", "requests.cpu": "200m", "requests.memory": "256Mi", "limits.cpu": "500m"}


def test_a_new_quota_counts_what_is_there(plane: Plane) -> None:
    """Its status appears at once, with what exists."""
    pod(plane, "a", SMALL)
    quota(plane, hard=COMPUTE)
    found: ResourceQuota = plane.api.get(kinds.RESOURCE_QUOTAS, key("team"))
    assert found.status.hard == COMPUTE
    assert used(plane) == {"limits.cpu": "250m", "pods": "1", "requests.cpu": "100m", "requests.memory": "64Mi"}
    assert plane.quiet()


def test_charged_at_admission(plane: Plane) -> None:
    """A pod is charged with the request that makes it, before any controller runs; a dry run charges nothing."""
    quota(plane, hard=COMPUTE)
    value = codec.from_plain(kinds.PODS.type, {
        "metadata": {"name": "a", "namespace": NAMESPACE},
        "spec": {"containers": [{"name": "web", "image": "x", "resources": SMALL}]},
    })  # fmt: skip
    plane.api.create(kinds.PODS, value, actor=USER, dry_run=True)
    assert used(plane)["pods"] == "0"
    plane.api.create(kinds.PODS, value, actor=USER)
    assert used(plane) == {"limits.cpu": "250m", "pods": "1", "requests.cpu": "100m", "requests.memory": "64Mi"}


def test_exceeded(plane: Plane) -> None:
    """The refusal names what would be exceeded, and only that."""
    quota(plane, hard=COMPUTE)
    pod(plane, "a", SMALL)
    big = {"requests": {"cpu": "150m", "memory": "1Mi"}, "limits": {"cpu": "300m"}}
    spec = {"containers": [{"name": "web", "image": "x", "resources": big}]}
    assert refused(plane, kinds.PODS, "b", spec=spec) == (
        'pods "b" is forbidden: exceeded quota: team, requested: limits.cpu=300m,requests.cpu=150m, '
        "used: limits.cpu=250m,requests.cpu=100m, limited: limits.cpu=500m,requests.cpu=200m"
    )
    assert used(plane)["pods"] == "1"


def test_what_is_counted_has_to_be_said(plane: Plane) -> None:
    """Where cpu or memory is counted, every container says how much of it it wants."""
    quota(plane, hard=COMPUTE)
    spec = {
        "initContainers": [{"name": "warm", "image": "x", "resources": {"requests": {"cpu": "1m", "memory": "1Mi"}}}],
        "containers": [{"name": "cache", "image": "x", "resources": {"requests": {"cpu": "1m"}}}],
    }
    assert refused(plane, kinds.PODS, "b", spec=spec) == (
        'pods "b" is forbidden: failed quota: team: must specify limits.cpu for: cache,warm; requests.memory for: cache'
    )


def test_not_counted_yet(plane: Plane) -> None:
    """A quota that says what it allows and not what is used refuses what it counts."""
    quota(plane, hard={"pods": "1"})
    found = plane.api.get(kinds.RESOURCE_QUOTAS, key("team"))
    status = {"hard": {"pods": "1", "secrets": "1"}, "used": {"pods": "0"}}
    changed = codec.from_plain(ResourceQuota, {**codec.to_plain(found), "status": status})
    plane.api.update_status(kinds.RESOURCE_QUOTAS, changed, actor=USER)
    assert refused(plane, kinds.SECRETS, "s") == (
        'secrets "s" is forbidden: status unknown for quota: team, resources: secrets'
    )
    pod(plane, "a")
    plane.run()
    assert used(plane) == {"pods": "1"}, "the controller has put the status right"


def test_given_back(plane: Plane) -> None:
    """What goes, or finishes, is free again; a finished pod still counts as an object."""
    quota(plane, hard={"pods": "2", "count/pods": "2"})
    pod(plane, "a", nodeName="node-a")
    pod(plane, "b", nodeName="node-a")
    plane.state("b", phase="Succeeded", ready=False)
    plane.remove("a")
    plane.run()
    assert used(plane) == {"count/pods": "1", "pods": "0"}
    pod(plane, "c")
    plane.run()
    assert used(plane) == {"count/pods": "2", "pods": "1"}


def test_stuck_pods_count_no_more(plane: Plane) -> None:
    """A deleted pod that nobody stops is free after twice its grace, and that is looked at in time."""
    quota(plane, hard={"pods": "1"})
    pod(plane, "a", nodeName="node-a", terminationGracePeriodSeconds=10)
    plane.api.delete(kinds.PODS, key("a"), actor=USER)
    plane.run(19_000)
    assert used(plane) == {"pods": "1"}
    plane.run(3_000)
    assert used(plane) == {"pods": "0"}
    assert plane.quiet()


@pytest.mark.parametrize(
    ("scopes", "spec", "counted"),
    [
        ({"scopes": ["BestEffort"]}, {}, True),
        ({"scopes": ["NotBestEffort"]}, {}, False),
        ({"scopes": ["NotBestEffort"]}, {"resources": SMALL}, True),
        ({"scopes": ["Terminating"]}, {}, False),
        ({"scopes": ["Terminating"]}, {"activeDeadlineSeconds": 60}, True),
        ({"scopes": ["NotTerminating"]}, {"activeDeadlineSeconds": 60}, False),
        ({"scopes": ["NotTerminating", "BestEffort"]}, {}, True),
        ({"scopes": ["PriorityClass"]}, {"priorityClassName": "high"}, True),
        ({"scopes": ["PriorityClass"]}, {}, False),
        ({"scopes": ["CrossNamespacePodAffinity"]}, {}, False),
        (
            {"scopes": ["CrossNamespacePodAffinity"]},
            {
                "affinity": {
                    "podAffinity": {
                        "requiredDuringSchedulingIgnoredDuringExecution": [
                            {"topologyKey": "zone", "namespaces": ["other"], "labelSelector": {}}
                        ]
                    }
                }
            },
            True,
        ),
    ],
)
def test_scopes(plane: Plane, scopes: dict[str, Any], spec: dict[str, Any], counted: bool) -> None:  # noqa: FBT001
    """A quota with scopes counts the pods that are in all of them, at admission and afterwards."""
    made(plane, kinds.PRIORITY_CLASSES, "high", metadata={"namespace": ""}, value=10)
    quota(plane, hard={"pods": "5"}, **scopes)
    resources = spec.pop("resources", None)
    pod(plane, "a", resources, **spec)
    assert used(plane) == {"pods": "1" if counted else "0"}
    plane.run()
    assert used(plane) == {"pods": "1" if counted else "0"}


@pytest.mark.parametrize(
    ("operator", "values", "counts"),
    [
        ("In", ["high"], {"high": "1", "": "0"}),
        ("NotIn", ["high"], {"high": "0", "": "1"}),
        ("Exists", [], {"high": "1", "": "0"}),
        ("DoesNotExist", [], {"high": "0", "": "1"}),
    ],
)
def test_scope_selectors(plane: Plane, operator: str, values: list[str], counts: dict[str, str]) -> None:
    """A selector goes by the pod's priority class; other kinds are in no scope."""
    made(plane, kinds.PRIORITY_CLASSES, "high", metadata={"namespace": ""}, value=10)
    term = {"scopeName": "PriorityClass", "operator": operator, "values": values}
    quota(plane, hard={"pods": "5", "count/secrets": "5"}, scopeSelector={"matchExpressions": [term]})
    made(plane, kinds.SECRETS, "s")
    for name, count in counts.items():
        given: dict[str, Any] = {"priorityClassName": name} if name else {}
        pod(plane, f"pod{name}", **given)
        plane.run()
        assert used(plane) == {"pods": count, "count/secrets": "0"}
        plane.remove(f"pod{name}")
        plane.run()


def test_objects_by_number(plane: Plane) -> None:
    """Any kind is counted as count/resource.group, some by their plain name, too; events never are."""
    quota(plane, hard={"configmaps": "2", "count/configmaps": "1", "count/replicasets.apps": "0"})
    made(plane, kinds.CONFIG_MAPS, "a")
    assert used(plane) == {"configmaps": "1", "count/configmaps": "1", "count/replicasets.apps": "0"}
    assert refused(plane, kinds.CONFIG_MAPS, "b") == (
        'configmaps "b" is forbidden: exceeded quota: team, '
        "requested: count/configmaps=1, used: count/configmaps=1, limited: count/configmaps=1"
    )
    with pytest.raises(Forbidden, match=r'^replicasets\.apps "web" is forbidden: exceeded quota: team, '):
        replica_set(plane)


def test_services(plane: Plane) -> None:
    """Node ports and load balancers are counted apart, and an update is charged the difference."""
    quota(plane, hard={"services": "2", "services.nodeports": "1", "services.loadbalancers": "0"})
    plane.service("a")
    with pytest.raises(Forbidden) as caught:
        plane.service("b", type="LoadBalancer")
    assert caught.value.message == (
        'services "b" is forbidden: exceeded quota: team, requested: services.loadbalancers=1, '
        "used: services.loadbalancers=0, limited: services.loadbalancers=0"
    )
    plane.service("a", type="NodePort")
    assert used(plane) == {"services": "1", "services.loadbalancers": "0", "services.nodeports": "1"}
    plane.service("a")
    plane.run()
    assert used(plane)["services.nodeports"] == "0"


def test_storage(plane: Plane) -> None:
    """Claims are counted together and for their class."""
    slow = "slow.storageclass.storage.k8s.io"
    quota(
        plane,
        hard={"requests.storage": "5Gi", f"{slow}/requests.storage": "1Gi", f"{slow}/persistentvolumeclaims": "1"},
    )
    claim = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "2Gi"}}}
    assert refused(plane, kinds.PERSISTENT_VOLUME_CLAIMS, "c", spec={**claim, "storageClassName": "slow"}) == (
        'persistentvolumeclaims "c" is forbidden: exceeded quota: team, '
        f"requested: {slow}/requests.storage=2Gi, used: {slow}/requests.storage=0, limited: {slow}/requests.storage=1Gi"
    )
    made(plane, kinds.PERSISTENT_VOLUME_CLAIMS, "c", spec={**claim, "storageClassName": "fast"})
    plane.run()
    assert used(plane) == {
        "requests.storage": "2Gi", f"{slow}/persistentvolumeclaims": "0", f"{slow}/requests.storage": "0",
    }  # fmt: skip


def test_extended_resources(plane: Plane) -> None:
    """Devices and huge pages are counted by what is requested."""
    quota(plane, hard={"requests.example.com/gpu": "1", "hugepages-2Mi": "4Mi"})
    gpu = {"limits": {"example.com/gpu": "1"}, "requests": {"example.com/gpu": "1"}}
    pod(plane, "a", gpu)
    assert used(plane) == {"hugepages-2Mi": "0", "requests.example.com/gpu": "1"}
    spec = {"containers": [{"name": "web", "image": "x", "resources": gpu}]}
    assert refused(plane, kinds.PODS, "b", spec=spec).endswith("limited: requests.example.com/gpu=1")


def test_every_quota_has_a_say(plane: Plane) -> None:
    """A request is charged to all quotas or, if one refuses, to none."""
    quota(plane, "a", {"pods": "5"})
    quota(plane, "b", {"pods": "1"})
    pod(plane, "first")
    assert refused(plane, kinds.PODS, "second", spec={"containers": [{"name": "x", "image": "x"}]}).startswith(
        'pods "second" is forbidden: exceeded quota: b, '
    )
    assert (used(plane, "a"), used(plane, "b")) == ({"pods": "1"}, {"pods": "1"})


def test_a_failed_creation_is_not_charged(plane: Plane) -> None:
    """What exists already is not charged again."""
    quota(plane, hard={"secrets": "2"})
    made(plane, kinds.SECRETS, "s")
    with pytest.raises(Exception, match=r'^secrets "s" already exists$'):
        made(plane, kinds.SECRETS, "s")
    assert used(plane) == {"secrets": "1"}


def test_a_resize_is_charged(plane: Plane) -> None:
    """A running pod grows only within the quota."""
    quota(plane, hard={"requests.cpu": "200m"})
    value = pod(plane, "a", {"requests": {"cpu": "100m"}}, nodeName="node-a")
    for cpu, allowed in (("150m", True), ("300m", False)):
        plain = codec.to_plain(value)
        plain["spec"]["containers"][0]["resources"] = {"requests": {"cpu": cpu}}
        if allowed:
            plane.api.update_pod_part(codec.from_plain(kinds.PODS.type, plain), "resize", actor=USER)
            assert used(plane) == {"requests.cpu": "150m"}
        else:
            with pytest.raises(Forbidden) as caught:
                plane.api.update_pod_part(codec.from_plain(kinds.PODS.type, plain), "resize", actor=USER)
            assert caught.value.message == (
                'pods "a" is forbidden: exceeded quota: team, requested: requests.cpu=150m, '
                "used: requests.cpu=150m, limited: requests.cpu=200m"
            )


def test_the_hard_limits_may_change(plane: Plane) -> None:
    """A changed quota is counted anew; less than is used takes nothing away."""
    quota(plane, hard={"pods": "5"})
    pod(plane, "a")
    pod(plane, "b")
    found = plane.api.get(kinds.RESOURCE_QUOTAS, key("team"))
    plain = {**codec.to_plain(found), "spec": {"hard": {"pods": "1", "secrets": "1"}}}
    plane.api.update(kinds.RESOURCE_QUOTAS, codec.from_plain(ResourceQuota, plain), actor=USER)
    plane.run()
    found = plane.api.get(kinds.RESOURCE_QUOTAS, key("team"))
    assert (found.status.hard, found.status.used) == (found.spec.hard, {"pods": "2", "secrets": "0"})


def test_replica_sets_tell_of_it() -> None:
    """A ReplicaSet that may not have its pods says so in an event and a condition, and gets them when it may."""
    plane = Plane(ResourceQuotaController, ReplicaSetController)
    quota(plane, hard={"pods": "1"})
    replica_set(plane, 2)
    plane.run()
    found = plane.api.get(kinds.REPLICA_SETS, key("web"))
    (condition,) = found.status.conditions
    assert (condition.type, condition.reason) == ("ReplicaFailure", "FailedCreate")
    told = "is forbidden: exceeded quota: team, requested: pods=1, used: pods=1, limited: pods=1"
    assert condition.message.startswith('pods "web-')
    assert condition.message.endswith(told)
    events = [event for event in plane.api.list(kinds.EVENTS) if event.reason == "FailedCreate"]
    assert events
    assert all(event.message.startswith('Error creating: pods "web-') for event in events)
    plane.api.delete(kinds.RESOURCE_QUOTAS, key("team"), actor=USER)
    plane.run(60_000)
    assert len(plane.api.list(kinds.PODS)) == 2


def test_kinds_that_no_quota_counts_are_not_read(plane: Plane) -> None:
    """Without quotas the controller reads nothing but quotas, and other namespaces cost it no work."""
    (controller,) = plane.components
    pod(plane, "a")
    plane.run()
    assert controller._ledgers == {}
    quota(plane, hard={"pods": "5"})
    assert [kind.plural for kind in controller._ledgers] == ["pods"]


def test_a_restart_writes_nothing(plane: Plane) -> None:
    """A controller that starts anew finds its own status right."""
    pod(plane, "a", SMALL)
    quota(plane, hard={**COMPUTE, "secrets": "1"})
    pod(plane, "b", {"requests": {"cpu": "1m", "memory": "1M"}, "limits": {"cpu": "1m"}})
    plane.run()
    revision = plane.store.revision
    plane.restart(ResourceQuotaController)
    plane.run()
    assert plane.store.revision == revision


def test_a_compacted_log_is_counted_anew(plane: Plane) -> None:
    """A ledger that is too far behind counts its namespaces again."""
    ledger = Ledger(plane.store, kinds.PODS)
    ledger.follow(NAMESPACE, plane.api.now)
    pod(plane, "a")
    pod(plane, "b")
    plane.remove("a")
    plane.store.compact(plane.store.revision)
    assert list(ledger.tally(NAMESPACE, plane.api.now).values()) == [1]


def test_a_quota_that_went_is_forgotten(plane: Plane) -> None:
    """A namespace without quotas is not counted any more, and is counted in full when it has one again."""
    quota(plane, hard={"pods": "5"})
    plane.api.delete(kinds.RESOURCE_QUOTAS, key("team"), actor=USER)
    plane.run()
    pod(plane, "a")
    (controller,) = plane.components
    assert controller._followed == set()
    quota(plane, hard={"pods": "5"})
    assert used(plane) == {"pods": "1"}
