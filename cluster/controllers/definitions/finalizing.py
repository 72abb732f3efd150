"""The finalizer of definitions: who deletes a definition deletes every resource of its kind, and then it goes.

Between the reader of definitions and the API server. Mirrors apiextensions' crd_finalizer. Invariant: the
definition's finalizer is removed only when none of its resources is left.
"""

from msgspec.structs import replace

from cluster.api import custom
from cluster.api.apiextensions import CustomResourceDefinition
from cluster.api.cluster import Cluster
from cluster.api.kinds import CUSTOM_RESOURCE_DEFINITIONS, Kind
from cluster.api.meta import Resource
from cluster.apiserver import ApiServer
from cluster.reconcile import Reader, WorkQueue

ACTOR = "kube-apiserver"
POLL = 5_000
"""Between two looks at what is left, ms."""
NEVER = ("NeverEstablished", "resource was never established")
RUNNING = ("InstanceDeletionInProgress", "CustomResource deletion is in progress")
DONE = ("InstanceDeletionCompleted", "removed all instances")


class DefinitionFinalizer:
    """Deletes the resources of definitions that are deleted."""

    def __init__(self, api: ApiServer, config: Cluster) -> None:  # noqa: ARG002 - every component is built alike
        self._api = api
        self._queue = WorkQueue(api.store, api.clock, self._reconcile, delay=0)
        Reader(api.store, api.clock, CUSTOM_RESOURCE_DEFINITIONS, self._on_definition)

    def _on_definition(
        self, name: str, _: CustomResourceDefinition | None, new: CustomResourceDefinition | None
    ) -> None:
        if new is not None and new.metadata.deletionTimestamp and custom.CLEANUP in new.metadata.finalizers:
            self._queue.add(name)

    def _reconcile(self, name: str) -> int | None:
        definition = self._api.find(CUSTOM_RESOURCE_DEFINITIONS, name)
        if definition is None or not definition.metadata.deletionTimestamp:
            return None
        if custom.CLEANUP not in definition.metadata.finalizers:
            return None
        if not custom.has_condition(definition, custom.ESTABLISHED):
            self._finish(definition, NEVER)
            return None
        definition = self._condition(definition, "True", RUNNING)
        made = custom.kinds_of(definition, unserved=True)
        if made and self._left(made[0]):
            return POLL
        self._finish(definition, DONE)
        return None

    def _left(self, kind: Kind[Resource]) -> bool:
        """Ask for the deletion of what is not on its way out yet; whether anything stays."""
        table = self._api.store.table(kind)
        for key, value in list(table.items()):
            if not value.metadata.deletionTimestamp:
                self._api.delete(kind, key, actor=ACTOR)
        return len(table) > 0

    def _condition(
        self, definition: CustomResourceDefinition, status: str, why: tuple[str, str]
    ) -> CustomResourceDefinition:
        now = self._api.clock.timestamp()
        new = custom.with_condition(definition, custom.TERMINATING, status, *why, now)
        return self._api.update_status(CUSTOM_RESOURCE_DEFINITIONS, new, actor=ACTOR, previous=definition)

    def _finish(self, definition: CustomResourceDefinition, why: tuple[str, str]) -> None:
        """Say that it is done, and let the definition go."""
        kept = tuple(name for name in definition.metadata.finalizers if name != custom.CLEANUP)
        now = self._api.clock.timestamp()
        new = custom.with_condition(definition, custom.TERMINATING, "False", *why, now)
        new = replace(new, metadata=replace(new.metadata, finalizers=kept))
        self._api.update_status(CUSTOM_RESOURCE_DEFINITIONS, new, actor=ACTOR, previous=definition)
