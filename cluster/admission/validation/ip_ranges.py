"""IPAddresses and ServiceCIDRs: the addresses of Services that are taken, and those that there are.

On the data's way two of the kinds' validations. Mirrors their part of pkg/apis/networking/validation.
Invariant: an address has one name, and belongs to what it was given to.
"""

import ipaddress
from collections.abc import Mapping
from typing import Any

from cluster.admission import field_error as error
from cluster.admission.validation import addresses, metadata
from cluster.admission.validation.checks import Causes, dns_subdomain, path_segment, unchanged
from cluster.admission.validation.conditions import conditions
from cluster.admission.validation.rules import Rules
from cluster.api import kinds, names
from cluster.api.kinds import Kind
from cluster.api.meta import StatusCause
from cluster.api.networking import IPAddress, ParentReference, ServiceCIDR


def address(value: IPAddress) -> list[StatusCause]:
    """What is wrong with a new IPAddress."""
    causes = metadata.create(value.metadata, _address_name, namespaced=False)
    return causes + list(_parent("spec.parentRef", value.spec.parentRef))


def address_update(new: IPAddress, old: IPAddress) -> list[StatusCause]:
    """What is wrong with a changed IPAddress."""
    causes = metadata.update(new.metadata, old.metadata)
    causes += _parent("spec.parentRef", new.spec.parentRef)
    return causes + list(unchanged("spec.parentRef", new.spec.parentRef, old.spec.parentRef))


def _address_name(name: str) -> list[str]:
    try:
        found = ipaddress.ip_address(name)
    except ValueError:
        return ["must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"]
    return [] if str(found) == name else ["must be a canonical form IP address"]


def _parent(field: str, parent: ParentReference | None) -> Causes:
    if parent is None:
        yield error.required(field)
        return
    if parent.group:
        yield from dns_subdomain(f"{field}.group", parent.group)
    for name in ("resource", "name"):
        if getattr(parent, name):
            yield from path_segment(f"{field}.{name}", getattr(parent, name))
        else:
            yield error.required(f"{field}.{name}")
    if parent.namespace:
        yield from path_segment(f"{field}.namespace", parent.namespace)


def service_cidr(value: ServiceCIDR) -> list[StatusCause]:
    """What is wrong with a new ServiceCIDR."""
    causes = metadata.create(value.metadata, names.is_dns1123_subdomain, namespaced=False)
    return causes + list(_ranges("spec.cidrs", value.spec.cidrs))


def service_cidr_update(new: ServiceCIDR, old: ServiceCIDR) -> list[StatusCause]:
    """What is wrong with a changed ServiceCIDR: a second family may be added, nothing else."""
    causes = metadata.update(new.metadata, old.metadata)
    now, then = new.spec.cidrs, old.spec.cidrs
    if len(then) == 1 and len(now) == 2:
        causes += unchanged("spec.cidrs[0]", now[0], then[0])
        return causes + list(_ranges("spec.cidrs", now))
    return causes + list(unchanged("spec.cidrs", now, then))


def service_cidr_status_update(new: ServiceCIDR, old: ServiceCIDR) -> list[StatusCause]:
    """What is wrong with a changed status of a ServiceCIDR."""
    causes = metadata.update(new.metadata, old.metadata)
    return causes + list(conditions("status.conditions", new.status.conditions))


def _ranges(field: str, ranges: tuple[str, ...]) -> Causes:
    if not ranges:
        yield error.required(field, "at least one CIDR required")
        return
    if len(ranges) > 2:
        yield error.invalid(field, ranges, "may only hold up to 2 values")
    elif len(ranges) == 2 and not addresses.dual_stack(ranges):
        why = "may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64"
        yield error.invalid(field, ranges, why)
    for index, text in enumerate(ranges):
        here = f"{field}[{index}]"
        found = addresses.network(text)
        if found is None:
            yield from addresses.valid_cidr(here, text)
        elif str(found) != text:
            yield error.invalid(here, text, "must not have bits set beyond the prefix length")


RULES: Mapping[Kind[Any], Rules] = {
    kinds.IP_ADDRESSES: Rules(address, address_update),
    kinds.SERVICE_CIDRS: Rules(service_cidr, service_cidr_update, service_cidr_status_update),
}
