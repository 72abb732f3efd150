"""The admission plugins: what the cluster's state makes of a request."""

from typing import Any

import pytest

from cluster import admission
from cluster.admission.plugins import service_account
from cluster.api import codec, kinds
from cluster.api.core import Pod, ServiceAccount
from cluster.api.errors import Forbidden, NotFound
from cluster.api.meta import ObjectMeta
from tests.cluster.admission.requests import View, changed, created, pod, read, view

TOKEN_MOUNT = "/var/run/secrets/kubernetes.io/serviceaccount"
ACCOUNT = 'error looking up service account shop/robot: serviceaccount "robot" not found'
PRIORITY = (
    "the integer value of priority (7) must not be provided in pod spec; "
    "priority admission controller computed 0 from the given PriorityClass name"
)
PREEMPTION = (
    "the string value of PreemptionPolicy (Never) must not be provided in pod spec; "
    "priority admission controller computed PreemptLowerPriority from the given PriorityClass name"
)


def plain(value: Pod) -> dict[str, Any]:
    """A pod's spec as plain data."""
    spec: dict[str, Any] = codec.to_plain(value.spec)
    return spec


def test_no_namespace() -> None:
    """Nothing is created in a namespace that does not exist; things of the cluster need none."""
    with pytest.raises(NotFound, match=r'^namespaces "shop" not found$'):
        created(kinds.CONFIG_MAPS, {}, View())
    assert created(kinds.NODES, {}, View()).metadata.name == "web"


def test_terminating_namespace() -> None:
    """Nothing is created in a namespace on its way out, and the cause is told apart from others."""
    with pytest.raises(Forbidden) as caught:
        created(kinds.DEPLOYMENTS, {}, view(phase="Terminating"))
    why = "unable to create new content in namespace shop because it is being terminated"
    assert caught.value.message == f'deployments.apps "web" is forbidden: {why}'
    assert caught.value.details is not None
    (cause,) = caught.value.details.causes
    assert (cause.reason, cause.field) == ("NamespaceTerminating", "metadata.namespace")
    assert cause.message == "namespace shop is being terminated"


@pytest.mark.parametrize("name", ["default", "kube-system", "kube-public"])
def test_immortal_namespaces(name: str) -> None:
    """The namespaces every cluster has cannot be deleted; others can."""
    with pytest.raises(Forbidden, match=f'^namespaces "{name}" is forbidden: this namespace may not be deleted$'):
        admission.admit_delete(View(), kinds.NAMESPACES, read(kinds.NAMESPACES, {}, name))
    admission.admit_delete(View(), kinds.NAMESPACES, read(kinds.NAMESPACES, {}, "kube-node-lease"))
    admission.admit_delete(View(), kinds.CONFIG_MAPS, read(kinds.CONFIG_MAPS, {}, name))


