"""The Cluster document: what it may say, what it means, and the words for what is wrong in it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from cluster.api import annotations
from cluster.api.cluster import DEFAULT, Cluster, NodeGroup, from_document, milliseconds

HEAD = {"apiVersion": "ktui.dev/v1alpha1", "kind": "Cluster"}
DOCUMENT = """
apiVersion: ktui.dev/v1alpha1
kind: Cluster
metadata: {name: oracle}
seed: 7
nodes:
- name: node-{n}
  count: 3
  labels:
    topology.kubernetes.io/zone: zone-{n}
  capacity: {cpu: 1, memory: 3840Mi, pods: "110", ephemeral-storage: "0"}
- name: gpu
  taints: [{key: gpu, value: "yes", effect: NoSchedule}]
  allocatable: {cpu: 3500m}
network:
  podCIDR: 10.200.0.0/16
timing:
  imagePull: 0s
addons: {dns: true}
"""


def cluster(**fields: Any) -> Cluster:
    """The cluster of a document with these fields."""
    return from_document({**HEAD, **fields})


def test_document_says_what_the_nodes_are() -> None:
    """Groups expand in order, with templates filled in and quantities in canonical form."""
    found = from_document(yaml.safe_load(DOCUMENT))
    nodes = list(found.members())
    assert [node.metadata.name for node in nodes] == ["node-1", "node-2", "node-3", "gpu"]
    assert nodes[1].metadata.labels == {"topology.kubernetes.io/zone": "zone-2"}
    assert dict(nodes[0].status.capacity) == {
        "cpu": "1", "memory": "3840Mi", "pods": "110", "ephemeral-storage": "0",
    }  # fmt: skip
    assert nodes[0].status.allocatable == nodes[0].status.capacity
    assert (nodes[3].status.capacity["cpu"], nodes[3].status.allocatable["cpu"]) == ("4", "3500m")
    assert nodes[3].spec.taints[0].effect == "NoSchedule"
    assert (found.seed, found.network.podCIDR, found.addons.dns) == (7, "10.200.0.0/16", True)
    assert (milliseconds(found.timing.imagePull), milliseconds(found.timing.containerStart)) == (0, 200)


def test_default_cluster() -> None:
    """Three nodes, four cores and 8 GiB each, each in a zone; an empty document means the same."""
    nodes = list(DEFAULT.members())
    assert [node.metadata.name for node in nodes] == ["node-1", "node-2", "node-3"]
    assert [node.metadata.labels["topology.kubernetes.io/zone"] for node in nodes] == ["zone-1", "zone-2", "zone-3"]
    assert dict(nodes[0].status.capacity) == {
        "cpu": "4", "ephemeral-storage": "100Gi", "memory": "8Gi", "pods": "110",
    }  # fmt: skip
    assert cluster() == DEFAULT


def test_oracle_cluster_is_understood() -> None:
    """The document that comes with the recorded scenarios is a valid one."""
    path = Path(__file__).parents[2] / "oracle" / "cluster.yaml"
    found = from_document(yaml.safe_load(path.read_text()))
    assert [node.status.capacity["cpu"] for node in found.members()] == ["1", "1", "1"]


def test_with_nodes_keeps_the_first_groups_kind() -> None:
    """Another number of nodes is like the first group, in zones going round, with room for their pods."""
    many = DEFAULT.with_nodes(5000)
    nodes = list(many.members())
    assert (len(nodes), nodes[-1].metadata.name) == (5000, "node-5000")
    assert nodes[3].metadata.labels["topology.kubernetes.io/zone"] == "zone-1"
    assert many.network.podCIDR == "10.224.0.0/11"
    assert many.network.room >= 5000
    assert DEFAULT.with_nodes(5).network == DEFAULT.network
    fixed = Cluster(nodes=(NodeGroup(name="box"),)).with_nodes(2)
    assert [node.metadata.name for node in fixed.members()] == ["box-1", "box-2"]


@pytest.mark.parametrize(
    ("text", "ms"),
    [("0", 0), ("0s", 0), ("200ms", 200), ("1.5s", 1500), ("1m30s", 90_000), ("2h", 7_200_000), (".5s", 500)],
)
def test_durations(text: str, ms: int) -> None:
    """Durations are read as Go writes them."""
    assert milliseconds(text) == ms


@pytest.mark.parametrize("text", ["", "5", "s", "1.5", "1 s", "-1s", "1d"])
def test_what_is_no_duration(text: str) -> None:
    """Anything else is an error that shows how to write one."""
    with pytest.raises(ValueError, match="is not a duration such as"):
        milliseconds(text)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"sede": 1}, "unknown field `sede`"),
        ({"nodes": [{"capacity": {"cpu": "many"}}]}, "nodes[0].capacity[...]: "),
        ({"nodes": [{"count": "3"}]}, "nodes[0].count: Expected `int`, got `str`"),
        ({"nodes": [{"capacity": {"cpu": []}}]}, "nodes[0].capacity[...]: Expected `quantity`, got `list`"),
        ({"nodes": [{"count": -1}]}, "nodes[0].count: must be at least 0, not -1"),
        ({"nodes": [{"name": "a", "count": 2}]}, 'nodes[0].name: 2 nodes need different names: put {n} in "a"'),
        ({"nodes": [{"name": "a"}, {"name": "a"}]}, 'nodes[1].name: "a" is a node of nodes[0] already'),
        ({"nodes": [{"name": "A_b"}]}, 'nodes[0].name: "A_b" is not a name'),
        ({"nodes": [{"taints": [{"key": "a", "effect": "No"}]}]}, 'nodes[0].taints[0].effect: "No" is none of NoSchedule'),
        ({"network": {"podCIDR": "x"}}, "network.podCIDR: "),
        ({"network": {"podCIDR": "10.96.0.0/20"}}, "network.podCIDR: 10.96.0.0/20 overlaps serviceClusterIPRange"),
        ({"network": {"podCIDR": "10.1.0.0/24"}}, "network.podCIDR: 10.1.0.0/24 has a /24 for 1 nodes, and there are 3"),
        ({"network": {"serviceNodePortRange": "9-1"}}, 'network.serviceNodePortRange: "9-1" is not a range'),
        ({"timing": {"imagePull": "soon"}}, 'timing.imagePull: "soon" is not a duration'),
    ],
)  # fmt: skip
def test_mistakes_are_named_with_their_place(fields: Mapping[str, Any], message: str) -> None:
    """The first mistake is a ValueError that begins with the field's path."""
    with pytest.raises(ValueError, match=r"\w") as caught:
        cluster(**fields)
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize("plain", [{}, {**HEAD, "kind": "Pod"}, {**HEAD, "apiVersion": "v1"}])
def test_other_documents_are_refused(plain: Mapping[str, Any]) -> None:
    """Only our apiVersion and kind are a Cluster."""
    with pytest.raises(ValueError, match="apiVersion and kind must be "):
        from_document(plain)


def test_annotations_are_a_table() -> None:
    """Every annotation is ours, listed once, and its example shows it."""
    names = [row.name for row in annotations.TABLE]
    assert len(set(names)) == len(names)
    for row in annotations.TABLE:
        assert row.name.startswith("sim.ktui.dev/")
        assert row.example.startswith(row.name)
        assert row.where in {"Pod", "Node"}
        assert row.meaning.endswith(".")
    constants = {value for name, value in vars(annotations).items() if name.isupper() and isinstance(value, str)}
    assert constants - {annotations.PREFIX} == set(names)
