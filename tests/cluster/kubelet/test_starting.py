"""Pods come to run: statuses, addresses, images, events, init containers, readiness."""

from msgspec.structs import replace

from cluster.api import kinds
from cluster.api.core import ConfigMap, PodCondition
from cluster.api.meta import ObjectMeta
from tests.cluster.kubelet.world import INSTANT, World

TRUE = ("True", "", "")


def test_first_status_is_pending_with_containers_creating() -> None:
    """A pod just taken is Pending, not ready to start containers, and its containers are being created."""
    world = World()
    world.pod()
    world.run(100)
    status = world.get().status
    assert (status.phase, status.hostIP, status.podIP) == ("Pending", "172.18.0.3", "")
    assert status.startTime == "2026-01-01T00:00:00Z"
    assert world.reason() == "ContainerCreating"
    assert world.condition("PodReadyToStartContainers") == ("False", "", "")
    assert world.condition("Initialized") == TRUE
    unready = ("False", "ContainersNotReady", "containers with unready status: [c]")
    assert world.condition("Ready") == unready
    assert world.condition("ContainersReady") == unready
    assert world.condition("PodScheduled") == TRUE


def test_running_pod_is_ready_and_has_an_address_of_its_nodes_range() -> None:
    """Once started a pod is Running with every condition True, and its address is of the node's podCIDR."""
    world = World()
    world.pod(node="node-2")
    world.run()
    pod = world.get()
    assert (pod.status.phase, pod.status.podIP) == ("Running", "10.244.1.2")
    assert [one.type for one in pod.status.conditions] == [
        "PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled",
    ]  # fmt: skip
    assert {one.status for one in pod.status.conditions} == {"True"}
    assert {one.observedGeneration for one in pod.status.conditions} == {1}
    assert (pod.status.observedGeneration, pod.status.qosClass) == (1, "BestEffort")


def test_running_container_status_is_complete() -> None:
    """The status names the image as the runtime does, the run, the mounts and what is allocated."""
    world = World()
    container = {"name": "c", "image": "nginx", "resources": {"requests": {"cpu": "10m"}}}
    world.pod(containers=[container])
    world.run()
    status = world.container()
    assert status.image == "docker.io/library/nginx:latest"
    assert status.imageID.startswith("docker.io/library/nginx@sha256:")
    assert status.containerID.startswith("containerd://")
    assert len(status.containerID) == len("containerd://") + 64
    assert (status.ready, status.started, status.restartCount) == (True, True, 0)
    assert status.resources is not None
    assert dict(status.resources.requests) == {"cpu": "10m", "memory": "0"}
    assert dict(status.allocatedResources) == {"cpu": "10m"}
    (mount,) = status.volumeMounts
    assert (mount.mountPath, mount.readOnly, mount.recursiveReadOnly) == (
        "/var/run/secrets/kubernetes.io/serviceaccount", True, "Disabled",
    )  # fmt: skip
    pod = world.get().status
    assert pod.resources is not None
    assert dict(pod.resources.requests) == {"cpu": "10m"}
    assert dict(pod.allocatedResources) == {"cpu": "10m"}


def test_events_of_a_start() -> None:
    """Pulling, Pulled, Created and Started are told of the container, from the node."""
    world = World()
    world.pod()
    world.run()
    assert world.told() == ["Pulling", "Pulled", "Created", "Started"]
    first = world.events()[0]
    assert (first.source.component, first.source.host, first.involvedObject.fieldPath) == (
        "kubelet", "node-1", "spec.containers{c}",
    )  # fmt: skip
    assert first.message == 'Pulling image "nginx:1.27"'
    assert world.message("Pulled").startswith(
        'Successfully pulled image "nginx:1.27" in 1.5s (1.5s including waiting). Image size: '
    )
    assert world.message("Created") == "Container created"
    assert world.message("Started") == "Container started"


def test_image_on_the_node_is_not_pulled_again() -> None:
    """The second pod with an image starts from what is on the machine, unless its policy is Always."""
    world = World()
    world.pod("a")
    world.run()
    world.pod("b")
    world.pod("always", containers=[{"name": "c", "image": "nginx:1.27", "imagePullPolicy": "Always"}])
    world.run()
    assert world.told("b") == ["Pulled", "Created", "Started"]
    assert world.message("Pulled", "b") == (
        'Container image "nginx:1.27" already present on machine and can be accessed by the pod'
    )
    assert world.told("always") == ["Pulling", "Pulled", "Created", "Started"]


def test_pulls_of_one_node_are_serial() -> None:
    """Two images pulled on one node follow each other; on another node nobody waits."""
    world = World()
    world.pod("a", containers=[{"name": "c", "image": "one:1"}])
    world.pod("b", containers=[{"name": "c", "image": "two:1"}])
    world.pod("far", "node-2", containers=[{"name": "c", "image": "two:1"}])
    world.run()
    assert "in 1.5s (3s including waiting)" in world.message("Pulled", "b")
    assert "in 1.5s (1.5s including waiting)" in world.message("Pulled", "far")
    started = world.container("b").state.running
    assert started is not None
    assert started.startedAt == "2026-01-01T00:00:03Z"


