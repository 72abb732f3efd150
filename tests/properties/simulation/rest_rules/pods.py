"""Pods: those that wait fit nowhere, those that have a node run there and are ready."""

from collections.abc import Iterator

from cluster.api import kinds
from cluster.api.core import Pod
from tests.properties.simulation.rest_rules.rest import Rest, ended, is_ready, name


def broken(rest: Rest) -> Iterator[str]:
    """See RULES."""
    for pod in rest.all(kinds.PODS):
        words = name(kinds.PODS, pod)
        if ended(pod):
            continue
        if not pod.spec.nodeName:
            yield from (
                f"{words} waits, though {node} has room"
                for node in rest.state.of(kinds.NODES)
                if _fits(rest, pod, node)
            )
        elif rest.state.node(pod.spec.nodeName) is None:
            yield f"{words} is on {pod.spec.nodeName}, which is no node"
        elif pod.status.phase != "Running" or not pod.status.podIP:
            yield f"{words} is {pod.status.phase} on {pod.spec.nodeName}"
        elif not is_ready(pod):
            yield f"{words} is not ready"
        elif not all(one.ready and one.started and one.state.running for one in pod.status.containerStatuses):
            yield f"{words} is ready, its containers are not"


def _fits(rest: Rest, pod: Pod, node: str) -> bool:
    """Whether the node would do; none does for a pod whose claims are not all there."""
    claims = rest.state.of(kinds.PERSISTENT_VOLUME_CLAIMS)
    mounted = [volume.persistentVolumeClaim for volume in pod.spec.volumes if volume.persistentVolumeClaim]
    there = all(kinds.key_of(pod.metadata.namespace, source.claimName) in claims for source in mounted)
    return there and not rest.keeps_away(pod, node)
