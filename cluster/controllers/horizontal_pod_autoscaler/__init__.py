"""HorizontalPodAutoscalers: how many replicas their targets should have, by what the pods use."""

from cluster.controllers.horizontal_pod_autoscaler.controller import HorizontalPodAutoscalerController

__all__ = ["HorizontalPodAutoscalerController"]
