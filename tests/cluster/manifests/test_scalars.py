"""Plain scalars mean what kubectl takes them for."""

import pytest

from cluster.manifests.parse import SyntaxFault, parse
from cluster.manifests.scalars import resolve
from tests.cluster.manifests import kubectl

SCALARS: dict[str, object] = {
    "yes": True, "no": False, "on": True, "off": False, "y": True, "n": False, "Y": True, "True": True, "TRUE": True,
    "tRue": "tRue", "~": None, "null": None, "Null": None, "NULL": None, "012": 10, "0o14": 12, "09": 9, "0b101": 5,
    "0x1F": 31, "-0x1f": -31, "1_000": 1000, "1:30": "1:30", "12:30:45": "12:30:45", "1e3": 1000, "12e03": 12000,
    "1.5e3": 1500, "1.5e+3": 1500, ".5": 0.5, "5.": 5, "+1": 1, "-.5": -0.5, "1__0": 10, "2026-11-23": "2026-11-23",
    "2026-11-23T04:41:12Z": "2026-11-23T04:41:12Z", "=": "=", "<<": "<<", "1.2.3": "1.2.3", "0123abc": "0123abc",
    "1.0": 1, "1.10": 1.1, "99999999999999999999": 10**20, "!!str 5": "5", '!!int "5"': 5, "!!float 5": 5, '"yes"': "yes",
    "'012'": "012", "0_8": 8, "-012": -10, "+012": 10, "0.1": 0.1, "1e400": "1e400", "! yes": "yes", "1,000": "1,000",
    "00": 0, "08:30": "08:30", "0xZZ": "0xZZ", "null_": "null_", "é": "é", "!!binary aGVsbG8=": "hello", "!foo 12": "12",
    "9223372036854775807": 9223372036854775807, "-9223372036854775808": -9223372036854775808, "1e21": 1e21, "-": "-",
    "": None, "nope": "nope", "offer": "offer", "0": 0, "-0": 0, "0.0": 0, "_1": "_1", "e3": "e3", "1e": "1e", "+": "+",
}  # fmt: skip


@pytest.mark.parametrize("text", SCALARS)
def test_meaning(text: str) -> None:
    """Each scalar has the value, and the type, that it has for kubectl."""
    [document] = parse(f"v: {text if text != '-' else repr(text)}\n")
    assert (document.value["v"], type(document.value["v"])) == (SCALARS[text], type(SCALARS[text]))


def test_meaning_is_kubectls() -> None:
    """The table above is what the real kubectl reads."""
    lines = [f"  - {text if text != '-' else repr(text)}\n" for text in SCALARS]
    head = "apiVersion: example.com/v1\nkind: Foo\nmetadata: {name: a}\nv:\n"
    assert kubectl.data(head + "".join(lines))["v"] == list(SCALARS.values())


@pytest.mark.parametrize("text", [".nan", ".inf", "-.Inf", "+.INF", "!!float .nan"])
def test_numbers_are_finite(text: str) -> None:
    """JSON has no infinity: it is an error, with its place."""
    with pytest.raises(SyntaxFault, match=r"^unsupported value: ") as caught:
        list(parse(f"a: 1\nv: {text}\n"))
    assert (caught.value.line, caught.value.column) == (2, 4)


def test_tags_that_do_not_fit() -> None:
    """A tag that the text does not fit is an error."""
    with pytest.raises(SyntaxFault, match=r"^cannot decode !!str `x` as a !!int$"):
        list(parse("v: !!int x"))
    with pytest.raises(SyntaxFault, match=r"^!!binary value contains invalid base64 data$"):
        list(parse("v: !!binary a"))


def test_text_stays_text() -> None:
    """What looks like nothing else is itself."""
    assert resolve("nginx:1.27") == "nginx:1.27"
