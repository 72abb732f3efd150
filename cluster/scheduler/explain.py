"""Why a pod would go where: for every node the plugin that rejects it, or what each plugin gives it.

Computed when asked, from the same plugins and the cache as it is; nothing is kept. Invariant: among
the nodes with the highest total, the first is the one that the scheduler would take.
"""

from typing import NamedTuple

from cluster.scheduler.cache import Cache
from cluster.scheduler.framework import Rejection
from cluster.scheduler.judging import Judge
from cluster.scheduler.node_info import NodeInfo
from cluster.scheduler.pod_info import PodInfo
from cluster.scheduler.registry import NODE_ACCOUNT_PLUGINS, NODE_OBJECT_PLUGINS


class PluginScore(NamedTuple):
    """One plugin's say: its normalised score (0 to 100) and the weight that it is multiplied with."""

    plugin: str
    score: int
    weight: int


class NodeExplanation(NamedTuple):
    """One node: what rejects it, or its scores and their weighted total."""

    node: str
    rejection: Rejection | None
    scores: tuple[PluginScore, ...] = ()
    total: int = 0


class Explanation(NamedTuple):
    """A pod's chances on every node, in the scheduler's order, and the node it would take ("" for none)."""

    pod: str
    nodes: tuple[NodeExplanation, ...]
    choice: str


def explain(pod: PodInfo, key: str, cache: Cache) -> Explanation:
    """What the plugins say about a pod and every node of the cache."""
    judge = Judge(pod, cache)
    rejections = {info.name: judge.rejection(info) for info in cache.nodes}
    rejected = {name: rejection for name, rejection in rejections.items() if rejection is not None}
    feasible = [info for info in cache.nodes if info.name not in rejected]
    columns = _node_columns(pod, feasible) if feasible else []
    for index, (plugin, state) in enumerate(judge.topology):
        if state.scores and feasible:
            scores = state.scorer([judge.rows(info)[index] for info in feasible])([1] * len(feasible))
            columns.append([PluginScore(plugin.name, score, plugin.weight) for score in scores])
    judge.release()
    scores_of = {info.name: scores for info, *scores in zip(feasible, *columns, strict=True)}
    return _explanation(key, cache, rejected, scores_of)


def _node_columns(pod: PodInfo, feasible: list[NodeInfo]) -> list[list[PluginScore]]:
    columns = []
    for plugin in (*NODE_OBJECT_PLUGINS, *NODE_ACCOUNT_PLUGINS):
        if plugin.score and plugin.scores(pod):
            scores = [plugin.score(pod, info) for info in feasible]
            if plugin.normalise:
                scores = plugin.normalise(scores)
            columns.append([PluginScore(plugin.name, score, plugin.weight) for score in scores])
    return columns


def _explanation(
    key: str, cache: Cache, rejected: dict[str, Rejection], scores: dict[str, list[PluginScore]]
) -> Explanation:
    nodes = []
    for info in cache.nodes:
        found = tuple(scores.get(info.name, ()))
        total = sum(each.score * each.weight for each in found)
        nodes.append(NodeExplanation(info.name, rejected.get(info.name), found, total))
    able = [node for node in nodes if node.rejection is None]
    best = max((node.total for node in able), default=0)
    return Explanation(key, tuple(nodes), next((node.node for node in able if node.total == best), ""))
