"""Equivalence classes: pods that every plugin treats alike share one search.

Between the queue and the search. A pod's class is found by the identity of its spec and labels,
which the pods of one template share, and by value otherwise. Invariant: two pods are in one class
only if their signatures are equal.
"""

from cluster.api.codec import encode
from cluster.api.core import Pod
from cluster.api.meta import ObjectMeta
from cluster.scheduler.cache import Cache
from cluster.scheduler.failure import Failure, explain_failure, refused
from cluster.scheduler.framework import Rejection
from cluster.scheduler.kindred import GIVEN_BY_BINDING, Kindred
from cluster.scheduler.pod_info import PodInfo, spec_signature
from cluster.scheduler.pod_volumes import volumes_of
from cluster.scheduler.search import Search
from cluster.scheduler.siblings import Siblings, controller_of
from cluster.scheduler.standings import StandingsPool, refusal

HOT = 64
HOT_NODES = 2_500_000
"""How many searches are kept ready: at least `HOT`, and as many as know this many nodes together."""
REMEMBERED = 4096
_Identity = tuple[int, int, str, str]


class PodClass:
    """One class: the pod that stands for it, its search, and its last failure while that holds."""

    def __init__(self, info: PodInfo, cache: Cache, pool: StandingsPool) -> None:
        self.info = info
        self.search = Search(info, cache, pool)
        self.kindred: Kindred = cache.kindred_of(info.namespace, info.labels)
        self._cache = cache
        self._failure: tuple[int, Failure] | None = None
        self._volumes_seen = 0
        self._refusal: Rejection | None = None

    def heed_volumes(self) -> None:
        """Start over if any volume, or any use of one, has changed; find out if none but them is to blame."""
        volumes = self._cache.volumes
        if self._volumes_seen != volumes.now:
            self._volumes_seen = volumes.now
            self.search.release()
            self._failure, self._refusal = None, refusal(self.info, self._cache)

    def failure(self) -> Failure:
        """Why no node will have the class now."""
        cache = self._cache
        failure = self.known_failure()
        if failure is None:
            failure = explain_failure(self.info, self.search.rejections(), len(cache.nodes))
            self._failure = (cache.now, failure)
        return failure

    def known_failure(self) -> Failure | None:
        """The failure found when the cluster was as it is now."""
        if self._refusal is not None:
            return refused(self._refusal, len(self._cache.nodes))
        known = self._failure
        return known[1] if known is not None and known[0] == self._cache.now else None


class Classes:
    """Every class in use; the searches of those used last are kept ready."""

    def __init__(self, cache: Cache, siblings: Siblings) -> None:
        self._cache, self._siblings = cache, siblings
        self._by_identity: dict[_Identity, tuple[Pod, PodClass]] = {}
        self._by_value: dict[tuple[object, ...], PodClass] = {}
        self._pool = StandingsPool(cache)
        self._hot: dict[PodClass, None] = {}
        self.last: PodClass | None = None
        """The class asked for last."""

    def of(self, pod: Pod) -> PodClass:
        """The class of a pod, its search ready to be asked."""
        meta = pod.metadata
        identity = (id(pod.spec), id(meta.labels), meta.namespace, _owner(meta))
        known = self._by_identity.get(identity)
        if known is None:
            if len(self._by_identity) >= REMEMBERED:
                self._by_identity.clear()
            known = self._by_identity[identity] = (pod, self._find(pod))
        found = known[1]
        if found.info.volumes is not None:
            if found.info.volumes.own:  # the next pod of the template has claims of other names
                del self._by_identity[identity]
            found.heed_volumes()
        if found is not self.last:
            self._warm(found)
        return found

    def forget_siblings(self) -> None:
        """Services have changed, so which pods belong together is to be found out anew."""
        self._by_identity.clear()

    def _find(self, pod: Pod) -> PodClass:
        meta, selector = pod.metadata, self._siblings.selector(pod)
        labels = tuple(sorted(item for item in meta.labels.items() if item[0] not in GIVEN_BY_BINDING))
        value = (meta.namespace, labels, str(selector), spec_signature(pod.spec), _volumes(pod))
        found = self._by_value.get(value)
        if found is None:
            if len(self._by_value) >= REMEMBERED:
                self._by_value = {key: each for key, each in self._by_value.items() if each in self._hot}
            info = PodInfo(pod, selector, self._cache.footprints.of(pod.spec))
            found = self._by_value[value] = PodClass(info, self._cache, self._pool)
        return found

    def _warm(self, used: PodClass) -> None:
        self.last = used
        self._hot.pop(used, None)
        self._hot[used] = None
        if len(self._hot) > max(HOT, HOT_NODES // (len(self._cache.nodes) or 1)):
            coldest = next(iter(self._hot))
            del self._hot[coldest]
            coldest.search.release()


def _volumes(pod: Pod) -> bytes:
    volumes = volumes_of(pod)
    return b"" if volumes is None else encode((volumes, pod.metadata.uid if volumes.own else ""))


def _owner(meta: ObjectMeta) -> str:
    owner = controller_of(meta) if meta.ownerReferences else None
    return owner.uid if owner else ""
