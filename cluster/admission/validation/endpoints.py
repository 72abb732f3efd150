"""Endpoints and EndpointSlices: where a Service's connections go.

On the data's way two of the kinds' validations. Mirrors ValidateEndpoints and
pkg/apis/discovery/validation. Invariant: an address is one that a connection can be made to.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import compress
from operator import is_not

from cluster.admission import field_error as error
from cluster.admission.validation import addresses, metadata
from cluster.admission.validation.checks import (
    Causes,
    dns_label,
    dns_subdomain,
    one_of,
    port,
    qualified_name,
    required_one_of,
    unchanged,
)
from cluster.admission.validation.containers import PROTOCOLS
from cluster.admission.validation.selectors import labels
from cluster.api import core, discovery, names
from cluster.api.core import EndpointAddress, Endpoints, EndpointSubset
from cluster.api.discovery import Endpoint, EndpointSlice
from cluster.api.meta import StatusCause

ADDRESS_TYPES = ("FQDN", "IPv4", "IPv6")
NO_SUBSET = EndpointSubset()
MAX_ENDPOINTS, MAX_ADDRESSES, MAX_PORTS, MAX_HINTS = 1000, 100, 20_000, 8


def endpoints(value: Endpoints) -> list[StatusCause]:
    """What is wrong with new Endpoints."""
    return metadata.create(value.metadata, names.is_dns1123_subdomain) + list(_subsets(value.subsets))


def endpoints_update(new: Endpoints, old: Endpoints) -> list[StatusCause]:
    """What is wrong with changed Endpoints."""
    causes = metadata.update(new.metadata, old.metadata)
    if new.subsets is old.subsets:
        return causes
    return causes + list(_subsets(new.subsets, old.subsets))


def endpoint_slice(value: EndpointSlice) -> list[StatusCause]:
    """What is wrong with a new EndpointSlice."""
    return metadata.create(value.metadata, names.is_dns1123_subdomain) + _slice(value)


def endpoint_slice_update(new: EndpointSlice, old: EndpointSlice) -> list[StatusCause]:
    """What is wrong with a changed EndpointSlice."""
    causes = metadata.update(new.metadata, old.metadata)
    causes += unchanged("addressType", new.addressType, old.addressType)
    return causes + _slice(new, old.endpoints)


def _subsets(values: tuple[EndpointSubset, ...], before: tuple[EndpointSubset, ...] = ()) -> Causes:
    """What is wrong with subsets; the addresses of those `before` were looked at then."""
    for index, value in enumerate(values):
        here, old = f"subsets[{index}]", before[index] if index < len(before) else NO_SUBSET
        if not value.addresses and not value.notReadyAddresses:
            yield error.required(here, "must specify `addresses` or `notReadyAddresses`")
        for name in ("addresses", "notReadyAddresses"):
            found = getattr(value, name)
            for number in _fresh(found, getattr(old, name)):
                yield from _address(f"{here}.{name}[{number}]", found[number])
        for number, item in enumerate(value.ports):
            yield from _port(f"{here}.ports[{number}]", item, named=len(value.ports) > 1)


def _fresh(values: Sequence[object], before: Sequence[object]) -> Sequence[int]:
    """The positions of what was not looked at before: few, where one of many came or went."""
    if not before:
        return range(len(values))
    shorter = min(len(values), len(before))
    head = _same(values, before, shorter)
    tail = _same(reversed(values), reversed(before), shorter - head)
    known = set(map(id, before[head : len(before) - tail]))
    return [index for index in range(head, len(values) - tail) if id(values[index]) not in known]


def _same(values: Iterable[object], before: Iterable[object], limit: int) -> int:
    """With how many of the very same items, at most `limit`, both begin."""
    return next(compress(range(limit), map(is_not, values, before)), limit)


def _address(field: str, value: EndpointAddress) -> Causes:
    ordinary = addresses.is_ordinary(value.ip)
    if not ordinary:
        yield from addresses.valid_ip(f"{field}.ip", value.ip)
    if value.hostname:
        yield from dns_label(f"{field}.hostname", value.hostname)
    if value.nodeName:
        yield from dns_subdomain(f"{field}.nodeName", value.nodeName)
    if not ordinary:
        yield from addresses.non_special(f"{field}.ip", value.ip)


def _port(field: str, value: core.EndpointPort, *, named: bool) -> Causes:
    if value.name:
        yield from dns_label(f"{field}.name", value.name)
    elif named:
        yield error.required(f"{field}.name")
    yield from port(f"{field}.port", value.port)
    yield from required_one_of(f"{field}.protocol", value.protocol, PROTOCOLS)
    if value.appProtocol:
        yield from qualified_name(f"{field}.appProtocol", value.appProtocol)


def _slice(value: EndpointSlice, before: tuple[Endpoint, ...] = ()) -> list[StatusCause]:
    """What is wrong with a slice; the endpoints `before` were looked at then."""
    causes = list(required_one_of("addressType", value.addressType, ADDRESS_TYPES))
    if len(value.endpoints) > MAX_ENDPOINTS:
        causes.append(error.too_many("endpoints", len(value.endpoints), MAX_ENDPOINTS))
    else:
        for index in _fresh(value.endpoints, before):
            item = value.endpoints[index]
            if not _is_plain(item, value.addressType):
                causes += _endpoint(f"endpoints[{index}]", item, value.addressType)
    return causes + list(_slice_ports(value.ports))


def _is_plain(value: Endpoint, address_type: str) -> bool:
    """Whether it is what a pod is made into, and nothing can be wrong with it; most are, and it is told fast."""
    return (
        address_type == "IPv4"
        and len(value.addresses) == 1
        and addresses.is_ordinary(value.addresses[0])
        and not (value.deprecatedTopology or value.hostname or value.hints)
        and _is_name(value.nodeName)
    )


@lru_cache(maxsize=16_384)
def _is_name(node: str) -> bool:
    return not node or not names.is_dns1123_subdomain(node)


def _endpoint(field: str, value: Endpoint, address_type: str) -> Causes:
    if not value.addresses:
        yield error.required(f"{field}.addresses", "must contain at least 1 address")
    elif len(value.addresses) > MAX_ADDRESSES:
        yield error.too_many(f"{field}.addresses", len(value.addresses), MAX_ADDRESSES)
    for index, address in enumerate(value.addresses):
        yield from _slice_address(f"{field}.addresses[{index}]", address, address_type)
    if value.deprecatedTopology:
        yield from labels(f"{field}.deprecatedTopology", value.deprecatedTopology)
    if value.nodeName:
        yield from dns_subdomain(f"{field}.nodeName", value.nodeName)
    if value.hostname:
        yield from dns_label(f"{field}.hostname", value.hostname)
    zones = () if value.hints is None else value.hints.forZones
    if len(zones) > MAX_HINTS:
        yield error.too_many(f"{field}.hints", len(zones), MAX_HINTS)
    for index, zone in enumerate(zones):
        yield from labels(f"{field}.hints.forZones[{index}].name", {"name": zone.name})


def _slice_address(field: str, address: str, address_type: str) -> Causes:
    if address_type == "IPv4" and addresses.is_ordinary(address):
        return
    if address_type in ("IPv4", "IPv6"):
        found = addresses.parse(address)
        if found is None:
            yield from addresses.valid_ip(field, address)
        elif f"IPv{found.version}" != address_type:
            yield error.invalid(field, address, f"must be a valid {address_type} address")
        yield from addresses.non_special(field, address)
    elif address_type == "FQDN":
        yield from dns_subdomain(field, address.removesuffix("."))


def _slice_ports(values: tuple[discovery.EndpointPort, ...]) -> Causes:
    if len(values) > MAX_PORTS:
        yield error.too_many("ports", len(values), MAX_PORTS)
        return
    seen: set[str] = set()
    for index, value in enumerate(values):
        here, name = f"ports[{index}]", value.name or ""
        if name:
            yield from dns_label(f"{here}.name", name)
        if name in seen:
            yield error.duplicate(f"{here}.name", name)
        seen.add(name)
        if value.port is not None:
            yield from port(f"{here}.port", value.port)
        if value.protocol:
            yield from one_of(f"{here}.protocol", value.protocol, PROTOCOLS)
        else:
            yield error.required(f"{here}.protocol")
        if value.appProtocol:
            yield from qualified_name(f"{here}.appProtocol", value.appProtocol)
