"""What is unwise in Services, network objects, nodes, Secrets and accounts.

On the data's way one part of the advice. Mirrors pkg/api/service/warnings.go and the strategies of the
kinds. Invariant: an address that is warned of is read as it would be written properly.
"""

import ipaddress
from base64 import b64decode
from collections.abc import Iterator, Mapping
from typing import Any

from cluster.admission.advice import Advice, node_labels
from cluster.admission.validation import addresses
from cluster.api import kinds
from cluster.api.core import Node, Secret, Service, ServiceAccount
from cluster.api.kinds import Kind
from cluster.api.networking import Ingress, NetworkPolicy, NetworkPolicyPeer
from cluster.api.node import RuntimeClass

EXTERNAL_IPS = "spec.externalIPs is deprecated and may no longer be implemented in some clusters"
_HINTS, _MODE = "service.kubernetes.io/topology-aware-hints", "service.kubernetes.io/topology-mode"
_INGRESS_CLASS = "kubernetes.io/ingress.class"
_MOUNTABLE = "kubernetes.io/enforce-mountable-secrets"
_LATER = "will be considered invalid in a future Kubernetes release"


def address(field: str, text: str) -> Iterator[str]:
    """An address that is not written in the usual way (`GetWarningsForIP`)."""
    found = addresses.parse(text)
    if found is None:
        return
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    if mapped is not None or (found.version == 4 and str(found) != text):
        yield f'{field}: non-standard IP address "{text}" {_LATER}: use "{mapped or found}"'
    elif str(found) != text:
        yield f'{field}: IPv6 address "{text}" should be in RFC 5952 canonical format ("{found}")'


def network(field: str, text: str) -> Iterator[str]:
    """A range that is not written in the usual way (`GetWarningsForCIDR`)."""
    found = addresses.network(text)
    if found is None or str(found) == text:
        return
    written = addresses.parse(text.partition("/")[0])
    if found.version == 6 and written == found.network_address:
        yield f'{field}: IPv6 CIDR value "{text}" should be in RFC 5952 canonical format ("{found}")'
    else:
        yield f'{field}: non-standard CIDR value "{text}" {_LATER}: use "{found}"'


def service(new: Service, _: Service | None) -> tuple[str, ...]:
    """What is unwise in a Service."""
    spec, found = new.spec, list[str]()
    if spec.externalIPs:
        found.append(EXTERNAL_IPS)
    if _HINTS in new.metadata.annotations:
        found.append(f"annotation {_HINTS} is deprecated, please use {_MODE} instead")
    for name in ("clusterIPs", "externalIPs"):
        for index, text in enumerate(getattr(spec, name)):
            found += address(f"spec.{name}[{index}]", text)
    if spec.loadBalancerIP:
        found += address("spec.loadBalancerIP", spec.loadBalancerIP)
    for index, text in enumerate(spec.loadBalancerSourceRanges):
        found += network(f"spec.loadBalancerSourceRanges[{index}]", text)
    if spec.type == "ExternalName" and spec.externalIPs:
        found.append('spec.externalIPs is ignored when spec.type is "ExternalName"')
    if spec.type != "ExternalName" and spec.clusterIP == "None":
        if spec.loadBalancerIP:
            found.append("spec.loadBalancerIP is ignored for headless services")
        if spec.externalIPs:
            found.append("spec.externalIPs is ignored for headless services")
        if spec.sessionAffinity not in ("", "None"):
            found.append("spec.SessionAffinity is ignored for headless services")
    return tuple(found)


def ingress(new: Ingress, old: Ingress | None) -> tuple[str, ...]:
    """What is unwise in a new Ingress."""
    if old is not None or _INGRESS_CLASS not in new.metadata.annotations:
        return ()
    return (f"annotation \"{_INGRESS_CLASS}\" is deprecated, please use 'spec.ingressClassName' instead",)


def network_policy(new: NetworkPolicy, _: NetworkPolicy | None) -> tuple[str, ...]:
    """What is unwise in a NetworkPolicy."""
    found: list[str] = []
    for index, coming in enumerate(new.spec.ingress):
        found += _peers(f"spec.ingress[{index}].from", coming.from_)
    for index, going in enumerate(new.spec.egress):
        found += _peers(f"spec.egress[{index}].to", going.to)
    return tuple(found)


def _peers(field: str, peers: tuple[NetworkPolicyPeer, ...]) -> Iterator[str]:
    for index, peer in enumerate(peers):
        if peer.ipBlock is None:
            continue
        here = f"{field}[{index}].ipBlock"
        yield from network(f"{here}.cidr", peer.ipBlock.cidr)
        for number, text in enumerate(peer.ipBlock.except_):
            yield from network(f"{here}.except[{number}]", text)


def node(new: Node, _: Node | None) -> tuple[str, ...]:
    """What is unwise in a node."""
    found: list[str] = []
    if new.spec.externalID:
        found.append("spec.externalID: this field is deprecated, and is unused by Kubernetes")
    for index, text in enumerate(new.spec.podCIDRs):
        found += network(f"spec.podCIDRs[{index}]", text)
    return tuple(found)


def runtime_class(new: RuntimeClass, _: RuntimeClass | None) -> tuple[str, ...]:
    """What is unwise in a RuntimeClass."""
    if new.scheduling is None:
        return ()
    return tuple(node_labels.of_map("scheduling.nodeSelector", new.scheduling.nodeSelector))


def secret(new: Secret, _: Secret | None) -> tuple[str, ...]:
    """What is unwise in a Secret: a certificate or a key that is none."""
    if new.type != "kubernetes.io/tls":
        return ()
    for key, said in (("tls.crt", "certificate"), ("tls.key", "key")):
        if b"-----BEGIN " not in b64decode(new.data.get(key, "")):
            return (f"tls: failed to find any PEM data in {said} input",)
    return ()


def service_account(new: ServiceAccount, _: ServiceAccount | None) -> tuple[str, ...]:
    """What is unwise in a ServiceAccount."""
    if _MOUNTABLE not in new.metadata.annotations:
        return ()
    why = "deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets"
    return (f"metadata.annotations[{_MOUNTABLE}]: {why}",)


ADVICE: Mapping[Kind[Any], Advice] = {
    kinds.SERVICES: service,
    kinds.INGRESSES: ingress,
    kinds.NETWORK_POLICIES: network_policy,
    kinds.NODES: node,
    kinds.RUNTIME_CLASSES: runtime_class,
    kinds.SECRETS: secret,
    kinds.SERVICE_ACCOUNTS: service_account,
}
