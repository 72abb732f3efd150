"""The resize subresource: which resources of a running pod may change."""

from typing import Any

import pytest

from cluster.admission.validation import pod_resize
from cluster.api import codec, kinds
from cluster.api.core import Pod
from tests.cluster.admission.requests import container, created, pod, read, said

RESOURCES = {"requests": {"cpu": "10m", "memory": "16Mi"}, "limits": {"cpu": "20m", "memory": "32Mi"}}
FIRST = "spec.containers[0].resources"
SIDECARS: dict[str, Any] = {"initContainers": [
    {"name": "first", "image": "x:1", "resources": RESOURCES},
    {"name": "side", "image": "x:1", "restartPolicy": "Always", "resources": RESOURCES},
]}  # fmt: skip


def elastic() -> Pod:
    """A pod of one container, of two sizes."""
    return created(kinds.PODS, container(resources=RESOURCES))


def resized(old: Pod, kind: str = "containers", index: int = 0, **fields: Any) -> Pod:
    """The pod that a request to the subresource means."""
    plain = codec.to_plain(old)
    plain["spec"][kind][index] |= fields
    return pod_resize.prepared(read(kinds.PODS, plain), old)


def test_only_resources_are_taken() -> None:
    """Everything else of a request to the subresource is ignored."""
    old = elastic()
    assert resized(old, image="nginx:2") == old


@pytest.mark.parametrize(
    ("resources", "expected"),
    [
        ({**RESOURCES, "requests": {"cpu": "15m", "memory": "16Mi"}}, []),
        ({**RESOURCES, "limits": {"cpu": "20m", "memory": "24Mi"}}, []),
        ({**RESOURCES, "requests": {"cpu": "500m", "memory": "16Mi"}},
         [f'{FIRST}.requests: Invalid value: "500m": must be less than or equal to cpu limit of 20m']),
        ({"requests": {}, "limits": {}},
         ['spec: Invalid value: "Burstable": Pod QOS Class may not change as a result of resizing',
          f"{FIRST}.requests: Forbidden: resource requests cannot be removed",
          f"{FIRST}.limits: Forbidden: resource limits cannot be removed"]),
        ({"requests": RESOURCES["limits"], "limits": RESOURCES["limits"]},
         ['spec: Invalid value: "Burstable": Pod QOS Class may not change as a result of resizing']),
        ({"requests": {**RESOURCES["requests"], "ephemeral-storage": "1Gi"}, "limits": RESOURCES["limits"]},
         ["spec: Forbidden: only cpu and memory resources are mutable"]),
    ],
)  # fmt: skip
def test_resizes(resources: dict[str, Any], expected: list[str]) -> None:
    """Cpu and memory may change within the same quality of service; nothing may be taken away."""
    old = elastic()
    assert said(pod_resize.update(resized(old, resources=resources), old)) == expected


def test_containers_that_run_first() -> None:
    """A sidecar can be resized, a container that runs first and ends cannot."""
    old = created(kinds.PODS, {"spec": {**container(resources=RESOURCES)["spec"], **SIDECARS}})
    more = {**RESOURCES, "requests": {"cpu": "15m", "memory": "16Mi"}}
    assert said(pod_resize.update(resized(old, "initContainers", 1, resources=more), old)) == []
    assert said(pod_resize.update(resized(old, "initContainers", 0, resources=more), old)) == [
        "spec: Forbidden: resources for non-sidecar init containers are immutable"
    ]


def test_containers_stay() -> None:
    """Containers are not added through the subresource."""
    old = elastic()
    new = created(kinds.PODS, pod(containers=[{"name": "a", "image": "x"}, {"name": "b", "image": "x"}]))
    assert said(pod_resize.update(pod_resize.prepared(new, old), old))[-1] == (
        "spec: Forbidden: only cpu and memory resources are mutable"
    )
