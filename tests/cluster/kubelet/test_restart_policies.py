"""Restart policies and rules of single containers, and the phases that they lead to."""

from typing import Any

from msgspec.structs import replace

from cluster.api.cluster import DEFAULT, Timing
from tests.cluster.kubelet.world import World

AT_ONCE = replace(DEFAULT, timing=Timing(imagePull="0s", containerStart="0s", containerStop="1s", processes=True))
RULES = [{"action": "Restart", "exitCodes": {"operator": "In", "values": [42]}}]


def world(policy: str, *containers: dict[str, Any], init: tuple[dict[str, Any], ...] = ()) -> World:
    """A world with one pod of these containers, each with the script that it runs."""
    made = World(AT_ONCE)
    named = [
        [{"name": f"{prefix}{number}", "image": "busybox", **one, "command": ["sh", "-c", one["command"]]}
         for number, one in enumerate(group)]
        for prefix, group in (("c", containers), ("i", init))
    ]  # fmt: skip
    made.pod(restartPolicy=policy, containers=named[0], initContainers=named[1])
    return made


def test_a_rule_restarts_a_container_of_a_pod_that_never_does() -> None:
    """Exit code 42 starts the container again, the pod is Running all the while; another code fails the pod."""
    again = {"command": "sleep 1; exit 42", "restartPolicy": "Never", "restartPolicyRules": RULES}
    made = world("Never", again)
    made.run(6000)
    assert (made.container().restartCount, made.get().status.phase) == (1, "Running")
    made.run(60_000)
    assert (made.container().restartCount, made.get().status.phase) == (3, "Running")
    other = world("Never", {**again, "command": "sleep 1; exit 41"})
    other.run(6000)
    assert (other.container().restartCount, other.get().status.phase) == (0, "Failed")


def test_containers_of_one_pod_differ() -> None:
    """A container's own policy counts for it alone; the pod ends when none will be started again."""
    work = {"command": "sleep 30", "restartPolicy": "OnFailure"}
    made = world("Always", work, {"command": "sleep 5; exit 1", "restartPolicy": "Never"})
    made.run(20_000)
    assert made.container(position=1).restartCount == 0
    assert made.get().status.phase == "Running"
    made.run(20_000)
    assert made.get().status.phase == "Failed"
    fine = world("Always", work, {"command": "sleep 5", "restartPolicy": "Never"})
    fine.run(40_000)
    assert fine.get().status.phase == "Succeeded"


def test_an_init_container_with_a_policy_of_its_own() -> None:
    """A failed init container that is never started again fails its pod."""
    made = world("Always", {"command": "sleep 9"}, init=({"command": "exit 1", "restartPolicy": "Never"},))
    made.run(5000)
    assert made.get().status.phase == "Failed"
    patient = world("Never", {"command": "sleep 9"}, init=({"command": "exit 1", "restartPolicy": "OnFailure"},))
    patient.run(5000)
    assert patient.get().status.phase == "Pending"
    assert patient.get().status.initContainerStatuses[0].restartCount == 1
