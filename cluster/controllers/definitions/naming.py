"""The naming controller: which of the names that a definition asks for are its own.

Between the reader of definitions and their status. Mirrors apiextensions' status/naming_controller.
Invariant: within a group no name is accepted twice, and who had it first keeps it.
"""

from collections.abc import Iterable
from typing import NamedTuple

from msgspec.structs import replace

from cluster.api import custom
from cluster.api.apiextensions import CustomResourceDefinition, CustomResourceDefinitionNames
from cluster.api.cluster import Cluster
from cluster.api.kinds import CUSTOM_RESOURCE_DEFINITIONS
from cluster.apiserver import ApiServer
from cluster.reconcile import Reader, WorkQueue

ACTOR = "kube-apiserver"


class Verdict(NamedTuple):
    """The names a definition has now, and what the condition says of those that it asked for."""

    names: CustomResourceDefinitionNames
    status: str
    reason: str
    message: str


class NamingController:
    """Accepts names."""

    def __init__(self, api: ApiServer, config: Cluster) -> None:  # noqa: ARG002 - every component is built alike
        self._api = api
        self._groups: dict[str, dict[str, None]] = {}
        """The names of the definitions of each group."""
        self._queue = WorkQueue(api.store, api.clock, self._reconcile, delay=0)
        Reader(api.store, api.clock, CUSTOM_RESOURCE_DEFINITIONS, self._on_definition)

    def _on_definition(
        self, name: str, old: CustomResourceDefinition | None, new: CustomResourceDefinition | None
    ) -> None:
        if new is not None:
            self._groups.setdefault(new.spec.group, {})[name] = None
            if new.spec.names != new.status.acceptedNames:
                self._queue.add(name)
        elif old is not None:
            self._groups[old.spec.group].pop(name, None)
        freed = old is not None and (new is None or new.status.acceptedNames != old.status.acceptedNames)
        if freed and old is not None:
            for other in self._groups.get(old.spec.group, ()):
                self._queue.add(other)

    def _reconcile(self, name: str) -> None:
        definition = self._api.find(CUSTOM_RESOURCE_DEFINITIONS, name)
        if definition is None or definition.spec.names == definition.status.acceptedNames:
            return
        others = (self._api.find(CUSTOM_RESOURCE_DEFINITIONS, other) for other in self._groups[definition.spec.group])
        found = judged(definition, [other.status.acceptedNames for other in others if other is not None])
        now = self._api.clock.timestamp()
        new = replace(definition, status=replace(definition.status, acceptedNames=found.names))
        new = custom.with_condition(new, custom.NAMES_ACCEPTED, found.status, found.reason, found.message, now)
        if not custom.has_condition(definition, custom.ESTABLISHED):
            accepted = found.status == "True"
            reason = "Installing" if accepted else "NotAccepted"
            message = "the initial names have been accepted" if accepted else "not all names are accepted"
            if accepted or not any(one.type == custom.ESTABLISHED for one in definition.status.conditions):
                new = custom.with_condition(new, custom.ESTABLISHED, "False", reason, message, now)
        self._api.update_status(CUSTOM_RESOURCE_DEFINITIONS, new, actor=ACTOR, previous=definition)


def judged(definition: CustomResourceDefinition, taken: Iterable[CustomResourceDefinitionNames]) -> Verdict:
    """What a definition gets of the names it asks for, given those accepted in its group (its own among them)."""
    asked, names = definition.spec.names, definition.status.acceptedNames
    resources: set[str] = set()
    kinds: set[str] = set()
    for other in taken:
        resources |= {other.plural, other.singular, *other.shortNames}
        kinds |= {other.kind, other.listKind}
    reason = message = ""
    for field, title, used in (
        ("plural", "Plural", resources), ("singular", "Singular", resources), ("shortNames", "ShortNames", resources),
        ("kind", "Kind", kinds), ("listKind", "ListKind", kinds),
    ):  # fmt: skip
        wanted, has = getattr(asked, field), getattr(names, field)
        clashes = _clashes(wanted, has, used)
        if clashes:
            reason, message = f"{title}Conflict", _listed(clashes)
        else:
            names = replace(names, **{field: wanted})
    names = replace(names, categories=asked.categories)
    if reason:
        return Verdict(names, "False", reason, message)
    return Verdict(names, "True", "NoConflicts", "no conflicts found")


def _clashes(wanted: str | tuple[str, ...], has: str | tuple[str, ...], used: set[str]) -> list[str]:
    mine = {has} if isinstance(has, str) else set(has)
    return [name for name in ([wanted] if isinstance(wanted, str) else wanted) if name in used and name not in mine]


def _listed(names: list[str]) -> str:
    told = [f'"{name}" is already in use' for name in names]
    return told[0] if len(told) == 1 else f"[{', '.join(told)}]"
