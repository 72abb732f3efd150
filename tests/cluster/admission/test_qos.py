"""Quality of service: what a pod's requests and limits make of it."""

from typing import Any

import pytest

from cluster.admission.qos import qos_class
from cluster.api import codec
from cluster.api.core import PodSpec

FULL = {"cpu": "100m", "memory": "64Mi"}


def spec(*resources: dict[str, Any], **fields: Any) -> PodSpec:
    """A spec with a container for each of the resources."""
    containers = [{"name": f"c{index}", "resources": value} for index, value in enumerate(resources)]
    return codec.from_plain(PodSpec, {"containers": containers, **fields})


@pytest.mark.parametrize(
    ("resources", "qos"),
    [
        ([{}], "BestEffort"),
        ([{"requests": {"example.com/gpu": "1"}}], "BestEffort"),
        ([{"requests": {"cpu": "0"}}], "BestEffort"),
        ([{"limits": FULL}], "Guaranteed"),
        ([{"limits": FULL, "requests": FULL}], "Guaranteed"),
        ([{"limits": FULL, "requests": {"cpu": "0.1"}}], "Guaranteed"),
        ([{"limits": FULL, "requests": {"cpu": "50m"}}], "Burstable"),
        ([{"limits": {"cpu": "1"}}], "Burstable"),
        ([{"limits": FULL}, {}], "Burstable"),
        ([{"limits": FULL}, {"limits": FULL}], "Guaranteed"),
    ],
)
def test_class(resources: list[dict[str, Any]], qos: str) -> None:
    """Guaranteed is every container limited in both and asking for as much; BestEffort asks for neither."""
    assert qos_class(spec(*resources)) == qos


def test_init_containers_count() -> None:
    """A container that runs first takes the guarantee away as any other."""
    assert qos_class(spec({"limits": FULL}, initContainers=[{"name": "first"}])) == "Burstable"


def test_the_pods_own_resources_win() -> None:
    """Resources of the pod as a whole decide alone."""
    assert qos_class(spec({}, resources={"limits": FULL, "requests": FULL})) == "Guaranteed"
