"""Addresses and ranges of addresses, as Services, endpoints and nodes carry them.

Mirrors apimachinery's util/validation/ip.go and ValidateNonSpecialIP. Invariant: IPv4 numbers with
leading zeros are read as Go's older parser does, in decimal.
"""

import ipaddress
import re
from functools import lru_cache

from cluster.admission import field_error as error
from cluster.admission.validation.checks import Causes

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_V4 = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}", re.ASCII)
_BYTE = "(?:[1-9]?[0-9]|1[0-9]{2}|2[0-4][0-9]|25[0-5])"
_is_ordinary = re.compile(rf"(?!0\.|127\.|169\.254\.|224\.){_BYTE}(?:\.{_BYTE}){{3}}", re.ASCII).fullmatch
_LINK_LOCAL_MULTICAST = {4: ipaddress.ip_network("224.0.0.0/24"), 6: ipaddress.ip_network("ff02::/16")}
_IP = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"
_CIDR = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"


def is_ordinary(text: str) -> bool:
    """Whether the text is an IPv4 address that nothing can be wrong with; most addresses are, and it is told fast."""
    return _is_ordinary(text) is not None


@lru_cache(maxsize=4096)
def parse(text: str) -> Address | None:
    """The address, or None if the text is none."""
    if _V4.fullmatch(text):
        text = ".".join(str(int(part)) for part in text.split("."))
    if "%" in text:
        return None
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def is_ipv6(text: str) -> bool:
    """Whether the text is an IPv6 address."""
    found = parse(text)
    return found is not None and found.version == 6


def valid_ip(field: str, text: str) -> Causes:
    """An address of either family."""
    if parse(text) is None:
        yield error.invalid(field, text, _IP)


def network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    """The range of addresses, or None if the text is none."""
    address, slash, length = text.partition("/")
    found = parse(address)
    if not slash or found is None or not length.isdecimal() or int(length) > found.max_prefixlen:
        return None
    return ipaddress.ip_network(f"{found}/{length}", strict=False)


def valid_cidr(field: str, text: str) -> Causes:
    """A range of addresses of either family."""
    if network(text) is None:
        yield error.invalid(field, text, _CIDR)


def non_special(field: str, text: str) -> Causes:
    """An address that something else can be reached at."""
    found = parse(text)
    if found is None:
        yield error.invalid(field, text, "must be a valid IP address")
        return
    if found.is_unspecified:
        yield error.invalid(field, text, f"may not be unspecified ({text})")
    if found.is_loopback:
        yield error.invalid(field, text, "may not be in the loopback range (127.0.0.0/8, ::1/128)")
    if found.is_link_local:
        yield error.invalid(field, text, "may not be in the link-local range (169.254.0.0/16, fe80::/10)")
    if _is_link_local_multicast(found):
        yield error.invalid(field, text, "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)")


def dual_stack(texts: tuple[str, ...]) -> bool:
    """Whether there is at least one address of each family."""
    return len({":" in text for text in texts}) == 2


def _is_link_local_multicast(address: Address) -> bool:
    return address in _LINK_LOCAL_MULTICAST[address.version]
