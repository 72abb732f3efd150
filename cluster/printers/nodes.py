"""Nodes as rows: whether a node is ready, what it is for, and what runs on it.

Invariant: a node without a Ready condition is `Unknown`; any status but True is `NotReady`.
"""

from cluster.api.core import Node
from cluster.printers.column import AGE, NAME, Printer, texts, wide
from cluster.printers.now import Now

_ROLE = "node-role.kubernetes.io/"


def roles(node: Node) -> list[str]:
    """The roles a node's labels give it, in order."""
    labels = node.metadata.labels
    found = [key.removeprefix(_ROLE) for key in labels if key.startswith(_ROLE)]
    found.append(labels.get("kubernetes.io/role", ""))
    return sorted(dict.fromkeys(role for role in found if role))


def status(node: Node) -> str:
    """`Ready`, `NotReady` or `Unknown`, and `,SchedulingDisabled` if the node is cordoned."""
    words = [
        "Ready" if item.status == "True" else "NotReady" for item in node.status.conditions if item.type == "Ready"
    ]
    words = words[-1:] or ["Unknown"]
    if node.spec.unschedulable:
        words.append("SchedulingDisabled")
    return ",".join(words)


def _address(node: Node, kind: str) -> str:
    return next((item.address for item in node.status.addresses if item.type == kind), "<none>")


def _cells(node: Node, now: Now) -> tuple[str, ...]:
    info = node.status.nodeInfo
    return (
        node.metadata.name,
        status(node),
        ",".join(roles(node)) or "<none>",
        now.since(node.metadata.creationTimestamp),
        info.kubeletVersion,
        _address(node, "InternalIP"),
        _address(node, "ExternalIP"),
        info.osImage or "<unknown>",
        info.kernelVersion or "<unknown>",
        info.containerRuntimeVersion or "<unknown>",
    )


NODE = Printer(
    (
        NAME, *texts("Status", "Roles"), AGE, *texts("Version"),
        *wide("Internal-IP", "External-IP", "OS-Image", "Kernel-Version", "Container-Runtime"),
    ),
    _cells,
)  # fmt: skip
