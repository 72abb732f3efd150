"""Volumes as the processes of pods see them: shared, kept, renewed, and gone when they should be."""

from typing import Any

import pytest
from msgspec.structs import replace

from cluster.api import kinds
from cluster.api.cluster import DEFAULT, Timing
from cluster.api.codec import from_plain
from cluster.api.core import ConfigMap, PersistentVolume, PersistentVolumeClaim, Secret
from cluster.api.kinds import PODS
from cluster.kubelet.runtime import commands, logs
from cluster.kubelet.runtime.contents import CONTENTS, VERSIONS, keep_written
from cluster.kubelet.runtime.endings import LOGS
from cluster.kubelet.runtime.execute import execute
from tests.cluster.kubelet.world import USER, World

AT_ONCE = replace(DEFAULT, timing=Timing(imagePull="0s", containerStart="0s", containerStop="1s", processes=True))
EMPTY = {"name": "data", "emptyDir": {}}
MOUNT = {"name": "data", "mountPath": "/data"}


def shell(name: str, script: str, **fields: Any) -> dict[str, Any]:
    """A container that runs a script."""
    return {"name": name, "image": "busybox:1.36", "command": ["sh", "-c", script], "volumeMounts": [MOUNT], **fields}


def world() -> World:
    """A cluster in which commands count and nothing takes long."""
    return World(AT_ONCE)


def log(made: World, pod: str = "web", container: str = "c") -> str:
    """What a container has written until now."""
    found = made.get(pod)
    spec = next(one for one in (*found.spec.initContainers, *found.spec.containers) if one.name == container)
    statuses = (*found.status.initContainerStatuses, *found.status.containerStatuses)
    state = next(one.state for one in statuses if one.name == container)
    begun = state.running or state.terminated
    assert begun is not None
    until = made.clock.now if state.terminated is None else made.clock.milliseconds(state.terminated.finishedAt)
    lines = logs.lines(made.store, found, spec, begun.startedAt, until - made.clock.milliseconds(begun.startedAt))
    return b"".join(line.text for line in lines).decode()


def run(made: World, script: str, pod: str = "web", position: int = 0) -> str:
    """What a command writes that is run in a container now, as `kubectl exec` runs it."""
    found = made.get(pod)
    running = found.status.containerStatuses[position].state.running
    assert running is not None
    age = made.clock.now - made.clock.milliseconds(running.startedAt)
    view = commands.view_at(made.store, found, found.spec.containers[position], running.startedAt, age)
    outcome = execute(view, ["sh", "-c", script], made.clock.micro_timestamp())
    assert outcome.files is not None
    keep_written(made.store, outcome.files, f"default/{pod}")
    return b"".join(output.data for output in outcome.outputs).decode()


def config(made: World, **data: str) -> None:
    """Create or change the ConfigMap `settings`."""
    found = made.api.find(kinds.CONFIG_MAPS, "default/settings")
    if found is None:
        plain = {"metadata": {"name": "settings", "namespace": "default"}, "data": data}
        made.api.create(kinds.CONFIG_MAPS, from_plain(ConfigMap, plain), actor=USER)
    else:
        made.api.update(kinds.CONFIG_MAPS, replace(found, data=data), actor=USER)


def test_what_an_init_container_writes_the_main_one_reads() -> None:
    """An emptyDir is one folder for all containers of its pod, from its start on."""
    made = world()
    made.pod(
        restartPolicy="Never", volumes=[EMPTY], initContainers=[shell("i", "echo ready > /data/x; sleep 1")],
        containers=[shell("c", "cat /data/x; ls /data")],
    )  # fmt: skip
    made.run(5000)
    assert (log(made), made.get().status.phase) == ("ready\nx\n", "Succeeded")


def test_a_sidecar_sees_what_the_app_writes_while_both_run() -> None:
    """Processes on one volume go on side by side, each line when it was written."""
    made = world()
    made.pod(
        volumes=[EMPTY],
        containers=[
            shell("app", "i=0; while true; do echo line $i >> /data/log; i=$((i+1)); sleep 10; done"),
            shell("c", "while true; do sleep 15; wc -l < /data/log; done"),
        ],
    )
    made.run(50_000)
    assert log(made).split() == ["2", "4", "5"]
    assert run(made, "tail -n 1 /data/log", position=1) == "line 5\n"


