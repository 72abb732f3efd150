"""Node selectors: whether a node is one of those that a pod, or a volume, may use.

A value of the API, asked by the scheduler and by the controllers that decide for it. Mirrors
component-helpers/scheduling/corev1/nodeaffinity. Invariant: terms are alternatives, the requirements
within one all have to hold, and an empty term matches nothing.
"""

import re
from collections.abc import Mapping, Sequence

from cluster.api.core import Node, NodeSelectorRequirement, NodeSelectorTerm

_INTEGER = re.compile(r"[+-]?[0-9]{1,19}", re.ASCII)


def demands_met(selector: Mapping[str, str], terms: Sequence[NodeSelectorTerm] | None, node: Node) -> bool:
    """Whether the node has every label of `selector` and meets one of the `terms` (None: no demand)."""
    labels = node.metadata.labels
    if any(labels.get(key) != value for key, value in selector.items()):
        return False
    return terms is None or any(term_matches(term, node) for term in terms)


def term_matches(term: NodeSelectorTerm, node: Node) -> bool:
    """Whether the node meets every requirement of a term."""
    if not term.matchExpressions and not term.matchFields:
        return False
    labels, fields = node.metadata.labels, {"metadata.name": node.metadata.name}
    return all(requirement_matches(each, labels.get(each.key)) for each in term.matchExpressions) and all(
        requirement_matches(each, fields.get(each.key)) for each in term.matchFields
    )


def requirement_matches(requirement: NodeSelectorRequirement, value: str | None) -> bool:
    """Whether a label's value (None: the node has no such label) meets one requirement."""
    match requirement.operator:
        case "In":
            return value in requirement.values
        case "NotIn":
            return value not in requirement.values
        case "Exists":
            return value is not None
        case "DoesNotExist":
            return value is None
        case "Gt" | "Lt" as operator:
            return _compares(operator, value, requirement.values)
    return False


def _compares(operator: str, value: str | None, limits: tuple[str, ...]) -> bool:
    if value is None or len(limits) != 1 or not _INTEGER.fullmatch(value) or not _INTEGER.fullmatch(limits[0]):
        return False
    return int(value) > int(limits[0]) if operator == "Gt" else int(value) < int(limits[0])
