"""Defaults of pods and pod templates."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cluster.admission import defaults
from cluster.admission.defaults.images import pull_policy
from cluster.admission.defaults.pods import template
from cluster.api import codec, kinds
from cluster.api.core import Pod, PodTemplateSpec
from tests.cluster.admission.requests import container, pod, read


def defaulted(plain: dict[str, Any]) -> dict[str, Any]:
    """The spec of a pod after defaults."""
    spec: dict[str, Any] = codec.to_plain(defaults.apply(kinds.PODS, read(kinds.PODS, plain)).spec)
    return spec


def test_a_bare_pod() -> None:
    """A pod that says nothing gets every default the API server gives, and nothing more."""
    assert defaulted(pod()) == {
        "containers": [{
            "name": "web", "image": "nginx:1.27", "imagePullPolicy": "IfNotPresent", "resources": {},
            "terminationMessagePath": "/dev/termination-log", "terminationMessagePolicy": "File",
        }],
        "dnsPolicy": "ClusterFirst", "enableServiceLinks": True, "restartPolicy": "Always",
        "schedulerName": "default-scheduler", "securityContext": {}, "terminationGracePeriodSeconds": 30,
    }  # fmt: skip


def test_a_template_lacks_what_only_pods_get() -> None:
    """Service links, requests from limits and host ports are filled in when the pod is made, not before."""
    limits = {"limits": {"cpu": "1"}}
    spec = {
        "hostNetwork": True,
        "containers": [{"name": "c", "image": "x", "resources": limits, "ports": [{"containerPort": 80}]}],
    }
    found = codec.to_plain(template(codec.from_plain(PodTemplateSpec, {"spec": spec})).spec)
    assert "enableServiceLinks" not in found
    assert found["containers"][0]["resources"] == limits
    assert found["containers"][0]["ports"] == [{"containerPort": 80, "protocol": "TCP"}]


@pytest.mark.parametrize(
    ("image", "policy"),
    [
        ("nginx", "Always"), ("nginx:latest", "Always"), ("nginx:1.27", "IfNotPresent"),
        ("registry.example.com:5000/team/web", "Always"), ("registry.example.com:5000/team/web:v1", "IfNotPresent"),
        ("nginx@sha256:" + "a" * 64, "IfNotPresent"), ("nginx:latest@sha256:" + "a" * 64, "Always"),
        ("", "IfNotPresent"), ("Not An Image", "IfNotPresent"), ("UPPER/case", "Always"), ("team/Web", "IfNotPresent"), ("a" * 64, "IfNotPresent"),
        ("localhost/web:1", "IfNotPresent"), ("gcr.io/google_samples/gb-frontend:v4", "IfNotPresent"),
    ],
)  # fmt: skip
def test_pull_policy(image: str, policy: str) -> None:
    """Only what is or means `latest`, and can be read, is always pulled."""
    assert pull_policy(image) == policy


def test_probes_and_hooks() -> None:
    """A probe has its five numbers, and a request over HTTP its path and scheme, in hooks too."""
    numbers = {"failureThreshold": 3, "periodSeconds": 10, "successThreshold": 1, "timeoutSeconds": 1}
    found = defaulted(container(
        livenessProbe={"httpGet": {"port": 80}}, readinessProbe={"tcpSocket": {"port": "http"}, "periodSeconds": 5},
        startupProbe={"exec": {"command": ["true"]}}, lifecycle={"preStop": {"httpGet": {"port": 81, "path": "/bye"}}},
    ))["containers"][0]  # fmt: skip
    assert found["livenessProbe"] == {"httpGet": {"path": "/", "port": 80, "scheme": "HTTP"}, **numbers}
    assert found["readinessProbe"] == {"tcpSocket": {"port": "http"}, **numbers, "periodSeconds": 5}
    assert found["startupProbe"] == {"exec": {"command": ["true"]}, **numbers}
    assert found["lifecycle"] == {"preStop": {"httpGet": {"path": "/bye", "port": 81, "scheme": "HTTP"}}}


def test_requests_come_from_limits() -> None:
    """What is limited and not requested is requested as limited, in init containers too."""
    found = defaulted({"spec": {
        "containers": [{"name": "a", "resources": {"limits": {"cpu": "1", "memory": "1Gi"}, "requests": {"cpu": "100m"}}}],
        "initContainers": [{"name": "b", "resources": {"limits": {"cpu": "2"}}}],
    }})  # fmt: skip
    assert found["containers"][0]["resources"]["requests"] == {"cpu": "100m", "memory": "1Gi"}
    assert found["initContainers"][0]["resources"]["requests"] == {"cpu": "2"}


def test_host_network_ports() -> None:
    """On the host's network a container's port is the host's."""
    ports = [{"containerPort": 80}, {"containerPort": 81, "hostPort": 81}]
    found = defaulted(pod(hostNetwork=True, containers=[{"name": "c", "ports": ports}]))
    assert [port["hostPort"] for port in found["containers"][0]["ports"]] == [80, 81]


