"""What a plugin is: filters that say why a node will not do, scores that say how well it would.

Between the cache's view of pods and nodes and the search for the best node. A plugin is a module
with `filter` and `score` functions and a line in the registry. Mirrors the scheduling framework
(k8s.io/kube-scheduler/framework). Invariant: a plugin only looks; it neither writes nor remembers.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

from cluster.scheduler.node_info import NodeInfo
from cluster.scheduler.pod_info import PodInfo
from cluster.scheduler.volumes import Volumes

if TYPE_CHECKING:
    from cluster.scheduler.cache import Cache
    from cluster.scheduler.topology import Term

MAX_SCORE = 100


class Rejection(NamedTuple):
    """Why a plugin will not have a pod on a node; `resolvable` if other pods going could change it."""

    plugin: str
    reasons: tuple[str, ...]
    resolvable: bool = False


Filter = Callable[[PodInfo, NodeInfo], Rejection | None]
Score = Callable[[PodInfo, NodeInfo], int]
Normalise = Callable[[Sequence[int]], list[int]]
Scorer = Callable[[Sequence[int]], list[int]]
"""Of rows that it knows: it is told how many feasible nodes each of them stands for."""


def _always(_: PodInfo) -> bool:
    return True


class NodePlugin(NamedTuple):
    """A plugin that judges each node by itself.

    A score without `normalise` counts as it is (0 to 100); one with it is first brought to that
    range among the nodes that passed every filter. `filters` and `scores` say whether the plugin
    has anything to say about a pod at all.
    """

    name: str
    filter: Filter | None = None
    score: Score | None = None
    weight: int = 0
    normalise: Normalise | None = None
    filters: Callable[[PodInfo], bool] = _always
    scores: Callable[[PodInfo], bool] = _always


class VolumePlugin(NamedTuple):
    """A plugin that judges pods with volumes of their own, node by node.

    `prefilter` says why no node will do; `prepare` gives the filter as the volumes are now, None if
    the plugin has nothing to say about the pod. It is asked only if no prefilter refuses the pod.
    """

    name: str
    prepare: Callable[[PodInfo, Volumes], Filter | None]
    prefilter: Callable[[PodInfo, Volumes], Rejection | None] | None = None


class TopologyState(Protocol):
    """A topology plugin prepared for the pods of one class.

    A node, or many that are alike, is a row: for each of `terms` the term's place for it
    (`Term.place`). Rows come as the tail of longer tuples, starting at `offset`.
    """

    terms: tuple["Term", ...]
    offset: int

    def prepare(self) -> None:
        """Note what holds for all rows until the next placement."""

    def reject(self, row: tuple[int, ...]) -> Rejection | None:
        """Why no node of this row will do."""

    def passing(self, rows: Sequence[tuple[int, ...]]) -> list[bool]:
        """Whether `reject` has nothing against each row."""

    @property
    def filters(self) -> bool:
        """Whether it may reject anything."""

    @property
    def scores(self) -> bool:
        """Whether it tells nodes apart."""

    def scorer(self, rows: Sequence[tuple[int, ...]]) -> "Scorer":
        """What gives each row its normalised score (0 to 100) as the pods are then."""


class TopologyPlugin(NamedTuple):
    """A plugin that judges a node by the pods in its topology domains."""

    name: str
    weight: int
    prepare: Callable[[PodInfo, "Cache"], TopologyState | None]


def highest_is_best(scores: Sequence[int]) -> list[int]:
    """Scores from 0 upwards, scaled so that the highest is 100 (`DefaultNormalizeScore`)."""
    highest = max(scores)
    return [MAX_SCORE * score // highest for score in scores] if highest else list(scores)


def lowest_is_best(scores: Sequence[int]) -> list[int]:
    """Scores from 0 upwards, scaled and turned over, so that 0 gives 100."""
    highest = max(scores)
    return [MAX_SCORE - MAX_SCORE * score // highest for score in scores] if highest else [MAX_SCORE] * len(scores)
