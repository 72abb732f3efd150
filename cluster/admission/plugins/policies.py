"""What the cluster's policies say, ready to be asked at every request: ranges, quotas and classes.

The plugins' look at the store beside single objects. Each index follows one table by its own place
in the log and catches up when it is asked, so a request costs one comparison where nothing was
written. Invariant: an answer depends on the store alone, and stays the same value until the objects
that it is made of change.
"""

from collections.abc import Callable
from typing import Generic, TypeVar

from cluster.api.core import LimitRange, ResourceQuota
from cluster.api.errors import Expired
from cluster.api.kinds import (
    INGRESS_CLASSES,
    LIMIT_RANGES,
    POD_DISRUPTION_BUDGETS,
    PRIORITY_CLASSES,
    RESOURCE_QUOTAS,
    STORAGE_CLASSES,
    Kind,
)
from cluster.api.meta import Resource
from cluster.api.networking import IngressClass
from cluster.api.policy import PodDisruptionBudget
from cluster.api.scheduling import PriorityClass
from cluster.api.storage import StorageClass
from cluster.store import Store

T = TypeVar("T", bound=Resource)
DEFAULT_STORAGE = ("storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class")
DEFAULT_INGRESS = ("ingressclass.kubernetes.io/is-default-class",)


class ByNamespace(Generic[T]):
    """The objects of one kind in each namespace, by name."""

    __slots__ = ("_keys", "_position", "_table", "_values")

    def __init__(self, store: Store, kind: Kind[T]) -> None:
        self._table = store.table(kind)
        self._keys: dict[str, dict[str, None]] = {}
        self._values: dict[str, tuple[T, ...]] = {}
        self._position = 0
        self._rebuild()

    def of(self, namespace: str) -> tuple[T, ...]:
        """What the namespace has; one and the same tuple until one of them changes."""
        if self._table.end != self._position:
            self._catch_up()
        if not self._keys:
            return ()
        known = self._values.get(namespace)
        if known is None:
            found = [self._table.get(key) for key in sorted(self._keys.get(namespace, ()))]
            known = self._values[namespace] = tuple(value for value in found if value is not None)
        return known

    def _rebuild(self) -> None:
        self._keys.clear()
        self._values.clear()
        for key in self._table:
            self._keys.setdefault(key.partition("/")[0], {})[key] = None
        self._position = self._table.end

    def _catch_up(self) -> None:
        end = self._table.end
        try:
            entries = self._table.read(self._position, end - self._position)
        except Expired:
            self._rebuild()
            return
        for entry in entries:
            namespace = entry.key.partition("/")[0]
            if entry.object is None:
                self._keys.get(namespace, {}).pop(entry.key, None)
            else:
                self._keys.setdefault(namespace, {})[entry.key] = None
            self._values.pop(namespace, None)
        self._position = end


class Chosen(Generic[T]):
    """The one object of a kind that is the default, if there is one."""

    __slots__ = ("_choose", "_chosen", "_position", "_table")

    def __init__(self, store: Store, kind: Kind[T], choose: Callable[[list[T]], T | None]) -> None:
        self._table, self._choose = store.table(kind), choose
        self._position = -1
        self._chosen: T | None = None

    def get(self) -> T | None:
        """The default as it is now."""
        if self._table.end != self._position:
            self._position = self._table.end
            self._chosen = self._choose(list(self._table.values()))
        return self._chosen


class Policies:
    """Every index of one cluster that admission asks."""

    __slots__ = ("budgets", "ingress_class", "limit_ranges", "priority_class", "quotas", "storage_class")

    def __init__(self, store: Store) -> None:
        self.limit_ranges: ByNamespace[LimitRange] = ByNamespace(store, LIMIT_RANGES)
        self.quotas: ByNamespace[ResourceQuota] = ByNamespace(store, RESOURCE_QUOTAS)
        self.budgets: ByNamespace[PodDisruptionBudget] = ByNamespace(store, POD_DISRUPTION_BUDGETS)
        self.priority_class: Chosen[PriorityClass] = Chosen(store, PRIORITY_CLASSES, _lowest_default)
        self.storage_class: Chosen[StorageClass] = Chosen(store, STORAGE_CLASSES, _annotated(DEFAULT_STORAGE))
        self.ingress_class: Chosen[IngressClass] = Chosen(store, INGRESS_CLASSES, _annotated(DEFAULT_INGRESS))


def _lowest_default(classes: list[PriorityClass]) -> PriorityClass | None:
    defaults = [value for value in classes if value.globalDefault]
    return min(defaults, key=lambda value: value.value, default=None)


def _annotated(names: tuple[str, ...]) -> Callable[[list[T]], T | None]:
    """Chooses the newest of the classes that say they are the default, the first by name of one age."""

    def choose(classes: list[T]) -> T | None:
        marked = [value for value in classes if any(value.metadata.annotations.get(name) == "true" for name in names)]
        marked.sort(key=lambda value: value.metadata.name)
        return max(marked, key=lambda value: value.metadata.creationTimestamp, default=None)

    return choose
