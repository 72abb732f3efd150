"""Memory limits that are lowered below what is used: the runtime is not told to, for the process would be killed.

Asked when a resize is to be done. Mirrors validateMemoryResizeAction of kuberuntime. Invariant: only limits that go down
are looked at.
"""

from collections.abc import Iterator, Mapping

from cluster.api import pod_requests, quantity
from cluster.api.core import Pod, ResourceRequirements
from cluster.kubelet.allocation import Shares, with_shares

MEMORY = "memory"


def refusal(pod: Pod, had: Shares, given: Shares, used: Mapping[str, int]) -> str:
    """Why the limits cannot be lowered while running containers use so much memory (bytes); nothing if they can."""
    found = [*_of_the_pod(pod, had, given, used), *_of_containers(had, given, used)]
    if not found:
        return ""
    words = ", ".join(found)
    return f"cannot decrease memory limits: {words if len(found) == 1 else f'[{words}]'}"


def _of_the_pod(pod: Pod, had: Shares, given: Shares, used: Mapping[str, int]) -> Iterator[str]:
    """The pod's own limit, which is that of its containers if all of them have one."""
    now, before = (_pod_limit(pod, shares) for shares in (given, had))
    total = sum(used.values())
    if now is not None and (before is None or now < before) and total > now:
        yield f"attempting to set pod memory limit ({now}) below current usage ({total})"


def _pod_limit(pod: Pod, shares: Shares) -> int | None:
    spec = with_shares(pod.spec, shares)
    if not all(MEMORY in one.resources.limits for one in (*spec.containers, *spec.initContainers)):
        return None
    return quantity.value(pod_requests.limits(spec).get(MEMORY, "0"))


def _of_containers(had: Shares, given: Shares, used: Mapping[str, int]) -> Iterator[str]:
    for name, amount in used.items():
        now, before = _limit(given.get(name)), _limit(had.get(name))
        if now is not None and (before is None or now < before) and amount > now:
            yield f'attempting to set container "{name}" memory limit ({now}) below current usage ({amount})'


def _limit(resources: ResourceRequirements | None) -> int | None:
    return quantity.value(resources.limits[MEMORY]) if resources is not None and MEMORY in resources.limits else None
