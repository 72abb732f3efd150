"""Which objects belong to a description."""

from collections.abc import Iterable
from typing import Any

from cluster.api import kinds
from cluster.api.apps import ReplicaSet
from cluster.api.core import Event, Node, ObjectReference, Pod, PodSpec, PodStatus
from cluster.api.kinds import Kind
from cluster.api.meta import ObjectMeta, OwnerReference, Resource
from cluster.printers import Now
from ktui.model.describe import Related, gather

_NOW = Now(0)


def _gather(value: Resource, *others: Resource) -> Related:
    def listing(kind: Kind[Any], namespace: str) -> Iterable[Resource]:
        found = (item for item in others if kinds.kind_of(item) is kind)
        return [item for item in found if namespace in {"", item.metadata.namespace}]

    return gather(kinds.kind_of(value), value, _NOW, listing)


def _event(named: str, placed: str, **about: str) -> Event:
    return Event(metadata=ObjectMeta(name=named, namespace=placed), involvedObject=ObjectReference(**about))


def _names(found: Iterable[Resource]) -> list[str]:
    return [item.metadata.name for item in found]


def test_events_of_an_earlier_namesake_are_left_out() -> None:
    """Events belong to the very object: same kind, name, namespace and uid."""
    pod = Pod(metadata=ObjectMeta(name="web", namespace="shop", uid="2"))
    about = {"kind": "Pod", "name": "web", "namespace": "shop"}
    found = _gather(
        pod,
        _event("mine", "shop", **about, uid="2"),
        _event("namesake", "shop", **about, uid="1"),
        _event("other-kind", "shop", **{**about, "kind": "Service"}, uid="2"),
        _event("elsewhere", "default", **{**about, "namespace": "default"}, uid="2"),
    )
    assert _names(found.events) == ["mine"]


def test_events_of_a_node_may_name_it_in_place_of_the_uid() -> None:
    """Controllers report about a node by its uid, kubelets by its name; both are told."""
    node = Node(metadata=ObjectMeta(name="node-1", uid="u"))
    found = _gather(
        node,
        _event("by-controller", "default", kind="Node", name="node-1", uid="u"),
        _event("by-kubelet", "default", kind="Node", name="node-1", uid="node-1"),
        _event("of-another", "default", kind="Node", name="node-1", uid="x"),
    )
    assert _names(found.events) == ["by-controller", "by-kubelet"]


def test_pods_of_a_node() -> None:
    """A node's pods are those bound to it, in any namespace, that have not ended, in the order of the API."""
    pods = [
        Pod(metadata=ObjectMeta(name=name, namespace=namespace), spec=PodSpec(nodeName=node), status=PodStatus(phase=phase))
        for name, namespace, node, phase in (
            ("a", "y", "node-1", "Pending"), ("b", "x", "node-1", "Running"), ("c", "x", "node-1", "Succeeded"),
            ("d", "x", "node-2", "Running"),
        )
    ]  # fmt: skip
    assert _names(_gather(Node(metadata=ObjectMeta(name="node-1")), *pods).pods) == ["b", "a"]


def test_pods_of_a_controller() -> None:
    """A ReplicaSet's pods are those it controls, not those it merely owns or could select."""
    owner = ReplicaSet(metadata=ObjectMeta(name="web", namespace="shop", uid="u"))
    pods = [
        Pod(metadata=ObjectMeta(name=name, namespace="shop", ownerReferences=references))
        for name, references in (
            ("controlled", (OwnerReference(uid="u", controller=True),)),
            ("owned", (OwnerReference(uid="u"),)),
            ("foreign", (OwnerReference(uid="v", controller=True),)),
            ("orphan", ()),
        )
    ]
    assert _names(_gather(owner, *pods).pods) == ["controlled"]
