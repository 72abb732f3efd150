"""StorageClasses and VolumeAttributesClasses: who makes volumes, and how.

On the data's way two of the kinds' validations. Mirrors pkg/apis/storage/validation. Invariant: a class
means for every volume what it meant for the first.
"""

from collections.abc import Mapping
from typing import Any

from cluster.admission import field_error as error
from cluster.admission.validation import metadata
from cluster.admission.validation.checks import Causes, invalid_each, one_of, qualified_name, required_one_of, unchanged
from cluster.admission.validation.rules import Rules
from cluster.api import kinds, names
from cluster.api.core import TopologySelectorTerm
from cluster.api.kinds import Kind
from cluster.api.meta import StatusCause
from cluster.api.storage import StorageClass, VolumeAttributesClass

MAX_PARAMETERS, MAX_SIZE = 512, 256 * 1024
BINDING_MODES = ("Immediate", "WaitForFirstConsumer")


def storage_class(value: StorageClass) -> list[StatusCause]:
    """What is wrong with a new StorageClass."""
    causes = metadata.create(value.metadata, names.is_dns1123_subdomain, namespaced=False)
    causes += _provisioner("provisioner", value.provisioner)
    causes += _parameters(value.parameters)
    if value.reclaimPolicy:
        causes += one_of("reclaimPolicy", value.reclaimPolicy, ("Delete", "Retain"))
    causes += required_one_of("volumeBindingMode", value.volumeBindingMode, BINDING_MODES)
    return causes + list(_topologies("allowedTopologies", value.allowedTopologies))


def storage_class_update(new: StorageClass, old: StorageClass) -> list[StatusCause]:
    """What is wrong with a changed StorageClass."""
    causes = metadata.update(new.metadata, old.metadata)
    causes += _same("parameters", new, old)
    causes += _same("provisioner", new, old)
    causes += _same("reclaimPolicy", new, old)
    causes += unchanged("volumeBindingMode", new.volumeBindingMode, old.volumeBindingMode)
    return causes + list(_topologies("allowedTopologies", new.allowedTopologies))


def attributes_class(value: VolumeAttributesClass) -> list[StatusCause]:
    """What is wrong with a new VolumeAttributesClass."""
    causes = metadata.create(value.metadata, names.is_dns1123_subdomain, namespaced=False)
    causes += _provisioner("driverName", value.driverName)
    if not value.parameters:
        causes.append(error.required("parameters", "must contain at least one key/value pair"))
    return causes + list(_parameters(value.parameters))


def attributes_class_update(new: VolumeAttributesClass, old: VolumeAttributesClass) -> list[StatusCause]:
    """What is wrong with a changed VolumeAttributesClass."""
    causes = metadata.update(new.metadata, old.metadata)
    causes += _same("driverName", new, old)
    return causes + list(_same("parameters", new, old))


def _same(field: str, new: Any, old: Any) -> Causes:
    if getattr(new, field) != getattr(old, field):
        yield error.forbidden(field, f"updates to {field} are forbidden.")


def _provisioner(field: str, name: str) -> Causes:
    if name:
        yield from invalid_each(field, name, names.qualified_name(name.lower()))
    else:
        yield error.required(field)


def _parameters(values: Mapping[str, str]) -> Causes:
    if len(values) > MAX_PARAMETERS:
        yield error.too_long("parameters", MAX_PARAMETERS)
        return
    if "" in values:
        yield error.invalid("parameters", "", "field can not be empty.")
    if sum(len(name.encode()) + len(value.encode()) for name, value in values.items()) > MAX_SIZE:
        yield error.too_long("parameters", MAX_SIZE)


def _topologies(field: str, terms: tuple[TopologySelectorTerm, ...]) -> Causes:
    seen: list[dict[str, frozenset[str]]] = []
    for index, term in enumerate(terms):
        here = f"{field}[{index}]"
        wanted: dict[str, frozenset[str]] = {}
        if not term.matchLabelExpressions:
            yield error.required(here)
        for number, expression in enumerate(term.matchLabelExpressions):
            place = f"{here}.matchLabelExpressions[{number}]"
            if not expression.values:
                yield error.required(f"{place}.values")
            for position, value in enumerate(expression.values):
                if value in expression.values[:position]:
                    yield error.duplicate(f"{place}.values[{position}]", value)
            yield from qualified_name(f"{place}.key", expression.key)
            if expression.key in wanted:
                yield error.duplicate(f"{place}.key", expression.key)
            wanted[expression.key] = frozenset(expression.values)
        if wanted in seen:
            yield error.duplicate(f"{here}.matchLabelExpressions", "")
        seen.append(wanted)


RULES: Mapping[Kind[Any], Rules] = {
    kinds.STORAGE_CLASSES: Rules(storage_class, storage_class_update),
    kinds.VOLUME_ATTRIBUTES_CLASSES: Rules(attributes_class, attributes_class_update),
}
