"""The smallest rules, which every other module of validation is made of.

Mirrors the helpers at the top of pkg/apis/core/validation. Invariant: each yields one cause for
each message, about the very field it was given.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from cluster.admission import field_error as error
from cluster.api import names
from cluster.api.meta import StatusCause

Causes = Iterator[StatusCause]

IMMUTABLE = "field is immutable"
NEGATIVE = "must be greater than or equal to 0"
NOT_POSITIVE = "must be greater than zero"
MAX_INT32 = 2**31 - 1


def invalid_each(field: str, value: Any, messages: Iterable[str]) -> Causes:
    """One cause for each message about the value."""
    for message in messages:
        yield error.invalid(field, value, message)


def dns_label(field: str, value: str) -> Causes:
    """A name without dots."""
    return invalid_each(field, value, names.is_dns1123_label(value))


def dns_subdomain(field: str, value: str) -> Causes:
    """A name with dots perhaps."""
    return invalid_each(field, value, names.is_dns1123_subdomain(value))


def qualified_name(field: str, value: str) -> Causes:
    """A name with a domain perhaps."""
    return invalid_each(field, value, names.qualified_name(value))


def nonnegative(field: str, value: int) -> Causes:
    """A number that may be zero."""
    if value < 0:
        yield error.invalid(field, value, NEGATIVE)


def port(field: str, value: int) -> Causes:
    """The number of a port."""
    return invalid_each(field, value, names.port_number(value))


def port_or_name(field: str, value: int | str | None) -> Causes:
    """The number or the name of a port."""
    if isinstance(value, str):
        return invalid_each(field, value, names.port_name(value))
    return port(field, value or 0)


def one_of(field: str, value: str, supported: Iterable[str]) -> Causes:
    """One of the values known; they are listed as they are given."""
    choices = tuple(supported)
    if value not in choices:
        yield error.not_supported(field, value, choices)


def required_one_of(field: str, value: str, supported: Iterable[str]) -> Causes:
    """One of the values known, and not absent."""
    if value:
        yield from one_of(field, value, supported)
    else:
        yield error.required(field)


def unchanged(field: str, new: Any, old: Any) -> Causes:
    """The same as before."""
    if new != old:
        yield error.invalid(field, new, IMMUTABLE)


def number_or_percent(field: str, value: int | str) -> Causes:
    """A number that may be zero, or a percentage (`ValidatePositiveIntOrPercent`)."""
    if isinstance(value, str):
        return invalid_each(field, value, names.is_percent(value))
    return nonnegative(field, value)


def at_most_all(field: str, value: int | str) -> Causes:
    """A percentage is of 100 at most (`IsNotMoreThan100Percent`)."""
    if isinstance(value, str) and not names.is_percent(value) and int(value.removesuffix("%")) > 100:
        yield error.invalid(field, value, "must not be greater than 100%")


def domain_prefixed_path(field: str, value: str) -> Causes:
    """A path after a domain, as a controller's name (`IsDomainPrefixedPath`)."""
    if not value:
        yield error.required(field)
        return
    domain, slash, path = value.partition("/")
    if not slash or not domain or not path:
        yield error.invalid(field, value, 'must be a domain-prefixed path (such as "acme.io/foo")')
        return
    yield from invalid_each(field, domain, names.is_dns1123_subdomain(domain))
    if not _PATH.fullmatch(path):
        yield error.invalid(field, path, f"Invalid path (regex used for validation is '{_PATH_PATTERN}')")


_PATH_PATTERN = r"[A-Za-z0-9/\-._~%!$&'()*+,;=:]+"
_PATH = re.compile(_PATH_PATTERN)


def path_segment(field: str, value: str) -> Causes:
    """A name that can stand in a URL's path (`IsValidPathSegmentName`)."""
    if value in (".", ".."):
        yield error.invalid(field, value, f"may not be '{value}'")
    for character in ("/", "%"):
        if character in value:
            yield error.invalid(field, value, f"may not contain '{character}'")
