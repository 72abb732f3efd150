"""Every object: nothing is on its way out, everything has its namespace and its owners."""

from collections.abc import Iterator

from cluster.api import kinds
from tests.properties.simulation.rest_rules.rest import Rest


def broken(rest: Rest) -> Iterator[str]:
    """See RULES."""
    namespaces = rest.state.of(kinds.NAMESPACES)
    found = [(kind, value) for kind, objects in rest.state.objects.items() for value in objects.values()]
    uids = {value.metadata.uid for _, value in found}
    for kind, value in found:
        meta = value.metadata
        words = f"{kind} {kinds.key(value)}"
        if meta.deletionTimestamp:
            yield f"{words} has not gone, finalizers {list(meta.finalizers)}"
        if meta.namespace and meta.namespace not in namespaces:
            yield f"{words} is in no namespace"
        lost = [owner for owner in meta.ownerReferences if owner.uid not in uids]
        if lost:
            yield f"{words} is owned by {lost[0].kind} {lost[0].name}, which has gone"
