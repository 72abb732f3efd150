"""What a container has written: the output of its command, as far as it is simulated.

Asked by whoever reads a log. A server says nothing here. Invariant: a log is a function of the pod, the
objects it names and the time, or was kept when its process ended; reading it changes nothing.
"""

from collections.abc import Iterator

from msgspec import Struct

from cluster.api.core import Container, Pod
from cluster.kubelet.runtime import commands, endings
from cluster.store import Store


class Line(Struct, frozen=True):
    """One line of a log: when it was written, in ms after the container's start, to which stream, and its text."""

    after: int
    stream: int
    text: bytes


def lines(store: Store, pod: Pod, container: Container, started: str, until: int, *, after: int = -1) -> Iterator[Line]:
    """The lines written later than `after` and up to `until` ms after the start (RFC 3339), in order.

    The last may lack its end.
    """
    outputs = endings.kept(store, pod, container.name, started)
    if outputs is None:
        found = commands.seen(store, pod, container, started, until, after=after)
        outputs = found.outputs if found is not None else ()
    for output in outputs:
        if not after < output.after <= until:
            continue  # a program that waits has written what it will say when it has waited
        for text in output.data.splitlines(keepends=True):
            yield Line(output.after, output.stream, text)
