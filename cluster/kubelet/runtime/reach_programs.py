"""`nc` and `ping`: whether somebody is there.

Two of the programs that use the network, in busybox's words. Invariant: `ping` meets pods and nodes; a Service's address
is no machine and answers connections alone.
"""

from cluster.kubelet.runtime import options
from cluster.kubelet.runtime.jobs import FOREVER
from cluster.kubelet.runtime.programs import STDERR, Run
from cluster.kubelet.runtime.requests import Url, connect, exchange
from cluster.kubelet.runtime.sockets import Server, Sockets
from cluster.network import UDP, Failure

SIZE = 56
SECOND = 1000
GIVES_UP = 10_000
"""How long (ms) `ping` waits for the last answer."""
_TOOK = "0.100"


def nc(run: Run, sockets: Sockets, words: list[str]) -> int:
    """Connect to a port, or listen on one; the exit code."""
    try:
        given = options.read(words, "zvnulk46N", "wpq", {})
    except options.UnknownOption as unknown:
        return run.refuse(f"nc: unrecognized option: {str(unknown).lstrip('-')}")
    if "l" in given:
        run.elapsed += FOREVER
        return 0
    if len(given.rest) < 2 or not given.rest[1].isdecimal():
        return run.refuse("BusyBox (simulated) nc\n\nUsage: nc [-zvu] [-w SEC] HOST PORT")
    host, port = given.rest[0], int(given.rest[1])
    addresses = sockets.addresses(run, host)
    if not addresses:
        return run.refuse(f"nc: bad address '{host}'")
    where = f"{host} ({addresses[0]}:{port})"
    if "u" in given:
        # Nobody refuses a datagram that is never answered.
        found: Server | Failure | None = sockets.dial(run, addresses[0], port, UDP)
        found = found if found is Failure.REFUSED else None
    else:
        found = connect(run, sockets, addresses[0], port, given.seconds("w"))
    if isinstance(found, Failure):
        why = "timed out" if found is Failure.DROPPED and "w" in given else f"{where}: {found.value}"
        return run.refuse(f"nc: {why}") if "v" in given or "z" not in given else 1
    if "v" in given:
        run.write(f"{where} open\n", STDERR)
    return _talk(run, found, host) if found is not None and "z" not in given else 0


def _talk(run: Run, server: Server, host: str) -> int:
    """Send what comes in, and show what comes back."""
    words = run.stdin.partition(b"\n")[0].decode("utf-8", "replace").split()
    if len(words) == 3:
        reply = exchange(run, server, Url("http", host, server.port, words[1]), words[0], {})
        if reply is not None:
            run.write("\r\n".join((reply.status, *reply.headers, "", "")).encode() + reply.body)
    return 0


def ping(run: Run, sockets: Sockets, words: list[str]) -> int:
    """Send some pings; the exit code is 0 if one came back."""
    try:
        given = options.read(words, "q4n", "cwWisI", {})
    except options.UnknownOption as unknown:
        return run.refuse(f"ping: unrecognized option: {str(unknown).lstrip('-')}")
    count = int(given.value("c")) if given.value("c").isdecimal() else 0
    if not given.rest or not count:
        return run.refuse("ping: the simulated ping wants -c COUNT and a host")
    host = given.rest[0]
    addresses = sockets.addresses(run, host)
    if not addresses:
        return run.refuse(f"ping: bad address '{host}'")
    address, received = addresses[0], 0
    run.write(f"PING {host} ({address}): {SIZE} data bytes\n")
    for number in range(count):
        if sockets.stands(run, address):
            received += 1
            if "q" not in given:
                run.write(f"{SIZE + 8} bytes from {address}: seq={number} ttl=62 time={_TOOK} ms\n")
        if number + 1 < count:
            run.elapsed += SECOND
    if not received:
        run.elapsed += given.seconds("W") or GIVES_UP
    lost = 100 * (count - received) // count
    run.write(f"\n--- {host} ping statistics ---\n")
    run.write(f"{count} packets transmitted, {received} packets received, {lost}% packet loss\n")
    if received:
        run.write(f"round-trip min/avg/max = {_TOOK}/{_TOOK}/{_TOOK} ms\n")
    return 0 if received else 1
