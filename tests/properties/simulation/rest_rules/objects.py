"""Every object: nothing is on its way out, everything has its namespace and its owners."""

from collections.abc import Iterator

from cluster.api import kinds
from cluster.api.meta import Resource
from tests.properties.simulation.rest_rules.rest import Rest


def broken(rest: Rest) -> Iterator[str]:
    """See RULES."""
    namespaces = rest.state.of(kinds.NAMESPACES)
    found = [(kind, value) for kind, objects in rest.state.objects.items() for value in objects.values()]
    uids = {value.metadata.uid for _, value in found}
    for kind, value in found:
        meta = value.metadata
        words = f"{kind} {kinds.key(value)}"
        if meta.deletionTimestamp and not (kind == kinds.PERSISTENT_VOLUME_CLAIMS.qualified and _is_used(rest, value)):
            yield f"{words} has not gone, finalizers {list(meta.finalizers)}"
        if meta.namespace and meta.namespace not in namespaces:
            yield f"{words} is in no namespace"
        lost = [owner for owner in meta.ownerReferences if owner.uid not in uids]
        if lost:
            yield f"{words} is owned by {lost[0].kind} {lost[0].name}, which has gone"


def _is_used(rest: Rest, claim: Resource) -> bool:
    """Whether a claim is held by a pod that has a node."""
    return any(
        volume.persistentVolumeClaim is not None and volume.persistentVolumeClaim.claimName == claim.metadata.name
        for pod in rest.all(kinds.PODS)
        if pod.spec.nodeName and pod.metadata.namespace == claim.metadata.namespace
        for volume in pod.spec.volumes
    )
