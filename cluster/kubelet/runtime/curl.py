"""`curl`: fetch a URL, and tell what one wants to know of the answer.

One of the programs that use the network. Invariant: its words and exit codes are curl's; there is no progress meter.
"""

import re
from posixpath import dirname

from msgspec import Struct

from cluster.kubelet.runtime import options
from cluster.kubelet.runtime.options import Options
from cluster.kubelet.runtime.programs import STDERR, Run
from cluster.kubelet.runtime.requests import ENCRYPTED, Reply, Url, connect, exchange, url_of
from cluster.kubelet.runtime.sockets import Server, Sockets
from cluster.network import Failure

VERSION = "8.14.1"
BAD_URL, NO_HOST, NO_CONNECTION, HTTP_ERROR, TIMED_OUT, NO_TLS, EMPTY, NO_TRUST = 3, 6, 7, 22, 28, 35, 52, 60
UNKNOWN_OPTION, NOT_WRITTEN, UNSUPPORTED = 2, 23, 1
_FLAGS, _VALUED = "sSkLIifvO46gN", "omwXHdAuT1c"
_LONG = {
    "silent": "s", "show-error": "S", "insecure": "k", "location": "L", "head": "I", "include": "i", "fail": "f",
    "verbose": "v", "remote-name": "O", "ipv4": "4", "ipv6": "6", "output": "o", "max-time": "m", "write-out": "w",
    "request": "X", "header": "H", "data": "d", "user-agent": "A", "user": "u", "connect-timeout": "c", "no-buffer": "N",
    "cacert": "T", "retry": "1", "retry-delay": "1", "globoff": "g",
}  # fmt: skip
_VARIABLE = re.compile(r"%\{(\w+)\}")


class Exchange(Struct):
    """How one transfer went, as far as it did."""

    url: Url | None = None
    address: str = ""
    reply: Reply | None = None
    code: int = 0
    started: int = 0
    ended: int = 0


def curl(run: Run, sockets: Sockets, words: list[str]) -> int:
    """Run it; the exit code of the last transfer."""
    if words[:1] in (["--version"], ["-V"]):
        run.write(f"curl {VERSION} (simulated)\nProtocols: http https\n")
        return 0
    try:
        given = options.read(words, _FLAGS, _VALUED, _LONG)
    except options.UnknownOption as unknown:
        run.write(f"curl: option {unknown}: is unknown\n", STDERR)
        return run.refuse("curl: try 'curl --help' or 'curl --manual' for more information", UNKNOWN_OPTION)
    if not given.rest:
        return run.refuse("curl: (2) no URL specified", UNKNOWN_OPTION)
    code = 0
    for text in given.rest:
        transfer = Exchange(started=run.elapsed)
        code = transfer.code = _fetch(run, sockets, given, text, transfer)
        transfer.ended = run.elapsed
        if "w" in given:
            run.write(_told(given.value("w"), transfer))
    return code


def _fetch(run: Run, sockets: Sockets, given: Options, text: str, transfer: Exchange) -> int:
    url = transfer.url = url_of(text)
    if url is None:
        return _fail(run, given, BAD_URL, "URL rejected: No host part in the URL")
    if url.scheme not in ("http", "https"):
        return _fail(run, given, UNSUPPORTED, f'Protocol "{url.scheme}" not supported')
    addresses = sockets.addresses(run, url.host)
    if not addresses:
        return _fail(run, given, NO_HOST, f"Could not resolve host: {url.host}")
    transfer.address = addresses[0]
    server = connect(run, sockets, addresses[0], url.port, _patience(given))
    took = run.elapsed - transfer.started
    if server is Failure.DROPPED:
        limit = _patience(given)
        if limit is not None:
            return _fail(run, given, TIMED_OUT, f"Connection timed out after {took} milliseconds")
        where = f"Failed to connect to {url.host} port {url.port} after {took} ms: Could not connect to server"
        return _fail(run, given, TIMED_OUT, where)
    if isinstance(server, Failure):
        where = f"Failed to connect to {url.host} port {url.port} after {took} ms: Could not connect to server"
        return _fail(run, given, NO_CONNECTION, where)
    if "v" in given:
        run.write(f"* Connected to {url.host} ({addresses[0]}) port {url.port}\n", STDERR)
    return _untrusted(run, given, url, server) or _answered(run, given, url, server, transfer)


