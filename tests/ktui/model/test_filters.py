"""The filter language: what each form selects, and how a mistake is told."""

import pytest

from ktui.model import filters

TITLES = ("Name", "Status", "Node")
CELLS = ("web-1", "CrashLoopBackOff", "node-2")
LABELS = {"app": "web", "tier": "front"}


def _matches(text: str) -> bool:
    return filters.parse(text, TITLES).matches(CELLS, "\n".join(CELLS), LABELS)


@pytest.mark.parametrize(
    "text",
    ["", "web", "WEB", "crash", "web node-2", "node-[12]", "^node", "!running", "!db crash", "status:crash", "node:2$",
     "!name:db", "-l app=web", "-l app in (web,db),tier", "web -l app", "-l=app=web", "!"],
)  # fmt: skip
def test_a_row_matches(text: str) -> None:
    """Words are regular expressions of any case that must all be found; `!` turns one round; -l selects by label."""
    assert _matches(text)


@pytest.mark.parametrize(
    "text", ["db", "!web", "web db", "status:web", "name:node", "-l app=db", "-l !app", "db -l app", "!node:2"]
)
def test_a_row_does_not_match(text: str) -> None:
    """One condition that fails is enough."""
    assert not _matches(text)


def test_a_word_with_an_unknown_column_is_a_plain_pattern() -> None:
    """`image:tag` is looked for as it stands if no column is called `image`."""
    assert filters.parse("image:tag", TITLES).matches((), "an image:tag here", {})


@pytest.mark.parametrize(
    ("text", "told"),
    [("[", r"\[: unterminated character set at character 1"), ("status:*", "nothing to repeat"), ("-l", "needs a label selector"),
     ("-l a=b=c", "-l a=b=c: ")],
)  # fmt: skip
def test_a_mistake_is_told(text: str, told: str) -> None:
    """A filter that cannot be understood says what is wrong with it."""
    with pytest.raises(filters.FilterError, match=told):
        filters.parse(text, TITLES)


def test_an_empty_filter_is_false() -> None:
    """Callers ask `if model.filter` to know whether anything is filtered."""
    assert not filters.parse("  ")
    assert filters.parse("x")