def test_a_process_that_waits_for_a_file_goes_on_when_it_is_there() -> None:
    """Whoever writes it: another container, or somebody with `kubectl exec`; and its end is found then."""
    made = world()
    made.pod(
        restartPolicy="Never", volumes=[EMPTY],
        containers=[
            shell("c", "until [ -f /data/go ]; do sleep 2; done; echo gone"), shell("other", "sleep 3600"),
        ],
    )  # fmt: skip
    made.run(20_000)
    assert (log(made), made.clock.next_time() is not None) == ("", True)
    run(made, "touch /data/go", position=1)
    made.run(4000)
    assert log(made) == "gone\n"
    assert made.container().state.terminated is not None


def test_an_empty_dir_outlives_restarts_and_is_lost_with_the_pod() -> None:
    """A container that starts again finds what it left; a new pod of the same name does not."""
    made = world()
    script = "echo x >> /data/starts; wc -l < /data/starts; sleep 20; exit 1"
    made.pod(volumes=[EMPTY], containers=[shell("c", script)])
    made.run(25_000)
    assert log(made) == "2\n"
    made.api.delete(PODS, "default/web", actor=USER)
    made.run(40_000)
    assert [len(made.store.table(kind)) for kind in (CONTENTS, LOGS)] == [0, 0]
    made.pod(volumes=[EMPTY], containers=[shell("c", script)])
    made.run(5000)
    assert log(made) == "1\n"


def test_a_containers_own_files_are_lost_with_its_process() -> None:
    """What `kubectl exec` writes outside of volumes is seen by later commands and the process, until it starts anew."""
    made = world()
    made.pod(containers=[{**shell("c", "while [ ! -f /tmp/end ]; do sleep 1; done; exit 3"), "volumeMounts": []}])
    made.run(3000)
    run(made, "echo one > /tmp/a")
    assert run(made, "cat /tmp/a") == "one\n"
    run(made, "touch /tmp/end")
    made.run(3000)
    assert made.container().restartCount == 1
    assert run(made, "ls /tmp") == ""


def test_a_host_path_is_one_folder_for_all_pods_of_its_node() -> None:
    """Pods of one node share it while they run and after; those of other nodes have their own."""
    made = world()
    volume = {"name": "data", "hostPath": {"path": "/mnt/data", "type": "DirectoryOrCreate"}}
    writer = shell("c", "while true; do date +%s >> /data/log; sleep 10; done")
    made.pod("writer", volumes=[volume], containers=[writer])
    for name, node in (("near", "node-1"), ("far", "node-2")):
        made.pod(name, node, volumes=[volume], containers=[shell("c", "sleep 5; cat /data/log; sleep 3600")])
    made.run(15_000)
    assert len(log(made, "near").splitlines()) == 1
    assert log(made, "far") == "cat: /data/log: No such file or directory\n"
    made.api.delete(PODS, "default/writer", actor=USER, grace=0)
    made.run(100_000)
    assert len(run(made, "cat /data/log", "near").splitlines()) == 2


def claim(made: World, **source: Any) -> dict[str, Any]:
    """A bound PersistentVolume and its claim; the volume of a pod that uses it."""
    volume = {
        "metadata": {"name": "pv"},
        "spec": {"capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteOnce"], **source},
    }
    made.api.create(kinds.PERSISTENT_VOLUMES, from_plain(PersistentVolume, volume), actor=USER)
    spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}, "volumeName": "pv"}
    plain = {"metadata": {"name": "claim", "namespace": "default"}, "spec": spec}
    made.api.create(kinds.PERSISTENT_VOLUME_CLAIMS, from_plain(PersistentVolumeClaim, plain), actor=USER)
    return {"name": "data", "persistentVolumeClaim": {"claimName": "claim"}}


def test_a_persistent_volume_keeps_its_files_from_pod_to_pod() -> None:
    """They are there for the next pod, on whatever node, and gone with the volume; by subPath each pod has its own."""
    made = world()
    volume = claim(made, csi={"driver": "d", "volumeHandle": "h"})
    made.pod("first", volumes=[volume], containers=[shell("c", "echo first > /data/x; sleep 3600")])
    made.run(3000)
    made.api.delete(PODS, "default/first", actor=USER)
    made.run(40_000)
    own = shell("c", "cat /data/x; sleep 3600", volumeMounts=[{**MOUNT, "subPath": "own"}])
    made.pod("second", "node-2", volumes=[volume], containers=[shell("b", "cat /data/x; sleep 3600"), own])
    made.run(3000)
    assert log(made, "second", "b") == "first\n"
    assert log(made, "second") == "cat: /data/x: No such file or directory\n"
    run(made, "echo mine > /data/x", "second", 1)
    assert run(made, "cat /data/own/x", "second") == "mine\n"
    made.api.delete(PODS, "default/second", actor=USER, grace=0)
    made.api.delete(kinds.PERSISTENT_VOLUMES, "pv", actor=USER)
    made.run(3000)
    found = made.api.find(kinds.PERSISTENT_VOLUMES, "pv")
    if found is not None:
        made.api.update(
            kinds.PERSISTENT_VOLUMES, replace(found, metadata=replace(found.metadata, finalizers=())), actor=USER
        )
    made.run(3000)
    assert len(made.store.table(CONTENTS)) == 0


