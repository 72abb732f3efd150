"""What the registries of most kinds do alike: the status is not the writer's, and changes are counted.

A part of `strategy`, as a table. Mirrors the PrepareForCreate and PrepareForUpdate of the kinds that
do nothing else. Invariant: a kind without a row keeps what is written to it.
"""

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple, TypeVar, cast

from cluster.admission import defaults
from cluster.admission.sharing import changed
from cluster.api import kinds
from cluster.api.kinds import Kind
from cluster.api.meta import Resource

R = TypeVar("R", bound=Resource)


class Registry(NamedTuple):
    """What a registry does: `counted` are the parts whose changes make a new generation; None has no generations."""

    counted: tuple[str, ...] | None = None
    status: bool = True


_SPEC = ("spec",)
_REGISTRIES: dict[Kind[Any], Registry] = {
    kinds.SERVICES: Registry(),
    kinds.REPLICATION_CONTROLLERS: Registry(_SPEC),
    kinds.REPLICA_SETS: Registry(_SPEC),
    kinds.DEPLOYMENTS: Registry(_SPEC),
    kinds.STATEFUL_SETS: Registry(_SPEC),
    kinds.JOBS: Registry(_SPEC),
    kinds.CRON_JOBS: Registry(_SPEC),
    kinds.HORIZONTAL_POD_AUTOSCALERS: Registry(),
    kinds.POD_DISRUPTION_BUDGETS: Registry(_SPEC),
    kinds.INGRESSES: Registry(_SPEC),
    kinds.INGRESS_CLASSES: Registry(_SPEC, status=False),
    kinds.NETWORK_POLICIES: Registry(_SPEC, status=False),
    kinds.RESOURCE_QUOTAS: Registry(),
    kinds.POD_TEMPLATES: Registry(("template",), status=False),
    kinds.PRIORITY_CLASSES: Registry((), status=False),
    kinds.VOLUME_ATTACHMENTS: Registry(),
    kinds.VALIDATING_ADMISSION_POLICIES: Registry(_SPEC),
    kinds.VALIDATING_ADMISSION_POLICY_BINDINGS: Registry(_SPEC, status=False),
    kinds.VALIDATING_WEBHOOK_CONFIGURATIONS: Registry(("webhooks",), status=False),
    kinds.MUTATING_WEBHOOK_CONFIGURATIONS: Registry(("webhooks",), status=False),
}


def registered(kind: Kind[Any], value: Any) -> Any:
    """The new object in its first generation, if its kind has any, and without status."""
    registry = _REGISTRIES.get(kind)
    if registry is None:
        return value
    if registry.status:
        value = changed(value, status=_empty(cast("Callable[[], Any]", type(value.status))))
    return value if registry.counted is None else with_generation(value, 1)


def counted(kind: Kind[Any], new: Any, old: Any) -> Any:
    """The changed object with its old status, in a new generation if a part that counts is another."""
    registry = _REGISTRIES.get(kind)
    if registry is None:
        return new
    if registry.status:
        new = changed(new, status=old.status)
    if registry.counted is None:
        return new
    return with_generation(new, old.metadata.generation + differs(kind, new, old, registry.counted))


def differs(kind: Kind[Any], new: Any, old: Any, parts: tuple[str, ...] = _SPEC) -> bool:
    """Whether one of the parts is another, with its defaults."""
    if all(getattr(new, part) is getattr(old, part) for part in parts):
        return False
    full = defaults.apply(kind, new)
    return any(getattr(full, part) != getattr(old, part) for part in parts)


def with_generation(value: R, generation: int) -> R:
    """The object in this generation."""
    if value.metadata.generation == generation:
        return value
    return changed(value, metadata=changed(value.metadata, generation=generation))


@cache
def _empty(status: Callable[[], Any]) -> Any:
    """The status of an object that nobody has looked at, one for all of its kind."""
    return status()
