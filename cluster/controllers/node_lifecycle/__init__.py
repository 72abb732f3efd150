"""The node life cycle controller: what becomes of a node whose kubelet is no longer heard of."""

from cluster.controllers.node_lifecycle.controller import NodeLifecycleController

__all__ = ["NodeLifecycleController"]
