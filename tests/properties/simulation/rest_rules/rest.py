"""The cluster at rest: its objects, and the questions that several rules ask."""

from typing import Any

from msgspec.structs import replace

from cluster.api import kinds, labels
from cluster.api.core import Pod, PodTemplateSpec
from cluster.api.errors import ApiError
from cluster.api.kinds import Kind
from cluster.api.meta import LabelSelector, ObjectMeta, Resource
from cluster.controllers.ownership import controller_of
from cluster.table import Entry
from tests.properties.simulation import fitting
from tests.properties.simulation.state import State
from tests.properties.simulation.world import World


class Rest:
    """What is stored, and what the API server would say."""

    def __init__(self, world: World) -> None:
        self.world, self.api, self.state = world, world.api, State()
        for table in world.store.tables():
            if table.kind is not kinds.EVENTS:
                for key, value in table.items():
                    self.state.apply(table.kind.qualified, Entry(table.revision(key), key, value, None, "", 0))

    def all(self, kind: Kind[Any]) -> list[Any]:
        """The objects of a kind, in the order of their creation."""
        return list(self.state.of(kind).values())

    def pods_of(self, owner: Resource) -> list[Pod]:
        """The pods that an owner controls and that have not ended."""
        return [pod for pod in self.state.pods_of(owner.metadata.uid) if not ended(pod)]

    def selected(self, namespace: str, selector: LabelSelector) -> list[Pod]:
        """The pods that have not ended and that a selector matches."""
        wanted = labels.from_label_selector(selector)
        return [
            pod for pod in self.all(kinds.PODS)
            if pod.metadata.namespace == namespace and not ended(pod) and wanted.matches(pod.metadata.labels)
        ]  # fmt: skip

    def is_refused(self, namespace: str, template: PodTemplateSpec) -> bool:
        """Whether the API server takes no pod made from a template now, as where a quota is used up."""
        meta = ObjectMeta(
            name="tried", namespace=namespace, labels=template.metadata.labels, annotations=template.metadata.annotations
        )  # fmt: skip
        try:
            self.api.create(kinds.PODS, Pod(metadata=meta, spec=template.spec), actor="user", dry_run=True)
        except ApiError:
            return True
        return False

    def keeps_away(self, pod: Pod, node: str) -> list[str]:
        """What keeps a waiting pod from a node; empty if nothing does."""
        key, placed = kinds.key(pod), replace(pod, spec=replace(pod.spec, nodeName=node))
        self.state.apply(kinds.PODS.qualified, Entry(0, key, placed, pod, "", 0))
        try:
            found = self.state.node(node)
            if found is None:
                return []
            reasons = (
                fitting.lacks(placed, found, self.state),
                fitting.refuses(placed, found),
                fitting.crowds(placed, found, self.state),
            )
            return [reason for each in reasons for reason in each]
        finally:
            self.state.apply(kinds.PODS.qualified, Entry(0, key, pod, placed, "", 0))


def ended(pod: Pod) -> bool:
    """Whether all its containers have ended for good."""
    return pod.status.phase in ("Succeeded", "Failed")


def is_ready(pod: Pod) -> bool:
    """Whether it serves."""
    return any(one.type == "Ready" and one.status == "True" for one in pod.status.conditions)


def is_controlled_by(value: Resource, owner: Resource) -> bool:
    """Whether `owner` is its controller."""
    controller = controller_of(value)
    return controller is not None and controller.uid == owner.metadata.uid


def name(kind: Kind[Any], value: Resource) -> str:
    """How a rule speaks of an object."""
    return f"{kind.singular} {kinds.key(value)}"
