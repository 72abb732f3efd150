"""ControllerRevisions: the templates that a DaemonSet or StatefulSet has had, and which it has now.

Between those controllers and the API server. Mirrors pkg/controller/history. Invariant: a revision's
data never changes; what an owner goes back to gets a new number, not a new object.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import msgspec
from msgspec.structs import replace

from cluster import ids
from cluster.api import codec
from cluster.api.apps import ControllerRevision
from cluster.api.core import PodTemplateSpec
from cluster.api.errors import AlreadyExists
from cluster.api.kinds import CONTROLLER_REVISIONS, Kind, key
from cluster.api.labels import Selector
from cluster.api.meta import LabelSelector, ObjectMeta, Resource
from cluster.apiserver import ApiServer
from cluster.controllers.dependents import Dependents
from cluster.controllers.ownership import controller_reference

POD_LABEL = "controller-revision-hash"
"""The label that says of a pod which revision it was made from."""
DEFAULT_LIMIT = 10


def template_data(template: PodTemplateSpec) -> dict[str, Any]:
    """What a revision keeps of its owner: a patch that replaces the template (`getPatch`)."""
    return {"spec": {"template": {"$patch": "replace", **codec.to_plain(template)}}}


def template_of(revision: ControllerRevision) -> PodTemplateSpec:
    """The template that a revision kept."""
    plain = {name: value for name, value in revision.data["spec"]["template"].items() if name != "$patch"}
    return codec.from_plain(PodTemplateSpec, plain)


def data_hash(data: Mapping[str, Any], collisions: int | None) -> str:
    """The hash in a revision's name: 32 bits over its data and the number of collisions met so far."""
    text = msgspec.json.encode(data, order="sorted").decode()
    return ids.safe_encode(ids.number(0, POD_LABEL, text, collisions or 0) & 0xFFFFFFFF)


class History:
    """The revisions of every owner of one kind; `hash_label` is the label that holds a revision's hash."""

    def __init__(
        self, api: ApiServer, kind: Kind[Any], enqueue: Callable[[str], None], actor: str, hash_label: str
    ) -> None:
        self._api, self._kind, self._actor, self._hash_label = api, kind, actor, hash_label
        self._revisions = Dependents(api, CONTROLLER_REVISIONS, kind, enqueue, actor)
        self._data: dict[str, tuple[PodTemplateSpec, dict[str, Any]]] = {}

    def define(self, owner: Resource, selector: LabelSelector | None) -> None:
        """Take up an owner, or what it selects now."""
        self._revisions.define(owner, selector)

    def drop(self, owner: str) -> None:
        """Forget an owner that is gone, by its key."""
        self._revisions.drop(owner)
        self._data.pop(owner, None)

    def of(self, owner: Resource, selector: Selector) -> list[ControllerRevision]:
        """The owner's revisions, oldest first."""
        return sorted(self._revisions.claimed(owner, selector), key=lambda each: (each.revision, each.metadata.name))

    def present(
        self,
        owner: Resource,
        template: PodTemplateSpec,
        revisions: Sequence[ControllerRevision],
        collisions: int | None,
    ) -> tuple[ControllerRevision, int | None]:
        """The revision of the owner's template now, made or numbered anew if need be, and the collisions met.

        `revisions` are the owner's, oldest first.
        """
        data, latest = self._data_of(owner, template), revisions[-1].revision if revisions else 0
        equal = [each for each in revisions if each.data == data]
        if not equal:
            return self._create(owner, template, data, latest + 1, collisions)
        newest = equal[-1]
        if newest.revision < latest:
            newest = self._api.update(
                CONTROLLER_REVISIONS, replace(newest, revision=latest + 1), actor=self._actor, previous=newest
            )
        return newest, collisions

    def _data_of(self, owner: Resource, template: PodTemplateSpec) -> dict[str, Any]:
        held = self._data.get(key(owner))
        if held is None or held[0] is not template:
            held = self._data[key(owner)] = (template, template_data(template))
        return held[1]

    def truncate(self, revisions: Sequence[ControllerRevision], live: Collection[str], limit: int | None) -> None:
        """Delete the oldest revisions beyond `limit` that no pod needs; `live` are names."""
        idle = [each for each in revisions if each.metadata.name not in live]
        surplus = len(idle) - (DEFAULT_LIMIT if limit is None else limit)
        for each in idle[: max(surplus, 0)]:
            self._api.delete(CONTROLLER_REVISIONS, key(each), actor=self._actor)

    def _create(
        self, owner: Resource, template: PodTemplateSpec, data: dict[str, Any], number: int, collisions: int | None
    ) -> tuple[ControllerRevision, int | None]:
        """A new revision; another hash is tried while its name is taken (`CreateControllerRevision`)."""
        meta, count = owner.metadata, collisions
        while True:
            hashed = data_hash(data, count)
            revision = ControllerRevision(
                metadata=ObjectMeta(
                    name=f"{meta.name}-{hashed}", namespace=meta.namespace, annotations=meta.annotations,
                    labels={**template.metadata.labels, self._hash_label: hashed},
                    ownerReferences=(controller_reference(self._kind, owner),),
                ),
                data=data, revision=number,
            )  # fmt: skip
            try:
                made = self._api.create(CONTROLLER_REVISIONS, revision, actor=self._actor)
            except AlreadyExists:
                count = (count or 0) + 1
            else:
                self._revisions.note(made)
                return made, count
