"""Names, label keys and values: which are valid and what is said of the others."""

import pytest

from cluster.api import names

LABEL = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an "
    "alphanumeric character (e.g. 'my-name', or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
)
SUBDOMAIN = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end "
    "with an alphanumeric character (e.g. 'example.com', regex used for validation is "
    r"'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
)
NAME_PART = (
    "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character "
    "(e.g. 'MyName', or 'my.name', or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
)
LABEL_VALUE = (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with "
    "an alphanumeric character (e.g. 'MyValue', or 'my_value', or '12345', regex used for validation is "
    "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
)


@pytest.mark.parametrize(
    ("value", "messages"),
    [("web-1", []), ("1web", []), ("a.b", ["must not contain dots"]), ("Web", [LABEL]), ("", [LABEL]), ("web\n", [LABEL]),
     ("a" * 64, ["must be no more than 63 characters"])],
)  # fmt: skip
def test_dns1123_label(value: str, messages: list[str]) -> None:
    """A label has no dots, no capitals and at most 63 characters."""
    assert names.is_dns1123_label(value) == messages


def test_dns1123_subdomain() -> None:
    """A subdomain may have dots; the message is the API server's."""
    assert names.is_dns1123_subdomain("a.b-c.d") == []
    assert names.is_dns1123_subdomain("Bad_One") == [SUBDOMAIN]
    assert names.is_dns1123_subdomain("a" * 254) == ["must be no more than 253 characters"]


def test_dns1035_label() -> None:
    """A DNS-1035 label starts with a letter."""
    assert names.is_dns1035_label("web-1") == []
    assert names.is_dns1035_label("1web")[0].startswith("a DNS-1035 label must consist of")


@pytest.mark.parametrize(
    ("value", "messages"),
    [("app", []), ("example.com/App_1", []), ("a b", [NAME_PART]), ("/a", ["prefix part must be non-empty"]),
     ("a/", ["name part must be non-empty", NAME_PART]), ("", ["name part must be non-empty", NAME_PART]),
     ("B/a", [f"prefix part {SUBDOMAIN}"]), ("a" * 64, ["name part must be no more than 63 characters"])],
)  # fmt: skip
def test_qualified_name(value: str, messages: list[str]) -> None:
    """A label key is a name, perhaps after a domain; each part is spoken of by itself."""
    assert names.qualified_name(value) == messages


def test_qualified_name_of_three_parts() -> None:
    """More than one slash is spoken of as a whole."""
    [message] = names.qualified_name("a/b/c")
    assert message.startswith("a valid label key must consist of alphanumeric characters")
    assert message.endswith(" with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')")


def test_label_value() -> None:
    """A label's value may be empty."""
    assert names.label_value("") == names.label_value("v1.2_x") == []
    assert names.label_value("a b") == [LABEL_VALUE]


def test_port_names_and_numbers() -> None:
    """A port's name is short, lower case, with a letter; its number is a port."""
    assert names.port_name("http-1") == []
    assert names.port_name("-8--0-")[0] == "must contain at least one letter (a-z)"
    assert names.port_name("much-too-long-name") == ["must be no more than 15 characters"]
    assert names.port_number(80) == []
    assert names.port_number(0) == ["must be between 1 and 65535, inclusive"]


def test_keys_of_data_and_environment() -> None:
    """Keys of data must not leave their directory; variables may be any printable text without `=`."""
    assert names.config_map_key("a.b_C-1") == []
    assert names.config_map_key("..") == ["must not be '..'"]
    assert names.config_map_key("..a") == ["must not start with '..'"]
    assert names.environment_name("1 odd!") == []
    assert names.environment_name("a=b")[0].startswith(
        "a valid environment variable name must consist only of printable"
    )


def test_percents() -> None:
    """A percent is digits and a `%`."""
    assert names.is_percent("25%") == []
    assert names.is_percent("25")[0].endswith("(e.g. '1%', or '93%', regex used for validation is '[0-9]+%')")
