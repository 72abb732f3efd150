"""DaemonSets: one pod on every node that should have one, rolled out node by node."""

from cluster.controllers.daemon_set.controller import DaemonSetController

__all__ = ["DaemonSetController"]
