"""What a registry does to objects before they are judged."""

from typing import Any

import pytest
from msgspec.structs import replace

from cluster import admission
from cluster.api import kinds
from cluster.api.kinds import Kind
from cluster.api.meta import ObjectMeta, Resource
from tests.cluster.admission.requests import TIME, changed, created, pod, read, view

TEMPLATE = {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "c", "image": "x:1"}]}}
WORKLOAD: dict[str, Any] = {"spec": {"selector": {"matchLabels": {"app": "web"}}, "template": TEMPLATE}}
VIEW = view()


def generation(value: Resource) -> int:
    """An object's generation."""
    return value.metadata.generation


def test_a_new_pod_is_pending() -> None:
    """Whatever status a writer gives, a new pod is pending, of its quality of service, in generation 1."""
    found = created(kinds.PODS, {**pod(), "status": {"phase": "Running"}})
    assert (found.status.phase, found.status.qosClass, found.status.conditions) == ("Pending", "BestEffort", ())
    assert generation(found) == 1


def test_a_gated_pod_says_so() -> None:
    """A pod with scheduling gates begins with the condition that it is gated."""
    plain = {"metadata": {"creationTimestamp": TIME}, **pod(schedulingGates=[{"name": "example.com/hold"}])}
    (condition,) = created(kinds.PODS, plain).status.conditions
    assert (condition.type, condition.status, condition.reason) == ("PodScheduled", "False", "SchedulingGated")
    assert condition.message == "Scheduling is blocked due to non-empty scheduling gates"
    assert condition.lastTransitionTime == TIME


