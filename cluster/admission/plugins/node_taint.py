"""A new node takes no pods before it has shown that it is ready.

One of the plugins. Mirrors TaintNodesByCondition (plugin/pkg/admission/nodetaint). Invariant: the node
lifecycle controller alone takes the taint off.
"""

from cluster.admission.sharing import changed
from cluster.api.core import Node, Taint

NOT_READY = Taint(key="node.kubernetes.io/not-ready", effect="NoSchedule")


def admitted(node: Node) -> Node:
    """The new node with the taint, unless it has it."""
    spec = node.spec
    if any((taint.key, taint.effect) == (NOT_READY.key, NOT_READY.effect) for taint in spec.taints):
        return node
    return changed(node, spec=changed(spec, taints=(*spec.taints, NOT_READY)))
