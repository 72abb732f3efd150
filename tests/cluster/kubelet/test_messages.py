"""Termination messages: what a process leaves behind of itself."""

from typing import Any

from msgspec.structs import replace

from cluster.api.cluster import DEFAULT, Timing
from tests.cluster.kubelet.world import World

AT_ONCE = replace(DEFAULT, timing=Timing(imagePull="0s", containerStart="0s", containerStop="1s", processes=True))


def message(script: str, **container: Any) -> str:
    """The message of a container that has run this script."""
    made = World(AT_ONCE)
    made.pod(
        containers=[{"name": "c", "image": "busybox", "command": ["sh", "-c", script], **container}],
        restartPolicy="Never",
    )
    made.run(30_000)
    ended = made.container().state.terminated
    assert ended is not None
    return ended.message


def test_the_file_is_the_message() -> None:
    """What stands in the file is told, whatever the exit code; another path may be given."""
    assert message("echo so it went > /dev/termination-log; exit 0") == "so it went\n"
    assert message("echo 1 > /dev/termination-log; sleep 3; echo 2 >> /dev/termination-log; exit 3") == "1\n2\n"
    assert message("echo there > /tmp/last", terminationMessagePath="/tmp/last") == "there\n"
    assert message("echo there > /dev/termination-log", terminationMessagePath="/tmp/last") == ""
    assert message("echo only a log; exit 1") == ""


def test_the_log_stands_in_for_the_file() -> None:
    """With FallbackToLogsOnError the log's end is the message of a failure without a file, and of nothing else."""
    policy = {"terminationMessagePolicy": "FallbackToLogsOnError"}
    assert message("echo a; echo b; exit 1", **policy) == "a\nb\n"
    assert message("echo a; exit 0", **policy) == ""
    assert message("echo a; echo file > /dev/termination-log; exit 1", **policy) == "file\n"
    long = message("i=0; while [ $i -lt 200 ]; do echo line $i; i=$((i+1)); done; exit 1", **policy)
    assert long.splitlines() == [f"line {number}" for number in range(120, 200)]


def test_a_message_is_cut() -> None:
    """No message is longer than 4096 bytes."""
    loop = (
        "i=0; while [ $i -lt 100 ]; do echo 0123456789012345678901234567890123456789012345678 >> /dev/termination-log; "
    )
    assert len(message(loop + "i=$((i+1)); done")) == 4096
