"""Which tolerations cover which taints."""

import pytest

from cluster.api.core import Taint, Toleration
from cluster.api.tolerations import tolerated, tolerates

TAINT = Taint(key="dedicated", value="db", effect="NoSchedule")


@pytest.mark.parametrize(
    ("toleration", "covers"),
    [
        (Toleration(key="dedicated", value="db"), True),
        (Toleration(key="dedicated", operator="Equal", value="db", effect="NoSchedule"), True),
        (Toleration(key="dedicated", value="web"), False),
        (Toleration(key="dedicated", operator="Exists"), True),
        (Toleration(operator="Exists"), True),
        (Toleration(operator="Exists", effect="NoExecute"), False),
        (Toleration(key="other", operator="Exists"), False),
        (Toleration(key="dedicated", operator="Gt", value="db"), False),
    ],
)
def test_a_toleration_covers_its_taints(toleration: Toleration, covers: bool) -> None:  # noqa: FBT001 - a table's column
    """Key, operator, value and effect have to fit; an empty key or effect fits all."""
    assert tolerates(toleration, TAINT) is covers


def test_one_toleration_is_enough() -> None:
    """A taint is tolerated if any of the tolerations covers it."""
    assert tolerated(TAINT, (Toleration(key="other"), Toleration(operator="Exists")))
    assert not tolerated(TAINT, ())
