"""One node's agent: what a kubelet holds in its head about its node, all of it countable again.

Mirrors the kubelet process of one node. Invariant: dropping an agent and reading nodes and pods
again gives an equal one.
"""

from cluster.api.core import Node
from cluster.kubelet.addresses import Addresses
from cluster.kubelet.admit import Ledger
from cluster.kubelet.runtime.images import Images


class Agent:
    """A node's number and address, what its pods take, its images, and whether its kubelet runs."""

    __slots__ = (
        "address",
        "addresses",
        "deferred",
        "due",
        "images",
        "ledger",
        "name",
        "node",
        "pressed",
        "shutting",
        "stopped",
        "told",
        "unseen",
    )

    def __init__(self, name: str) -> None:
        self.name = name
        self.address = ""
        self.node: Node | None = None
        self.stopped = False
        self.ledger = Ledger()
        self.images = Images()
        self.addresses: Addresses | None = None
        self.unseen: dict[str, None] = {}
        """Keys of pods that were bound here and that the kubelet has not looked at yet."""
        self.pressed = False
        """Whether its memory runs short."""
        self.shutting: int | None = None
        """Since when it shuts down (ms)."""
        self.deferred: dict[str, None] = {}
        """Keys of pods that wait for room to be resized."""
        self.told: dict[str, None] = {}
        """Keys of pods here whose annotations say how much memory they use."""
        self.due: int | None = None
        """When it looks at their use (ms)."""

    @property
    def live(self) -> bool:
        """Whether its kubelet acts."""
        return self.node is not None and not self.stopped