def test_environment_references() -> None:
    """References name the version of their field and the divisor that means 1."""
    found = defaulted(container(env=[
        {"name": "A", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
        {"name": "B", "valueFrom": {"resourceFieldRef": {"resource": "limits.cpu"}}},
        {"name": "C", "value": "c"},
    ]))["containers"][0]["env"]  # fmt: skip
    assert found[0]["valueFrom"]["fieldRef"] == {"apiVersion": "v1", "fieldPath": "metadata.name"}
    assert found[1]["valueFrom"]["resourceFieldRef"] == {"resource": "limits.cpu", "divisor": "0"}


def test_the_old_name_of_the_account() -> None:
    """`serviceAccount` and `serviceAccountName` are one, and the newer wins."""
    assert defaulted(pod(serviceAccount="robot"))["serviceAccountName"] == "robot"
    both = defaulted(pod(serviceAccount="old", serviceAccountName="new"))
    assert (both["serviceAccount"], both["serviceAccountName"]) == ("new", "new")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ({}, {"emptyDir": {}}),
        ({"configMap": {"name": "c"}}, {"configMap": {"name": "c", "defaultMode": 420}}),
        ({"secret": {"secretName": "s", "defaultMode": 256}}, {"secret": {"secretName": "s", "defaultMode": 256}}),
        ({"downwardAPI": {"items": [{"path": "p", "fieldRef": {"fieldPath": "metadata.uid"}}]}},
         {"downwardAPI": {"defaultMode": 420,
                          "items": [{"path": "p", "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.uid"}}]}}),
        ({"projected": {"sources": [{"serviceAccountToken": {"path": "t"}}]}},
         {"projected": {"defaultMode": 420, "sources": [{"serviceAccountToken": {"path": "t", "expirationSeconds": 3600}}]}}),
        ({"image": {"reference": "a:1"}}, {"image": {"reference": "a:1", "pullPolicy": "IfNotPresent"}}),
        ({"iscsi": {"iqn": "iqn.x", "targetPortal": "t", "lun": 0}},
         {"iscsi": {"iqn": "iqn.x", "targetPortal": "t", "lun": 0, "iscsiInterface": "default"}}),
        ({"rbd": {"image": "i"}}, {"rbd": {"image": "i", "pool": "rbd", "user": "admin", "keyring": "/etc/ceph/keyring"}}),
        ({"azureDisk": {"diskName": "d", "diskURI": "u"}},
         {"azureDisk": {"diskName": "d", "diskURI": "u", "cachingMode": "ReadWrite", "kind": "Shared", "fsType": "ext4"}}),
        ({"scaleIO": {"gateway": "g", "system": "s"}},
         {"scaleIO": {"gateway": "g", "system": "s", "storageMode": "ThinProvisioned", "fsType": "xfs"}}),
        ({"ephemeral": {"volumeClaimTemplate": {"spec": {"accessModes": ["ReadWriteOnce"]}}}},
         {"ephemeral": {"volumeClaimTemplate": {
             "metadata": {}, "spec": {"accessModes": ["ReadWriteOnce"], "resources": {}, "volumeMode": "Filesystem"}}}}),
        ({"nfs": {"server": "s", "path": "/"}}, {"nfs": {"server": "s", "path": "/"}}),
    ],
    ids=lambda value: next(iter(value), "none") if isinstance(value, dict) else None,
)  # fmt: skip
def test_volumes(source: dict[str, Any], expected: dict[str, Any]) -> None:
    """Each source gets what it needs, and a volume without one an empty directory."""
    found = read(kinds.PODS, pod(volumes=[{"name": "v", **source}]))
    volume = defaults.apply(kinds.PODS, found).spec.volumes[0]
    wanted = codec.from_plain(type(volume), {"name": "v", **expected})
    assert volume == wanted


def test_one_spec_is_defaulted_once() -> None:
    """Pods that share a spec share the defaulted one, and a complete pod is returned itself."""
    spec = read(kinds.PODS, pod()).spec
    first, second = (defaults.apply(kinds.PODS, Pod(spec=spec)) for _ in range(2))
    assert first.spec is second.spec
    assert defaults.apply(kinds.PODS, first).spec == first.spec


CONTAINERS = st.fixed_dictionaries(
    {"name": st.sampled_from(["a", "b"]), "image": st.sampled_from(["nginx", "nginx:1", ""])},
    optional={
        "ports": st.lists(st.fixed_dictionaries({"containerPort": st.integers(1, 99)}), max_size=2),
        "livenessProbe": st.fixed_dictionaries({}, optional={"httpGet": st.just({"port": 80})}),
        "resources": st.fixed_dictionaries(
            {}, optional={"limits": st.just({"cpu": "1"}), "requests": st.just({"memory": "1Gi"})}
        ),
    },
)


@given(st.lists(CONTAINERS, max_size=3), st.booleans())
def test_defaults_settle(containers: list[dict[str, Any]], host_network: bool) -> None:  # noqa: FBT001 - drawn by hypothesis
    """Applying defaults twice is applying them once."""
    once = defaults.apply(kinds.PODS, read(kinds.PODS, pod(containers=containers, hostNetwork=host_network)))
    assert defaults.apply(kinds.PODS, once) == once
