"""A DaemonSet as its registry takes it: with a generation of its own for the template.

The DaemonSets' part of `strategy`. Mirrors daemonSetStrategy and the conversion that keeps the
template's generation in an annotation. Invariant: no writer sets the template's generation.
"""

from typing import Any

from cluster.admission import defaults
from cluster.admission.generations import with_generation
from cluster.admission.sharing import changed, merged
from cluster.api.apps import DaemonSet, DaemonSetStatus
from cluster.api.kinds import Kind

TEMPLATE_GENERATION = "deprecated.daemonset.template.generation"
_NEW = DaemonSetStatus()


def prepare_create(_: Kind[Any], value: DaemonSet) -> DaemonSet:
    """The new DaemonSet, its template in the first generation."""
    new = with_generation(changed(value, status=_NEW), 1)
    return _with_template_generation(new, "1")


def prepare_update(kind: Kind[Any], new: DaemonSet, old: DaemonSet) -> DaemonSet:
    """The changed DaemonSet; a new template counts twice, as template and as spec."""
    new = changed(new, status=old.status)
    before = old.metadata.annotations.get(TEMPLATE_GENERATION, "1")
    generation = old.metadata.generation
    if new.spec is old.spec:
        return _with_template_generation(with_generation(new, generation), before)
    spec = defaults.apply(kind, new).spec
    if spec.template != old.spec.template:
        before = str(int(before) + 1)
    new = with_generation(new, generation + (spec != old.spec))
    return _with_template_generation(new, before)


def _with_template_generation(value: DaemonSet, generation: str) -> DaemonSet:
    annotations = value.metadata.annotations
    if annotations.get(TEMPLATE_GENERATION) == generation:
        return value
    annotations = merged(annotations, {TEMPLATE_GENERATION: generation})
    return changed(value, metadata=changed(value.metadata, annotations=annotations))
