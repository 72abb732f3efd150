"""The status word of a pod, and its counts."""

from typing import Any

import pytest

from cluster.api import codec, kinds
from cluster.api.core import Pod
from cluster.printers import Now, row
from cluster.printers.pods import summary

_NOW = Now.at("2026-01-01T00:01:00Z")
_READY = {"type": "Ready", "status": "True"}
_INITIALIZED = {"type": "Initialized", "status": "True"}
_RUNNING = {"running": {"startedAt": "2026-01-01T00:00:00Z"}}
_WAITING = {"waiting": {"reason": "PodInitializing"}}


def _waiting(reason: str) -> dict[str, Any]:
    return {"waiting": {"reason": reason}}


def _ended(code: int, reason: str = "", signal: int = 0) -> dict[str, Any]:
    return {"terminated": {"exitCode": code, "reason": reason, "signal": signal}}


def _status(name: str, state: dict[str, Any], *, ready: bool = False, **more: Any) -> dict[str, Any]:
    return {"name": name, "image": "i", "imageID": "", "ready": ready, "restartCount": 0, "state": state, **more}


def _pod(*statuses: dict[str, Any], init: tuple[dict[str, Any], ...] = (), sidecars: str = "", meta: dict[str, Any] | None = None,
         **status: Any) -> Pod:  # fmt: skip
    names = [item["name"] for item in statuses] or ["main"]
    return codec.from_plain(
        Pod,
        {
            "metadata": {"name": "web", "creationTimestamp": "2026-01-01T00:00:00Z", **(meta or {})},
            "spec": {
                "containers": [{"name": name} for name in names],
                "initContainers": [
                    {"name": item["name"], "restartPolicy": "Always" if item["name"] in sidecars.split() else ""}
                    for item in init
                ],
            },
            "status": {"phase": "Pending", "containerStatuses": statuses, "initContainerStatuses": init, **status},
        },
    )


def _word(*statuses: dict[str, Any], **more: Any) -> str:
    return summary(_pod(*statuses, **more)).reason


@pytest.mark.parametrize(
    ("pod", "word"),
    [
        (_pod(), "Pending"),
        (_pod(reason="Evicted", phase="Failed"), "Evicted"),
        (
            _pod(conditions=[{"type": "PodScheduled", "status": "False", "reason": "SchedulingGated"}]),
            "SchedulingGated",
        ),
        (_pod(conditions=[{"type": "PodScheduled", "status": "False", "reason": "Unschedulable"}]), "Pending"),
        (_pod(_status("a", _waiting("ContainerCreating"))), "ContainerCreating"),
        (_pod(_status("a", _waiting("CrashLoopBackOff"))), "CrashLoopBackOff"),
        (_pod(_status("a", _ended(1, "Error")), phase="Running"), "Error"),
        (_pod(_status("a", _ended(0)), phase="Running"), "ExitCode:0"),
        (_pod(_status("a", _ended(137, signal=9)), phase="Running"), "Signal:9"),
        (_pod(_status("a", _ended(0, "Completed")), phase="Succeeded"), "Completed"),
    ],
)
def test_precedence_of_reasons(pod: Pod, word: str) -> None:
    """Phase gives way to the pod's reason, that to a scheduling gate, and all to a container's state."""
    assert summary(pod).reason == word


def test_the_first_container_has_the_last_word() -> None:
    """With several containers in trouble, the one listed first names the pod's state."""
    assert _word(_status("a", _waiting("ImagePullBackOff")), _status("b", _ended(1, "Error"))) == "ImagePullBackOff"


@pytest.mark.parametrize(
    ("conditions", "other", "word"),
    [
        ([_READY], _status("b", _RUNNING, ready=True), "Running"),
        ([], _status("b", _RUNNING, ready=True), "NotReady"),
        ([], _status("b", _ended(2, "Error")), "Error"),
        ([], _status("b", _ended(0, "Completed")), "Completed"),
    ],
)
def test_a_completed_container_beside_others(conditions: list[Any], other: dict[str, Any], word: str) -> None:
    """`Completed` is said only when every container completed; otherwise what the others do."""
    assert _word(_status("a", _ended(0, "Completed")), other, conditions=conditions, phase="Running") == word


