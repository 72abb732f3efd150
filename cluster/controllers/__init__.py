"""The controllers: each looks at what changed, decides, and writes through the API server.

On the data's way after the readers and queues of `reconcile`. Mirrors kube-controller-manager.
Invariant: controllers know nothing of each other; they meet only in the store.
"""

from cluster.api.cluster import Cluster
from cluster.apiserver import ApiServer
from cluster.controllers.deployment import DeploymentController
from cluster.controllers.replica_set import ReplicaSetController
from cluster.controllers.replication_controller import ReplicationManager

CONTROLLERS = (ReplicationManager, ReplicaSetController, DeploymentController)
"""Every controller, in the order they are started; the order is part of what makes a run repeatable."""


def start_controllers(api: ApiServer, config: Cluster) -> list[object]:
    """Start every controller; each keeps itself alive by its readers."""
    return [controller(api, config) for controller in CONTROLLERS]
