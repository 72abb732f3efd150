"""The targets of HorizontalPodAutoscalers."""

from typing import Any

import pytest

from cluster.api import kinds
from tests.cluster.printers.rows import AGE, row_of

_CPU = {"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 50}}}
_METRIC = {"name": "rate"}


def _value(**target: Any) -> dict[str, Any]:
    return {"metric": _METRIC, "target": {"type": "Value", **target}}


@pytest.mark.parametrize(
    ("spec", "current", "text"),
    [
        (_CPU, {}, "cpu: <unknown>/50%"),
        (_CPU, {"averageUtilization": 10}, "cpu: 10%/50%"),
        ({"type": "Resource", "resource": {"name": "cpu", "target": {}}}, {}, "cpu: <unknown>/<auto>"),
        ({"type": "Resource", "resource": {"name": "memory", "target": {"averageValue": "1Gi"}}},
         {"averageValue": "512Mi"}, "memory: 512Mi/1Gi"),
        ({"type": "ContainerResource", "containerResource": {"name": "cpu", "container": "web",
          "target": {"averageUtilization": 60}}}, {"averageUtilization": 5}, "cpu: 5%/60%"),
        ({"type": "Pods", "pods": _value(averageValue="100")}, {"averageValue": "7"}, "7/100"),
        ({"type": "Object", "object": _value(value="2k")}, {"value": "1k"}, "1k/2k"),
        ({"type": "Object", "object": _value(averageValue="10")}, {}, "<unknown>/10 (avg)"),
        ({"type": "External", "external": _value(value="30")}, {}, "<unknown>/30"),
        ({"type": "External", "external": _value(averageValue="30")}, {"averageValue": "3"}, "3/30 (avg)"),
        ({"type": "Other"}, {}, "<unknown type>"),
    ],
)  # fmt: skip
def test_a_target(spec: dict[str, Any], current: dict[str, Any], text: str) -> None:
    """A metric is told as what it is and what it should be; only resources are named."""
    place = next((name for name in spec if name != "type"), "resource")
    metrics = [{"type": spec["type"], place: {**spec.get(place, {}), "current": current}}] if current else []
    for status in metrics:
        status[place].pop("target")
    assert (
        row_of(kinds.HORIZONTAL_POD_AUTOSCALERS, spec={"metrics": [spec]}, status={"currentMetrics": metrics})[2]
        == text
    )


def test_a_full_row() -> None:
    """Two targets at most, then how many more; an absent minimum is unset."""
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    spec = {"scaleTargetRef": target, "metrics": [_CPU, _CPU, _CPU], "minReplicas": 2, "maxReplicas": 9}
    cells = row_of(kinds.HORIZONTAL_POD_AUTOSCALERS, spec=spec, status={"currentReplicas": 3})
    assert cells == ("x", "Deployment/web", "cpu: <unknown>/50%, cpu: <unknown>/50% + 1 more...", "2", "9", "3", AGE)
    assert row_of(kinds.HORIZONTAL_POD_AUTOSCALERS)[2:4] == ("<none>", "<unset>")
