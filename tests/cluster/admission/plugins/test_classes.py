"""The classes that objects get from the cluster: priority, runtime, storage, ingress."""

from typing import Any

import pytest

from cluster import admission
from cluster.api import kinds
from cluster.api.errors import Forbidden
from cluster.api.kinds import Kind
from cluster.bootstrap import PRIORITY_CLASSES
from tests.cluster.admission.requests import View, created, pod, read, view

CLAIM = {"spec": {"resources": {"requests": {"storage": "1Gi"}}}}


def with_class(kind: Kind[Any], name: str, api: View | None = None, **fields: Any) -> View:
    """A cluster with one class more."""
    api = api or view()
    api.put(read(kind, fields, name))
    return api


def default_class(kind: Kind[Any], name: str, created_at: str, api: View | None = None) -> View:
    """A cluster with one more class that says it is the default."""
    annotation = {"storageclasses": "storageclass", "ingressclasses": "ingressclass"}[kind.plural]
    meta = {"annotations": {f"{annotation}.kubernetes.io/is-default-class": "true"}, "creationTimestamp": created_at}
    return with_class(kind, name, api, metadata=meta)


def test_priority_of_a_named_class() -> None:
    """A pod gets the number and the policy of the class it names."""
    api = with_class(kinds.PRIORITY_CLASSES, "batch", value=7, preemptionPolicy="Never")
    spec = created(kinds.PODS, pod(priorityClassName="batch"), api).spec
    assert (spec.priority, spec.preemptionPolicy) == (7, "Never")


def test_priority_of_an_unknown_class() -> None:
    """A class has to be there."""
    with pytest.raises(Forbidden, match=r'^pods "web" is forbidden: no PriorityClass with name x was found$'):
        created(kinds.PODS, pod(priorityClassName="x"))


def test_default_priority() -> None:
    """A pod that names no class gets the global default, name and all; the lowest, should there be two."""
    api = with_class(kinds.PRIORITY_CLASSES, "high", value=9, globalDefault=True)
    spec = created(kinds.PODS, pod(), api).spec
    assert (spec.priorityClassName, spec.priority) == ("high", 9)
    with_class(kinds.PRIORITY_CLASSES, "low", api, value=3, globalDefault=True)
    assert created(kinds.PODS, pod(), api).spec.priority == 3


def test_one_default_priority() -> None:
    """A second global default is refused, and the one there is may be changed."""
    api = with_class(kinds.PRIORITY_CLASSES, "high", value=9, globalDefault=True)
    second = read(kinds.PRIORITY_CLASSES, {"value": 1, "globalDefault": True}, "low")
    with pytest.raises(Forbidden) as caught:
        admission.review_create(api, kinds.PRIORITY_CLASSES, second, None)
    assert caught.value.message == (
        'priorityclasses.scheduling.k8s.io "low" is forbidden: '
        "PriorityClass high is already marked as default. Only one default can exist"
    )
    first = api.find(kinds.PRIORITY_CLASSES, "high")
    assert first is not None
    assert admission.review_update(api, kinds.PRIORITY_CLASSES, first, first, None) == ()


def test_system_classes_stay() -> None:
    """The classes that every cluster has cannot be deleted; others can."""
    for value in PRIORITY_CLASSES:
        with pytest.raises(Forbidden) as caught:
            admission.admit_delete(view(), kinds.PRIORITY_CLASSES, value)
        assert caught.value.message == (
            f'priorityclasses.scheduling.k8s.io "{value.metadata.name}" is forbidden: '
            "this is a system priority class and cannot be deleted"
        )
    admission.admit_delete(view(), kinds.PRIORITY_CLASSES, read(kinds.PRIORITY_CLASSES, {"value": 1}, "batch"))


RUNTIME: dict[str, Any] = {
    "handler": "sandbox",
    "overhead": {"podFixed": {"cpu": "250m"}},
    "scheduling": {"nodeSelector": {"sandbox": "yes"}, "tolerations": [{"key": "sandbox", "operator": "Exists"}]},
}


def test_runtime_class() -> None:
    """A pod gets its class's overhead, node selector and tolerations beside its own."""
    api = with_class(kinds.RUNTIME_CLASSES, "sandbox", **RUNTIME)
    spec = created(kinds.PODS, pod(runtimeClassName="sandbox", nodeSelector={"disk": "ssd"}), api).spec
    assert spec.overhead == {"cpu": "250m"}
    assert spec.nodeSelector == {"disk": "ssd", "sandbox": "yes"}
    assert [found.key for found in spec.tolerations][-1] == "sandbox"


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"runtimeClassName": "x"}, 'pod rejected: RuntimeClass "x" not found'),
        (
            {"runtimeClassName": "sandbox", "overhead": {"cpu": "1"}},
            "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead",
        ),
        (
            {"runtimeClassName": "sandbox", "nodeSelector": {"sandbox": "no"}},
            "conflict: runtimeClass.scheduling.nodeSelector[sandbox] = yes; pod.spec.nodeSelector[sandbox] = no",
        ),
    ],
)
def test_runtime_class_contradicted(given: dict[str, Any], told: str) -> None:
    """A pod cannot say otherwise than its class, and the class has to be there."""
    with pytest.raises(Forbidden) as caught:
        created(kinds.PODS, pod(**given), with_class(kinds.RUNTIME_CLASSES, "sandbox", **RUNTIME))
    assert caught.value.message == f'pods "web" is forbidden: {told}'


