"""Which volumes are free, which one a claim has, and which claims wait: kept up to date change by change.

Fed by the readers of the binder. Mirrors the ordered volume index of pkg/controller/volume/
persistentvolume. Invariant: it equals what a walk over all volumes and claims would find.
"""

from cluster.api.core import PersistentVolume, PersistentVolumeClaim
from cluster.api.persistent_volumes import class_of, is_bound


class VolumeIndex:
    """Names of volumes by class and by claim, and keys of unbound claims by class and by the volume they name."""

    def __init__(self) -> None:
        self._free: dict[str, dict[str, None]] = {}
        self._of_claim: dict[str, dict[str, None]] = {}
        self._waiting: dict[str, dict[str, None]] = {}
        self._naming: dict[str, dict[str, None]] = {}

    def on_volume(self, name: str, old: PersistentVolume | None, new: PersistentVolume | None) -> None:
        """Take note of a volume's change."""
        if old is not None:
            self._free.get(class_of(old), {}).pop(name, None)
            if (claim := claim_of(old)) is not None:
                self._of_claim.get(claim, {}).pop(name, None)
        if new is not None:
            claim = claim_of(new)
            if claim is None:
                self._free.setdefault(class_of(new), {})[name] = None
            else:
                self._of_claim.setdefault(claim, {})[name] = None

    def on_claim(self, key: str, old: PersistentVolumeClaim | None, new: PersistentVolumeClaim | None) -> None:
        """Take note of a claim's change."""
        if old is not None:
            self._waiting.get(class_of(old), {}).pop(key, None)
            self._naming.get(old.spec.volumeName, {}).pop(key, None)
        if new is not None:
            if new.spec.volumeName:
                self._naming.setdefault(new.spec.volumeName, {})[key] = None
            if not is_bound(new):
                self._waiting.setdefault(class_of(new), {})[key] = None

    def candidates(self, claim: str, storage_class: str) -> list[str]:
        """The volumes that might be for a claim: those that name it, and the free ones of its class."""
        return [*self._of_claim.get(claim, ()), *self._free.get(storage_class, ())]

    def of_claim(self, claim: str) -> list[str]:
        """The volumes whose claimRef names a claim."""
        return list(self._of_claim.get(claim, ()))

    def waiting(self, storage_class: str) -> list[str]:
        """The keys of the unbound claims of a class."""
        return list(self._waiting.get(storage_class, ()))

    def naming(self, volume: str) -> list[str]:
        """The keys of the claims that name a volume."""
        return list(self._naming.get(volume, ()))


def claim_of(volume: PersistentVolume) -> str | None:
    """The key of the claim that a volume names."""
    reference = volume.spec.claimRef
    return None if reference is None else f"{reference.namespace}/{reference.name}"
