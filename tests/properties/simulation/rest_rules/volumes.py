"""Volumes: every claim has its own, and no volume is left over."""

from collections.abc import Iterator

from cluster.api import kinds
from tests.properties.simulation.rest_rules.rest import Rest, name

PROTECTED = "kubernetes.io/pvc-protection"


def broken(rest: Rest) -> Iterator[str]:
    """See RULES."""
    volumes, claims = rest.state.of(kinds.PERSISTENT_VOLUMES), rest.state.of(kinds.PERSISTENT_VOLUME_CLAIMS)
    for claim in claims.values():
        words, volume = name(kinds.PERSISTENT_VOLUME_CLAIMS, claim), volumes.get(claim.spec.volumeName)
        if PROTECTED not in claim.metadata.finalizers:
            yield f"{words} is not protected"
        if claim.status.phase != "Bound" or volume is None:
            yield f"{words} is {claim.status.phase} to {claim.spec.volumeName or 'nothing'}"
        elif volume.spec.claimRef is None or volume.spec.claimRef.uid != claim.metadata.uid:
            yield f"{words} has {volume.metadata.name}, which is another's"
        elif volume.status.phase != "Bound":
            yield f"{words} has {volume.metadata.name}, which is {volume.status.phase}"
    uids = {claim.metadata.uid for claim in claims.values()}
    for volume in volumes.values():
        reference = volume.spec.claimRef
        if reference is None or reference.uid not in uids:
            yield f"{name(kinds.PERSISTENT_VOLUMES, volume)} is nobody's, {volume.status.phase}"
