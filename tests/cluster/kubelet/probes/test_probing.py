"""Probes of running pods: readiness, started, restarts, events, and when nobody needs to ask."""

from typing import Any

import pytest
from msgspec.structs import replace

from cluster.api import kinds
from cluster.api.cluster import DEFAULT, Timing
from tests.cluster.kubelet.world import USER, World

AT_ONCE = replace(DEFAULT, timing=Timing(imagePull="0s", containerStart="0s", containerStop="1s", processes=True))
HTTP: dict[str, Any] = {"httpGet": {"path": "/healthz", "port": 80}, "periodSeconds": 5}
CAT: dict[str, Any] = {"exec": {"command": ["cat", "/tmp/healthy"]}, "initialDelaySeconds": 5, "periodSeconds": 5}
HEALTHY_FOR_30 = ["/bin/sh", "-c", "touch /tmp/healthy; sleep 30; rm -f /tmp/healthy; sleep 600"]


def world(annotations: dict[str, str] | None = None, policy: str = "Always", **container: Any) -> World:
    """A world with one pod of one container, with what its probes say."""
    made = World(AT_ONCE)
    container.setdefault("image", "nginx:1.27")
    made.pod(restartPolicy=policy, containers=[{"name": "c", **container}], annotations=annotations)
    return made


def annotate(made: World, **told: str) -> None:
    """Give the pod these annotations of ours and no others."""
    pod = made.get()
    told = {f"sim.ktui.dev/{name.replace('_', '-')}": value for name, value in told.items()}
    made.api.update(kinds.PODS, replace(pod, metadata=replace(pod.metadata, annotations=told)), actor=USER)


def unhealthy(made: World) -> list[tuple[str, int]]:
    """The messages of the Unhealthy events with their counts."""
    return [(one.message, one.count) for one in made.events() if one.reason == "Unhealthy"]


def started(made: World) -> int:
    """When the running container was started (s)."""
    running = made.container().state.running
    assert running is not None
    return made.clock.milliseconds(running.startedAt) // 1000


def test_a_settled_healthy_pod_has_no_timers() -> None:
    """Probes that succeed and will go on doing so are not asked again."""
    made = world(readinessProbe=HTTP, livenessProbe=HTTP, startupProbe=HTTP)
    made.run(30_000)
    assert (made.container().started, made.container().ready) == (True, True)
    assert made.clock.next_time() is None
    assert unhealthy(made) == []


def test_startup_holds_the_others_back() -> None:
    """Until the startup probe has succeeded nothing else is asked, and the container is neither started nor ready."""
    slow = {**HTTP, "failureThreshold": 10}
    made = world({"startup_probe": "fail for 12s"}, startupProbe=slow, readinessProbe=HTTP, livenessProbe=HTTP)
    made.run(14_000)
    assert (made.container().started, made.container().ready) == (False, False)
    assert unhealthy(made) == [("Startup probe failed: HTTP probe failed with statuscode: 503", 2)]
    made.run(1050)
    assert (made.container().started, made.container().ready) == (True, False)
    made.run(100)
    assert made.container().ready
    made.run(30_000)
    assert (made.container().restartCount, made.clock.next_time()) == (0, None)


def test_a_startup_probe_that_goes_on_failing_restarts() -> None:
    """After failureThreshold failures the container is killed, told in Kubernetes' words."""
    made = world({"startup_probe": "fail"}, startupProbe={**HTTP, "failureThreshold": 2})
    made.run(12_000)
    assert made.message("Killing") == "Container c failed startup probe, will be restarted"
    assert made.container().restartCount == 1
    last = made.container().lastState.terminated
    assert last is not None
    assert (last.exitCode, last.reason) == (0, "Completed")


def test_the_documentations_exec_example() -> None:
    """A file that goes after 30 s: three failures, the whole grace for a shell without a trap, 137, a restart."""
    made = world(image="busybox", args=HEALTHY_FOR_30, livenessProbe=CAT)
    made.run(29_900)
    assert unhealthy(made) == []
    made.run(6000)
    missing = "Liveness probe failed: cat: /tmp/healthy: No such file or directory\n"
    assert unhealthy(made) == [(missing, 2)]
    assert "Killing" not in made.told()
    made.run(5000)
    assert unhealthy(made) == [(missing, 3)]
    assert made.message("Killing") == "Container c failed liveness probe, will be restarted"
    made.run(28_000)
    assert made.container().restartCount == 0
    made.run(2000)
    last = made.container().lastState.terminated
    assert last is not None
    assert (last.exitCode, last.reason, made.container().restartCount) == (137, "Error", 1)
    assert started(made) == 70
    made.run(150_000)
    assert made.container().restartCount == 2


def test_the_documentations_http_example() -> None:
    """The liveness server of agnhost answers 500 after ten seconds."""
    probe = {"httpGet": {"path": "/healthz", "port": 8080}, "initialDelaySeconds": 3, "periodSeconds": 3}
    made = world(image="registry.k8s.io/e2e-test-images/agnhost:2.40", args=["liveness"], livenessProbe=probe)
    made.run(20_000)
    assert unhealthy(made) == [("Liveness probe failed: HTTP probe failed with statuscode: 500", 3)]
    assert made.container().restartCount == 1
    last = made.container().lastState.terminated
    assert last is not None
    assert (last.exitCode, last.reason) == (143, "Error")


