"""A component as a process of its own: it has its own view of the clock and the store, and its own door to the API server.

Through these the faults reach it: what it has planned comes late, twice or, once it is dead, never; a
write may be its last, done or not. Invariant: the component itself is the engine's, unchanged, and a
process without faults does what it does in an engine.
"""

from collections.abc import Callable
from typing import Any

from cluster.api.cluster import Cluster
from cluster.apiserver import ApiServer
from cluster.clock import Clock, Handler
from cluster.reconcile import Reader, WorkQueue
from cluster.store import Store
from tests.properties.simulation.faults import Faults

Component = Callable[[ApiServer, Cluster], Any]
VERBS = (
    "create", "update", "update_status", "update_pod_part", "patch", "apply", "delete", "delete_collection", "bind", "scale",
    "finalize_namespace",
)  # fmt: skip


class Crashed(Exception):
    """The process that was at work is dead."""


class Life:
    """One incarnation of a process: from its start to its death."""

    def __init__(self, process: "Process", clock: Clock) -> None:
        self._process, self._clock = process, clock
        self.alive = True
        self.faults = process.faults
        self.depth = 0
        self._resumes = 0
        self._lags: dict[tuple[str, int], int] = {}

    def plan(self, time: int, handler: Handler, argument: Any) -> None:
        """Have something done at a time, if the faults let it."""
        function = getattr(handler, "__func__", None)
        if function is Reader._pump:
            time += self._lag(handler.__self__._table.kind.qualified, time)  # type: ignore[attr-defined]  # a reader's
        elif function is WorkQueue._run:
            time += self.faults.delay()
        self._clock.at(time, self._run, (handler, argument))

    def _lag(self, kind: str, time: int) -> int:
        """How late all readers of a kind see what is to be seen at a time: they share an informer."""
        if (kind, time) not in self._lags:
            self._lags[kind, time] = self.faults.lag()
        return self._lags[kind, time]

    def go_on(self, handler: Handler, argument: Any) -> None:
        """Have the rest of the present work done before anything else."""
        self._clock.go_on(self.act, (handler, argument))

    def _run(self, work: tuple[Handler, Any]) -> None:
        if not self.alive:
            return
        self._resumes = max(self._resumes, self._clock.now + self.faults.pause())
        if self._resumes > self._clock.now:
            self._clock.at(self._resumes, self.act, work)
        else:
            self.act(work)

    def act(self, work: tuple[Handler, Any]) -> None:
        """Do a piece of work, unless the process has died since it was planned."""
        if not self.alive:
            return
        handler, argument = work
        try:
            handler(argument)
        except Crashed:
            self._process.die()
            return
        if getattr(handler, "__func__", None) is WorkQueue._run and self.faults.repeats():
            handler.__self__.add(argument[0])  # type: ignore[attr-defined]  # a bound method has one

    def may_crash(self, what: str) -> None:
        """Die here, if the faults say so: before or after a request that is not part of another."""
        if self.depth == 0 and self.alive and self.faults.crashes():
            self.alive = False
            self._process.last_words = what
            raise Crashed(what)


class ProcessClock(Clock):
    """A process's view of the clock: what it plans is its own, and ends with it."""

    __slots__ = ("_clock", "_life")

    def __init__(self, clock: Clock, life: Life) -> None:
        self._clock, self._life = clock, life
        self.epoch = clock.epoch

    @property
    def now(self) -> int:  # type: ignore[override]
        """The time."""
        return self._clock.now

    def at(self, time: int, handler: Handler, argument: Any = None) -> None:
        """See Clock."""
        if self._life.alive:
            self._life.plan(time, handler, argument)

    def go_on(self, handler: Handler, argument: Any = None) -> None:
        """See Clock."""
        self._life.go_on(handler, argument)


class ProcessStore(Store):
    """A process's view of the store: the same tables, but shared indexes that are its own."""

    __slots__ = ("_derived",)

    def __init__(self, store: Store) -> None:
        self.__dict__ = store.__dict__
        self._derived: dict[object, object] = {}

    @property
    def derived(self) -> dict[object, object]:  # type: ignore[override]
        """The indexes that the components of this process share."""
        return self._derived


class Door(ApiServer):
    """A process's way to the API server: a request may be the last it makes."""

    __slots__ = ("_clock", "_store", "life")

    def __init__(self, api: ApiServer, clock: Clock, store: Store, life: Life) -> None:
        self.__dict__ = api.__dict__
        self._clock, self._store, self.life = clock, store, life

    @property
    def clock(self) -> Clock:  # type: ignore[override]
        """The process's view of the clock."""
        return self._clock

    @property
    def store(self) -> Store:  # type: ignore[override]
        """The process's view of the store."""
        return self._store


def _guarded(name: str) -> Callable[..., Any]:
    verb = getattr(ApiServer, name)

    def request(door: Door, *arguments: Any, **options: Any) -> Any:
        life = door.life
        life.may_crash(f"before {name}")
        life.depth += 1
        try:
            answer = verb(door, *arguments, **options)
        finally:
            life.depth -= 1
        life.may_crash(f"after {name}")
        return answer

    return request


for _name in VERBS:
    setattr(Door, _name, _guarded(_name))


class Process:
    """A component that may die and is started again."""

    def __init__(self, api: ApiServer, config: Cluster, component: Component, faults: Faults) -> None:
        self._api, self._config, self._make, self.faults = api, config, component, faults
        self.name = getattr(component, "__name__", str(component))
        self.deaths: list[tuple[int, int, str]] = []
        """The time and the revision at which it died, and at what."""
        self.last_words = ""
        self.component: Any = None
        self.start()

    @property
    def alive(self) -> bool:
        """Whether it runs now."""
        return self.component is not None

    def start(self, _: None = None) -> None:
        """Start it on what is stored, if it does not run."""
        if self.alive:
            return
        self._life = Life(self, self._api.clock)
        clock = ProcessClock(self._api.clock, self._life)
        door = Door(self._api, clock, ProcessStore(self._api.store), self._life)
        try:
            self.component = self._make(door, self._config)
        except Crashed:
            self.die()

    def die(self) -> None:
        """Forget all that it knew, and come back later."""
        self._life.alive = False
        self.component = None
        self._api.store.cause = 0
        self.deaths.append((self._api.clock.now, self._api.store.revision, self.last_words))
        self._api.clock.after(self.faults.down(), self.start)

    def restart(self) -> None:
        """End its life, and begin another at once."""
        self._life.alive = False
        self.component = None
        self.start()

    def call(self, method: str, *arguments: Any) -> bool:
        """Have the component do something from outside; False if it does not run, or no more."""
        if not self.alive:
            return False
        try:
            getattr(self.component, method)(*arguments)
        except Crashed:
            self.die()
            return False
        return True
