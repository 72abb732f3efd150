"""Whether a container listened at a time, as far as its status tells."""

import pytest

from cluster.api import codec
from cluster.api.core import ContainerStatus
from cluster.kubelet.runtime.answering import runs_at


def at(second: int) -> str:
    """A date in the first minute."""
    return f"2026-01-01T00:00:{second:02}Z"


RUNNING = {"running": {"startedAt": at(30)}}
ENDED = {"terminated": {"startedAt": at(10), "finishedAt": at(20), "exitCode": 0}}


@pytest.mark.parametrize(
    ("state", "last", "restarts", "second", "expected"),
    [
        (RUNNING, {}, 0, None, True),
        (RUNNING, {}, 0, 30, True),
        (RUNNING, {}, 0, 29, False),
        (RUNNING, ENDED, 1, 25, False),
        (RUNNING, ENDED, 1, 15, True),
        (RUNNING, ENDED, 1, 5, False),
        (RUNNING, ENDED, 2, 5, True),
        (ENDED, {}, 0, None, False),
        (ENDED, {}, 0, 10, True),
        (ENDED, {}, 0, 20, False),
        ({"waiting": {"reason": "CrashLoopBackOff"}}, ENDED, 1, 15, True),
        ({}, {}, 0, 15, False),
    ],
)
def test_a_container_runs_from_its_start_to_its_end(
    state: dict[str, object], last: dict[str, object], restarts: int, second: int | None, expected: bool  # noqa: FBT001 - a row of the table
) -> None:  # fmt: skip
    """Its present and last runs are known exactly; before them, a container that had run was up."""
    plain = {"name": "c", "restartCount": restarts, "state": state, "lastState": last}
    status = codec.from_plain(ContainerStatus, plain)
    assert runs_at(status, "" if second is None else at(second)) is expected
