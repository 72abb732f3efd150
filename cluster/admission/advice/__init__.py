"""What a client is warned of when it writes an object that is allowed but unwise.

On the data's way after validation, for requests of clients alone. Mirrors the `WarningsOnCreate` and
`WarningsOnUpdate` of each kind's registry strategy. Invariant: advice never refuses anything, and what
is said of an object depends on the object alone.
"""

from collections.abc import Callable
from importlib import import_module
from typing import Any

from cluster.admission.advice import custom
from cluster.admission.warnings import Warnings
from cluster.api import kinds
from cluster.api.kinds import Kind
from cluster.api.meta import Resource

Advice = Callable[[Any, Any], tuple[str, ...]]

_MODULES: dict[Kind[Any], str] = {
    kinds.PODS: "workloads",
    kinds.REPLICATION_CONTROLLERS: "workloads",
    kinds.REPLICA_SETS: "workloads",
    kinds.DEPLOYMENTS: "workloads",
    kinds.STATEFUL_SETS: "workloads",
    kinds.DAEMON_SETS: "workloads",
    kinds.JOBS: "workloads",
    kinds.CRON_JOBS: "workloads",
    kinds.POD_TEMPLATES: "workloads",
    kinds.PERSISTENT_VOLUMES: "storage",
    kinds.PERSISTENT_VOLUME_CLAIMS: "storage",
    kinds.STORAGE_CLASSES: "storage",
    kinds.SERVICES: "others",
    kinds.INGRESSES: "others",
    kinds.NETWORK_POLICIES: "others",
    kinds.NODES: "others",
    kinds.RUNTIME_CLASSES: "others",
    kinds.SECRETS: "others",
    kinds.SERVICE_ACCOUNTS: "others",
}
_ADVICE: dict[Kind[Any], Advice] = {}


def texts(kind: Kind[Any], new: Resource, old: Resource | None) -> tuple[str, ...]:
    """What is unwise in a new object (`old` is None) or in a changed one, in the words of the API server."""
    if kind.custom is not None:
        return custom.finalizers(new, old)
    module = _MODULES.get(kind)
    if module is None:
        return ()
    if kind not in _ADVICE:
        _ADVICE.update(import_module(f"{__name__}.{module}").ADVICE)
    return _ADVICE[kind](new, old)


def on_create(kind: Kind[Any], value: Resource, warnings: Warnings) -> None:
    """Warn of what is unwise in a new object."""
    warnings.add(*texts(kind, value, None))


def on_update(kind: Kind[Any], new: Resource, old: Resource, warnings: Warnings) -> None:
    """Warn of what is unwise in a changed object."""
    warnings.add(*texts(kind, new, old))
