"""What a client is told beside the answer to a request that was accepted.

One collector goes with one request: decoding, the admission plugins and the facade add to it, and
the facade puts what it holds into Warning headers. Mirrors k8s.io/apiserver/pkg/warning. Invariant:
a text is told once, in the order in which it was first said.
"""


class Warnings:
    """The warnings of one request."""

    __slots__ = ("_texts",)

    def __init__(self) -> None:
        self._texts: dict[str, None] = {}

    def add(self, *texts: str) -> None:
        """Tell the client of these."""
        self._texts.update(dict.fromkeys(texts))

    @property
    def texts(self) -> tuple[str, ...]:
        """What was said so far."""
        return tuple(self._texts)
