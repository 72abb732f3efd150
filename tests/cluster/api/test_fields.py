"""Field selectors: text form, fields by kind, messages."""

import pytest
from msgspec.structs import replace

from cluster.api import fields
from cluster.api.core import Event, EventSource, Node, NodeSpec, Pod, PodIP, PodSpec, PodStatus
from cluster.api.errors import BadRequest
from cluster.api.kinds import DEPLOYMENTS, EVENTS, NODES, PODS
from cluster.api.meta import ObjectMeta

POD = Pod(
    metadata=ObjectMeta(name="web", namespace="default"),
    spec=PodSpec(nodeName="node-1", hostNetwork=True),
    status=PodStatus(phase="Running", podIPs=(PodIP(ip="10.0.0.1"), PodIP(ip="fd00::1"))),
)


@pytest.mark.parametrize(
    ("text", "matches"),
    [
        ("", True), ("status.phase=Running", True), ("status.phase==Running,spec.nodeName=node-1", True),
        ("spec.nodeName!=node-1", False), ("metadata.name=web", True), ("metadata.namespace=kube-system", False),
        ("spec.hostNetwork=true", True), ("status.podIPs=10.0.0.1", False), ("spec.host=node-1", True), ("status.podIP=", True),
    ],
)  # fmt: skip
def test_pods(text: str, matches: bool) -> None:  # noqa: FBT001  - the expected answer
    """A pod is selected by the fields that Kubernetes offers for pods."""
    assert fields.parse(text).matches(PODS, POD) is matches


def test_nodes_and_events() -> None:
    """Flags compare as `true` and `false`; an event's source is its component, old or new."""
    cordoned = Node(metadata=ObjectMeta(name="n"), spec=NodeSpec(unschedulable=True))
    assert fields.parse("spec.unschedulable=true").matches(NODES, cordoned)
    event = Event(source=EventSource(component="kubelet"), reportingComponent="other")
    assert fields.parse("source=kubelet").matches(EVENTS, event)
    assert fields.parse("source=other").matches(EVENTS, replace(event, source=EventSource()))


def test_messages() -> None:
    """An unsupported field, and what is no selector, are refused in the words of Kubernetes."""
    with pytest.raises(BadRequest, match=r"^field label not supported: spec\.image$"):
        fields.parse("spec.image=x").check(PODS)
    with pytest.raises(
        BadRequest, match=r'^"spec.replicas" is not a known field selector: only "metadata.name", "meta'
    ):
        fields.parse("spec.replicas=1").check(DEPLOYMENTS)
    with pytest.raises(BadRequest, match=r"^invalid selector: 'status.phase'; can't understand 'status.phase'$"):
        fields.parse("status.phase")


def test_canonical_text_and_exact_value() -> None:
    """Terms are sorted; the value that a field must have can be asked."""
    selector = fields.parse("spec.nodeName=a,metadata.name!=b")
    assert str(selector) == "metadata.name!=b,spec.nodeName=a"
    assert (selector.exactly("spec.nodeName"), selector.exactly("metadata.name")) == ("a", None)
    assert fields.EVERYTHING.empty


def test_supported_fields_can_be_read() -> None:
    """Every field said to be supported can be read of an empty object."""
    for kind in (PODS, NODES, EVENTS, DEPLOYMENTS):
        for name in fields.supported(kind):
            matched = fields.FieldSelector((fields.FieldRequirement(name, ""),)).matches(kind, kind.type())
            assert matched in (True, False)