def test_addresses_are_reused_lowest_first() -> None:
    """A pod that is gone gives its address to the next one; a host network pod has its node's."""
    world = World(INSTANT)
    for name in ("a", "b", "c"):
        world.pod(name)
    world.run(1000)
    assert [world.get(name).status.podIP for name in "abc"] == ["10.244.0.2", "10.244.0.3", "10.244.0.4"]
    world.api.delete(kinds.PODS, "default/b", actor="user")
    world.run(1000)
    world.pod("d")
    world.pod("host", hostNetwork=True)
    world.run(1000)
    assert world.get("d").status.podIP == "10.244.0.3"
    assert world.get("host").status.podIP == "172.18.0.3"


def test_init_containers_run_one_after_the_other_before_the_main_ones() -> None:
    """Until the last init container succeeded the pod is Pending and not Initialized."""
    world = World()
    world.pod(
        initContainers=[{"name": "one", "image": "nginx:1.27"}, {"name": "two", "image": "nginx:1.27"}],
        annotations={"exit_after.two": "5s"},
    )
    world.run(100)
    assert world.reason() == "PodInitializing"
    world.run(4000)
    status = world.get().status
    first, second = status.initContainerStatuses
    assert first.state.terminated is not None
    assert (first.state.terminated.exitCode, first.state.terminated.reason) == (0, "Completed")
    assert (first.ready, second.ready) == (True, False)
    assert second.state.running is not None
    assert status.phase == "Pending"
    incomplete = ("False", "ContainersNotInitialized", "containers with incomplete status: [two]")
    assert world.condition("Initialized") == incomplete
    world.run(10_000)
    assert world.get().status.phase == "Running"
    assert world.condition("Initialized") == TRUE
    assert [one.involvedObject.fieldPath for one in world.events() if one.reason == "Started"] == [
        "spec.initContainers{one}", "spec.initContainers{two}", "spec.containers{c}",
    ]  # fmt: skip


def test_sidecar_runs_on_beside_the_main_container() -> None:
    """An init container with restartPolicy Always lets the next start once it has started, and stays."""
    world = World()
    side = {"name": "side", "image": "nginx:1.27", "restartPolicy": "Always"}
    world.pod(initContainers=[side, {"name": "prepare", "image": "nginx:1.27"}])
    world.run()
    sidecar, prepare = world.get().status.initContainerStatuses
    assert sidecar.state.running is not None
    assert sidecar.ready
    assert prepare.state.terminated is not None
    assert world.get().status.phase == "Running"
    assert world.condition("Ready") == TRUE


def test_readiness_probe_delays_ready() -> None:
    """With a readiness probe the pod runs unready until its first turn after initialDelaySeconds."""
    world = World()
    probe = {"httpGet": {"path": "/", "port": 80}, "initialDelaySeconds": 10}
    world.pod(containers=[{"name": "c", "image": "nginx:1.27", "readinessProbe": probe}])
    world.run(5000)
    assert world.get().status.phase == "Running"
    assert world.condition("Ready") == ("False", "ContainersNotReady", "containers with unready status: [c]")
    world.run(14_900)
    assert world.condition("Ready")[0] == "False"
    world.run(200)
    assert world.condition("Ready") == TRUE


def test_startup_probe_keeps_a_container_unstarted() -> None:
    """Until its startup probe succeeds a running container is neither started nor ready."""
    world = World(INSTANT)
    probe = {"exec": {"command": ["true"]}, "initialDelaySeconds": 5}
    world.pod(containers=[{"name": "c", "image": "nginx:1.27", "startupProbe": probe}])
    world.run(1000)
    assert (world.container().started, world.container().ready) == (False, False)
    world.run(9500)
    assert (world.container().started, world.container().ready) == (True, True)


def test_readiness_follows_its_annotations() -> None:
    """ready-after delays readiness, ready "false" takes it away and its removal gives it back."""
    world = World(INSTANT)
    world.pod(annotations={"ready_after": "20s"})
    world.run(19_000)
    assert not world.container().ready
    world.run(2000)
    assert world.container().ready
    pod = world.get()
    told = replace(pod, metadata=replace(pod.metadata, annotations={"sim.ktui.dev/ready": "false"}))
    world.api.update(kinds.PODS, told, actor="user")
    world.run(1000)
    assert not world.container().ready
    assert "Unhealthy" in world.told()
    pod = world.get()
    world.api.update(kinds.PODS, replace(pod, metadata=replace(pod.metadata, annotations={})), actor="user")
    world.run(1000)
    assert world.container().ready