def test_the_default_account_and_its_token() -> None:
    """A pod runs as `default` and finds a token, a certificate and its namespace in every container."""
    found = created(kinds.PODS, pod(initContainers=[{"name": "first", "image": "x"}]))
    spec = plain(found)
    assert spec["serviceAccountName"] == spec["serviceAccount"] == "default"
    (volume,) = spec["volumes"]
    assert volume["name"].startswith("kube-api-access-")
    assert len(volume["name"]) == len("kube-api-access-") + 5
    assert volume["projected"] == {
        "defaultMode": 420,
        "sources": [
            {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
            {"configMap": {"items": [{"key": "ca.crt", "path": "ca.crt"}], "name": "kube-root-ca.crt"}},
            {"downwardAPI": {"items": [
                {"fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}, "path": "namespace"}]}},
        ],
    }  # fmt: skip
    mount = {"mountPath": TOKEN_MOUNT, "name": volume["name"], "readOnly": True}
    assert [item["volumeMounts"] for item in (*spec["containers"], *spec["initContainers"])] == [[mount], [mount]]


@pytest.mark.parametrize(
    ("of_pod", "of_account", "mounted"),
    [(None, None, True), (False, None, False), (None, False, False), (True, False, True), (False, True, False)],
)
def test_who_mounts_the_token(of_pod: bool | None, of_account: bool | None, mounted: bool) -> None:  # noqa: FBT001 - drawn
    """The pod's word on automounting goes before its account's, and silence means yes."""
    account: dict[str, Any] = {} if of_account is None else {"automountServiceAccountToken": of_account}
    fields = {} if of_pod is None else {"automountServiceAccountToken": of_pod}
    assert bool(created(kinds.PODS, pod(**fields), view(**account)).spec.volumes) is mounted


def test_a_token_mounted_by_hand() -> None:
    """A container that has something at the token's path keeps that, and a volume of the token's name is used."""
    own = {"name": "web", "image": "x", "volumeMounts": [{"name": "mine", "mountPath": TOKEN_MOUNT}]}
    assert len(created(kinds.PODS, pod(containers=[own], volumes=[{"name": "mine"}])).spec.volumes) == 1
    found = created(kinds.PODS, pod(volumes=[{"name": "kube-api-access-mine", "emptyDir": {}}])).spec
    assert [volume.name for volume in found.volumes] == ["kube-api-access-mine"]
    assert found.containers[0].volumeMounts[0].name == "kube-api-access-mine"


def test_pull_secrets_of_the_account() -> None:
    """A pod without pull secrets takes its account's."""
    account = ServiceAccount(metadata=ObjectMeta(name="default", namespace="shop"))
    secret = codec.from_plain(ServiceAccount, {"imagePullSecrets": [{"name": "hub"}]}).imagePullSecrets
    api = view(imagePullSecrets=secret)
    assert account.imagePullSecrets == ()
    assert created(kinds.PODS, pod(), api).spec.imagePullSecrets == secret
    own = created(kinds.PODS, pod(imagePullSecrets=[{"name": "own"}]), api).spec.imagePullSecrets
    assert [item.name for item in own] == ["own"]


def test_no_such_account() -> None:
    """A pod of an account that does not exist is refused, by the name it asked for: a prefix if it has one."""
    with pytest.raises(Forbidden) as caught:
        created(kinds.PODS, pod(serviceAccountName="robot"))
    assert caught.value.message == f'pods "web" is forbidden: {ACCOUNT}'
    with pytest.raises(Forbidden) as caught:
        created(kinds.PODS, {"metadata": {"generateName": "web-"}, **pod(serviceAccountName="robot")})
    assert caught.value.message == f'pods "web-" is forbidden: {ACCOUNT}'


def test_the_tokens_name_is_derived() -> None:
    """The same request gives the same name; another pod, namespace, spec or seed another."""
    spec = read(kinds.PODS, pod()).spec
    account = ServiceAccount(metadata=ObjectMeta(name="default"))
    names = {
        service_account.admitted(spec, account, family).volumes[0].name
        for family in (
            (1, "shop", "web-"),
            (1, "shop", "web-"),
            (2, "shop", "web-"),
            (1, "bar", "web-"),
            (1, "shop", "db-"),
        )
    }
    assert len(names) == 4


def test_default_tolerations() -> None:
    """A pod stays five minutes on a node that is not ready or out of reach, unless it tolerates that already."""
    added = created(kinds.PODS, pod()).spec.tolerations
    assert [(item.key, item.operator, item.effect, item.tolerationSeconds) for item in added] == [
        ("node.kubernetes.io/not-ready", "Exists", "NoExecute", 300),
        ("node.kubernetes.io/unreachable", "Exists", "NoExecute", 300),
    ]
    own = {"key": "node.kubernetes.io/not-ready", "operator": "Exists", "effect": "NoExecute"}
    assert [item.key for item in created(kinds.PODS, pod(tolerations=[own])).spec.tolerations] == [
        "node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable",
    ]  # fmt: skip
    assert len(created(kinds.PODS, pod(tolerations=[{"operator": "Exists"}])).spec.tolerations) == 1
    other = {"key": "node.kubernetes.io/not-ready", "operator": "Exists", "effect": "NoSchedule"}
    assert len(created(kinds.PODS, pod(tolerations=[other])).spec.tolerations) == 3


@pytest.mark.parametrize(
    ("name", "priority"), [("", 0), ("system-cluster-critical", 2_000_000_000), ("system-node-critical", 2_000_001_000)]
)
def test_priority(name: str, priority: int) -> None:
    """A pod's priority is its class's."""
    spec = created(kinds.PODS, pod(priorityClassName=name)).spec
    assert (spec.priority, spec.preemptionPolicy) == (priority, "PreemptLowerPriority")


@pytest.mark.parametrize(
    ("spec", "why"),
    [
        ({"priorityClassName": "gold"}, "no PriorityClass with name gold was found"),
        ({"priority": 7}, PRIORITY),
        ({"preemptionPolicy": "Never"}, PREEMPTION),
    ],
)
def test_priority_by_hand(spec: dict[str, Any], why: str) -> None:
    """Nobody gives a number that is not the class's."""
    with pytest.raises(Forbidden) as caught:
        created(kinds.PODS, pod(**spec))
    assert caught.value.message == f'pods "web" is forbidden: {why}'


def test_an_update_gets_its_tolerations_back() -> None:
    """What admission gave a pod comes back when a writer leaves it out."""
    bare = pod(automountServiceAccountToken=False, serviceAccountName="default")
    old = created(kinds.PODS, bare)
    assert changed(kinds.PODS, old, bare) == old


def test_a_new_account_is_noticed() -> None:
    """What is remembered of a spec holds only as long as its account is the same object."""
    spec = read(kinds.PODS, pod()).spec
    value = Pod(metadata=ObjectMeta(name="web", namespace="shop"), spec=spec)
    first = admission.admit_create(view(), kinds.PODS, value)
    second = admission.admit_create(view(automountServiceAccountToken=False), kinds.PODS, value)
    assert (len(first.spec.volumes), len(second.spec.volumes)) == (1, 0)
