"""Volumes: one claim, one volume."""

from collections.abc import Iterator
from typing import Any

from cluster.api import kinds
from cluster.api.core import PersistentVolumeClaim
from cluster.controllers.pod_states import is_active
from cluster.table import Entry
from tests.properties.simulation.state import State


class Volumes:
    """Which claim has which volume."""

    def __init__(self) -> None:
        self._volume_of: dict[str, str] = {}
        self._claim_of: dict[str, str] = {}

    def see(self, name: str, entry: Entry[Any], state: State) -> Iterator[str]:
        """See Rule."""
        old, new = entry.previous, entry.object
        if name == "persistentvolumes":
            if old is not None and old.spec.claimRef is not None and old.spec.claimRef.uid:
                self._volume_of.pop(old.spec.claimRef.uid, None)
            if new is not None and new.spec.claimRef is not None and new.spec.claimRef.uid:
                uid = new.spec.claimRef.uid
                if self._volume_of.setdefault(uid, entry.key) != entry.key:
                    yield f"its claim has {self._volume_of[uid]} already"
        if name == "persistentvolumeclaims":
            if old is not None and new is None:
                yield from _users(old, state)
            if old is not None and old.spec.volumeName:
                self._claim_of.pop(old.spec.volumeName, None)
                if new is not None and new.spec.volumeName != old.spec.volumeName:
                    yield f"it had {old.spec.volumeName} and has {new.spec.volumeName}"
            volume = new.spec.volumeName if new is not None else ""
            if volume and self._claim_of.setdefault(volume, entry.key) != entry.key:
                yield f"its volume is {self._claim_of[volume]}'s"


def _users(claim: PersistentVolumeClaim, state: State) -> Iterator[str]:
    """The pods that a claim is taken from: those that have a node and have not ended."""
    for pod in state.of(kinds.PODS).values():
        if pod.spec.nodeName and pod.metadata.namespace == claim.metadata.namespace and is_active(pod):
            used = [volume.persistentVolumeClaim for volume in pod.spec.volumes if volume.persistentVolumeClaim]
            if any(each.claimName == claim.metadata.name for each in used):
                yield f"it is taken from {pod.metadata.name}, which uses it"