def test_a_local_volume_is_the_folder_of_its_node() -> None:
    """What is written through a claim on a hostPath volume lies in the folder of the node."""
    made = world()
    volume = claim(made, hostPath={"path": "/mnt/disk"})
    made.pod("one", volumes=[volume], containers=[shell("c", "echo hi > /data/x; sleep 3600")])
    host = {"name": "data", "hostPath": {"path": "/mnt"}}
    made.pod("two", volumes=[host], containers=[shell("c", "sleep 2; cat /data/disk/x; sleep 3600")])
    made.run(5000)
    assert log(made, "two") == "hi\n"


def test_a_changed_config_map_reaches_mounted_volumes_at_the_next_sync() -> None:
    """A minute at most from the pod's start; not by subPath, and not in variables, which stay as the process found them."""
    made = world()
    config(made, colour="red")
    mounts = [
        {"name": "cfg", "mountPath": "/etc/config"},
        {"name": "cfg", "mountPath": "/etc/one", "subPath": "colour"},
    ]
    script = "while true; do echo $(cat /etc/config/colour) $(cat /etc/one) $COLOUR; sleep 30; done"
    made.pod(
        volumes=[{"name": "cfg", "configMap": {"name": "settings"}}],
        containers=[shell("c", script, volumeMounts=mounts, env=[
            {"name": "COLOUR", "valueFrom": {"configMapKeyRef": {"name": "settings", "key": "colour"}}}])],
    )  # fmt: skip
    made.run(10_000)
    config(made, colour="blue", shape="round")
    made.run(30_000)
    assert run(made, "ls /etc/config; cat /etc/config/colour") == "colour\nred"
    made.run(30_000)
    assert (
        run(made, "ls /etc/config; cat /etc/config/colour; echo; env | grep COLOUR")
        == "colour\nshape\nblue\nCOLOUR=red\n"
    )
    assert log(made) == "red red red\nred red red\nblue red red\n"
    made.api.delete(kinds.CONFIG_MAPS, "default/settings", actor=USER)
    made.run(200_000)
    assert run(made, "cat /etc/config/colour") == "blue"


def test_an_object_is_remembered_while_somebody_shows_it() -> None:
    """Nothing is kept of objects that no pod mounts, and nothing of a change that changes no entry."""
    made = world()
    config(made, a="1")
    config(made, a="2")
    made.run(1000)
    assert len(made.store.table(VERSIONS)) == 0
    made.pod(volumes=[{"name": "data", "configMap": {"name": "settings"}}], containers=[shell("c", "sleep 3600")])
    made.run(5000)
    config(made, a="2")
    made.run(1000)
    assert len(made.store.table(VERSIONS)) == 0
    config(made, a="3")
    made.run(1000)
    assert len(made.store.table(VERSIONS)) == 1
    made.api.delete(PODS, "default/web", actor=USER, grace=0)
    made.run(1000)
    assert len(made.store.table(VERSIONS)) == 0


def test_a_probe_by_command_sees_a_changed_file() -> None:
    """Readiness follows an entry of a ConfigMap, and files that somebody removes by hand."""
    made = world()
    config(made, state="good")
    probe = {"exec": {"command": ["grep", "good", "/data/state"]}, "periodSeconds": 5, "failureThreshold": 1}
    made.pod(
        volumes=[{"name": "data", "configMap": {"name": "settings"}}],
        containers=[shell("c", "sleep 36000", readinessProbe=probe)],
    )
    made.run(20_000)
    assert made.container().ready
    config(made, state="bad")
    made.run(10_000)
    assert made.container().ready
    made.run(50_000)
    assert not made.container().ready


