"""The quality of service of a pod, from what its containers ask for.

Decided once, when a pod is created (and checked when it is resized); kubelet and describe read it
from the status. Mirrors k8s.io/kubernetes/pkg/apis/core/helper/qos. Invariant: it depends on the
requests and limits of cpu and memory alone, with requests that are absent taken from the limits.
"""

from cluster.api import quantity
from cluster.api.core import PodSpec, ResourceRequirements

GUARANTEED, BURSTABLE, BEST_EFFORT = "Guaranteed", "Burstable", "BestEffort"
_COMPUTE = ("cpu", "memory")


def qos_class(spec: PodSpec) -> str:
    """`Guaranteed`, `Burstable` or `BestEffort` (`ComputePodQOS`)."""
    if spec.resources is not None:
        parts = [spec.resources]
    else:
        parts = [container.resources for container in (*spec.containers, *spec.initContainers)]
    requests: dict[str, int] = {}
    limits: dict[str, int] = {}
    limited = True
    for part in parts:
        limited &= _add(part, requests, limits)
    if not requests and not limits:
        return BEST_EFFORT
    return GUARANTEED if limited and requests == limits else BURSTABLE


def _add(part: ResourceRequirements, requests: dict[str, int], limits: dict[str, int]) -> bool:
    """Add what one container asks for; whether it limits both cpu and memory."""
    limited = True
    for name in _COMPUTE:
        limit = quantity.milli(part.limits[name]) if name in part.limits else 0
        request = quantity.milli(part.requests[name]) if name in part.requests else limit
        if request > 0:
            requests[name] = requests.get(name, 0) + request
        if limit > 0:
            limits[name] = limits.get(name, 0) + limit
        limited &= limit > 0
    return limited
