"""The networking group (networking.k8s.io/v1): Ingresses, NetworkPolicies, ServiceCIDRs.

Written by `python -m tests.reference.generate` from the published schemas; do not edit by hand.
"""

from typing import Annotated

from msgspec import field

from cluster.api.core import TypedLocalObjectReference
from cluster.api.meta import Condition, LabelSelector, Resource
from cluster.api.object import ListType, Object


class ServiceBackendPort(Object, frozen=True, kw_only=True):
    name: str = ""
    number: int = 0


class IngressServiceBackend(Object, frozen=True, kw_only=True):
    name: str = field(default_factory=str)
    port: ServiceBackendPort = field(default_factory=lambda: ServiceBackendPort())


class IngressBackend(Object, frozen=True, kw_only=True):
    resource: TypedLocalObjectReference | None = None
    service: IngressServiceBackend | None = None


class HTTPIngressPath(Object, frozen=True, kw_only=True):
    backend: IngressBackend = field(default_factory=lambda: IngressBackend())
    path: str = ""
    pathType: str = ""


class HTTPIngressRuleValue(Object, frozen=True, kw_only=True):
    paths: tuple[HTTPIngressPath, ...] = ()


class ParentReference(Object, frozen=True, kw_only=True):
    group: str = ""
    name: str = ""
    namespace: str = ""
    resource: str = ""


class IPAddressSpec(Object, frozen=True, kw_only=True):
    parentRef: ParentReference | None = None


class IPAddress(Resource, frozen=True, kw_only=True):
    spec: IPAddressSpec = field(default_factory=lambda: IPAddressSpec())


class IPBlock(Object, frozen=True, kw_only=True):
    cidr: str = field(default_factory=str)
    except_: tuple[str, ...] = field(name="except", default=())


class IngressRule(Object, frozen=True, kw_only=True):
    host: str = ""
    http: HTTPIngressRuleValue | None = None


class IngressTLS(Object, frozen=True, kw_only=True):
    hosts: tuple[str, ...] = ()
    secretName: str = ""


class IngressSpec(Object, frozen=True, kw_only=True):
    defaultBackend: IngressBackend | None = None
    ingressClassName: str = ""
    rules: tuple[IngressRule, ...] = ()
    tls: tuple[IngressTLS, ...] = ()


class IngressPortStatus(Object, frozen=True, kw_only=True):
    error: str = ""
    port: int = field(default_factory=int)
    protocol: str = field(default_factory=str)


class IngressLoadBalancerIngress(Object, frozen=True, kw_only=True):
    hostname: str = ""
    ip: str = ""
    ports: tuple[IngressPortStatus, ...] = ()


class IngressLoadBalancerStatus(Object, frozen=True, kw_only=True):
    ingress: tuple[IngressLoadBalancerIngress, ...] = ()


class IngressStatus(Object, frozen=True, kw_only=True):
    loadBalancer: IngressLoadBalancerStatus = field(default_factory=lambda: IngressLoadBalancerStatus())


class Ingress(Resource, frozen=True, kw_only=True):
    spec: IngressSpec = field(default_factory=lambda: IngressSpec())
    status: IngressStatus = field(default_factory=lambda: IngressStatus())


class IngressClassParametersReference(Object, frozen=True, kw_only=True):
    apiGroup: str = ""
    kind: str = field(default_factory=str)
    name: str = field(default_factory=str)
    namespace: str = ""
    scope: str = ""


class IngressClassSpec(Object, frozen=True, kw_only=True):
    controller: str = ""
    parameters: IngressClassParametersReference | None = None


class IngressClass(Resource, frozen=True, kw_only=True):
    spec: IngressClassSpec = field(default_factory=lambda: IngressClassSpec())


class NetworkPolicyPort(Object, frozen=True, kw_only=True):
    endPort: int | None = None
    port: int | str | None = None
    protocol: str = ""


class NetworkPolicyPeer(Object, frozen=True, kw_only=True):
    ipBlock: IPBlock | None = None
    namespaceSelector: LabelSelector | None = None
    podSelector: LabelSelector | None = None


class NetworkPolicyEgressRule(Object, frozen=True, kw_only=True):
    ports: tuple[NetworkPolicyPort, ...] = ()
    to: tuple[NetworkPolicyPeer, ...] = ()


class NetworkPolicyIngressRule(Object, frozen=True, kw_only=True):
    from_: tuple[NetworkPolicyPeer, ...] = field(name="from", default=())
    ports: tuple[NetworkPolicyPort, ...] = ()


class NetworkPolicySpec(Object, frozen=True, kw_only=True):
    egress: tuple[NetworkPolicyEgressRule, ...] = ()
    ingress: tuple[NetworkPolicyIngressRule, ...] = ()
    podSelector: LabelSelector = field(default_factory=lambda: LabelSelector())
    policyTypes: tuple[str, ...] = ()


class NetworkPolicy(Resource, frozen=True, kw_only=True):
    spec: NetworkPolicySpec = field(default_factory=lambda: NetworkPolicySpec())


class ServiceCIDRSpec(Object, frozen=True, kw_only=True):
    cidrs: tuple[str, ...] = ()


class ServiceCIDRStatus(Object, frozen=True, kw_only=True):
    conditions: Annotated[tuple[Condition, ...], ListType("map", ("type",), "merge", "type")] = ()


class ServiceCIDR(Resource, frozen=True, kw_only=True):
    spec: ServiceCIDRSpec = field(default_factory=lambda: ServiceCIDRSpec())
    status: ServiceCIDRStatus = field(default_factory=lambda: ServiceCIDRStatus())
