"""What scripts do beyond simple commands: jobs, functions, signals, documents, streams, and the programs on text."""

import pytest

from cluster.api.core import Container, Pod
from cluster.kubelet.runtime.execute import Inside, look
from cluster.kubelet.runtime.filesystem import Files
from cluster.kubelet.runtime.jobs import FOREVER
from cluster.kubelet.runtime.simulation import Sight
from cluster.kubelet.runtime.syntax import NotSimulated

DATE = "2026-01-01T00:00:00Z"
FILES = {
    "/etc/x": b"b 2\na 10\nb 2\n",
    "/run.sh": b"#!/bin/sh\necho ran $1\n",
    "/etc/conf": b"key=value\n# no\nname=web\n",
}


def run(script: str, until: int | None = None, foreign: int = 0) -> Sight:
    """A script in a container with a few files."""
    view = Inside(Pod(), Container(), {"NAME": "web", "EMPTY": ""}, Files.of(FILES, ["/tmp"]))
    return look(view, ["sh", "-c", script], DATE, until=until, foreign=foreign)


def lines(seen: Sight, stream: int = 1) -> list[tuple[int, str]]:
    """What was written, and when."""
    return [(output.after, output.data.decode()) for output in seen.outputs if output.stream == stream]


def said(script: str) -> str:
    """Everything that a script writes to stdout."""
    return "".join(text for _, text in lines(run(script)))


@pytest.mark.parametrize(
    ("script", "out"),
    [
        ("f() { echo $1 $#; return 3; }; f a b; echo $?", "a 2\n3\n"),
        ("function f { local x=1; echo $x; }\nf", "1\n"),
        ("set -- a 'b c'; for i; do echo \"$i\"; done; shift; echo $# \"$@\"", "a\nb c\n1 b c\n"),
        ("cat <<EOF\nhi $NAME $((1+2)) $(echo sub) \\$x\nEOF\necho end", "hi web 3 sub $x\nend\n"),
        ("cat <<'EOF' > /tmp/f\n$NAME\nEOF\ncat /tmp/f", "$NAME\n"),
        ("if true; then\n\tcat <<-E\n\t\tin\n\tE\nfi; cat <<< one", "in\none\n"),
        ("printf 'a b\\nc d\\n' | while read x y; do echo \"$y-$x\"; done", "b-a\nd-c\n"),
        ("while read -r k; do echo got $k; done < /etc/conf | head -n 1", "got key=value\n"),
        ("IFS== read k v < /etc/conf; echo $k $v", "key value\n"),
        ("for ((i=0; i<3; i++)); do echo -n $i; done; ((i+=2)); echo $i; let i=i*2; echo $i", "0125\n10\n"),
        ("echo $(( (2+3)*4 % 7 )) $((1<2 && !0)) $((0x10)) $((-7/2))", "6 1 16 -3\n"),
        ("x=/a/b.tar.gz; echo ${x##*/} ${x%.*} ${x%%.*} ${x#/} ${#x} ${x/a/z} ${x:1:3}",
         "b.tar.gz /a/b.tar /a/b a/b.tar.gz 11 /z/b.tar.gz a/b\n"),
        ("echo ${EMPTY:-a} ${EMPTY-b} ${N:=c} $N ${N:+d}; : ${M:?gone}; echo never", "a c c d\n"),
        ("case abc in a?c) echo one;; esac; case x in [!a-c]|y) echo two;; *) echo three;; esac", "one\ntwo\n"),
        ("[[ abc == a* && -f /etc/x ]] && echo y; [[ a =~ ^b ]] || echo n", "y\nn\n"),
        ("cd /etc; ls | tr '\\n' ' '; echo *x; cd - ; pwd", "conf x x\n/\n"),
        ("sh /run.sh a; . /run.sh; eval 'X=1; echo $X'; X=2 sh -c 'echo $X'; echo $X", "ran a\nran\n1\n2\n1\n"),
        ("chmod +x /run.sh; /run.sh b; env A=1 sh -c 'echo $A'; command -v echo nope; exec > /tmp/o; echo lost",
         "ran b\n1\n/bin/echo\n"),
        ("trap 'echo bye' EXIT; exit 3", "bye\n"),
        ("set -x; A=b; echo $A; set +x", "b\n"),
        ("i=0; while true; do i=$((i+1)); while :; do [ $i = 3 ] && break 2; continue 2; done; done; echo $i", "3\n"),
        ("{ echo a; echo b; } > /tmp/f; (echo c) >> /tmp/f; wc -l < /tmp/f; echo x 2>&1 >/dev/null | cat", "3\n"),
    ],
)  # fmt: skip
def test_the_shell_does_what_a_shell_does(script: str, out: str) -> None:
    """Functions, parameters, documents, reading, sums, patterns and scripts in files."""
    assert said(script) == out


