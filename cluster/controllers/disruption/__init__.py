"""The disruption controller: how many of a budget's pods may be taken away now."""

from cluster.controllers.disruption.controller import DisruptionController

__all__ = ["DisruptionController"]
