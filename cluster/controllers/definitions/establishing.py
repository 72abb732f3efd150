"""The establishing controller: a definition whose names are accepted is served from now on.

Between the reader of definitions and their status. Mirrors apiextensions' establishing_controller.
Invariant: what is established stays so.
"""

from cluster.api import custom
from cluster.api.apiextensions import CustomResourceDefinition
from cluster.api.cluster import Cluster
from cluster.api.kinds import CUSTOM_RESOURCE_DEFINITIONS
from cluster.apiserver import ApiServer
from cluster.reconcile import Reader, WorkQueue

ACTOR = "kube-apiserver"
ACCEPTED = ("InitialNamesAccepted", "the initial names have been accepted")


class EstablishingController:
    """Establishes definitions."""

    def __init__(self, api: ApiServer, config: Cluster) -> None:  # noqa: ARG002 - every component is built alike
        self._api = api
        self._queue = WorkQueue(api.store, api.clock, self._reconcile, delay=0)
        Reader(api.store, api.clock, CUSTOM_RESOURCE_DEFINITIONS, self._on_definition)

    def _on_definition(
        self, name: str, _: CustomResourceDefinition | None, new: CustomResourceDefinition | None
    ) -> None:
        if new is not None and _is_due(new):
            self._queue.add(name)

    def _reconcile(self, name: str) -> None:
        definition = self._api.find(CUSTOM_RESOURCE_DEFINITIONS, name)
        if definition is not None and _is_due(definition):
            now = self._api.clock.timestamp()
            new = custom.with_condition(definition, custom.ESTABLISHED, "True", *ACCEPTED, now)
            self._api.update_status(CUSTOM_RESOURCE_DEFINITIONS, new, actor=ACTOR, previous=definition)


def _is_due(definition: CustomResourceDefinition) -> bool:
    accepted = custom.has_condition(definition, custom.NAMES_ACCEPTED)
    return accepted and not custom.has_condition(definition, custom.ESTABLISHED)
