"""What a container has written: the output of its command, as far as the simulated programs know it.

Asked by whoever reads a log. An image that is left its own command says nothing here. Invariant: a log is a
function of the pod, the objects it names and the time; reading it changes nothing.
"""

from collections.abc import Iterator

from msgspec import Struct

from cluster.api.core import Container, Pod
from cluster.kubelet.runtime.execute import NotExecutable, Outcome, entry_point, execute, inside
from cluster.kubelet.runtime.shell import NotSimulated
from cluster.store import Store


class Line(Struct, frozen=True):
    """One line of a log: when it was written, in ms after the container's start, to which stream, and its text."""

    after: int
    stream: int
    text: bytes


def lines(store: Store, pod: Pod, container: Container, started: str) -> Iterator[Line]:
    """The lines of a container that started at a time (RFC 3339), in order; the last may lack its end."""
    for output in _ran(store, pod, container, started).outputs:
        for text in output.data.splitlines(keepends=True):
            yield Line(output.after, output.stream, text)


def _ran(store: Store, pod: Pod, container: Container, started: str) -> Outcome:
    view = inside(store, pod, container)
    argv = entry_point(container, view)
    try:
        return execute(view, argv, started) if argv else Outcome((), 0, 0)
    except (NotExecutable, NotSimulated):
        return Outcome((), 0, 0)
