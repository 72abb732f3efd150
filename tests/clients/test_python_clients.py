"""Python's client libraries on a served cluster: they list, create, watch, patch, and look into pods."""

import gc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import lightkube
import pytest
from kubernetes import client, config, watch
from kubernetes.client import ApiException
from kubernetes.stream import stream
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.apps_v1 import Deployment
from lightkube.resources.core_v1 import ConfigMap, Node, Pod

from tests.clients.served import served

# the official client leaves the sockets of its sessions to the collector
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
CONNECT: Any = config.new_client_from_config
WATCH: Any = watch.Watch
STREAM: Any = stream


@pytest.fixture(scope="module")
def kubeconfig() -> Iterator[Path]:
    """The kubeconfig of one cluster for all tests."""
    with served("--nodes", "2", "--speed", "50") as path:
        yield path


@pytest.fixture(scope="module")
def api(kubeconfig: Path) -> Iterator[Any]:
    """The official client."""
    with CONNECT(str(kubeconfig)) as made:
        yield made
    gc.collect()  # what it left must not be found in another module


def _pod(name: str) -> dict[str, Any]:
    containers = [{"name": "main", "image": "nginx", "ports": [{"containerPort": 80}]}]
    return {"metadata": {"name": name, "labels": {"app": name}}, "spec": {"containers": containers}}


def test_the_official_client_creates_watches_and_deletes(api: Any) -> None:
    """A pod is followed from its creation to Running by a watch that starts at a list's revision."""
    core: Any = client.CoreV1Api(api)
    assert [node.metadata.name for node in core.list_node().items] == ["node-1", "node-2"]
    start = core.list_namespaced_pod("default").metadata.resource_version
    core.create_namespaced_pod("default", _pod("web"))
    phases = []
    following: Any = WATCH()
    for event in following.stream(core.list_namespaced_pod, "default", resource_version=start, timeout_seconds=30):
        phases.append((event["type"], event["object"].status.phase))
        if event["object"].status.phase == "Running":
            following.stop()
    assert phases[0] == ("ADDED", "Pending")
    assert phases[-1] == ("MODIFIED", "Running")
    patched = core.patch_namespaced_pod("web", "default", {"metadata": {"labels": {"tier": "front"}}})
    assert patched.metadata.labels["tier"] == "front"
    with pytest.raises(ApiException) as caught:
        core.create_namespaced_pod("default", _pod("web"))
    assert (caught.value.status, caught.value.reason) == (409, "Conflict")
    core.delete_namespaced_pod("web", "default", grace_period_seconds=0)


def test_the_official_client_looks_into_pods(api: Any) -> None:
    """Commands and logs go over the library's own WebSockets."""
    core: Any = client.CoreV1Api(api)
    core.create_namespaced_pod("default", _pod("inside"))
    following: Any = WATCH()
    for event in following.stream(core.list_namespaced_pod, "default", label_selector="app=inside", timeout_seconds=30):
        if event["object"].status.phase == "Running":
            following.stop()
    said = {"command": ["sh", "-c", "hostname; exit 3"], "stdout": True, "stderr": True, "stdin": False, "tty": False}
    ran = STREAM(core.connect_get_namespaced_pod_exec, "inside", "default", **said, _preload_content=False)
    ran.run_forever(timeout=10)
    assert (ran.read_stdout(), ran.returncode) == ("inside\n", 3)
    ran.close()
    assert core.read_namespaced_pod_log("inside", "default") == ""


def test_the_official_client_scales_in_both_versions(api: Any) -> None:
    """A Deployment's scale, and an autoscaler written in v1 and read in v2."""
    apps: Any = client.AppsV1Api(api)
    template = {"metadata": {"labels": {"app": "api"}}, "spec": _pod("api")["spec"]}
    spec = {"replicas": 1, "selector": {"matchLabels": {"app": "api"}}, "template": template}
    apps.create_namespaced_deployment("default", {"metadata": {"name": "api"}, "spec": spec})
    apps.patch_namespaced_deployment_scale("api", "default", {"spec": {"replicas": 3}})
    assert apps.read_namespaced_deployment_scale("api", "default").spec.replicas == 3
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "api"}
    old = {
        "metadata": {"name": "api"},
        "spec": {"scaleTargetRef": target, "maxReplicas": 5, "targetCPUUtilizationPercentage": 70},
    }
    older: Any = client.AutoscalingV1Api(api)
    older.create_namespaced_horizontal_pod_autoscaler("default", old)
    newer: Any = client.AutoscalingV2Api(api)
    new = newer.read_namespaced_horizontal_pod_autoscaler("api", "default")
    assert new.spec.metrics[0].resource.target.average_utilization == 70


def test_lightkube_lists_applies_and_watches(kubeconfig: Path) -> None:
    """Another library, of other habits: typed server-side apply, generic lists, a watch."""
    with lightkube.Client(config=lightkube.KubeConfig.from_file(kubeconfig), field_manager="test") as cluster:
        assert [node.metadata.name for node in cluster.list(Node) if node.metadata] == ["node-1", "node-2"]
        made = ConfigMap(metadata=ObjectMeta(name="settings", namespace="default"), data={"a": "1"})
        made.apiVersion, made.kind = "v1", "ConfigMap"
        assert cluster.apply(made).data == {"a": "1"}
        changed = cluster.patch(ConfigMap, "settings", {"data": {"b": "2"}})
        assert changed.data == {"a": "1", "b": "2"}
        assert {pod.metadata.name for pod in cluster.list(Pod, namespace="*") if pod.metadata} >= {"inside"}
        told = cluster.watch(Deployment, namespace="default", server_timeout=10)
        kind, found = next(iter(told))
        assert (kind, found.metadata.name if found.metadata else "") == ("ADDED", "api")
