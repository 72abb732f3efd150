"""An interactive shell: what the terminal shows for what is typed."""

from itertools import islice

import pytest

from cluster.api.core import Container, Pod
from cluster.api.meta import ObjectMeta
from cluster.kubelet.runtime.commands import view_at
from cluster.kubelet.runtime.execute import Inside, is_shell
from cluster.kubelet.runtime.filesystem import Files
from cluster.kubelet.runtime.terminal import Terminal
from cluster.store import Store

DATE = "2026-01-01T00:00:00Z"


def view() -> Inside:
    """A container of a pod called web."""
    container = Container(name="main", image="busybox")
    return view_at(Store(), Pod(metadata=ObjectMeta(name="web", namespace="default")), container, DATE, 0)


class Room:
    """A container in which it is always the same time, and what was written stays for the next command."""

    def __init__(self) -> None:
        self._files = view().files

    def now(self) -> str:
        """Always the same."""
        return DATE

    def files(self) -> Files:
        """What was kept, to be written into."""
        return self._files.copy()

    def keep(self, files: Files) -> None:
        """Keep it for the next command."""
        self._files = files


def shown(terminal: Terminal, typed: bytes) -> bytes:
    """Everything shown for what was typed."""
    return b"".join(text for _, text in terminal.feed(typed))


def test_a_line_is_echoed_run_and_answered_with_a_prompt() -> None:
    """The shell prompts with its folder, which stays changed, and ends with the code it is told."""
    terminal = Terminal(view(), Room(), tty=True)
    assert terminal.start() == b"/ # "
    assert shown(terminal, b"hostname\r") == b"hostname\r\nweb\r\n/ # "
    assert shown(terminal, b"cd /etc\rcat hostname\r") == b"cd /etc\r\n/etc # cat hostname\r\nweb\r\n/etc # "
    assert shown(terminal, b"X=1; echo $X\r").endswith(b"\r\n1\r\n/etc # ")
    assert shown(terminal, b"exit 4\rls\r") == b"exit 4\r\n"
    assert terminal.code == 4


def test_keys_edit_the_line() -> None:
    """Backspace erases, Ctrl-C drops the line, Ctrl-D ends an empty one; other control keys show nothing."""
    terminal = Terminal(view(), Room(), tty=True)
    assert shown(terminal, b"echo ax\x7f\x1b\r") == b"echo ax\x08 \x08\r\na\r\n/ # "
    assert shown(terminal, b"\x7fabc\x03") == b"abc^C\r\n/ # "
    assert shown(terminal, b"echo $?\r") == b"echo $?\r\n130\r\n/ # "
    assert shown(terminal, b"a\x04") == b"a"
    assert terminal.code is None
    assert shown(terminal, b"\x7f\x04") == b"\x08 \x08\r\n"
    assert terminal.code == 0


def test_without_a_terminal_lines_are_commands_and_nothing_is_echoed() -> None:
    """As with `echo ls | kubectl exec -i`: output alone, and the last code at the end."""
    terminal = Terminal(view(), Room(), tty=False)
    assert terminal.start() == b""
    assert shown(terminal, b"echo a\nnothing\n") == b"a\nsh: 1: nothing: not found\n"
    assert shown(terminal, b"echo rest") == b""
    assert list(terminal.end()) == [(0, b"rest\n"), (0, b"")]
    assert terminal.code == 0


def test_time_passes_in_commands() -> None:
    """What comes after a sleep is shown that much later, and the prompt after all of it."""
    terminal = Terminal(view(), Room(), tty=True)
    told = list(terminal.feed(b"sleep 2; date; echo ${x@Q}\r"))
    assert told[-2][1] == b"sh: the simulated shell knows no `${x@Q}`\r\n"
    assert [after for after, text in terminal.feed(b"sleep 2; echo x\r") if text in (b"x\r\n", b"/ # ")] == [2000, 2000]


@pytest.mark.parametrize(
    ("argv", "spoken"),
    [
        (["sh"], True),
        (["/bin/bash"], True),
        (["sh", "-l"], True),
        (["sh", "-c", "ls"], False),
        (["ls"], False),
        ([], False),
    ],
)
def test_a_shell_without_a_script_is_spoken_with(argv: list[str], spoken: bool) -> None:  # noqa: FBT001 - a case
    """Only a shell that was not given its commands reads them."""
    assert is_shell(argv) is spoken


def test_what_has_no_end_is_shown_as_it_comes() -> None:
    """A loop without an end is run as far as somebody looks, and can be interrupted; the next line is a new command."""
    terminal = Terminal(view(), Room(), tty=True)
    told = terminal.feed(b"while true; do echo again; sleep 60; done\r")
    written = [(after, text) for after, text in islice(told, 200) if text.startswith(b"again")]
    assert written[:3] == [(0, b"again\r\n"), (60_000, b"again\r\n"), (120_000, b"again\r\n")]
    assert terminal.interrupt() == b"^C\r\n/ # "
    assert shown(terminal, b"echo $?\r").endswith(b"\r\n130\r\n/ # ")


def test_what_takes_no_time_and_has_no_end_is_interrupted() -> None:
    """A loop in which no time passes does not hold whoever looks."""
    terminal = Terminal(view(), Room(), tty=False)
    assert shown(terminal, b"while true; do :; done\necho $?\n") == b"130\n"
