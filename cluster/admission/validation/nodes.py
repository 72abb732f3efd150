"""Nodes: taints, resources, pod ranges.

On the data's way one of the kinds' validations. Mirrors ValidateNode and ValidateNodeUpdate.
Invariant: what a node is known by (its ranges, its provider's id) is set once.
"""

from cluster.admission import field_error as error
from cluster.admission.validation import addresses, metadata
from cluster.admission.validation.checks import Causes, invalid_each, qualified_name
from cluster.admission.validation.resources import amount
from cluster.admission.validation.scheduling import taint_effect
from cluster.api import names
from cluster.api.core import Node, Taint
from cluster.api.meta import StatusCause

_ONCE = 'node updates may not change {} except from "" to valid'


def create(node: Node) -> list[StatusCause]:
    """What is wrong with a new node."""
    causes = metadata.create(node.metadata, names.is_dns1123_subdomain, namespaced=False)
    causes += _taints("metadata.taints", node.spec.taints)
    causes += _resources(node)
    ranges = node.spec.podCIDRs
    for index, value in enumerate(ranges):
        causes += addresses.valid_cidr(f"spec.podCIDRs[{index}]", value)
    if len(ranges) > 1 and (len(ranges) > 2 or not addresses.dual_stack(ranges)):
        why = "may specify no more than one CIDR for each IP family"
        causes.append(error.invalid("spec.podCIDRs", ranges, why))
    return causes


def update(new: Node, old: Node) -> list[StatusCause]:
    """What is wrong with a changed node."""
    causes = metadata.update(new.metadata, old.metadata)
    if new.spec is old.spec:
        return causes
    spec, before = new.spec, old.spec
    if before.podCIDRs and spec.podCIDRs != before.podCIDRs:
        causes.append(error.forbidden("spec.podCIDRs", _ONCE.format("podCIDR")))
    if before.providerID and spec.providerID != before.providerID:
        causes.append(error.forbidden("spec.providerID", _ONCE.format("providerID")))
    causes += _taints("metadata.taints", spec.taints)
    if spec.externalID != before.externalID:
        causes.append(error.forbidden("spec.externalID", "may not be updated"))
    return causes


def status_update(new: Node, old: Node) -> list[StatusCause]:
    """What is wrong with a change of a node's status."""
    causes = metadata.update(new.metadata, old.metadata)
    if new.status.capacity is not old.status.capacity or new.status.allocatable is not old.status.allocatable:
        causes += _resources(new)
    seen: set[tuple[str, str]] = set()
    for index, address in enumerate(new.status.addresses):
        key = (address.type, address.address)
        if key in seen:
            shown = error.Fields(Type=address.type, Address=address.address)
            causes.append(error.duplicate(f"status.addresses[{index}]", shown))
        seen.add(key)
    return causes


def _resources(node: Node) -> Causes:
    for field, values in (("capacity", node.status.capacity), ("allocatable", node.status.allocatable)):
        for name, value in values.items():
            yield from amount(f"status.{field}.{name}", name, value)


def _taints(field: str, taints: tuple[Taint, ...]) -> Causes:
    seen: set[tuple[str, str]] = set()
    for index, taint in enumerate(taints):
        here = f"{field}[{index}]"
        yield from qualified_name(f"{here}.key", taint.key)
        wrong = names.label_value(taint.value)
        if wrong:
            yield from invalid_each(f"{here}.value", taint.value, [";".join(wrong)])
        if taint.effect:
            yield from taint_effect(f"{here}.effect", taint.effect)
        else:
            yield error.required(f"{here}.effect")
        if (taint.key, taint.effect) in seen:
            shown = error.Fields(
                Key=taint.key, Value=taint.value, Effect=taint.effect, TimeAdded=taint.timeAdded or None
            )
            cause = error.duplicate(here, shown)
            why = "taints must be unique by key and effect pair"
            yield StatusCause(field=here, reason=cause.reason, message=f"{cause.message}: {why}")
        seen.add((taint.key, taint.effect))