@pytest.mark.parametrize(
    ("script", "out"),
    [
        ("sort /etc/x; sort -u /etc/x | wc -l; sort -nr <<E\n3\n10\nE", "a 10\nb 2\nb 2\n2\n10\n3\n"),
        ("cut -d' ' -f2 /etc/x; echo abc | cut -c2-; echo a:b:c | cut -d: -f1,3", "2\n10\n2\nbc\na:c\n"),
        ("sort /etc/x | uniq -c; echo aabb | tr -s a-b; echo Up | tr a-z A-Z; echo a-b | tr -d -",
         "      1 a 10\n      2 b 2\nab\nUP\nab\n"),
        ("sed 's/=/: /; /^#/d' /etc/conf; sed -n '2p;$p' /etc/x; sed -i s/web/db/g /etc/conf; tail -n1 /etc/conf",
         "key: value\nname: web\na 10\nb 2\nname=db\n"),
        ("grep -c b /etc/x; grep -n a /etc/x; grep -v '^#' /etc/conf | grep -o 'n.*'; grep -q z /etc/x; echo $?",
         "2\n2:a 10\nname=web\n1\n"),
        ("awk '{print $2}' /etc/x; echo a,b | awk -F, '{print $NF}'; basename /a/b.sh .sh; dirname /a/b",
         "2\n10\n2\nb\nb\n/a\n"),
        ("echo -n hi | base64; echo aGk= | base64 -d; echo; echo -n a | md5sum", "aGk=\nhi\n0cc175b9c0f1b6a831c399e269772661  -\n"),
        ("printf '%s=%d|' a 1 b 2; printf '%05.1f %-3s.\\n' 2.25 x; seq 1 2 5 | tr '\\n' ' '", "a=1|b=2|002.2 x  .\n1 3 5 "),
        ("mkdir -p /a/b; touch /a/b/f.txt; find /a -type f -name '*.txt'; head -c2 /etc/x; echo; tail -n +3 /etc/x",
         "/a/b/f.txt\nb \nb 2\n"),
        ("touch /tmp/f; chmod 750 /tmp/f; ls -l /tmp", "total 0\n-rwxr-x---    1 root     root             0 Jan  1 00:00 f\n"),
    ],
)  # fmt: skip
def test_programs_on_text_and_files(script: str, out: str) -> None:
    """The usual filters with their usual options."""
    assert said(script) == out


def test_jobs_run_beside_the_script() -> None:
    """What is started with & goes on by itself; `wait` waits for it and has its code; without it nobody does."""
    seen = run("(sleep 2; echo two; exit 4) & echo one; wait $!; echo $?; sleep 1 & sleep 3 & wait; date +%S")
    assert (lines(seen), seen.took) == ([(0, "one\n"), (2000, "two\n"), (2000, "4\n"), (5000, "05\n")], 5000)
    assert run("sleep 100 & echo done").took == 0


