"""Numbers that may be percents."""

import pytest

from cluster.api import intstr


@pytest.mark.parametrize(
    ("value", "up", "down"), [(3, 3, 3), ("25%", 3, 2), ("100%", 10, 10), ("0%", 0, 0), (None, 0, 0), ("33%", 4, 3)]
)
def test_scaled(value: int | str | None, up: int, down: int) -> None:
    """A percent is of the total and rounds as asked; a number is itself."""
    assert (intstr.scaled(value, 10, round_up=True), intstr.scaled(value, 10, round_up=False)) == (up, down)


def test_no_percent() -> None:
    """A text that is no percent is refused."""
    with pytest.raises(ValueError, match=r"^invalid value for IntOrString: invalid type: string is not a percentage$"):
        intstr.scaled("3", 10, round_up=True)
    assert intstr.is_percent("3%")
    assert not intstr.is_percent(3)
