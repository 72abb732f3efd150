"""Which names, label keys and label values are valid, and what Kubernetes says of the others.

Admission and the selectors ask here. Every function answers a list of messages, empty if all is
well, in the words of apimachinery's util/validation. Invariant: the value itself is not in the
message; who asks puts it before.
"""

import re
from collections.abc import Callable

_LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_SUBDOMAIN = rf"{_LABEL}(\.{_LABEL})*"
_DNS1035 = "[a-z]([-a-z0-9]*[a-z0-9])?"
_QUALIFIED = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
_LABEL_VALUE = f"({_QUALIFIED})?"
_CONFIG_KEY = "[-._a-zA-Z0-9]+"
_PERCENT = "[0-9]+%"
_HEADER = "[-A-Za-z0-9]+"
_WILDCARD = rf"\*\.{_SUBDOMAIN}"
_C_IDENTIFIER = "[A-Za-z_][A-Za-z0-9_]*"

NON_EMPTY = "must be non-empty"


def max_length(length: int) -> str:
    """What is said of a text that is too long (`MaxLenError`)."""
    return f"must be no more than {length} characters"


def in_range(low: int, high: int) -> str:
    """What is said of a number outside its range (`InclusiveRangeError`)."""
    return f"must be between {low} and {high}, inclusive"


def pattern_message(message: str, pattern: str, *examples: str) -> str:
    """What is said of a text that does not match (`RegexError`)."""
    given = "e.g. " + ", or ".join(f"'{example}'" for example in examples) + ", " if examples else ""
    return f"{message} ({given}regex used for validation is '{pattern}')"


def _rule(pattern: str, message: str, *examples: str, longest: int = 0) -> Callable[[str], list[str]]:
    """The check of one pattern and one longest length."""
    matches, said = re.compile(pattern, re.ASCII).fullmatch, pattern_message(message, pattern, *examples)

    def check(value: str) -> list[str]:
        found = [max_length(longest)] if longest and len(value.encode()) > longest else []
        return found if matches(value) else [*found, said]

    return check


is_dns1123_subdomain = _rule(
    _SUBDOMAIN,
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', "
    "and must start and end with an alphanumeric character",
    "example.com",
    longest=253,
)
is_dns1035_label = _rule(
    _DNS1035,
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', "
    "start with an alphabetic character, and end with an alphanumeric character",
    "my-name",
    "abc-123",
    longest=63,
)
is_wildcard_dns1123_subdomain = _rule(
    _WILDCARD,
    "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of "
    "lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character",
    "*.example.com",
    longest=253,
)
label_value = _rule(
    _LABEL_VALUE,
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', "
    "and must start and end with an alphanumeric character",
    "MyValue",
    "my_value",
    "12345",
    longest=63,
)
is_percent = _rule(_PERCENT, "a valid percent string must be a numeric string followed by an ending '%'", "1%", "93%")
is_http_header_name = _rule(
    _HEADER, "a valid HTTP header must consist of alphanumeric characters or '-'", "X-Header-Name"
)
is_c_identifier = _rule(
    _C_IDENTIFIER,
    "a valid C identifier must start with alphabetic character or '_', "
    "followed by a string of alphanumeric characters or '_'",
    "my_name",
    "MY_NAME",
    "MyName",
)
_label = _rule(
    _LABEL,
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', "
    "and must start and end with an alphanumeric character",
    "my-name",
    "123-abc",
)
_qualified = _rule(
    _QUALIFIED,
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
    "MyName",
    "my.name",
    "123-abc",
)
_config_key = _rule(
    _CONFIG_KEY,
    "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
    "key.name",
    "KEY_NAME",
    "key-name",
    longest=253,
)
_is_subdomain = re.compile(_SUBDOMAIN, re.ASCII).fullmatch


def is_dns1123_label(value: str) -> list[str]:
    """A name without dots, as a container's or a namespace's (`IsDNS1123Label`)."""
    found = [max_length(63)] if len(value.encode()) > 63 else []
    wrong = _label(value)
    if wrong and _is_subdomain(value):
        wrong = ["must not contain dots"]
    return found + wrong


def qualified_name(value: str) -> list[str]:
    """A label key: a name of at most 63 characters, perhaps after a domain and a slash (`IsQualifiedName`)."""
    prefix, slash, name = value.rpartition("/")
    if "/" in prefix:
        return [
            f"a valid label key {_qualified('')[0]} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
        ]
    found: list[str] = []
    if slash:
        wrong = is_dns1123_subdomain(prefix) if prefix else [NON_EMPTY]
        found += [f"prefix part {message}" for message in wrong]
    if not name:
        found.append(f"name part {NON_EMPTY}")
    elif len(name.encode()) > 63:
        found.append(f"name part {max_length(63)}")
    return found + [f"name part {message}" for message in _qualified(name)]


def config_map_key(value: str) -> list[str]:
    """A key of a ConfigMap's or a Secret's data (`IsConfigMapKey`)."""
    return _config_key(value) + _dots(value)


def path_segment(value: str) -> list[str]:
    """A name that can be a part of a URL's path, as a role's (`IsPathSegmentName`)."""
    if value in {".", ".."}:
        return [f"may not be '{value}'"]
    return [f"may not contain '{character}'" for character in "/%" if character in value]


def environment_name(value: str) -> list[str]:
    """The name of an environment variable (`IsRelaxedEnvVarName`)."""
    found = [] if value else [f"environment variable name {NON_EMPTY}"]
    if not all(" " <= character <= "~" and character != "=" for character in value):
        found.append("a valid environment variable name must consist only of printable ASCII characters other than '='")
    return found


def port_name(value: str) -> list[str]:
    """The name of a container's port (`IsValidPortName`)."""
    found = [max_length(15)] if len(value) > 15 else []
    if not re.fullmatch("[-a-z0-9]+", value, re.ASCII):
        found.append("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)")
    if not re.search("[a-z]", value):
        found.append("must contain at least one letter (a-z)")
    if "--" in value:
        found.append("must not contain consecutive hyphens")
    if value.startswith("-") or value.endswith("-"):
        found.append("must not begin or end with a hyphen")
    return found


def port_number(value: int) -> list[str]:
    """A port from 1 to 65535 (`IsValidPortNum`)."""
    return [] if 1 <= value <= 65535 else [in_range(1, 65535)]


def _dots(value: str) -> list[str]:
    if value in {".", ".."}:
        return [f"must not be '{value}'"]
    return ["must not start with '..'"] if value.startswith("..") else []
