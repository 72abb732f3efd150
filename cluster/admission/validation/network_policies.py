"""NetworkPolicies: who may reach the pods, whom they may reach, and by which ports.

On the data's way one of the kinds' validations. Mirrors ValidateNetworkPolicy. Invariant: a peer is a
range of addresses or a choice of pods, not both.
"""

from collections.abc import Mapping
from typing import Any

from cluster.admission import field_error as error
from cluster.admission.validation import addresses, metadata
from cluster.admission.validation.checks import Causes, invalid_each, one_of, port
from cluster.admission.validation.rules import Rules
from cluster.admission.validation.selectors import label_selector
from cluster.api import kinds, names
from cluster.api.kinds import Kind
from cluster.api.meta import StatusCause
from cluster.api.networking import (
    IPBlock,
    NetworkPolicy,
    NetworkPolicyPeer,
    NetworkPolicyPort,
    NetworkPolicySpec,
)

DIRECTIONS = ("Ingress", "Egress")


def create(value: NetworkPolicy) -> list[StatusCause]:
    """What is wrong with a new policy."""
    return metadata.create(value.metadata, names.is_dns1123_subdomain) + _spec(value.spec)


def update(new: NetworkPolicy, old: NetworkPolicy) -> list[StatusCause]:
    """What is wrong with a changed policy."""
    causes = metadata.update(new.metadata, old.metadata)
    return causes if new.spec is old.spec else causes + _spec(new.spec)


def _spec(spec: NetworkPolicySpec) -> list[StatusCause]:
    causes = list(label_selector("spec.podSelector", spec.podSelector))
    for index, coming in enumerate(spec.ingress):
        causes += _rule(f"spec.ingress[{index}]", coming.ports, "from", coming.from_)
    for index, going in enumerate(spec.egress):
        causes += _rule(f"spec.egress[{index}]", going.ports, "to", going.to)
    if len(spec.policyTypes) > len(DIRECTIONS):
        why = "may not specify more than two policyTypes"
        return [*causes, error.invalid("spec.policyTypes", spec.policyTypes, why)]
    for index, direction in enumerate(spec.policyTypes):
        causes += one_of(f"spec.policyTypes[{index}]", direction, DIRECTIONS)
    return causes


def _rule(
    field: str, ports: tuple[NetworkPolicyPort, ...], name: str, peers: tuple[NetworkPolicyPeer, ...]
) -> list[StatusCause]:
    causes: list[StatusCause] = []
    for index, value in enumerate(ports):
        causes += _port(f"{field}.ports[{index}]", value)
    for index, peer in enumerate(peers):
        causes += _peer(f"{field}.{name}[{index}]", peer)
    return causes


def _port(field: str, value: NetworkPolicyPort) -> Causes:
    if value.protocol:
        yield from one_of(f"{field}.protocol", value.protocol, ("TCP", "UDP", "SCTP"))
    here, end = f"{field}.endPort", value.endPort
    if value.port is None:
        if end is not None:
            yield error.invalid(here, end, "may not be specified when `port` is not specified")
    elif isinstance(value.port, str):
        if end is not None:
            yield error.invalid(here, end, "may not be specified when `port` is non-numeric")
        yield from invalid_each(f"{field}.port", value.port, names.port_name(value.port))
    else:
        yield from port(f"{field}.port", value.port)
        if end is not None:
            if end < value.port:
                yield error.invalid(here, value.port, "must be greater than or equal to `port`")
            yield from port(here, end)


def _peer(field: str, peer: NetworkPolicyPeer) -> Causes:
    yield from label_selector(f"{field}.podSelector", peer.podSelector)
    yield from label_selector(f"{field}.namespaceSelector", peer.namespaceSelector)
    if peer.ipBlock is not None:
        yield from _block(f"{field}.ipBlock", peer.ipBlock)
        if peer.podSelector is not None or peer.namespaceSelector is not None:
            yield error.forbidden(field, "may not specify both ipBlock and another peer")
    elif peer.podSelector is None and peer.namespaceSelector is None:
        yield error.required(field, "must specify a peer")


def _block(field: str, block: IPBlock) -> Causes:
    if not block.cidr:
        yield error.required(f"{field}.cidr")
        return
    whole = addresses.network(block.cidr)
    if whole is None:
        yield from addresses.valid_cidr(f"{field}.cidr", block.cidr)
        return
    for index, text in enumerate(block.except_):
        here, part = f"{field}.except[{index}]", addresses.network(text)
        if part is None:
            yield from addresses.valid_cidr(here, text)
            return
        inside = part.version == whole.version and part.network_address in whole
        if not inside or part.prefixlen <= whole.prefixlen:
            yield error.invalid(here, text, "must be a strict subset of `cidr`")


RULES: Mapping[Kind[Any], Rules] = {kinds.NETWORK_POLICIES: Rules(create, update)}
