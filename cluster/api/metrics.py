"""The metrics group (metrics.k8s.io/v1beta1): how much nodes and pods use, as the metrics server tells.

Invariant: nothing of it is kept; every answer is of the moment it is asked for.
"""

from collections.abc import Mapping

from cluster.api.meta import Resource
from cluster.api.object import Object
from cluster.api.quantity import Quantity


class ContainerMetrics(Object, frozen=True, kw_only=True):
    """What one container uses."""

    name: str = ""
    usage: Mapping[str, Quantity] = {}


class PodMetrics(Resource, frozen=True, kw_only=True):
    """What the containers of a pod use, over the window before the timestamp."""

    containers: tuple[ContainerMetrics, ...] = ()
    timestamp: str = ""
    window: str = ""


class NodeMetrics(Resource, frozen=True, kw_only=True):
    """What everything on a node uses, over the window before the timestamp."""

    timestamp: str = ""
    usage: Mapping[str, Quantity] = {}
    window: str = ""
