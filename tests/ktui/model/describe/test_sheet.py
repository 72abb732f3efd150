"""The sheet that descriptions are written on."""

import pytest

from ktui.model.describe.sheet import Sheet, date


def _text(annotations: dict[str, str]) -> list[str]:
    sheet = Sheet()
    sheet.annotations(annotations)
    return sheet.text().splitlines()


def test_fields_are_aligned() -> None:
    """Consecutive fields share a column; a level indents by two blanks."""
    sheet = Sheet()
    sheet.field("Name", "web")
    sheet.field("Priority", 0)
    sheet.line("Containers:")
    sheet.field("Image", "nginx", 1)
    assert sheet.text() == "Name:      web\nPriority:  0\nContainers:\n  Image:  nginx\n"


def test_labels_are_in_order() -> None:
    """Labels are told one a line, by their keys; none at all is `<none>`."""
    sheet = Sheet()
    sheet.labels({"b": "2", "a": "1"})
    sheet.labels({}, "Selector")
    assert sheet.text() == "Labels:    a=1\n           b=2\nSelector:  <none>\n"


def test_long_annotations_are_cut() -> None:
    """An annotation that with its key is over 140 characters goes below the key and is cut at 138."""
    assert _text({"k": "v" * 137}) == ["Annotations:  k: " + "v" * 137]
    assert _text({"k": "v" * 139}) == ["Annotations:  k:", " " * 16 + "v" * 138 + "..."]


def test_the_last_applied_configuration_is_hidden() -> None:
    """What kubectl apply remembers is not told, nor counted as an annotation."""
    assert _text({"kubectl.kubernetes.io/last-applied-configuration": "{}"}) == ["Annotations:  <none>"]


def test_control_characters_are_made_visible() -> None:
    """An object cannot send commands to the terminal through its description."""
    sheet = Sheet()
    sheet.field("Message", "\x1b[31mred\rover")
    assert sheet.text() == "Message:  ^[[31mred\\rover\n"


@pytest.mark.parametrize(
    ("timestamp", "text"),
    [
        ("2026-01-01T00:00:00Z", "Thu, 01 Jan 2026 00:00:00 +0000"),
        ("2026-11-23T12:34:56.789000Z", "Mon, 23 Nov 2026 12:34:56 +0000"),
        ("2026-01-01T01:00:00+01:00", "Thu, 01 Jan 2026 00:00:00 +0000"),
        ("", "Mon, 01 Jan 0001 00:00:00 +0000"),
    ],
)
def test_dates(timestamp: str, text: str) -> None:
    """Times are told in words and in UTC; an absent one is the first second of all."""
    assert date(timestamp) == text
