"""StatefulSets: pods with names, places and volumes of their own, started and stopped in order."""

from cluster.controllers.stateful_set.controller import StatefulSetController

__all__ = ["StatefulSetController"]
