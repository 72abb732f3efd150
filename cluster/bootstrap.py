"""What a cluster has before anybody asks for anything: system namespaces and the API's own Service.

Written through the API server when an engine starts on an empty store. Mirrors the control plane's
system namespaces controller and the `kubernetes` Service's reconciler. Invariant: running it on a
store that has these objects writes nothing.
"""

from ipaddress import IPv4Network

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
from cluster.api.meta import ObjectMeta
from cluster.apiserver import ApiServer

ACTOR = "kube-apiserver"
SYSTEM_NAMESPACES = ("default", "kube-node-lease", "kube-public", "kube-system")
CONTROL_PLANE = "172.18.0.2"
SECURE_PORT = 6443
_LABELS = {"component": "apiserver", "provider": "kubernetes"}


def bootstrap(api: ApiServer) -> None:
    """Create what is missing of the system namespaces and the `kubernetes` Service with its endpoints."""
    for name in SYSTEM_NAMESPACES:
        if api.find(kinds.NAMESPACES, name) is None:
            api.create(kinds.NAMESPACES, Namespace(metadata=ObjectMeta(name=name)), actor=ACTOR)
    if api.find(kinds.SERVICES, "default/kubernetes") is None:
        _create_service(api)


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
