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


FULL: dict[str, dict[str, Any]] = {
    "jobs": {"spec": {"template": TEMPLATE}},
    "cronjobs": {"spec": {"schedule": "@daily", "jobTemplate": {"spec": {"template": TEMPLATE}}}},
    "statefulsets": WORKLOAD, "daemonsets": WORKLOAD,
    "ingresses": {"spec": {}}, "poddisruptionbudgets": {"spec": {}},
    "networkpolicies": {"spec": {}}, "priorityclasses": {"value": 3}, "podtemplates": {"template": TEMPLATE},
    "horizontalpodautoscalers": {"spec": {}}, "resourcequotas": {"spec": {}}, "persistentvolumeclaims": {"spec": {}},
}  # fmt: skip
CHANGE: dict[str, dict[str, Any]] = {
    "jobs": {"parallelism": 2}, "cronjobs": {"suspend": True}, "statefulsets": {"replicas": 2},
    "daemonsets": {"minReadySeconds": 2}, "ingresses": {"ingressClassName": "x"}, "poddisruptionbudgets": {"minAvailable": 1},
    "networkpolicies": {"policyTypes": ["Egress"]}, "horizontalpodautoscalers": {"maxReplicas": 2},
    "resourcequotas": {"hard": {"pods": "1"}}, "persistentvolumeclaims": {"volumeName": "v"},
}  # fmt: skip
WITHOUT = ("horizontalpodautoscalers", "resourcequotas", "persistentvolumeclaims")


@pytest.mark.parametrize("plural", FULL)
def test_generations(plural: str) -> None:
    """Most kinds begin in generation 1 and count changes of the spec; some have no generations."""
    kind = kinds.by_name(plural)
    assert kind is not None
    old: Resource = created(kind, FULL[plural])
    first = 0 if plural in WITHOUT else 1
    assert generation(old) == first
    same = replace(old, metadata=replace(old.metadata, labels={"a": "b"}))
    assert generation(admission.prepare_update(kind, same, old)) == first
    if plural in CHANGE:
        plain = {**FULL[plural], "spec": {**FULL[plural]["spec"], **CHANGE[plural]}}
        assert generation(changed(kind, old, plain)) == (0 if plural in WITHOUT else 2)


@pytest.mark.parametrize("plural", ["jobs", "cronjobs", "statefulsets", "daemonsets", "resourcequotas"])
def test_statuses_are_not_the_writers(plural: str) -> None:
    """A new object has an empty status; an update brings the old one back."""
    kind: Kind[Any] | None = kinds.by_name(plural)
    assert kind is not None
    old = created(kind, FULL[plural])
    assert old.status == type(old.status)()
    known = replace(old, status=type(old.status)())
    assert admission.prepare_update(kind, replace(old, status=old.status), known).status is known.status


def test_a_jobs_pods_are_told_apart() -> None:
    """A Job gets a selector and labels from its uid and name, unless they are made by hand; labels given are kept."""
    plain = {"metadata": {"uid": "u-1"}, "spec": {"template": TEMPLATE}}
    job = created(kinds.JOBS, plain)
    assert job.spec.selector is not None
    assert job.spec.selector.matchLabels == {"batch.kubernetes.io/controller-uid": "u-1"}
    assert job.spec.template.metadata.labels == {
        "app": "web", "job-name": "web", "batch.kubernetes.io/job-name": "web", "controller-uid": "u-1",
        "batch.kubernetes.io/controller-uid": "u-1",
    }  # fmt: skip
    bare = created(kinds.JOBS, {"metadata": {"uid": "u-1"}, "spec": {"template": {"spec": TEMPLATE["spec"]}}})
    assert bare.metadata.labels == bare.spec.template.metadata.labels
    assert len(bare.metadata.labels) == 4
    by_hand = created(kinds.JOBS, {"spec": {"template": TEMPLATE, "manualSelector": True}})
    assert by_hand.spec.selector is None
    assert by_hand.spec.template.metadata.labels == {"app": "web"}


def test_a_daemon_sets_template_is_counted() -> None:
    """The template has a generation of its own, in an annotation that no writer changes."""
    key = "deprecated.daemonset.template.generation"
    old = created(kinds.DAEMON_SETS, {**WORKLOAD, "metadata": {"annotations": {key: "9"}}})
    assert old.metadata.annotations[key] == "1"
    scaled = changed(kinds.DAEMON_SETS, old, {"spec": {**WORKLOAD["spec"], "minReadySeconds": 3}})
    assert (scaled.metadata.generation, scaled.metadata.annotations[key]) == (2, "1")
    other = {**TEMPLATE, "spec": {"containers": [{"name": "c", "image": "x:2"}]}}
    renewed = changed(
        kinds.DAEMON_SETS, scaled, {"spec": {**WORKLOAD["spec"], "template": other, "minReadySeconds": 3}}
    )
    assert (renewed.metadata.generation, renewed.metadata.annotations[key]) == (3, "2")


def test_claims_and_volumes_are_pending() -> None:
    """A volume is pending since it was made; a claim tells twice where its data comes from."""
    volume = created(kinds.PERSISTENT_VOLUMES, {"metadata": {"creationTimestamp": TIME}, "status": {"phase": "Bound"}})
    assert (volume.status.phase, volume.status.lastPhaseTransitionTime) == ("Pending", TIME)
    source = {"kind": "PersistentVolumeClaim", "name": "old"}
    claim = created(kinds.PERSISTENT_VOLUME_CLAIMS, {"spec": {"dataSource": source}, "status": {"phase": "Bound"}})
    assert claim.status.phase == "Pending"
    assert claim.spec.dataSourceRef is not None
    assert claim.spec.dataSourceRef.name == "old"
    unknown = created(kinds.PERSISTENT_VOLUME_CLAIMS, {"spec": {"dataSource": {"kind": "Pod", "name": "p"}}})
    assert (unknown.spec.dataSource, unknown.spec.dataSourceRef) == (None, None)


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
