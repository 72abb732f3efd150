"""Defaults of NetworkPolicies and IngressClasses.

On the data's way between decoding and admission. Mirrors pkg/apis/networking/v1/defaults.go.
Invariant: a policy says which directions it is about.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from cluster.admission.sharing import changed, each
from cluster.api import kinds
from cluster.api.kinds import Kind
from cluster.api.networking import (
    IngressClass,
    NetworkPolicy,
    NetworkPolicyEgressRule,
    NetworkPolicyIngressRule,
    NetworkPolicyPort,
)

R = TypeVar("R", NetworkPolicyIngressRule, NetworkPolicyEgressRule)


def network_policy(value: NetworkPolicy) -> NetworkPolicy:
    """The policy about what comes in, and about what goes out if it has rules for that."""
    spec = value.spec
    directions = ("Ingress", "Egress") if spec.egress else ("Ingress",)
    spec = changed(
        spec,
        ingress=each(spec.ingress, _rule),
        egress=each(spec.egress, _rule),
        policyTypes=spec.policyTypes or directions,
    )
    return changed(value, spec=spec)


def _rule(value: R) -> R:
    return changed(value, ports=each(value.ports, _port))


def _port(value: NetworkPolicyPort) -> NetworkPolicyPort:
    return value if value.protocol else changed(value, protocol="TCP")


def ingress_class(value: IngressClass) -> IngressClass:
    """The class whose parameters, if any, are of the whole cluster."""
    parameters = value.spec.parameters
    if parameters is None or parameters.scope:
        return value
    return changed(value, spec=changed(value.spec, parameters=changed(parameters, scope="Cluster")))


DEFAULTS: Mapping[Kind[Any], Callable[[Any], Any]] = {
    kinds.NETWORK_POLICIES: network_policy,
    kinds.INGRESS_CLASSES: ingress_class,
}