def test_a_pods_new_labels_reach_its_downward_volume() -> None:
    """They are written when the kubelet sees the change; a loop that shows the file has shown the old ones before."""
    made = world()
    items = [{"path": "labels", "fieldRef": {"fieldPath": "metadata.labels"}}]
    script = "while true; do cat /data/labels; echo; sleep 20; done"
    made.pod(volumes=[{"name": "data", "downwardAPI": {"items": items}}], containers=[shell("c", script)])
    made.run(5000)
    pod = made.get()
    made.api.update(PODS, replace(pod, metadata=replace(pod.metadata, labels={"a": "b"})), actor=USER)
    made.run(20_000)
    assert log(made).splitlines()[-1] == 'a="b"'
    assert log(made).count(chr(34) + "b") == 1


@pytest.mark.parametrize(
    ("mount", "volume", "said"),
    [
        ({"readOnly": True}, {"emptyDir": {}}, "Read-only file system"),
        ({}, {"configMap": {"name": "settings"}}, "Read-only file system"),
        ({}, {"emptyDir": {}}, ""),
    ],
)
def test_read_only_mounts_refuse(mount: dict[str, Any], volume: dict[str, Any], said: str) -> None:
    """What the kubelet fills and what is mounted so can only be read, by every program."""
    made = world()
    config(made, a="1")
    made.pod(
        volumes=[{"name": "data", **volume}],
        containers=[shell("c", "sleep 3600", volumeMounts=[{**MOUNT, **mount}])],
    )
    made.run(3000)
    told = run(
        made, "echo x > /data/x; touch /data/y; mkdir /data/z; cp /etc/hosts /data/h; echo x | tee /data/t >/dev/null"
    )
    assert told == (
        f"sh: 1: cannot create /data/x: {said}\ntouch: /data/y: {said}\nmkdir: can't create directory '/data/z': {said}\n"
        f"cp: can't create '/data/h': {said}\ntee: /data/t: {said}\n" if said else ""
    )  # fmt: skip


def test_a_read_only_root_leaves_volumes_writable() -> None:
    """It is about the container's own files."""
    made = world()
    made.pod(volumes=[EMPTY], containers=[shell("c", "sleep 3600", securityContext={"readOnlyRootFilesystem": True})])
    made.run(3000)
    assert run(made, "echo a > /data/a; cat /data/a; echo b > /tmp/b") == (
        "a\nsh: 1: cannot create /tmp/b: Read-only file system\n"
    )


def test_the_log_of_a_process_that_has_ended_stays() -> None:
    """Whatever becomes of what it read: it is what it was when it was written."""
    made = world()
    made.api.create(
        kinds.SECRETS,
        from_plain(Secret, {"metadata": {"name": "s", "namespace": "default"}, "data": {"a": "MQ=="}}), actor=USER,
    )  # fmt: skip
    made.pod(
        restartPolicy="Never", volumes=[{"name": "data", "secret": {"secretName": "s"}}],
        containers=[shell("c", "cat /data/a")],
    )  # fmt: skip
    made.run(3000)
    made.api.delete(kinds.SECRETS, "default/s", actor=USER)
    made.run(3000)
    assert log(made) == "1"


def test_a_hook_leaves_its_files() -> None:
    """What postStart wrote is there for whoever looks, in the container and in volumes."""
    made = world()
    hook = {"postStart": {"exec": {"command": ["sh", "-c", "echo Hello > /tmp/message; touch /data/started"]}}}
    made.pod(volumes=[EMPTY], containers=[shell("c", "sleep 3600", lifecycle=hook)])
    made.run(3000)
    assert run(made, "cat /tmp/message; ls /data") == "Hello\nstarted\n"


def test_rebuilt_kubelets_see_the_same_files() -> None:
    """Everything about volumes is in the store: another process of the simulator goes on with it."""
    made = world()
    config(made, colour="red")
    made.pod(volumes=[{"name": "data", "configMap": {"name": "settings"}}, {"name": "own", "emptyDir": {}}],
             containers=[shell("c", "while true; do sleep 30; done",
                               volumeMounts=[MOUNT, {"name": "own", "mountPath": "/own"}])])  # fmt: skip
    made.run(5000)
    run(made, "echo kept > /own/x")
    config(made, colour="blue")
    made.run(1000)
    made.rebuild()
    made.run(70_000)
    assert run(made, "cat /own/x /data/colour") == "kept\nblue"
    config(made, colour="green")
    made.run(70_000)
    assert run(made, "cat /data/colour") == "green"
