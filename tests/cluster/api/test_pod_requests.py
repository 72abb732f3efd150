"""What a pod counts for: its highest moment, its own level, its overhead, and what it has while it is resized."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cluster.api import pod_requests, quantity
from cluster.api.codec import from_plain
from cluster.api.core import Container, Pod, PodSpec, ResourceRequirements

_CPU = st.integers(0, 4000).map(lambda milli: quantity.parse(f"{milli}m"))
_CONTAINERS = st.lists(st.tuples(_CPU, st.booleans()), max_size=4)


@given(_CONTAINERS, _CONTAINERS)
def test_requests_cover_every_moment(
    init: list[tuple[quantity.Quantity, bool]], main: list[tuple[quantity.Quantity, bool]]
) -> None:
    """A pod's request is the most it needs at any one time, however its init containers and sidecars follow each other."""
    spec = PodSpec(
        initContainers=tuple(
            Container(name=str(index), restartPolicy="Always" if sidecar else "", resources=ResourceRequirements(requests={"cpu": amount}))
            for index, (amount, sidecar) in enumerate(init)
        ),
        containers=tuple(Container(name="c", resources=ResourceRequirements(requests={"cpu": amount})) for amount, _ in main),
    )  # fmt: skip
    beside, moments = 0, [0]
    for amount, sidecar in init:
        moments.append(beside + quantity.milli(amount))
        beside += quantity.milli(amount) if sidecar else 0
    moments.append(beside + sum(quantity.milli(amount) for amount, _ in main))
    assert quantity.milli(pod_requests.requests(spec).get("cpu", "0")) == max(moments)
    assert pod_requests.limits(spec) == {}


def spec(**more: Any) -> PodSpec:
    """Two containers, of which one says nothing of memory."""
    containers = [
        {"name": "a", "resources": {"requests": {"cpu": "100m", "memory": "1Gi"}, "limits": {"cpu": "1"}}},
        {"name": "b", "resources": {"requests": {"cpu": "50m", "ephemeral-storage": "1Gi"}}},
    ]
    return from_plain(PodSpec, {"containers": containers, **more})


@pytest.mark.parametrize(
    ("more", "requests", "limits"),
    [
        ({}, {"cpu": "150m", "memory": "1Gi", "ephemeral-storage": "1Gi"}, {"cpu": "1"}),
        ({"overhead": {"cpu": "10m", "memory": "1Mi"}},
         {"cpu": "160m", "memory": "1025Mi", "ephemeral-storage": "1Gi"}, {"cpu": "1010m"}),
        ({"resources": {"requests": {"cpu": "2", "ephemeral-storage": "9Gi"}, "limits": {"memory": "4Gi"}}},
         {"cpu": "2", "memory": "1Gi", "ephemeral-storage": "1Gi"}, {"cpu": "1", "memory": "4Gi"}),
    ],
)  # fmt: skip
def test_a_pods_own_level(more: dict[str, Any], requests: dict[str, str], limits: dict[str, str]) -> None:
    """Requests and limits of the pod as a whole stand for its containers', only for cpu, memory and huge pages."""
    assert pod_requests.requests(spec(**more)) == requests
    assert pod_requests.limits(spec(**more)) == limits


def test_missing_requests_can_count() -> None:
    """What counts for a container that names no request does so container by container."""
    missing = {"memory": quantity.Quantity("200Mi")}
    assert pod_requests.requests(spec(), missing=missing)["memory"] == "1224Mi"


def resized(asked: str, given: str, has: str, *, generation: int = 2, reason: str = "") -> Pod:
    """A pod of one container: the cpu that it asks for, that its node has promised it, and that it has."""
    pending = [{"type": "PodResizePending", "status": "True", "reason": reason}] if reason else []
    status = {
        "name": "c",
        "image": "x",
        "imageID": "",
        "ready": True,
        "restartCount": 0,
        "allocatedResources": {"cpu": given},
        "resources": {"requests": {"cpu": has}, "limits": {"cpu": has}},
    }
    return from_plain(Pod, {
        "metadata": {"name": "p", "generation": generation},
        "spec": {"containers": [{"name": "c", "resources": {"requests": {"cpu": asked}, "limits": {"cpu": asked}}}]},
        "status": {"conditions": pending, "containerStatuses": [status]},
    })  # fmt: skip


@pytest.mark.parametrize(
    ("pod", "request_", "limit"),
    [
        (resized("3", "1", "1", reason="Deferred"), "3", "3"),
        (resized("1", "1", "2"), "2", "2"),
        (resized("1", "3", "2"), "3", "2"),
        (resized("9", "1", "1", reason="Infeasible"), "1", "1"),
        (resized("3", "1", "1", generation=1), "3", "3"),
    ],
)
def test_a_pod_that_is_resized_counts_for_the_most(pod: Pod, request_: str, limit: str) -> None:
    """Asked for, promised and had: the most counts; what can never be granted does not."""
    assert pod_requests.effective_requests(pod) == {"cpu": request_}
    assert pod_requests.effective_limits(pod) == {"cpu": limit}


@given(*[st.sampled_from(["1", "2", "3"])] * 3, st.sampled_from(["", "Deferred", "Infeasible"]))
def test_without_a_resize_the_spec_says_it_all(asked: str, given_: str, has: str, reason: str) -> None:
    """A pod has what it asks for exactly if nothing waits that cannot be granted, and then it counts for that."""
    pod = resized(asked, given_, has, reason=reason)
    settled = pod_requests.has_what_it_asks(pod)
    assert settled == (asked == given_ == has and reason != "Infeasible")
    if settled:
        assert pod_requests.effective_requests(pod) == pod_requests.requests(pod.spec)
        assert pod_requests.effective_limits(pod) == pod_requests.limits(pod.spec)