def test_label_keys_become_requirements() -> None:
    """`matchLabelKeys` and `mismatchLabelKeys` are completed from the pod's own labels; keys it lacks are left out."""
    term = {
        "labelSelector": {"matchLabels": {"app": "web"}}, "topologyKey": "zone", "matchLabelKeys": ["hash", "none"],
        "mismatchLabelKeys": ["tenant"],
    }  # fmt: skip
    spread = {"maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule", "matchLabelKeys": ["hash"]}
    found = created(kinds.PODS, {
        "metadata": {"labels": {"hash": "1", "tenant": "a"}},
        **pod(affinity={"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term]}},
              topologySpreadConstraints=[{**spread, "labelSelector": {}}, spread]),
    }).spec  # fmt: skip
    assert found.affinity is not None
    assert found.affinity.podAntiAffinity is not None
    (term_found,) = found.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution
    assert term_found.labelSelector is not None
    told = [(item.key, item.operator, item.values) for item in term_found.labelSelector.matchExpressions]
    assert told == [("hash", "In", ("1",)), ("tenant", "NotIn", ("a",))]
    first, second = found.topologySpreadConstraints
    assert first.labelSelector is not None
    assert [item.key for item in first.labelSelector.matchExpressions] == ["hash"]
    assert second.labelSelector is None


@pytest.mark.parametrize("kind", [kinds.DEPLOYMENTS, kinds.REPLICA_SETS, kinds.REPLICATION_CONTROLLERS])
def test_workloads_begin_without_status(kind: Kind[Any]) -> None:
    """A new workload has generation 1 and an empty status."""
    plain = {"spec": {"template": TEMPLATE}} if kind is kinds.REPLICATION_CONTROLLERS else WORKLOAD
    found = created(kind, {**plain, "metadata": {"generation": 7}, "status": {"replicas": 3}})
    assert (generation(found), found.status.replicas) == (1, 0)


def test_generation_counts_changes_of_the_spec() -> None:
    """Labels do not count, the spec does, and on Deployments annotations too."""
    old = created(kinds.DEPLOYMENTS, WORKLOAD)
    assert generation(changed(kinds.DEPLOYMENTS, old, WORKLOAD)) == 1
    labelled = {**WORKLOAD, "metadata": {"labels": {"a": "b"}}}
    assert generation(changed(kinds.DEPLOYMENTS, old, labelled)) == 1
    annotated = {**WORKLOAD, "metadata": {"annotations": {"a": "b"}}}
    assert generation(changed(kinds.DEPLOYMENTS, old, annotated)) == 2
    scaled = {"spec": {**WORKLOAD["spec"], "replicas": 3}}
    assert generation(changed(kinds.DEPLOYMENTS, old, scaled)) == 2
    sets = created(kinds.REPLICA_SETS, WORKLOAD)
    assert generation(changed(kinds.REPLICA_SETS, sets, annotated)) == 1


def test_a_writer_of_the_spec_keeps_the_status() -> None:
    """An update brings the old status back, whatever it says of it."""
    old = created(kinds.PODS, pod())
    old = replace(old, status=replace(old.status, phase="Running"))
    assert changed(kinds.PODS, old, {**pod(), "status": {"phase": "Failed"}}).status is old.status


def test_a_pods_generation() -> None:
    """A new image is a new generation; what admission adds by itself is none."""
    old = created(kinds.PODS, pod(automountServiceAccountToken=False))
    same = pod(automountServiceAccountToken=False, serviceAccountName="default")
    assert generation(changed(kinds.PODS, old, same)) == 1
    image = {"containers": [{"name": "web", "image": "nginx:1.28"}]}
    assert generation(changed(kinds.PODS, old, {"spec": {**same["spec"], **image}})) == 2


def test_a_slices_generation() -> None:
    """Endpoints and labels count, annotations do not."""
    plain: dict[str, Any] = {"addressType": "IPv4", "endpoints": [{"addresses": ["10.0.0.1"]}], "ports": []}
    old = created(kinds.ENDPOINT_SLICES, plain)
    assert generation(old) == 1
    for change, expected in (
        ({}, 1), ({"metadata": {"annotations": {"a": "b"}}}, 1), ({"metadata": {"labels": {"a": "b"}}}, 2),
        ({"endpoints": [{"addresses": ["10.0.0.2"]}]}, 2),
    ):  # fmt: skip
        assert generation(changed(kinds.ENDPOINT_SLICES, old, {**plain, **change})) == expected


def test_namespaces_hold_on_to_their_finalizer() -> None:
    """A new namespace is active with Kubernetes' finalizer, and an update cannot take it away."""
    old = created(kinds.NAMESPACES, {"spec": {"finalizers": ["example.com/x"]}})
    assert old.spec.finalizers == ("example.com/x", "kubernetes")
    assert changed(kinds.NAMESPACES, old, {"status": {"phase": "Terminating"}}) == old


def test_service_accounts_keep_names_only() -> None:
    """References to secrets lose everything but the name."""
    plain = {"secrets": [{"name": "a", "namespace": "other", "uid": "1"}]}
    (secret,) = created(kinds.SERVICE_ACCOUNTS, plain).secrets
    assert (secret.name, secret.namespace, secret.uid) == ("a", "", "")


def test_a_secret_keeps_its_type() -> None:
    """An update that leaves the type out means the old one."""
    old = created(kinds.SECRETS, {"type": "example.com/own"})
    assert changed(kinds.SECRETS, old, {"data": {}}).type == "example.com/own"


def test_the_pods_of_a_template_share() -> None:
    """Ten pods of one spec share one prepared, defaulted and admitted spec, and one status."""
    spec = read(kinds.PODS, pod()).spec
    pods = []
    for index in range(10):
        meta = ObjectMeta(name=f"web-{index}", generateName="web-", namespace="shop")
        value = admission.prepare_create(kinds.PODS, kinds.PODS.type(metadata=meta, spec=spec))
        pods.append(admission.admit_create(VIEW, kinds.PODS, admission.defaults.apply(kinds.PODS, value)))
    assert len({id(value.spec) for value in pods}) == 1
    assert len({id(value.status) for value in pods}) == 1
