"""What our annotations say of a probe: that it fails or is slow, always or at some age of the process.

Read once for all pods of a template. Invariant: a text that is not understood says nothing.
"""

from collections.abc import Iterable
from typing import NamedTuple

from cluster.api.cluster import milliseconds
from cluster.kubelet.runtime.jobs import FOREVER

FAIL, SLOW = "fail", "slow"


class Fault(NamedTuple):
    """One fault: from which age of the process on (ms), up to which (None: for good).

    `amount` is the HTTP status of one that fails (0: the usual one), or how long the answer of a slow one takes (ms).
    """

    kind: str
    amount: int = 0
    after: int = 0
    until: int | None = None


def faults(text: str) -> tuple[Fault, ...]:
    """The faults of an annotation: `fail`, `fail 500 after 30s`, `slow 3s after 1m for 20s`, several with commas."""
    try:
        return tuple(_fault(part.split()) for part in text.split(",")) if text else ()
    except ValueError:
        return ()


def fault_at(known: Iterable[Fault], age: int) -> Fault | None:
    """The fault that a process of this age (ms) has."""
    return next((one for one in known if one.after <= age and (one.until is None or age < one.until)), None)


def next_change(known: Iterable[Fault], age: int) -> int | None:
    """The next age (ms) at which a fault begins or ends."""
    return min(
        (time for one in known for time in (one.after, one.until) if time is not None and time > age), default=None
    )


def _fault(words: list[str]) -> Fault:
    kind, *rest = words or [""]
    if kind not in (FAIL, SLOW):
        raise ValueError(f'"{kind}" is neither fail nor slow')
    amount = FOREVER if kind == SLOW else 0
    if rest and rest[0] not in ("after", "for"):
        word = rest.pop(0)
        amount = milliseconds(word) if kind == SLOW else int(word)
    times = dict(zip(rest[::2], map(milliseconds, rest[1::2]), strict=True))
    after = times.pop("after", 0)
    until = times.pop("for", None)
    if times:
        raise ValueError(f'"{next(iter(times))}" is neither after nor for')
    return Fault(kind, amount, after, None if until is None else after + until)
