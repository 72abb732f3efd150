"""`nslookup`, in the three sorts that images have: busybox up to 1.28, busybox since, and BIND's.

One of the programs that use the network. Invariant: what is shown is what the container's DNS server answers; only how
it is shown, and whether the search list counts, depends on the image.
"""

from cluster.kubelet.runtime.programs import Run
from cluster.kubelet.runtime.sockets import Resolver, Sockets, resolver_of
from cluster.network import Answer, Record

GIVES_UP = 10_000
"""After how long (ms) a server that does not answer is given up."""
TYPES = ("A", "AAAA", "ANY", "CNAME", "MX", "NS", "PTR", "SOA", "SRV", "TXT")
_BUSYBOX = ("busybox", "alpine")
NO_SERVER = ";; connection timed out; no servers could be reached\n\n"


def nslookup(run: Run, sockets: Sockets, words: list[str]) -> int:
    """Run it; the exit code."""
    kinds = [word.partition("=")[2].upper() for word in words if word.startswith(("-type=", "-querytype=", "-q="))]
    names = [word for word in words if not word.startswith("-")]
    wrong = next((kind for kind in kinds if kind not in TYPES), "")
    if wrong:
        return run.refuse(f'nslookup: invalid query type "{wrong}"')
    if not names:
        return run.refuse("Usage: nslookup [HOST] [SERVER]")
    resolver = resolver_of(run.files.read("/etc/resolv.conf") or b"")
    server = names[1] if len(names) > 1 else next(iter(resolver.servers), "127.0.0.1")
    image, _, tag = sockets.image.partition("@")[0].rpartition("/")[2].partition(":")
    asked = _Question(names[0].lower(), tuple(kinds), server, resolver)
    if sockets.query(run, server, "cluster.local", "A") is None:
        run.elapsed += GIVES_UP
        run.write(NO_SERVER)
        return 1
    if image in _BUSYBOX:
        return _classic(run, sockets, asked) if image == "busybox" and _is_old(tag) else _busybox(run, sockets, asked)
    return _bind(run, sockets, asked)


class _Question:
    """What one wants to know, of which server."""

    def __init__(self, name: str, kinds: tuple[str, ...], server: str, resolver: Resolver) -> None:
        self.name, self.server, self.resolver = name, server, resolver
        parts = name.split(".")
        backwards = len(parts) == 4 and all(part.isdecimal() for part in parts)
        if backwards and not kinds:
            self.name = ".".join(reversed(parts)) + ".in-addr.arpa"
        self.kinds = kinds or (("PTR",) if backwards else ("A", "AAAA"))

    def ask(self, run: Run, sockets: Sockets, name: str, kind: str) -> Answer:
        """The server's answer."""
        return sockets.query(run, self.server, name, kind) or Answer()


def _is_old(tag: str) -> bool:
    numbers = [part for part in tag.partition("-")[0].split(".") if part.isdecimal()]
    return len(numbers) > 1 and (int(numbers[0]), int(numbers[1])) < (1, 29)


def _classic(run: Run, sockets: Sockets, asked: _Question) -> int:
    """Up to 1.28: by getaddrinfo, with a name for each address that has one."""

    def shown(address: str) -> str:
        backwards = ".".join(reversed(address.split("."))) + ".in-addr.arpa"
        names = asked.ask(run, sockets, backwards, "PTR").records
        return f"{address} {names[0].data}" if names else address

    run.write(f"Server:    {asked.server}\nAddress 1: {shown(asked.server)}\n\n")
    name = ".".join(reversed(asked.name.split(".")[:4])) if asked.kinds == ("PTR",) else asked.name
    addresses = sockets.addresses(run, name)
    if not addresses:
        return run.refuse(f"nslookup: can't resolve '{name}'")
    lines = [f"Address {number}: {shown(address)}" for number, address in enumerate(addresses, start=1)]
    run.write("\n".join((f"Name:      {name}", *lines, "")))
    return 0


def _busybox(run: Run, sockets: Sockets, asked: _Question) -> int:
    """Since 1.29: every query's answer by itself; the search list counts for names without a dot."""
    run.write(f"Server:\t\t{asked.server}\nAddress:\t{asked.server}:53\n\n")
    searched = "." not in asked.name and asked.kinds != ("PTR",) and asked.resolver.searches
    names = [f"{asked.name}.{domain}" for domain in asked.resolver.searches] if searched else [asked.name]
    code = 0
    for kind in asked.kinds:
        for name in names:
            answer = asked.ask(run, sockets, name, kind)
            if not answer.exists:
                run.write(f"** server can't find {name}: NXDOMAIN\n\n")
                code = 1
            else:
                run.write("".join(_line(record) for record in answer.records) + "\n")
    return code


def _bind(run: Run, sockets: Sockets, asked: _Question) -> int:
    """BIND's: the first name of the search list that is there."""
    run.write(f"Server:\t\t{asked.server}\nAddress:\t{asked.server}#53\n\n")
    names = [asked.name] if asked.kinds == ("PTR",) else asked.resolver.candidates(asked.name)
    for name in names:
        answers = [asked.ask(run, sockets, name, kind) for kind in asked.kinds]
        if any(answer.exists for answer in answers):
            records = list(dict.fromkeys(record for answer in answers for record in answer.records))
            if not records:
                run.write(f"*** Can't find {asked.name}: No answer\n\n")
                return 1
            run.write("".join(_line(record, dot=".") for record in records) + "\n")
            return 0
    run.write(f"** server can't find {asked.name}: NXDOMAIN\n\n")
    return 1


_WORDS = {"CNAME": "canonical name", "PTR": "name", "SRV": "service"}


def _line(record: Record, dot: str = "") -> str:
    """A record as both of the newer ones show it."""
    if record.kind in ("A", "AAAA"):
        return f"Name:\t{record.name}\nAddress: {record.data}\n"
    return f"{record.name}\t{_WORDS[record.kind]} = {record.data}{dot}\n"
