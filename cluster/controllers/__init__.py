"""The controllers: each looks at what changed, decides, and writes through the API server.

On the data's way after the readers and queues of `reconcile`. Mirrors kube-controller-manager.
Invariant: controllers know nothing of each other; they meet only in the store.
"""

from cluster.api.cluster import Cluster
from cluster.apiserver import ApiServer
from cluster.controllers.admission_policy_status import AdmissionPolicyStatusController
from cluster.controllers.cluster_role_aggregation import ClusterRoleAggregationController
from cluster.controllers.cron_job import CronJobController
from cluster.controllers.daemon_set import DaemonSetController
from cluster.controllers.definitions import DefinitionFinalizer, EstablishingController, NamingController
from cluster.controllers.deployment import DeploymentController
from cluster.controllers.disruption import DisruptionController
from cluster.controllers.endpoint_slices import EndpointSliceController
from cluster.controllers.endpoints import EndpointsController
from cluster.controllers.ephemeral_volume import EphemeralVolumeController
from cluster.controllers.garbage_collector import GarbageCollector
from cluster.controllers.horizontal_pod_autoscaler import HorizontalPodAutoscalerController
from cluster.controllers.job import JobController
from cluster.controllers.namespace import NamespaceController
from cluster.controllers.node_lifecycle import NodeLifecycleController
from cluster.controllers.persistent_volume import PersistentVolumeController, SimulatedProvisioner, SimulatedResizer
from cluster.controllers.pod_gc import PodGarbageCollector
from cluster.controllers.replica_set import ReplicaSetController
from cluster.controllers.replication_controller import ReplicationManager
from cluster.controllers.resource_quota import ResourceQuotaController
from cluster.controllers.root_ca import RootCertificatePublisher
from cluster.controllers.service_account import ServiceAccountController
from cluster.controllers.service_account_tokens import TokensController
from cluster.controllers.stateful_set import StatefulSetController
from cluster.controllers.taint_eviction import TaintEvictionController
from cluster.controllers.ttl_after_finished import TTLAfterFinishedController
from cluster.controllers.volume_expand import VolumeExpandController
from cluster.controllers.volume_protection import ClaimProtection, VolumeProtection

CONTROLLERS = (
    NamingController, EstablishingController, DefinitionFinalizer, AdmissionPolicyStatusController,
    NamespaceController, ServiceAccountController, TokensController, RootCertificatePublisher, ResourceQuotaController,
    ClusterRoleAggregationController,
    ReplicationManager, ReplicaSetController, DeploymentController, StatefulSetController, DaemonSetController,
    JobController, CronJobController, TTLAfterFinishedController,
    HorizontalPodAutoscalerController,
    EphemeralVolumeController, PersistentVolumeController, VolumeExpandController, SimulatedProvisioner,
    SimulatedResizer,
    EndpointsController, EndpointSliceController,
    NodeLifecycleController, TaintEvictionController, DisruptionController,
    ClaimProtection, VolumeProtection, PodGarbageCollector, GarbageCollector,
)  # fmt: skip
"""Every controller, in the order they are started; the order is part of what makes a run repeatable."""


def start_controllers(api: ApiServer, config: Cluster) -> list[object]:
    """Start every controller; each keeps itself alive by its readers."""
    return [controller(api, config) for controller in CONTROLLERS]
