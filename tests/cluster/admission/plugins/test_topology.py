"""Pods know the zone and region of their node."""

from msgspec.structs import replace

from cluster.admission.plugins.topology import with_topology
from cluster.api import kinds
from cluster.api.core import Node
from cluster.api.meta import ObjectMeta
from tests.cluster.apiserver.server import pod, started

ZONE = "topology.kubernetes.io/zone"


def test_a_pod_that_comes_with_its_node_is_labelled() -> None:
    """A pod created with a nodeName gets its node's topology labels, as a bound one does."""
    server = started()
    labels = {ZONE: "zone-7", "kubernetes.io/hostname": "far"}
    server.api.create(kinds.NODES, Node(metadata=ObjectMeta(name="far", labels=labels)), actor="user")
    placed = replace(pod("a"), spec=replace(pod("a").spec, nodeName="far"))
    made = server.api.create(kinds.PODS, placed, actor="user")
    assert made.metadata.labels == {"app": "web", ZONE: "zone-7"}
    server.api.create(kinds.PODS, pod("b"), actor="user")
    assert server.api.bind("default/b", "far", actor="default-scheduler").metadata.labels == made.metadata.labels


def test_pods_of_one_template_share_their_labels() -> None:
    """The same mappings give the same mapping, so that pods of one template stay alike."""
    labels, node = {"app": "web"}, {ZONE: "zone-1"}
    assert with_topology(labels, node) is with_topology(labels, node)
    assert with_topology(labels, {"x": "y"}) is labels
