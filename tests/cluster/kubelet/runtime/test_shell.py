"""Scripts as tutorials write them: loops, conditions, pipes, files, and where they end."""

import pytest

from cluster.api.core import Container, Pod
from cluster.kubelet.runtime.execute import Inside, look
from cluster.kubelet.runtime.filesystem import Files
from cluster.kubelet.runtime.jobs import FOREVER
from cluster.kubelet.runtime.simulation import Sight

DATE = "2026-01-01T00:00:00Z"


def run(script: str, until: int | None = None, foreign: int = 0) -> Sight:
    """A script in an empty container."""
    view = Inside(
        Pod(), Container(), {"NAME": "web", "TWO": "a b"}, Files.of({"/etc/x": b"1\n2\n3\n"}, ["/etc", "/tmp"])
    )
    return look(view, ["sh", "-c", script], DATE, until=until, foreign=foreign)


def said(seen: Sight) -> str:
    """Everything that was written to stdout."""
    return b"".join(output.data for output in seen.outputs if output.stream == 1).decode()


@pytest.mark.parametrize(
    ("script", "out"),
    [
        ("for i in 1 2 3; do echo $i; done", "1\n2\n3\n"),
        ("for i in $(seq 3 -1 1)\ndo\n  echo -n $i\ndone", "321"),
        ("i=0; while [ $i -lt 3 ]; do echo $i; i=$((i+1)); done", "0\n1\n2\n"),
        ("i=2; until [ $i = 0 ]; do i=`expr $i - 1`; done; echo $i", "0\n"),
        ("for i in 1 2 3; do if [ $i -eq 2 ]; then continue; elif [ $i -eq 3 ]; then break; else echo $i; fi; done", "1\n"),
        ("case $NAME in db|cache) echo no;; w*) echo yes;; esac", "yes\n"),
        ("if ! false; then echo a; fi; false || { echo b; }; (NAME=x; echo $NAME); echo $NAME", "a\nb\nx\nweb\n"),
        ("echo one > /tmp/f; echo two >> /tmp/f; cat < /tmp/f | grep -v one; wc -l /tmp/f", "two\n2 /tmp/f\n"),
        ("echo lost > /dev/null; echo err 1>&2; nothing 2>/dev/null; echo ${MISSING:-other} ${NAME:+set}", "other set\n"),
        ("cat /etc/* | head -2 | tail -n 1; printf '%s-%d\\n' a 7; echo $TWO \"$TWO\"; echo \"it's \\$5\"", "2\na-7\na b a b\nit's $5\n"),
        ("mkdir -p /a/b && touch /a/b/c && ls /a/b && mv /a/b/c /a/d && cp /a/d /tmp && rm -rf /a; ls /a || ls /tmp", "c\nd\n"),
        ("test -f /etc/x && test -d /etc && [ -z '' -a -n x ] && echo files # a comment", "files\n"),
        ("set -e; false || true; echo on; false; echo never", "on\n"),
        ("date +%s; exec echo last; echo never", "1767225600\nlast\n"),
        ("echo -e 'a\\tb' | tee /tmp/t; uname; echo $0$1", "a\tb\nLinux\nsh\n"),
    ],
)  # fmt: skip
def test_a_script_does_what_a_shell_does(script: str, out: str) -> None:
    """Loops, branches, patterns, substitutions, redirections and pipes are a POSIX shell's."""
    assert said(run(script)) == out


@pytest.mark.parametrize(
    ("script", "out", "code"),
    [
        ("touch /none/x", "touch: /none/x: No such file or directory\n", 1),
        ("rm /none", "rm: can't remove '/none': No such file or directory\n", 1),
        ("mkdir /a/b", "mkdir: can't create directory '/a/b': No such file or directory\n", 1),
        ("echo > /none/x", "sh: 1: cannot create /none/x: Directory nonexistent\n", 2),
        ("cat < /none", "sh: 1: cannot open /none: No such file\n", 2),
        ("[ a = b", "sh: 1: [: missing ]\n", 2),
        ("cp /none /tmp", "cp: can't stat '/none': No such file or directory\n", 1),
        ("seq", "seq: missing operand\n", 1),
    ],
)
def test_a_failure_is_told_on_stderr(script: str, out: str, code: int) -> None:
    """What cannot be done is a complaint and an exit code."""
    seen = run(script)
    assert (b"".join(output.data for output in seen.outputs).decode(), seen.code) == (out, code)


def test_a_loop_is_run_as_far_as_somebody_looks() -> None:
    """An endless loop has written what its time allows, with the time of each line."""
    seen = run("while true; do echo x; sleep 5; done", until=11_000)
    assert ([output.after for output in seen.outputs], seen.code) == ([0, 5000, 10_000], None)
    assert run("i=0; while true; do i=$((i+1)); sleep 1; [ $i = 3 ] && exit 4; done").took == 3000


@pytest.mark.parametrize(
    "script",
    ["while true; do sleep 1; done", "until false; do :; done", "tail -f /dev/null", "sleep infinity", "echo a; sleep inf",
     "i=0; while [ $i -ge 0 ]; do i=$((i+1)); done"],
)  # fmt: skip
def test_what_never_ends_is_seen_not_to(script: str) -> None:
    """The end of a process without one is never, found out at once."""
    seen = run(script)
    assert (seen.code, seen.took) == (None, FOREVER)


def test_files_are_as_the_process_has_left_them() -> None:
    """The probe file of a tutorial is there for thirty seconds."""
    script = "touch /tmp/healthy; sleep 30; rm -f /tmp/healthy; sleep 600"
    assert run(script, until=29_999).files.read("/tmp/healthy") == b""
    assert run(script, until=30_000).files.read("/tmp/healthy") is None
    assert (run(script).changed, run(script).code, run(script).took) == ((0, 30_000), 0, 630_000)


def test_a_program_that_is_not_simulated_takes_its_time() -> None:
    """In a script it is not found, or it runs for as long as the container lets such programs run."""
    assert run("server -x").code == 127
    assert (run("server; echo done", foreign=5000).took, said(run("server; echo done", foreign=5000))) == (
        5000,
        "done\n",
    )
    assert run("echo up; exec server", foreign=FOREVER).code is None
