"""The kinds that one cluster serves: those every cluster has, and the custom ones it has established.

It follows the table of CustomResourceDefinitions by its own place in that log: whoever asks first after a
change reads what is new. Invariant: what it answers depends on the store alone, and a custom kind that no
definition changed is the same value as before.
"""

from typing import Any

from cluster.api import custom
from cluster.api.apiextensions import CustomResourceDefinition
from cluster.api.custom import CustomResource
from cluster.api.kinds import CUSTOM_RESOURCE_DEFINITIONS, STATIC, Kind, Kinds
from cluster.api.meta import Resource
from cluster.store import Store


class Registry:
    """Every kind of one cluster by any of its names."""

    def __init__(self, store: Store, addons: Kinds | None = None) -> None:
        """`addons` are the kinds that only this cluster answers."""
        self._addons = addons or Kinds(())
        self._table = store.table(CUSTOM_RESOURCE_DEFINITIONS)
        self._position = -1
        self._made: dict[str, tuple[CustomResourceDefinition, list[Kind[Resource]]]] = {}
        self._custom = Kinds(())
        self._by_group: dict[tuple[str, str], Kind[Resource]] = {}
        self._generation = 0

    @property
    def generation(self) -> int:
        """Rises whenever the custom kinds change: what is made from the kinds can be kept until then."""
        self._follow()
        return self._generation

    @property
    def custom(self) -> Kinds:
        """The custom kinds alone."""
        self._follow()
        return self._custom

    @property
    def kinds(self) -> tuple[Kind[Resource], ...]:
        """Every kind once, custom ones in the version that is preferred."""
        return STATIC.kinds + self.custom.kinds

    @property
    def served(self) -> tuple[Kind[Resource], ...]:
        """Every kind in every version that is served."""
        return STATIC.served + self.custom.served

    @property
    def listed(self) -> tuple[Kind[Resource], ...]:
        """Everything that has a path: `served`, and the kinds that are answered and not kept."""
        return STATIC.listed + self._addons.listed + self.custom.served

    def by_api_version(self, api_version: str, kind: str) -> Kind[Resource] | None:
        """The kind that a manifest's `apiVersion` and `kind` name, or None."""
        return STATIC.by_api_version(api_version, kind) or self.custom.by_api_version(api_version, kind)

    def by_path(self, group: str, version: str, plural: str) -> Kind[Resource] | None:
        """The kind that a URL's group, version and resource name, or None."""
        sources = (STATIC, self._addons, self.custom)
        return next(filter(None, (source.by_path(group, version, plural) for source in sources)), None)

    def by_name(self, name: str) -> Kind[Resource] | None:
        """The kind of any name kubectl takes (`po`, `pods`, `Pod`, `deployments.apps`), or None."""
        return STATIC.by_name(name) or self.custom.by_name(name)

    def kind_of(self, value: Any) -> Kind[Any]:
        """The kind of an object; KeyError if the cluster does not serve it (any more)."""
        if not isinstance(value, CustomResource):
            return STATIC.kind_of(value)
        group = value.apiVersion.rpartition("/")[0]
        self._follow()
        return self._by_group[group, value.kind]

    def _follow(self) -> None:
        """Take in what was written to the definitions since the last look."""
        end = self._table.end
        if end == self._position:
            return
        self._position = end
        made = {}
        for name, definition in sorted(self._table.items(), key=_group):
            if custom.has_condition(definition, custom.ESTABLISHED):
                before = self._made.get(name)
                same = before is not None and _same(before[0], definition)
                made[name] = before if before is not None and same else (definition, custom.kinds_of(definition))
        if [kinds for _, kinds in made.values()] == [kinds for _, kinds in self._made.values()]:
            return
        self._made = made
        self._generation += 1
        served = [kind for _, kinds in made.values() for kind in kinds]
        self._custom = Kinds([kinds[0] for _, kinds in made.values() if kinds], served)
        self._by_group = {(kind.group, kind.kind): kind for kind in self._custom.kinds}


def _group(item: tuple[str, CustomResourceDefinition]) -> tuple[str, str]:
    return item[1].spec.group, item[0]


def _same(before: CustomResourceDefinition, after: CustomResourceDefinition) -> bool:
    """Whether both make the same kinds: they differ in what nobody asks of a kind."""
    terminating = custom.has_condition(before, custom.TERMINATING) == custom.has_condition(after, custom.TERMINATING)
    names = before.status.acceptedNames == after.status.acceptedNames
    return before is after or (before.spec == after.spec and names and terminating)