def _patience(given: Options) -> int | None:
    """How long to wait for a connection (ms), if it is told."""
    told = [limit for limit in (given.seconds("m"), given.seconds("c")) if limit is not None]
    return min(told, default=None)


def _untrusted(run: Run, given: Options, url: Url, server: Server) -> int:
    """What is wrong with an encrypted connection: there is none, or nobody vouches for the server."""
    if url.scheme != "https":
        return 0
    if server.port not in ENCRYPTED:
        words = "TLS connect error: error:0A00010B:SSL routines::wrong version number"
        return _fail(run, given, NO_TLS, words)
    if "k" in given or "T" in given:
        return 0
    return _fail(run, given, NO_TRUST, "SSL certificate problem: unable to get local issuer certificate")


def _answered(run: Run, given: Options, url: Url, server: Server, transfer: Exchange) -> int:
    method = given.value("X") or ("HEAD" if "I" in given else "POST" if "d" in given else "GET")
    headers = {"Host": url.shown_host, "User-Agent": given.value("A", f"curl/{VERSION}"), "Accept": "*/*"}
    headers |= {name: value.strip() for name, _, value in (each.partition(":") for each in given.given.get("H", []))}
    reply = transfer.reply = exchange(run, server, url, method, headers, given.value("d").encode())
    if reply is None:
        return _fail(run, given, EMPTY, "Empty reply from server")
    if "v" in given:
        sent = [f"{method} {url.path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), ""]
        told = [f"> {line}" for line in sent] + [f"< {line}" for line in (reply.status, *reply.headers, "")]
        run.write("".join(f"{line}\n" for line in told), STDERR)
    if "f" in given and reply.code >= 400:
        return _fail(run, given, HTTP_ERROR, f"The requested URL returned error: {reply.code}")
    head = "\r\n".join((reply.status, *reply.headers, "", "")).encode() if "I" in given or "i" in given else b""
    return _kept(run, given, url, head + reply.body)


def _kept(run: Run, given: Options, url: Url, content: bytes) -> int:
    """Write what came where it is wanted."""
    name = url.path.rpartition("/")[2] if "O" in given else given.value("o")
    if not name or name == "-":
        run.write(content)
    elif name != "/dev/null":
        if not run.files.is_folder(dirname(run.path(name))):
            return _fail(run, given, NOT_WRITTEN, f"client returned ERROR on write, 0 bytes written to {name}")
        run.put(run.path(name), content)
    return 0


def _fail(run: Run, given: Options, code: int, words: str) -> int:
    if "s" not in given or "S" in given:
        run.write(f"curl: ({code}) {words}\n", STDERR)
    return code


def _told(wanted: str, transfer: Exchange) -> str:
    """What --write-out asks for."""
    reply, url = transfer.reply, transfer.url
    known = {
        "http_code": f"{reply.code:03}" if reply is not None else "000",
        "size_download": str(len(reply.body)) if reply is not None else "0",
        "time_total": f"{(transfer.ended - transfer.started) / 1000:.6f}",
        "remote_ip": transfer.address if reply is not None else "",
        "remote_port": str(url.port) if reply is not None and url is not None else "0",
        "exitcode": str(transfer.code),
        "url_effective": f"{url.scheme}://{url.shown_host}{url.path}" if url is not None else "",
    }
    known["response_code"] = known["http_code"]
    text = _VARIABLE.sub(lambda match: known.get(match[1], ""), wanted)
    return text.replace("\\n", "\n").replace("\\t", "\t").replace("\\r", "\r")
