"""`dig`, `host` and `getent`: the other ways to ask for a name.

Three of the programs that use the network. Mirrors BIND's tools and glibc's getent. Invariant: `dig` asks for the name as
it is given, the others along the search list.
"""

from zlib import crc32

from cluster.kubelet.runtime.name_programs import GIVES_UP, NO_SERVER, TYPES
from cluster.kubelet.runtime.programs import Run
from cluster.kubelet.runtime.sockets import Sockets, resolver_of
from cluster.network import Answer, Record

VERSION = "9.18.33"
TTL = 30
_ORIGIN = ("A", "AAAA")


def dig(run: Run, sockets: Sockets, words: list[str]) -> int:
    """Run `dig [@SERVER] NAME [TYPE] [+short]`; the exit code."""
    server = next((word[1:] for word in words if word.startswith("@")), "")
    server = server or next(iter(resolver_of(run.files.read("/etc/resolv.conf") or b"").servers), "127.0.0.1")
    plain = [word for word in words if not word.startswith(("@", "+", "-"))]
    backwards = "-x" in words
    kind = next((word.upper() for word in plain if word.upper() in TYPES), "PTR" if backwards else "A")
    name = next((word.lower().rstrip(".") for word in plain if word.upper() not in TYPES), "")
    if backwards:
        name = ".".join(reversed(name.split("."))) + ".in-addr.arpa"
    answer = sockets.query(run, server, name, kind)
    short = "+short" in words
    if answer is None:
        run.elapsed += GIVES_UP
        run.write(f";; communications error to {server}#53: timed out\n" + NO_SERVER.rstrip("\n") + "\n")
        return 9
    run.write(
        "".join(f"{_data(each)}\n" for each in answer.records) if short else _whole(words, server, name, kind, answer)
    )
    return 0


def _whole(words: list[str], server: str, name: str, kind: str, answer: Answer) -> str:
    """Everything that dig tells of an answer, but for how long it took."""
    status, number = "NOERROR" if answer.exists else "NXDOMAIN", crc32(name.encode()) & 0xFFFF
    lines = [
        "", f"; <<>> DiG {VERSION} <<>> {' '.join(words)}", ";; global options: +cmd", ";; Got answer:",
        f";; ->>HEADER<<- opcode: QUERY, status: {status}, id: {number}",
        f";; flags: qr aa rd; QUERY: 1, ANSWER: {len(answer.records)}, AUTHORITY: 0, ADDITIONAL: 0", "",
        ";; QUESTION SECTION:", f";{name}.\t\tIN\t{kind}", "",
    ]  # fmt: skip
    if answer.records:
        shown = (f"{each.name.rstrip('.')}.\t{TTL}\tIN\t{each.kind}\t{_data(each)}" for each in answer.records)
        lines += [";; ANSWER SECTION:", *shown, ""]
    return "\n".join((*lines, f";; SERVER: {server}#53({server}) (UDP)", "", ""))


def _data(record: Record) -> str:
    return record.data if record.kind in _ORIGIN else f"{record.data}."


def host(run: Run, sockets: Sockets, words: list[str]) -> int:
    """Run `host NAME`; the exit code."""
    names = [word for word in words if not word.startswith("-")]
    if not names:
        return run.refuse("Usage: host name")
    name, resolver = names[0].lower(), resolver_of(run.files.read("/etc/resolv.conf") or b"")
    parts = name.split(".")
    if len(parts) == 4 and all(part.isdecimal() for part in parts):
        backwards = ".".join(reversed(parts)) + ".in-addr.arpa"
        found = _ask(run, sockets, [backwards], ("PTR",))
        if found is None:
            run.write(f"Host {backwards}. not found: 3(NXDOMAIN)\n")
            return 1
        run.write("".join(f"{backwards} domain name pointer {_data(each)}\n" for each in found))
        return 0
    found = _ask(run, sockets, resolver.candidates(name), ("A", "AAAA"))
    if found is None:
        run.write(f"Host {name} not found: 3(NXDOMAIN)\n")
        return 1
    run.write("".join(_told(each) for each in found))
    return 0


def _told(record: Record) -> str:
    word = {"A": "has address", "AAAA": "has IPv6 address", "CNAME": "is an alias for"}[record.kind]
    return f"{record.name} {word} {_data(record)}\n"


def _ask(run: Run, sockets: Sockets, names: list[str], kinds: tuple[str, ...]) -> list[Record] | None:
    """The records of the first name that is there; None if none is."""
    server = next(iter(resolver_of(run.files.read("/etc/resolv.conf") or b"").servers), "127.0.0.1")
    for name in names:
        answers = [sockets.query(run, server, name, kind) or Answer() for kind in kinds]
        if any(answer.exists for answer in answers):
            return list(dict.fromkeys(record for answer in answers for record in answer.records))
    return None


def getent(run: Run, sockets: Sockets, words: list[str]) -> int:
    """Run `getent hosts NAME…`; the exit code is 2 if a name is not known."""
    if words[:1] not in (["hosts"], ["ahosts"], ["ahostsv4"]) or len(words) < 2:
        return run.refuse("getent: the simulated getent knows `getent hosts NAME` only")
    code = 0
    for name in words[1:]:
        addresses = sockets.addresses(run, name)
        full = name if not addresses else _full_name(run, sockets, name)
        run.write("".join(f"{address:<15} {full}\n" for address in addresses))
        code = code if addresses else 2
    return code


def _full_name(run: Run, sockets: Sockets, name: str) -> str:
    found = _ask(run, sockets, resolver_of(run.files.read("/etc/resolv.conf") or b"").candidates(name), ("A",))
    return found[-1].name if found else name