@pytest.mark.parametrize(
    ("init", "word"),
    [
        ((_status("i", _RUNNING), _status("j", _WAITING)), "Init:0/2"),
        ((_status("i", _ended(0, "Completed")), _status("j", _RUNNING)), "Init:1/2"),
        ((_status("i", _ended(1, "Error")),), "Init:Error"),
        ((_status("i", _ended(1)),), "Init:ExitCode:1"),
        ((_status("i", _ended(1, signal=15)),), "Init:Signal:15"),
        ((_status("i", _waiting("CrashLoopBackOff")),), "Init:CrashLoopBackOff"),
        ((_status("i", _ended(0, "Completed")),), "PodInitializing"),
    ],
)
def test_initialization(init: tuple[dict[str, Any], ...], word: str) -> None:
    """While init containers run, the first unfinished one tells how far the pod is."""
    assert _word(_status("a", _WAITING), init=init) == word


def test_sidecars_count_as_containers() -> None:
    """A started sidecar no longer initializes the pod, and is one of the containers that can be ready."""
    sidecar = _status("s", _RUNNING, ready=True, started=True, restartCount=2)
    told = summary(_pod(_status("a", _RUNNING, ready=True), init=(sidecar,), sidecars="s", phase="Running"))
    assert (told.reason, told.ready, told.total, told.restarts) == ("Running", 2, 2, 2)
    starting = summary(_pod(_status("a", _WAITING), init=(_status("s", _RUNNING, started=False),), sidecars="s"))
    assert (starting.reason, starting.ready, starting.total) == ("Init:0/1", 0, 2)


def test_restarts_of_finished_init_containers_are_forgotten() -> None:
    """Restarts count the init containers while they run, and only the containers afterwards."""
    init = _status(
        "i", _RUNNING, restartCount=3, lastState={"terminated": {"exitCode": 1, "finishedAt": "2026-01-01T00:00:30Z"}}
    )
    assert row(kinds.PODS, _pod(_status("a", _WAITING), init=(init,)), _NOW)[3] == "3 (30s ago)"
    done = _status("i", _ended(0, "Completed"), restartCount=3)
    assert summary(_pod(_status("a", _RUNNING, ready=True, restartCount=1), init=(done,))).restarts == 1


def test_an_initialized_pod_is_told_by_its_containers() -> None:
    """Once Initialized is true, an init container that runs again does not hide the containers' state."""
    pod = _pod(_status("a", _waiting("CrashLoopBackOff")), init=(_status("i", _RUNNING),), conditions=[_INITIALIZED])
    assert summary(pod).reason == "CrashLoopBackOff"


@pytest.mark.parametrize(
    ("status", "word"),
    [
        ({"phase": "Running"}, "Terminating"),
        ({"phase": "Running", "reason": "NodeLost"}, "Unknown"),
        ({"phase": "Succeeded"}, "Succeeded"),
        ({"phase": "Failed", "reason": "Evicted"}, "Evicted"),
    ],
)
def test_deletion(status: dict[str, Any], word: str) -> None:
    """A pod being deleted is Terminating, unless it ended before or its node is lost."""
    assert _word(meta={"deletionTimestamp": "2026-01-01T00:00:50Z"}, **status) == word


def test_a_full_row() -> None:
    """Every column of the wide table, with the age of the last restart."""
    last = {"terminated": {"exitCode": 1, "finishedAt": "2026-01-01T00:00:55Z"}}
    pod = _pod(
        _status("a", _RUNNING, ready=True, restartCount=1, lastState=last), _status("b", _RUNNING), phase="Running",
        podIPs=[{"ip": "10.1.0.5"}, {"ip": "fd00::5"}], conditions=[{"type": "example.com/warm", "status": "True"}],
    )  # fmt: skip
    plain = codec.to_plain(pod)
    plain["spec"] |= {
        "nodeName": "node-1",
        "readinessGates": [{"conditionType": "example.com/warm"}, {"conditionType": "x/y"}],
    }
    expected = ("web", "1/2", "Running", "1 (5s ago)", "60s", "10.1.0.5", "node-1", "<none>", "1/2")
    assert row(kinds.PODS, codec.from_plain(Pod, plain), _NOW) == expected
