"""The labels of nodes that go by another name by now.

Part of the advice about pods, volumes and classes. Mirrors pkg/api/node/util.go. Invariant: a label
that is warned of still works.
"""

from collections.abc import Iterator, Mapping

from cluster.api.core import NodeSelectorTerm

_RENAMED = {
    "beta.kubernetes.io/arch": ("v1.14", "kubernetes.io/arch"),
    "beta.kubernetes.io/os": ("v1.14", "kubernetes.io/os"),
    "failure-domain.beta.kubernetes.io/region": ("v1.17", "topology.kubernetes.io/region"),
    "failure-domain.beta.kubernetes.io/zone": ("v1.17", "topology.kubernetes.io/zone"),
    "beta.kubernetes.io/instance-type": ("v1.17", "node.kubernetes.io/instance-type"),
}


def renamed(key: str) -> str:
    """What is said of a label, nothing if it goes by that name."""
    found = _RENAMED.get(key)
    return "" if found is None else f'deprecated since {found[0]}; use "{found[1]}" instead'


def of_map(field: str, values: Mapping[str, str]) -> Iterator[str]:
    """What is said of a node selector."""
    for key in values:
        if said := renamed(key):
            yield f"{field}[{key}]: {said}"


def of_key(field: str, key: str) -> Iterator[str]:
    """What is said of a field that names a label."""
    if said := renamed(key):
        yield f"{field}: {key} is {said}"


def of_term(field: str, term: NodeSelectorTerm) -> Iterator[str]:
    """What is said of a term of a node affinity."""
    for index, requirement in enumerate(term.matchExpressions):
        yield from of_key(f"{field}.matchExpressions[{index}].key", requirement.key)