def test_readiness_flips_after_its_thresholds() -> None:
    """As many failures as failureThreshold take readiness away, as many successes as successThreshold give it back."""
    probe = {**HTTP, "failureThreshold": 2, "successThreshold": 2}
    made = world(readinessProbe=probe)
    made.run(6000)
    assert made.container().ready
    annotate(made, readiness_probe="fail 500")
    made.run(5000)
    assert made.container().ready
    made.run(5000)
    assert not made.container().ready
    assert made.condition("Ready") == ("False", "ContainersNotReady", "containers with unready status: [c]")
    assert unhealthy(made) == [("Readiness probe failed: HTTP probe failed with statuscode: 500", 2)]
    annotate(made)
    made.run(5000)
    assert not made.container().ready
    made.run(5000)
    assert made.container().ready
    made.run(10_000)
    assert (made.clock.next_time(), made.container().restartCount) == (None, 0)


def test_failing_readiness_is_told_ever_more_seldom() -> None:
    """A probe that fails for good writes as many events as a recorder lets through, and asks no more often."""
    made = world({"readiness_probe": "fail"}, readinessProbe=HTTP)
    made.run(3_600_000)
    assert not made.container().ready
    written = [entry.object for entry in made.store.table(kinds.EVENTS).entries() if entry.object is not None]
    assert 30 < len([event for event in written if event.reason == "Unhealthy"]) < 40
    revision = made.store.revision
    made.run(290_000)
    assert made.store.revision <= revision + 1


def test_a_failure_for_a_time_leaves_a_ready_pod_as_it_was() -> None:
    """Fewer failures in a row than the threshold change nothing."""
    made = world({"readiness_probe": "fail after 8s for 6s"}, readinessProbe=HTTP)
    made.run(60_000)
    assert unhealthy(made) == [("Readiness probe failed: HTTP probe failed with statuscode: 503", 1)]
    assert made.container().ready
    assert made.condition("Ready")[0] == "True"
    assert made.clock.next_time() is None


@pytest.mark.parametrize(
    ("probe", "annotation", "expected"),
    [
        ({"httpGet": {"port": 8080, "path": "/x"}}, "",
         'Get "http://10.244.0.2:8080/x": dial tcp 10.244.0.2:8080: connect: connection refused'),
        ({"httpGet": {"port": "web"}}, "slow",
         'Get "http://10.244.0.2:80/": context deadline exceeded (Client.Timeout exceeded while awaiting headers)'),
        ({"httpGet": {"port": "web"}}, "slow 500ms", ""),
        ({"httpGet": {"port": "web"}, "timeoutSeconds": 4}, "slow 3s", ""),
        ({"httpGet": {"port": 80, "host": "127.0.0.1"}}, "",
         'Get "http://127.0.0.1:80/": dial tcp 127.0.0.1:80: connect: connection refused'),
        ({"tcpSocket": {"port": 8080}}, "", "dial tcp 10.244.0.2:8080: connect: connection refused"),
        ({"tcpSocket": {"port": 80}}, "", ""),
        ({"tcpSocket": {"port": 80}}, "fail", "dial tcp 10.244.0.2:80: connect: connection refused"),
        ({"tcpSocket": {"port": 80}}, "slow", "dial tcp 10.244.0.2:80: i/o timeout"),
        ({"grpc": {"port": 80}}, "", ""),
        ({"grpc": {"port": 80}}, "fail", 'service unhealthy (responded with "NOT_SERVING")'),
        ({"grpc": {"port": 80}}, "slow", "timeout: health rpc did not complete within 1s"),
        ({"grpc": {"port": 90}}, "",
         'timeout: failed to connect service "10.244.0.2:90" within 1s: context deadline exceeded'),
        ({"exec": {"command": ["sh", "-c", "echo no; exit 3"]}}, "", "no\n"),
        ({"exec": {"command": ["sleep", "5"]}}, "", 'command timed out: "sleep 5" timed out after 1s'),
        ({"exec": {"command": ["sleep", "5"]}, "timeoutSeconds": 6}, "", ""),
        ({"exec": {"command": ["pg_isready"]}}, "", ""),
        ({"exec": {"command": ["true"]}}, "fail", ""),
    ],
)  # fmt: skip
def test_a_probe_fails_in_its_own_words(probe: dict[str, Any], annotation: str, expected: str) -> None:
    """Each kind of probe says why it failed as on a real cluster."""
    told = {"readiness_probe": annotation} if annotation else {}
    made = world(told, readinessProbe=probe, ports=[{"containerPort": 80, "name": "web"}])
    made.run(4000)
    failed = expected or annotation == "fail"
    assert made.container().ready is not failed
    assert [text for text, _ in unhealthy(made)] == ([f"Readiness probe failed: {expected}"] if failed else [])


