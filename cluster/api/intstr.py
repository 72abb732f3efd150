"""Numbers that may be percents: `3` or `25%`, as maxSurge and maxUnavailable are.

A value of the API, read by the controllers. Invariant: percents are of whole numbers, so the result is exact.
"""

import re

_PERCENT = re.compile(r"([+-]?[0-9]+)%", re.ASCII)


def scaled(value: int | str | None, total: int, *, round_up: bool) -> int:
    """The number, or that percent of `total` rounded up or down (`GetScaledValueFromIntOrPercent`).

    None is 0. ValueError if the text is no percent.
    """
    if value is None:
        return 0
    if isinstance(value, int):
        return value
    match = _PERCENT.fullmatch(value)
    if match is None:
        raise ValueError("invalid value for IntOrString: invalid type: string is not a percentage")
    product = int(match[1]) * total
    return -(-product // 100) if round_up else product // 100


def is_percent(value: int | str | None) -> bool:
    """Whether the value is written as a percent."""
    return isinstance(value, str) and _PERCENT.fullmatch(value) is not None
