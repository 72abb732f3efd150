"""The scheduler's plugins, in the order Kubernetes asks them, with the weights of its default profile.

Adding a plugin is its module and a line here. Invariant: filters are asked in this order, and the
first that rejects a node is the one that is reported.
"""

from cluster.scheduler.framework import NodePlugin, TopologyPlugin, VolumePlugin, highest_is_best, lowest_is_best
from cluster.scheduler.plugins import (
    image_locality,
    inter_pod_affinity,
    node_affinity,
    node_name,
    node_ports,
    node_resources_balanced_allocation,
    node_resources_fit,
    node_unschedulable,
    node_volume_limits,
    pod_topology_spread,
    taint_toleration,
    volume_binding,
    volume_restrictions,
    volume_zone,
)

NODE_OBJECT_PLUGINS = (
    NodePlugin("NodeAffinity", node_affinity.prefilter, filters=node_affinity.names_nodes),
    NodePlugin("NodeUnschedulable", node_unschedulable.filter),
    NodePlugin("NodeName", node_name.filter, filters=node_name.filters),
    NodePlugin("TaintToleration", taint_toleration.filter, taint_toleration.score, 3, lowest_is_best),
    NodePlugin(
        "NodeAffinity", node_affinity.filter, node_affinity.score, 2, highest_is_best,
        filters=node_affinity.filters, scores=node_affinity.scores,
    ),
    NodePlugin("ImageLocality", None, image_locality.score, 1),
)  # fmt: skip
"""Those that look at nothing but the node object, and at who else has its images."""

NODE_ACCOUNT_PLUGINS = (
    NodePlugin("NodePorts", node_ports.filter, filters=node_ports.filters),
    NodePlugin("NodeResourcesFit", node_resources_fit.filter, node_resources_fit.score, 1),
    NodePlugin(
        "NodeResourcesBalancedAllocation", None, node_resources_balanced_allocation.score, 1,
        scores=node_resources_balanced_allocation.scores,
    ),
)  # fmt: skip
"""Those that look at what runs on the node: of the pod they see `asks` alone, and their scores are not normalised."""

VOLUME_PLUGINS = (
    VolumePlugin("VolumeRestrictions", volume_restrictions.prepare, volume_restrictions.prefilter),
    VolumePlugin("NodeVolumeLimits", node_volume_limits.prepare),
    VolumePlugin("VolumeBinding", volume_binding.prepare, volume_binding.prefilter),
    VolumePlugin("VolumeZone", volume_zone.prepare, volume_zone.prefilter),
)
"""Those that look at the pod's volumes; no other pods are shown to them."""

TOPOLOGY_PLUGINS = (
    TopologyPlugin("PodTopologySpread", 2, pod_topology_spread.prepare),
    TopologyPlugin("InterPodAffinity", 2, inter_pod_affinity.prepare),
)
"""Those that look at the pods in the node's topology domains."""