def test_a_probe_that_cannot_be_asked_changes_nothing() -> None:
    """An unknown port name, or a command that is not there, is an error: told, and no failure."""
    by_name = {"httpGet": {"port": "web"}, "periodSeconds": 1}
    made = world(livenessProbe=by_name)
    made.run(10_000)
    words = 'Liveness probe errored and resulted in unknown state: strconv.Atoi: parsing "web": invalid syntax'
    assert unhealthy(made)[0][0] == words
    assert (made.container().restartCount, made.container().ready) == (0, True)
    missing = {"exec": {"command": ["nothing-like-it"]}, "periodSeconds": 1}
    bare = world(image="busybox", command=["sleep", "1000"], readinessProbe=missing)
    bare.run(1500)
    (text, _), *_ = unhealthy(bare)
    assert text.startswith("Readiness probe errored and resulted in unknown state: rpc error: code = Unknown desc = ")
    assert text.endswith('exec: "nothing-like-it": executable file not found in $PATH')
    assert not bare.container().ready


def test_nothing_listens_in_a_shell() -> None:
    """A process that is known not to serve refuses connections."""
    made = world(image="busybox", command=["sleep", "1000"], readinessProbe={"tcpSocket": {"port": 80}})
    made.run(5000)
    assert [text for text, _ in unhealthy(made)] == [
        "Readiness probe failed: dial tcp 10.244.0.2:80: connect: connection refused"
    ]


def test_liveness_of_a_pod_that_never_restarts() -> None:
    """The container is killed for good: the pod has failed, and nobody promises a restart."""
    told = {"liveness_probe": "fail after 3s", "stop_after": "1h"}
    made = world(told, "Never", livenessProbe={**HTTP, "terminationGracePeriodSeconds": 7})
    made.run(16_000)
    assert made.message("Killing") == "Container c failed liveness probe"
    assert made.get().status.phase == "Running"
    made.run(7000)
    ended = made.container().state.terminated
    assert ended is not None
    assert (made.get().status.phase, ended.exitCode) == ("Failed", 137)
    assert made.clock.next_time() is None


def test_a_failing_liveness_probe_comes_to_a_back_off() -> None:
    """Restarts by a probe count like any other: the second waits 10 s, and the container says so."""
    made = world({"liveness_probe": "fail"}, livenessProbe={**HTTP, "periodSeconds": 1, "failureThreshold": 1})
    made.run(8000)
    assert made.reason() == "CrashLoopBackOff"
    assert made.container().restartCount == 1


def test_sidecars_are_probed() -> None:
    """A sidecar's startup probe holds the next container back, its readiness probe the pod, its liveness restarts it."""
    made = World(AT_ONCE)
    side = {"name": "side", "image": "nginx", "restartPolicy": "Always", "startupProbe": HTTP, "readinessProbe": HTTP,
            "livenessProbe": {**HTTP, "failureThreshold": 1}}  # fmt: skip
    told = {"startup_probe.side": "fail for 8s", "readiness_probe.side": "fail for 18s",
            "liveness_probe.side": "fail after 40s"}  # fmt: skip
    made.pod(initContainers=[side], annotations=told)
    made.run(9000)
    assert made.get().status.phase == "Pending"
    assert made.condition("Initialized")[0] == "False"
    made.run(3000)
    assert made.get().status.phase == "Running"
    assert made.condition("Ready") == ("False", "ContainersNotReady", "containers with unready status: [side]")
    made.run(10_000)
    assert made.condition("Ready")[0] == "True"
    made.run(22_000)
    assert made.message("Killing") == "Init container side failed liveness probe"
    assert made.get().status.initContainerStatuses[0].restartCount == 1


def test_a_loop_that_keeps_its_file_is_settled() -> None:
    """A process that goes round for ever and changes files, but no result, is not watched for ever."""
    loop = ["sh", "-c", "while true; do date > /tmp/healthy; sleep 7; done"]
    made = world(image="busybox", command=loop, livenessProbe=CAT, readinessProbe=CAT)
    made.run(60_000)
    assert made.container().ready
    assert made.clock.next_time() is None


@pytest.mark.parametrize("pause", [8500, 11_500, 13_200, 16_000, 31_000])
def test_rebuilt_kubelets_go_on_with_a_streak_and_a_kill(pause: int) -> None:
    """Dropped amid failures, or amid the grace period after them, kubelets count on and kill when they would have."""
    told = {"liveness_probe": "fail after 4s", "stop_after": "1h"}
    left, right = (world(told, livenessProbe={**HTTP, "terminationGracePeriodSeconds": 20}) for _ in range(2))
    right.run(pause)
    right.rebuild()
    right.run(0)
    for made in (left, right):
        made.clock.run_until(49_000)
    assert left.container() == right.container()
    assert started(right) == 35
    assert unhealthy(right)[0][0] == unhealthy(left)[0][0]
    assert left.told().count("Killing") == right.told().count("Killing") == 1
