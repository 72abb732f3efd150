"""Defaults of namespaces, nodes and secrets.

On the data's way between decoding and admission. Mirrors SetDefaults_Namespace, _NodeStatus and
_Secret, and the conversion of a Secret's `stringData`. Invariant: `stringData` is never stored.
"""

from base64 import b64encode

from cluster.admission.sharing import changed, merged
from cluster.api.core import Namespace, Node, Secret

NAME_LABEL = "kubernetes.io/metadata.name"


def namespace(value: Namespace) -> Namespace:
    """The namespace, active, with its name as a label (once it has one)."""
    metadata = value.metadata
    if metadata.name and metadata.labels.get(NAME_LABEL) != metadata.name:
        metadata = changed(metadata, labels=merged(metadata.labels, {NAME_LABEL: metadata.name}))
    return changed(value, metadata=metadata, status=changed(value.status, phase=value.status.phase or "Active"))


def node(value: Node) -> Node:
    """The node with all it has allocatable, unless something is kept back."""
    status = value.status
    if status.capacity and not status.allocatable:
        return changed(value, status=changed(status, allocatable=status.capacity))
    return value


def secret(value: Secret) -> Secret:
    """The Secret with a type, and its `stringData` encoded over its `data`."""
    if value.stringData:
        encoded = {key: b64encode(text.encode()).decode() for key, text in value.stringData.items()}
        value = changed(value, data=merged(value.data, encoded), stringData={})
    return value if value.type else changed(value, type="Opaque")
