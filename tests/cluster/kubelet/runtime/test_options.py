"""Command lines, as getopt reads them."""

import pytest

from cluster.kubelet.runtime.options import UnknownOption, read

LONG = {"quiet": "q", "output": "o", "timeout": "T"}


@pytest.mark.parametrize(
    ("words", "given", "rest"),
    [
        (["-qo-", "url"], {"q": [""], "o": ["-"]}, ("url",)),
        (["url", "-q", "-o", "file"], {"q": [""], "o": ["file"]}, ("url",)),
        (["--quiet", "--output=file", "--timeout", "3"], {"q": [""], "o": ["file"], "T": ["3"]}, ()),
        (["-o", "a", "-o", "b"], {"o": ["a", "b"]}, ()),
        (["--", "-q"], {}, ("-q",)),
        (["-"], {}, ("-",)),
    ],
)
def test_options_may_stand_anywhere(words: list[str], given: dict[str, list[str]], rest: tuple[str, ...]) -> None:
    """Letters share a dash, a value follows behind or in the next word, long names may have an equals sign."""
    found = read(words, "q", "oT", LONG)
    assert (found.given, found.rest) == (given, rest)


@pytest.mark.parametrize(("words", "unknown"), [(["-qx"], "-x"), (["--loud"], "--loud")])
def test_unknown_options_are_told(words: list[str], unknown: str) -> None:
    """What the program does not have is named as it was written."""
    with pytest.raises(UnknownOption, match=unknown):
        read(words, "q", "oT", LONG)


def test_values_are_read_as_they_are_meant() -> None:
    """The last value counts; seconds become ms, and what is no number counts as not given."""
    found = read(["-o", "a", "-o", "b", "-T", "1.5"], "q", "oT", LONG)
    assert (found.value("o"), found.seconds("T"), found.seconds("o"), "q" in found) == ("b", 1500, None, False)