def test_overhead_without_a_class() -> None:
    """An overhead comes from a class only."""
    value = created(kinds.PODS, pod(overhead={"cpu": "1"}))
    with pytest.raises(Forbidden) as caught:
        admission.review_create(view(), kinds.PODS, value, None)
    assert caught.value.message == (
        'pods "web" is forbidden: pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead'
    )


def test_default_storage_class() -> None:
    """A claim that says nothing gets the newest default class; one that says something, or `` ``, keeps that."""
    api = default_class(kinds.STORAGE_CLASSES, "old", "2026-01-01T00:00:00Z")
    default_class(kinds.STORAGE_CLASSES, "new", "2026-01-02T00:00:00Z", api)
    assert created(kinds.PERSISTENT_VOLUME_CLAIMS, CLAIM, api).spec.storageClassName == "new"
    for given in ("slow", ""):
        plain = {"spec": {**CLAIM["spec"], "storageClassName": given}}
        assert created(kinds.PERSISTENT_VOLUME_CLAIMS, plain, api).spec.storageClassName == given
    annotated = {"metadata": {"annotations": {"volume.beta.kubernetes.io/storage-class": "slow"}}, **CLAIM}
    assert created(kinds.PERSISTENT_VOLUME_CLAIMS, annotated, api).spec.storageClassName is None


def test_protection() -> None:
    """Claims and volumes are protected from the start."""
    assert created(kinds.PERSISTENT_VOLUME_CLAIMS, CLAIM).metadata.finalizers == ("kubernetes.io/pvc-protection",)
    assert created(kinds.PERSISTENT_VOLUMES, {}).metadata.finalizers == ("kubernetes.io/pv-protection",)


@pytest.mark.parametrize(("expands", "allowed"), [(True, True), (False, False), (None, False)])
def test_growth(expands: bool | None, allowed: bool) -> None:  # noqa: FBT001
    """A claim grows only if its class lets it."""
    fields: dict[str, Any] = {} if expands is None else {"allowVolumeExpansion": expands}
    api = with_class(kinds.STORAGE_CLASSES, "disk", **fields)
    old, new = (
        created(
            kinds.PERSISTENT_VOLUME_CLAIMS,
            {"spec": {"storageClassName": "disk", "resources": {"requests": {"storage": size}}}},
        )
        for size in ("1Gi", "2Gi")
    )
    assert admission.review_update(api, kinds.PERSISTENT_VOLUME_CLAIMS, old, new, None) == ()
    if allowed:
        assert admission.review_update(api, kinds.PERSISTENT_VOLUME_CLAIMS, new, old, None) == ()
        return
    with pytest.raises(Forbidden) as caught:
        admission.review_update(api, kinds.PERSISTENT_VOLUME_CLAIMS, new, old, None)
    assert caught.value.message == (
        'persistentvolumeclaims "web" is forbidden: only dynamically provisioned pvc can be resized and the '
        "storageclass that provisions the pvc must support resize"
    )


def test_default_ingress_class() -> None:
    """An Ingress that names no class gets the default one."""
    api = default_class(kinds.INGRESS_CLASSES, "nginx", "2026-01-01T00:00:00Z")
    assert created(kinds.INGRESSES, {}, api).spec.ingressClassName == "nginx"
    assert created(kinds.INGRESSES, {"spec": {"ingressClassName": "own"}}, api).spec.ingressClassName == "own"
    annotated = {"metadata": {"annotations": {"kubernetes.io/ingress.class": "own"}}}
    assert created(kinds.INGRESSES, annotated, api).spec.ingressClassName == ""
    assert created(kinds.INGRESSES, {}).spec.ingressClassName == ""


def test_new_nodes_take_no_pods() -> None:
    """A node starts with the taint of those that are not ready, once."""
    taint = {"key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"}
    other = {"key": "gpu", "effect": "NoSchedule"}
    expected = [("gpu", "NoSchedule"), ("node.kubernetes.io/not-ready", "NoSchedule")]
    for given in ([other], [other, taint]):
        spec = created(kinds.NODES, {"spec": {"taints": given}}).spec
        assert [(found.key, found.effect) for found in spec.taints] == expected
