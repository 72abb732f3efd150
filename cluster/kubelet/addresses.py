"""The pod addresses of one node, given out of its range: the lowest free one first.

Mirrors the host-local address management of CNI. Invariant: what is free follows from the pods
that hold addresses, so a kubelet that counts them again gives the same ones.
"""

from heapq import heappop, heappush
from ipaddress import IPv4Address, IPv4Network

FIRST = 2  # the network's first address is the bridge's


class Addresses:
    """Addresses of a range such as `10.244.1.0/24`."""

    __slots__ = ("_free", "_held", "_last", "_next", "_prefix", "_start")

    def __init__(self, cidr: str) -> None:
        network = IPv4Network(cidr)
        self._start = int(network.network_address)
        self._last = network.num_addresses - 2
        self._prefix = cidr.rpartition(".")[0] + "." if network.prefixlen >= 24 and self._start & 255 == 0 else ""
        self._free: list[int] = []
        self._held: set[int] = set()
        self._next = FIRST

    def take(self) -> str:
        """The lowest free address; nothing if all are held."""
        while self._free and self._free[0] in self._held:
            heappop(self._free)
        if self._free:
            offset = heappop(self._free)
        elif self._next <= self._last:
            offset = self._next
            self._next += 1
        else:
            return ""
        self._held.add(offset)
        return f"{self._prefix}{offset}" if self._prefix else str(IPv4Address(self._start + offset))

    def hold(self, address: str) -> None:
        """Count an address as held, if it is of this range."""
        offset = self._offset(address)
        if offset is None:
            return
        for skipped in range(self._next, offset):
            heappush(self._free, skipped)
        self._next = max(self._next, offset + 1)
        self._held.add(offset)

    def release(self, address: str) -> None:
        """Give an address back."""
        offset = self._offset(address)
        if offset is not None and offset in self._held:
            self._held.discard(offset)
            heappush(self._free, offset)

    def _offset(self, address: str) -> int | None:
        if self._prefix and address.startswith(self._prefix):
            return int(address[len(self._prefix) :])
        parts = [int(part) for part in address.split(".")]
        offset = (parts[0] << 24 | parts[1] << 16 | parts[2] << 8 | parts[3]) - self._start
        return offset if FIRST <= offset <= self._last else None
