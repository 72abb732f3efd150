"""The pods that wait with a claim: not bound to a node yet, and naming the claim or bringing it along.

Fed by a reader of pods; asked by the binder for its events. Mirrors the pod index of the real controller
(findNonScheduledPodsByPVC). Invariant: it equals a look at every pod's spec.
"""

from collections.abc import Iterator

from cluster.api.core import Pod
from cluster.api.kinds import key_of


class Consumers:
    """Names of pods without a node, by the key of the claim that they use."""

    def __init__(self) -> None:
        self._waiting: dict[str, dict[str, None]] = {}

    def on_pod(self, _: str, old: Pod | None, new: Pod | None) -> None:
        """Follow a pod's change."""
        for pod in (old, new):
            if pod is not None:
                for claim in _claims(pod):
                    self._put(claim, pod.metadata.name, waits=pod is new and not pod.spec.nodeName)

    def of(self, claim: str) -> list[str]:
        """The names of the pods that wait with a claim, in order."""
        return sorted(self._waiting.get(claim, ()))

    def _put(self, claim: str, name: str, *, waits: bool) -> None:
        pods = self._waiting.setdefault(claim, {})
        if waits:
            pods[name] = None
        else:
            pods.pop(name, None)
            if not pods:
                del self._waiting[claim]


def _claims(pod: Pod) -> Iterator[str]:
    meta = pod.metadata
    for volume in pod.spec.volumes:
        if volume.persistentVolumeClaim is not None:
            yield key_of(meta.namespace, volume.persistentVolumeClaim.claimName)
        elif volume.ephemeral is not None:
            yield key_of(meta.namespace, f"{meta.name}-{volume.name}")
