"""The scheduler (kube-scheduler): from waiting pods to bindings."""

from cluster.scheduler.explain import Explanation, NodeExplanation, PluginScore
from cluster.scheduler.framework import Rejection
from cluster.scheduler.scheduler import Scheduler

__all__ = ["Explanation", "NodeExplanation", "PluginScore", "Rejection", "Scheduler"]
