"""The pods by address, those that have gone included.

Read from the log when somebody asks, so that pods which nobody asks about cost nothing. Invariant: of an address that
had many pods the newest ones are known.
"""

from collections.abc import Iterator

from cluster.api.core import Pod
from cluster.api.errors import Expired
from cluster.api.kinds import PODS, key
from cluster.store import Store
from cluster.watch import Watch

PORTION = 1000
REMEMBERED = 64
"""How many pods that have gone are kept for one address."""


class PodIndex:
    """Every pod that has an address, or had one since somebody first asked."""

    def __init__(self, store: Store) -> None:
        self._store, self._pods = store, store.table(PODS)
        self._by_address: dict[str, dict[str, str]] = {}
        self._gone: dict[str, dict[str, Pod]] = {}
        self._watch = self._listed()

    def at(self, address: str) -> list[Pod]:
        """The pods that have the address, after those that had it."""
        living = self.living(address)
        return [*self._gone.get(address, {}).values(), *living]

    def living(self, address: str) -> list[Pod]:
        """The pods that have the address."""
        self._catch_up()
        found = []
        for uid, name in self._by_address.get(address, {}).items():
            pod = self._pods.get(name)
            if pod is not None and pod.metadata.uid == uid:
                found.append(pod)
        return found

    def _listed(self) -> Watch[Pod]:
        watch = Watch(self._store, PODS)
        for pod in self._pods.values():
            self._hold(pod)
        return watch

    def _catch_up(self) -> None:
        try:
            while self._watch.behind:
                for entry in self._watch.poll(PORTION):
                    if entry.object is None and entry.previous is not None:
                        self._forget(entry.previous)
                    elif entry.object is not None and (
                        entry.previous is None or entry.previous.status.podIPs != entry.object.status.podIPs
                    ):
                        self._hold(entry.object)
        except Expired:
            self._watch = self._listed()

    def _hold(self, pod: Pod) -> None:
        for address in _addresses(pod):
            self._by_address.setdefault(address, {})[pod.metadata.uid] = key(pod)

    def _forget(self, pod: Pod) -> None:
        for address in _addresses(pod):
            self._by_address.get(address, {}).pop(pod.metadata.uid, None)
            gone = self._gone.setdefault(address, {})
            gone[pod.metadata.uid] = pod
            if len(gone) > REMEMBERED:
                del gone[next(iter(gone))]


def _addresses(pod: Pod) -> Iterator[str]:
    if pod.status.podIPs:
        yield from (each.ip for each in pod.status.podIPs)
    elif pod.status.podIP:
        yield pod.status.podIP
