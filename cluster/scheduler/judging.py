"""One pod and one node: which plugin rejects the node, with every plugin asked afresh.

For those who look at single nodes, as explanations and preemption do; the search looks at buckets of
nodes. Invariant: the answer is the rejection that the search counts the node under.
"""

from cluster.scheduler.cache import Cache
from cluster.scheduler.framework import Rejection, TopologyPlugin, TopologyState
from cluster.scheduler.node_info import NodeInfo
from cluster.scheduler.pod_info import PodInfo
from cluster.scheduler.registry import NODE_ACCOUNT_PLUGINS, NODE_OBJECT_PLUGINS, TOPOLOGY_PLUGINS
from cluster.scheduler.standings import first_rejection, refusal, volume_filters

Row = tuple[int, ...]


class Judge:
    """The plugins prepared for one pod; to be released when it is done with."""

    def __init__(self, pod: PodInfo, cache: Cache) -> None:
        self._pod, self._cache = pod, cache
        self._refusal = None if pod.volumes is None else refusal(pod, cache)
        self._volume_filters = volume_filters(pod, cache) if self._refusal is None else []
        prepared = [(plugin, plugin.prepare(pod, cache)) for plugin in TOPOLOGY_PLUGINS]
        self.topology: list[tuple[TopologyPlugin, TopologyState]] = [
            (plugin, state) for plugin, state in prepared if state is not None
        ]

    def rows(self, info: NodeInfo) -> list[Row]:
        """What each topology plugin goes by for a node."""
        return [tuple(term.place(info.slot) for term in state.terms) for _, state in self.topology]

    def rejection(self, info: NodeInfo) -> Rejection | None:
        """The first rejection of a node, as the cluster is now."""
        if self._refusal is not None:
            return self._refusal
        for plugin in (*NODE_OBJECT_PLUGINS, *NODE_ACCOUNT_PLUGINS):
            found = plugin.filter(self._pod, info) if plugin.filter and plugin.filters(self._pod) else None
            if found is not None:
                return found
        found = first_rejection(self._volume_filters, self._pod, info)
        if found is not None:
            return found
        for (_, state), row in zip(self.topology, self.rows(info), strict=True):
            state.prepare()
            found = state.reject(row)
            if found is not None:
                return found
        return None

    def release(self) -> None:
        """Give the counters back."""
        self._cache.release([term.counter for _, state in self.topology for term in state.terms])
