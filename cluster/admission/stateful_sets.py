"""A StatefulSet as its registry takes it: without the field of a feature that is off in this release.

The StatefulSets' part of `strategy`. Mirrors dropStatefulSetDisabledFields: MaxUnavailableStatefulSet was
switched off again in 1.35.4 and 1.36. Invariant: no stored StatefulSet says how many pods may be
unavailable, so one at a time is replaced.
"""

from typing import Any

from cluster.admission.generations import counted, registered
from cluster.admission.sharing import changed
from cluster.api.apps import StatefulSet
from cluster.api.kinds import Kind


def prepare_create(kind: Kind[Any], value: StatefulSet) -> Any:
    """The new StatefulSet."""
    return registered(kind, _without_disabled(value))


def prepare_update(kind: Kind[Any], new: StatefulSet, old: StatefulSet) -> Any:
    """The changed StatefulSet."""
    return counted(kind, _without_disabled(new), old)


def _without_disabled(value: StatefulSet) -> StatefulSet:
    strategy = value.spec.updateStrategy
    if strategy.rollingUpdate is None or strategy.rollingUpdate.maxUnavailable is None:
        return value
    rolling = changed(strategy.rollingUpdate, maxUnavailable=None)
    return changed(value, spec=changed(value.spec, updateStrategy=changed(strategy, rollingUpdate=rolling)))
