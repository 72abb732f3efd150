"""Scripts of all sorts: whatever a container is told to run, it is run, refused, or found to have no end."""

from hypothesis import given, settings
from hypothesis import strategies as st

from cluster.api.core import Container, Pod
from cluster.kubelet.runtime.entry_points import is_program
from cluster.kubelet.runtime.execute import Inside, look
from cluster.kubelet.runtime.filesystem import Files
from cluster.kubelet.runtime.simulation import Sight
from cluster.kubelet.runtime.syntax import NotSimulated

PROGRAMS = (
    "cat", "date", "echo", "env", "false", "ls", "mkdir", "mv", "cp", "rm", "tee", "test", "[", "[[", "touch",
    "find", "chmod", "awk", "base64", "cut", "expr", "grep", "head", "printf", "sed", "seq", "sort", "tail", "tr",
    "uniq", "wc", "sleep", "timeout", "sh", ".", "break", "cd", "continue", "eval", "exec", "exit", "export",
    "kill", "let", "read", "return", "set", "shift", "trap", "unset", "wait", "which", "nothing",
)  # fmt: skip
WORDS = (
    "-n", "-c", "-d", "-f", "-r", "-i", "-p", "1", "2", "0.5", "-1", "a", "'b c'", "/etc/x", "/tmp", "/tmp/f", "/",
    "'*'", "'['", "'('", "'%d'", "'%5.1f'", "'s/a/b/'", "'s/(/x/'", "'$p'", "'{print $1}'", "+%s", "u+x", "=",
    "-eq", "]", "]]", "!", "EXIT", "TERM", "$!", "$?", "$x", '"$@"', "${x:-y}", "${x##*/}", "${x/a/b}", "$((x+1))",
    "$((1/0))", "$(echo a)", "i++", "2>/dev/null", ">/tmp/o", ">>/tmp/o", "</etc/x", "2>&1", "<<<hi",
)  # fmt: skip
SHAPES = (
    "{0}", "{0} | {1}", "{0}; {1}", "{0} && {1} || {2}", "for i in a b; do {0}; done", "while {0}; do {1}; break; done",
    "if {0}; then {1}; else {2}; fi", "case a in a) {0};; *) {1};; esac", "f() {{ {0}; }}; f a; {1}", "({0}); {1}",
    "{{ {0}; }} > /tmp/o", "{0} & {1}; wait", "x=$({0}); echo $x", "trap '{0}' EXIT; {1}", "set -e; {0}; {1}",
    "while read l; do {0}; sleep 1; done < /etc/x", "{0} | while read a b; do {1}; done", "cat <<E\n$({0})\nE\n{1}",
)  # fmt: skip
command = st.builds(
    lambda program, words: " ".join([program, *words]),
    st.sampled_from(PROGRAMS), st.lists(st.sampled_from(WORDS), max_size=4),
)  # fmt: skip


def compound(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Commands made of commands."""
    return st.builds(lambda shape, parts: shape.format(*parts), st.sampled_from(SHAPES), st.tuples(inner, inner, inner))


scripts = st.recursive(command, compound, max_leaves=6)


def seen(script: str, until: int | None) -> Sight | None:
    """The script as it stands at a time, or at its end; None if it is beyond the shell."""
    view = Inside(Pod(), Container(), {"x": "a/b"}, Files.of({"/etc/x": b"b 2\na 10\n"}, ["/tmp"]))
    try:
        return look(view, ["sh", "-c", script], "2026-01-01T00:00:00Z", until=until)
    except NotSimulated:
        return None


@settings(max_examples=150, deadline=None)
@given(scripts)
def test_any_script_is_run_or_refused(script: str) -> None:
    """Nothing but NotSimulated comes out of a script, and what it writes comes in the order of its time."""
    whole = seen(script, None)
    if whole is not None:
        times = [output.after for output in whole.outputs]
        assert times == sorted(times)


@settings(max_examples=100, deadline=None)
@given(scripts, st.integers(0, 3000))
def test_what_was_seen_stays(script: str, early: int) -> None:
    """Whoever looks later sees what was to be seen earlier, and then what has come since."""
    first, second = seen(script, early), seen(script, 5000)
    if first is None or second is None:
        return
    told = [output for output in first.outputs if output.after <= early]
    assert [output for output in second.outputs if output.after <= early] == told


def test_the_programs_of_the_scripts_are_known() -> None:
    """Most of what the scripts run is there, so that they say something."""
    assert sum(map(is_program, PROGRAMS)) > len(PROGRAMS) // 2