def test_readiness_gate_holds_the_pod_back() -> None:
    """A readiness gate without its condition, or with a False one, keeps Ready False and says why."""
    world = World(INSTANT)
    world.pod(readinessGates=[{"conditionType": "example.com/warm"}])
    world.run(1000)
    why = 'corresponding condition of pod readiness gate "example.com/warm" does not exist.'
    assert world.condition("Ready") == ("False", "ReadinessGatesNotReady", why)
    assert world.condition("ContainersReady") == TRUE
    for status, expected in (
        ("False", ("False", "ReadinessGatesNotReady",
                   'the status of pod readiness gate "example.com/warm" is not "True", but False')),
        ("True", TRUE),
    ):  # fmt: skip
        pod = world.get()
        others = tuple(one for one in pod.status.conditions if one.type != "example.com/warm")
        conditions = (*others, PodCondition(type="example.com/warm", status=status))
        world.api.update_status(kinds.PODS, replace(pod, status=replace(pod.status, conditions=conditions)), actor="u")
        world.run(1000)
        assert world.condition("Ready") == expected
        assert world.condition("example.com/warm")[0] == status


def test_missing_config_map_keeps_the_pod_creating_until_it_appears() -> None:
    """A pod that mounts a missing ConfigMap tells FailedMount once and starts when it comes."""
    world = World(INSTANT)
    world.pod(
        containers=[{"name": "c", "image": "nginx", "volumeMounts": [{"name": "config", "mountPath": "/etc/app"}]}],
        volumes=[{"name": "config", "configMap": {"name": "late-config"}}],
    )
    world.run()
    assert world.reason() == "ContainerCreating"
    assert (
        world.message("FailedMount")
        == 'MountVolume.SetUp failed for volume "config" : configmap "late-config" not found'
    )
    revision = world.store.revision
    world.run(3_600_000)
    assert world.store.revision == revision
    config = ConfigMap(metadata=ObjectMeta(name="late-config", namespace="default"), data={"a": "b"})
    world.api.create(kinds.CONFIG_MAPS, config, actor="user")
    world.run(1000)
    assert world.get().status.phase == "Running"


def test_missing_secret_in_a_volume_and_optional_ones() -> None:
    """A missing Secret is told in its words; optional references never hold a pod back."""
    world = World(INSTANT)
    mounts = [{"name": "keys", "mountPath": "/keys"}]
    world.pod("keyless", containers=[{"name": "c", "image": "nginx", "volumeMounts": mounts}],
              volumes=[{"name": "keys", "secret": {"secretName": "no-keys"}}])  # fmt: skip
    world.pod("optional", containers=[{"name": "c", "image": "nginx", "volumeMounts": mounts}],
              volumes=[{"name": "keys", "secret": {"secretName": "no-keys", "optional": True}}])  # fmt: skip
    world.run(1000)
    assert (
        world.message("FailedMount", "keyless")
        == 'MountVolume.SetUp failed for volume "keys" : secret "no-keys" not found'
    )
    assert world.get("optional").status.phase == "Running"


def test_missing_variable_is_a_config_error_until_it_can_be_resolved() -> None:
    """A variable from a missing ConfigMap gives CreateContainerConfigError; from one without the key, too."""
    world = World(INSTANT)
    variable = {"name": "A", "valueFrom": {"configMapKeyRef": {"name": "settings", "key": "a"}}}
    world.pod(containers=[{"name": "c", "image": "nginx", "env": [variable]}, {"name": "d", "image": "nginx"}])
    world.run(1000)
    assert world.reason() == "CreateContainerConfigError"
    assert world.message("Failed") == 'Error: configmap "settings" not found'
    assert world.get().status.phase == "Pending"
    assert world.container(position=1).state.running is not None
    meta = ObjectMeta(name="settings", namespace="default")
    made = world.api.create(kinds.CONFIG_MAPS, ConfigMap(metadata=meta), actor="user")
    world.run(1000)
    assert world.message("Failed") == "Error: couldn't find key a in ConfigMap default/settings"
    world.api.update(kinds.CONFIG_MAPS, replace(made, data={"a": "b"}), actor="user")
    world.run(1000)
    assert world.get().status.phase == "Running"


def test_containers_start_in_their_order() -> None:
    """The second container's image is pulled after the first container has started."""
    world = World()
    world.pod(containers=[{"name": "a", "image": "one:1"}, {"name": "b", "image": "two:1"}])
    world.run(2000)
    assert world.container(position=0).state.running is not None
    assert world.reason(position=1) == "ContainerCreating"
    assert world.get().status.phase == "Pending"
    world.run(2000)
    assert world.get().status.phase == "Running"
    assert [one.involvedObject.fieldPath[-3:] for one in world.events() if one.reason == "Started"] == ["{a}", "{b}"]


def test_settled_pod_has_no_work_left() -> None:
    """A running pod has nothing in the calendar: a settled cluster costs nothing."""
    world = World()
    world.pod()
    world.run(10_000)
    assert world.clock.next_time() is None
