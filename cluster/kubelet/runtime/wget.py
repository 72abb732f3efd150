"""`wget` as in busybox: fetch a URL into a file or to stdout.

One of the programs that use the network. Invariant: its words and exit codes are busybox's; it never tries again.
"""

from posixpath import dirname

from cluster.kubelet.runtime import options
from cluster.kubelet.runtime.programs import STDERR, Run
from cluster.kubelet.runtime.requests import ENCRYPTED, Url, connect, exchange, url_of
from cluster.kubelet.runtime.sockets import Server, Sockets
from cluster.network import Failure

_LONG = {
    "continue": "c", "quiet": "q", "server-response": "S", "spider": "s", "output-document": "O", "output-file": "o",
    "directory-prefix": "P", "user-agent": "U", "timeout": "T", "tries": "t", "header": "h", "post-data": "d",
    "no-check-certificate": "k", "proxy": "Y", "no-verbose": "q",
}  # fmt: skip


def wget(run: Run, sockets: Sockets, words: list[str]) -> int:
    """Run it; the exit code."""
    try:
        given = options.read(words, "cqS", "OoPUTtYhd", _LONG)
    except options.UnknownOption as unknown:
        return run.refuse(f"wget: unrecognized option: {str(unknown).lstrip('-')}")
    if not given.rest:
        return run.refuse("wget: no URL specified")
    for text in given.rest:
        code = _fetch(run, sockets, given, text)
        if code:
            return code
    return 0


def _fetch(run: Run, sockets: Sockets, given: options.Options, text: str) -> int:
    url = url_of(text)
    if url is None:
        return run.refuse(f"wget: bad address '{text}'")
    if url.scheme not in ("http", "https"):
        return run.refuse(f"wget: not an http or ftp url: {text}")
    addresses = sockets.addresses(run, url.host)
    if not addresses:
        return run.refuse(f"wget: bad address '{url.shown_host}'")
    quiet = "q" in given
    if not quiet:
        run.write(f"Connecting to {url.shown_host} ({addresses[0]}:{url.port})\n", STDERR)
    server = connect(run, sockets, addresses[0], url.port, given.seconds("T"))
    if isinstance(server, Failure):
        if server is Failure.DROPPED and "T" in given:
            return run.refuse("wget: download timed out")
        return run.refuse(f"wget: can't connect to remote host ({addresses[0]}): {server.value}")
    if url.scheme == "https" and server.port not in ENCRYPTED:
        return run.refuse("wget: error getting response: Connection reset by peer")
    return _answered(run, given, url, server)


def _answered(run: Run, given: options.Options, url: Url, server: Server) -> int:
    """Send the request and keep what comes."""
    method = "POST" if "d" in given else "HEAD" if "s" in given else "GET"
    headers = {"Host": url.shown_host, "User-Agent": given.value("U", "Wget"), "Connection": "close"}
    reply = exchange(run, server, url, method, headers, given.value("d").encode())
    if reply is None:
        return run.refuse("wget: error getting response")
    if "S" in given:
        run.write("".join(f"  {line}\n" for line in (reply.status, *reply.headers)), STDERR)
    if reply.code >= 400:
        return run.refuse(f"wget: server returned error: {reply.status}")
    quiet = "q" in given
    if "s" in given:
        if not quiet:
            run.write("remote file exists\n", STDERR)
        return 0
    name = given.value("O") or url.path.rpartition("/")[2].partition("?")[0] or "index.html"
    if name != "-" and "O" not in given and "P" in given:
        name = f"{given.value('P').rstrip('/')}/{name}"
    if not quiet:
        run.write("writing to stdout\n" if name == "-" else f"saving to '{name}'\n", STDERR)
    if name == "-":
        run.write(reply.body)
    elif name != "/dev/null":
        if not run.files.is_folder(dirname(run.path(name))):
            return run.refuse(f"wget: can't open '{name}': No such file or directory")
        run.put(run.path(name), reply.body)
    if not quiet:
        size = len(reply.body)
        run.write(f"{name.rpartition('/')[2][:20]:<20} 100% |{'*' * 32}| {size:>5}  0:00:00 ETA\n", STDERR)
        run.write("written to stdout\n" if name == "-" else f"'{name}' saved\n", STDERR)
    return 0