def test_a_job_can_be_killed() -> None:
    """`kill` ends it with the signal's code; a number that is none is refused."""
    seen = run("while true; do echo x; sleep 1; done & p=$!; sleep 2.5; kill $p; wait $p; echo $?; kill 99")
    assert [text for _, text in lines(seen)] == ["x\n", "x\n", "x\n", "143\n"]
    assert lines(seen, 2) == [(2500, "sh: 1: kill: No such process\n")]


def test_pipes_pass_on_what_comes() -> None:
    """Filters show each line when it is written, not at the end."""
    seen = run("for i in 1 2 3; do echo $i; sleep 5; done | grep -v 2 | sed 's/^/n/'", until=60_000)
    assert lines(seen) == [(0, "n1\n"), (10_000, "n3\n")]
    assert seen.took == 15_000


def test_a_file_is_followed_as_it_grows() -> None:
    """`tail -f` shows the last lines, then what others write, and never ends; with -F the file may come later."""
    script = (
        "echo old > /tmp/log; (sleep 5; echo new >> /tmp/log; sleep 5; echo newer >> /tmp/log) & tail -n 1 -f /tmp/log"
    )
    seen = run(script, until=60_000)
    assert (lines(seen), seen.code) == ([(0, "old\n"), (5000, "new\n"), (10_000, "newer\n")], None)
    assert run(script).took == FOREVER
    late = run("(sleep 3; echo there > /tmp/late) & tail -F /tmp/late", until=10_000)
    assert [text for _, text in lines(late) if text] == ["there\n"]
    missing = run("tail -f /tmp/none; echo $?")
    assert lines(missing) == [(0, "1\n")]


@pytest.mark.parametrize(
    "script",
    ["while true; do date; sleep 1; done & wait", "while true; do sleep 1; done | cat", "sleep infinity & wait",
     "f() { while true; do sleep 1; done; }; f", "trap 'exit 0' TERM; while true; do sleep 1 & wait $!; done"],
)  # fmt: skip
def test_what_has_no_end_is_seen_to_have_none(script: str) -> None:
    """Jobs and pipes without an end are found out as loops are."""
    assert run(script).took == FOREVER


def test_a_program_has_so_much_time() -> None:
    """`timeout` ends what takes longer; what is faster keeps its code."""
    seen = run("timeout 5 sleep 60; echo $?; timeout 5s sh -c 'sleep 1; exit 2'; echo $?")
    assert lines(seen) == [(5000, "143\n"), (6000, "2\n")]


def test_scripts_need_to_be_executable() -> None:
    """A file is no program by itself; a program that there is none of is not found."""
    seen = run("/run.sh; echo $?; /none.sh; echo $?")
    assert [text for _, text in lines(seen)] == ["126\n", "127\n"]
    assert [text for _, text in lines(seen, 2)] == [
        "sh: 1: /run.sh: Permission denied\n",
        "sh: 1: /none.sh: not found\n",
    ]


def test_errors_end_a_script_that_says_so() -> None:
    """`set -e` counts where nobody looks at the code: in functions and groups, not in conditions."""
    assert said("set -e; f() { false; echo in; }; if f; then echo ok; fi; f; echo never") == "in\nok\n"
    assert said("sh -ec 'false || true; ! true; echo on; (exit 3); echo never'; echo $?") == "on\n3\n"


@pytest.mark.parametrize(
    "script",
    ["grep '['", "sed 's/a/\\9/' /etc/x", "awk '/(/ {print}' /etc/x", "[[ a =~ ( ]]", "echo % | base64 -d", "printf %5.2f x",
     "cp -r / /tmp", "f() { f; }; f", "trap 'break' EXIT; false", "cut -d '' -f 1 /etc/x", "find /etc -mmin",
     "echo $((1/0))", "x=$((2**99))"],
)  # fmt: skip
def test_nonsense_is_refused_as_any_other(script: str) -> None:
    """Whatever a manifest says, it is a complaint or beyond the shell, and never an error of the simulator."""
    try:
        seen = run(script)
    except NotSimulated:
        return
    assert seen.took in (0, FOREVER)
