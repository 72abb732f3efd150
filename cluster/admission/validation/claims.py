"""PersistentVolumeClaims: what is asked for, and what of it may change later.

On the data's way one of the kinds' validations. Mirrors ValidatePersistentVolumeClaim and its update.
Invariant: a claim only ever asks for more, and only of a volume that it has.
"""

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from cluster.admission import field_error as error
from cluster.admission.validation import metadata
from cluster.admission.validation.checks import NOT_POSITIVE, Causes, dns_subdomain, one_of, unchanged
from cluster.admission.validation.pod_dump import difference
from cluster.admission.validation.resources import amount
from cluster.admission.validation.rules import Rules
from cluster.admission.validation.selectors import label_selector
from cluster.api import kinds, names, quantity
from cluster.api.core import PersistentVolumeClaim, PersistentVolumeClaimSpec
from cluster.api.kinds import Kind
from cluster.api.meta import StatusCause
from cluster.api.quantity import Quantity

ACCESS_MODES = ("ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod")
VOLUME_MODES = ("Block", "Filesystem")
IMMUTABLE = "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims"
_ZERO = Quantity("0")


def create(value: PersistentVolumeClaim) -> list[StatusCause]:
    """What is wrong with a new claim."""
    return metadata.create(value.metadata, names.is_dns1123_subdomain) + claim_spec("spec", value.spec)


def update(new: PersistentVolumeClaim, old: PersistentVolumeClaim) -> list[StatusCause]:
    """What is wrong with a changed claim."""
    causes = metadata.update(new.metadata, old.metadata)
    if new.spec is old.spec:
        return causes
    causes += claim_spec("spec", new.spec)
    spec, before, bound = new.spec, old.spec, old.status.phase == "Bound"
    rest = _without_allowed(spec, before, bound=bound)
    if rest != before:
        causes.append(error.forbidden("spec", f"{IMMUTABLE}\n{difference(rest, before)}"))
    causes += _size(new, old)
    causes += unchanged("volumeMode", spec.volumeMode, before.volumeMode)
    if bound and before.volumeAttributesClassName is not None and spec.volumeAttributesClassName is None:
        why = "update from non-nil value to nil is forbidden"
        causes.append(error.forbidden("spec.volumeAttributesClassName", why))
    return causes


def status_update(new: PersistentVolumeClaim, old: PersistentVolumeClaim) -> list[StatusCause]:
    """What is wrong with a changed status of a claim."""
    causes = metadata.update(new.metadata, old.metadata)
    if old.spec.resources.requests and not old.spec.accessModes:
        causes.append(error.required("Spec.accessModes"))
    for name, value in new.status.capacity.items():
        causes += amount(f"status.capacity[{name}]", name, value)
    return causes


def claim_spec(field: str, spec: PersistentVolumeClaimSpec) -> list[StatusCause]:
    """What is wrong with a claim's spec at `field`, also of one that is made for a pod's volume."""
    causes: list[StatusCause] = []
    if not spec.accessModes:
        causes.append(error.required(f"{field}.accessModes", "at least 1 access mode is required"))
    causes += label_selector(f"{field}.selector", spec.selector)
    causes += access_modes(f"{field}.accessModes", spec.accessModes)
    causes += _request(f"{field}.resources[storage]", spec.resources.requests.get("storage"))
    if spec.storageClassName:
        causes += dns_subdomain(f"{field}.storageClassName", spec.storageClassName)
    causes += one_of(f"{field}.volumeMode", spec.volumeMode, VOLUME_MODES)
    causes += _sources(field, spec)
    if spec.volumeAttributesClassName:
        causes += dns_subdomain(f"{field}.volumeAttributesClassName", spec.volumeAttributesClassName)
    return causes


def access_modes(field: str, modes: tuple[str, ...]) -> Causes:
    """How a volume may be used; by a single pod only if in no other way."""
    for mode in modes:
        yield from one_of(field, mode, ACCESS_MODES)
    if "ReadWriteOncePod" in modes and set(modes) != {"ReadWriteOncePod"}:
        yield error.forbidden(field, "may not use ReadWriteOncePod with other access modes")


def positive(field: str, value: Quantity) -> Causes:
    """More than nothing."""
    if quantity.nano(value) <= 0:
        yield error.invalid(field, value, NOT_POSITIVE)


def _request(field: str, value: Quantity | None) -> Causes:
    if value is None:
        yield error.required(field)
    else:
        yield from amount(field, "storage", value)
        yield from positive(field, value)


def _sources(field: str, spec: PersistentVolumeClaimSpec) -> Causes:
    source, reference = spec.dataSource, spec.dataSourceRef
    for name, value in (("dataSource", source), ("dataSourceRef", reference)):
        if value is None:
            continue
        here = f"{field}.{name}"
        for part in ("name", "kind"):
            if not getattr(value, part):
                yield error.required(f"{here}.{part}")
        if not value.apiGroup and value.kind != "PersistentVolumeClaim":
            why = "must be 'PersistentVolumeClaim' when referencing the default apiGroup"
            yield error.invalid(here, value.kind, why)
        elif value.apiGroup:
            yield from dns_subdomain(f"{here}.apiGroup", value.apiGroup)
    if source is not None and reference is not None:
        told = (source.apiGroup, source.kind, source.name)
        if told != (reference.apiGroup, reference.kind, reference.name):
            yield error.invalid(field, f"{field}.dataSource", "must match dataSourceRef")


def _without_allowed(
    new: PersistentVolumeClaimSpec, old: PersistentVolumeClaimSpec, *, bound: bool
) -> PersistentVolumeClaimSpec:
    """The changed spec with everything that may change as it was."""
    if not old.volumeName:
        new = replace(new, volumeName="")
    if old.storageClassName is None:
        new = replace(new, storageClassName=None)
    if bound and new.resources.requests:
        requests = {**new.resources.requests, "storage": old.resources.requests.get("storage", _ZERO)}
        new = replace(new, resources=replace(new.resources, requests=requests))
    if bound and new.volumeAttributesClassName is not None:
        new = replace(new, volumeAttributesClassName=old.volumeAttributesClassName)
    return new


def _size(new: PersistentVolumeClaim, old: PersistentVolumeClaim) -> Causes:
    """A request shrinks only while it is more than what there is already (`RecoverVolumeExpansionFailure`)."""
    wanted = new.spec.resources.requests.get("storage", _ZERO)
    before = old.spec.resources.requests.get("storage", _ZERO)
    have = old.status.capacity.get("storage", _ZERO)
    if quantity.compare(wanted, before) < 0 and quantity.compare(wanted, have) <= 0:
        why = "field can not be less than status.capacity"
        yield error.forbidden("spec.resources.requests.storage", why)


RULES: Mapping[Kind[Any], Rules] = {kinds.PERSISTENT_VOLUME_CLAIMS: Rules(create, update, status_update)}
