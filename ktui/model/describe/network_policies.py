"""NetworkPolicies: which traffic they let through.

Invariant: a direction that the policy has no type for is told as not affected, whatever rules stand there.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from cluster.api.networking import NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort
from cluster.printers.selectors import selector_text
from ktui.model.describe.related import Related
from ktui.model.describe.sheet import Sheet

Rule = tuple[Sequence[NetworkPolicyPort], Sequence[NetworkPolicyPeer]]


def write_network_policy(sheet: Sheet, value: NetworkPolicy, _related: Related) -> None:
    """Everything about a NetworkPolicy."""
    meta, spec = value.metadata, value.spec
    sheet.field("Name", meta.name)
    sheet.field("Namespace", meta.namespace)
    sheet.field("Created on", _moment(meta.creationTimestamp))
    sheet.labels(meta.labels)
    sheet.annotations(meta.annotations)
    sheet.line("Spec:")
    every = "<none> (Allowing the specific traffic to all pods in this namespace)"
    chosen = spec.podSelector.matchLabels or spec.podSelector.matchExpressions
    sheet.line(f"PodSelector:     {selector_text(spec.podSelector) if chosen else every}", 1)
    if "Ingress" in spec.policyTypes:
        sheet.line("Allowing ingress traffic:", 1)
        _write_rules(sheet, "ingress", [(rule.ports, rule.from_) for rule in spec.ingress])
    else:
        sheet.line("Not affecting ingress traffic", 1)
    if "Egress" in spec.policyTypes:
        sheet.line("Allowing egress traffic:", 1)
        _write_rules(sheet, "egress", [(rule.ports, rule.to) for rule in spec.egress])
    else:
        sheet.line("Not affecting egress traffic", 1)
    sheet.line(f"Policy Types: {', '.join(spec.policyTypes) or '<none>'}", 1)


def _moment(timestamp: str) -> str:
    """A timestamp as Go's Time prints itself."""
    moment = datetime.fromisoformat(timestamp or "0001-01-01T00:00:00+00:00").astimezone(UTC)
    return f"{moment:%Y-%m-%d %H:%M:%S} +0000 UTC".rjust(29, "0")


def _write_rules(sheet: Sheet, direction: str, rules: Sequence[Rule]) -> None:
    if not rules:
        sheet.line(f"<none> (Selected pods are isolated for {direction} connectivity)", 2)
    word, end = ("From", "source") if direction == "ingress" else ("To", "destination")
    for index, (ports, peers) in enumerate(rules):
        if index:
            sheet.line("----------", 2)
        if not ports:
            sheet.line("To Port: <any> (traffic allowed to all ports)", 2)
        for port in ports:
            _write_port(sheet, port)
        if not peers:
            sheet.line(f"{word}: <any> (traffic not restricted by {end})", 2)
        for peer in peers:
            sheet.line(f"{word}:", 2)
            _write_peer(sheet, peer)


def _write_port(sheet: Sheet, port: NetworkPolicyPort) -> None:
    number = "<nil>" if port.port is None else port.port
    protocol = port.protocol or "TCP"
    if port.endPort is None:
        sheet.line(f"To Port: {number}/{protocol}", 2)
    else:
        sheet.line(f"To Port Range: {number}-{port.endPort}/{protocol}", 2)


def _write_peer(sheet: Sheet, peer: NetworkPolicyPeer) -> None:
    if peer.namespaceSelector is not None:
        sheet.line(f"NamespaceSelector: {selector_text(peer.namespaceSelector)}", 3)
    if peer.podSelector is not None:
        sheet.line(f"PodSelector: {selector_text(peer.podSelector)}", 3)
    if peer.ipBlock is not None and peer.namespaceSelector is None and peer.podSelector is None:
        sheet.line("IPBlock:", 3)
        sheet.line(f"CIDR: {peer.ipBlock.cidr}", 4)
        sheet.line(f"Except: {', '.join(peer.ipBlock.except_)}", 4)
