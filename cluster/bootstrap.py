"""What a cluster has before anybody asks for anything: system namespaces and classes, the API's own Service, default roles.

Written through the API server when an engine starts on an empty store. Mirrors the control plane's system
namespaces controller, the `kubernetes` Service's reconciler and the hooks for RBAC and the system's priority
classes. Invariant: running it on a store that has these objects writes nothing.
"""

from collections.abc import Iterable
from ipaddress import IPv4Network
from typing import TypeVar

from cluster.api import kinds
from cluster.api.core import (
    EndpointAddress,
    EndpointPort,
    Endpoints,
    EndpointSubset,
    Namespace,
    Service,
    ServicePort,
    ServiceSpec,
)
from cluster.api.discovery import Endpoint, EndpointConditions, EndpointSlice
from cluster.api.discovery import EndpointPort as SlicePort
from cluster.api.kinds import Kind
from cluster.api.meta import ObjectMeta, Resource
from cluster.api.persistent_volumes import SIMULATED_PROVISIONER
from cluster.api.scheduling import PriorityClass
from cluster.api.storage import StorageClass
from cluster.apiserver import ApiServer
from cluster.authorization import bootstrap_policy
from cluster.network import CONTROL_PLANE

T = TypeVar("T", bound=Resource)
ACTOR = "kube-apiserver"
SYSTEM_NAMESPACES = ("default", "kube-node-lease", "kube-public", "kube-system")
PRIORITY_CLASSES = (
    PriorityClass(
        metadata=ObjectMeta(name="system-node-critical", generation=1), value=2_000_001_000,
        description="Used for system critical pods that must not be moved from their current node.",
        preemptionPolicy="PreemptLowerPriority",
    ),
    PriorityClass(
        metadata=ObjectMeta(name="system-cluster-critical", generation=1), value=2_000_000_000,
        description=(
            "Used for system critical pods that must run in the cluster, but can be moved to another node if necessary."
        ),
        preemptionPolicy="PreemptLowerPriority",
    ),
)  # fmt: skip
DEFAULT_STORAGE_CLASS = StorageClass(
    metadata=ObjectMeta(name="standard", annotations={"storageclass.kubernetes.io/is-default-class": "true"}),
    provisioner=SIMULATED_PROVISIONER, reclaimPolicy="Delete", volumeBindingMode="Immediate", allowVolumeExpansion=True,
)  # fmt: skip
SECURE_PORT = 6443
_LABELS = {"component": "apiserver", "provider": "kubernetes"}


def bootstrap(api: ApiServer) -> None:
    """Create what is missing: namespaces, the `kubernetes` Service with its endpoints, accounts, roles and priority classes."""
    for name in SYSTEM_NAMESPACES:
        if api.find(kinds.NAMESPACES, name) is None:
            api.create(kinds.NAMESPACES, Namespace(metadata=ObjectMeta(name=name)), actor=ACTOR)
    if api.find(kinds.SERVICES, "default/kubernetes") is None:
        _create_service(api)
    _create(api, kinds.SERVICE_ACCOUNTS, bootstrap_policy.controller_accounts())
    _create(api, kinds.CLUSTER_ROLES, bootstrap_policy.cluster_roles())
    _create(api, kinds.CLUSTER_ROLE_BINDINGS, bootstrap_policy.cluster_role_bindings())
    _create(api, kinds.ROLES, bootstrap_policy.roles())
    _create(api, kinds.ROLE_BINDINGS, bootstrap_policy.role_bindings())
    _create(api, kinds.PRIORITY_CLASSES, PRIORITY_CLASSES)
    if api.config.addons.defaultStorageClass:
        _create(api, kinds.STORAGE_CLASSES, (DEFAULT_STORAGE_CLASS,))


def _create(api: ApiServer, kind: Kind[T], values: Iterable[T]) -> None:
    for value in values:
        if api.find(kind, kinds.key(value)) is None:
            api.create(kind, value, actor=ACTOR)


def _create_service(api: ApiServer) -> None:
    meta = ObjectMeta(name="kubernetes", namespace="default", labels=_LABELS)
    first = str(IPv4Network(api.config.network.serviceClusterIPRange)[1])
    ports = (ServicePort(name="https", port=443, protocol="TCP", targetPort=SECURE_PORT),)
    api.create(kinds.SERVICES, Service(metadata=meta, spec=ServiceSpec(clusterIP=first, ports=ports)), actor=ACTOR)
    subset = EndpointSubset(
        addresses=(EndpointAddress(ip=CONTROL_PLANE),),
        ports=(EndpointPort(name="https", port=SECURE_PORT, protocol="TCP"),),
    )
    mirrored = {"endpointslice.kubernetes.io/skip-mirror": "true"}
    endpoints_meta = ObjectMeta(name="kubernetes", namespace="default", labels=mirrored)
    api.create(kinds.ENDPOINTS, Endpoints(metadata=endpoints_meta, subsets=(subset,)), actor=ACTOR)
    slice_meta = ObjectMeta(name="kubernetes", namespace="default", labels={"kubernetes.io/service-name": "kubernetes"})
    endpoint_slice = EndpointSlice(
        metadata=slice_meta, addressType="IPv4",
        endpoints=(Endpoint(addresses=(CONTROL_PLANE,), conditions=EndpointConditions(ready=True)),),
        ports=(SlicePort(name="https", port=SECURE_PORT, protocol="TCP"),),
    )  # fmt: skip
    api.create(kinds.ENDPOINT_SLICES, endpoint_slice, actor=ACTOR)
