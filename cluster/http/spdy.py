"""SPDY/3.1 frames, as far as port forwarding needs them: bytes to events, replies to bytes.

Carried by `tunnel` in WebSocket messages. Pure: nothing here knows of sockets. Mirrors the SPDY 3.1 draft's
framing and its compressed header blocks. Invariant: a frame is told of once it is whole, in order.
"""

import zlib
from collections.abc import Iterator, Mapping

from msgspec import Struct

_WORDS = """
options head post put delete trace accept accept-charset accept-encoding accept-language accept-ranges age allow
authorization cache-control connection content-base content-encoding content-language content-length content-location
content-md5 content-range content-type date etag expect expires from host if-match if-modified-since if-none-match
if-range if-unmodified-since last-modified location max-forwards pragma proxy-authenticate proxy-authorization range
referer retry-after server te trailer transfer-encoding upgrade user-agent vary via warning www-authenticate method get
status 200_OK version HTTP/1.1 url public set-cookie keep-alive origin
"""
_TAIL = (
    "100101201202205206300302303304305306307402405406407408409410411412413414415416417502504505203 Non-Authoritative "
    "Information204 No Content301 Moved Permanently400 Bad Request401 Unauthorized403 Forbidden404 Not Found500 Internal "
    "Server Error501 Not Implemented503 Service UnavailableJan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec 00:00:00 "
    "Mon, Tue, Wed, Thu, Fri, Sat, Sun, GMTchunked,text/html,image/png,image/jpg,image/gif,application/xml,"
    "application/xhtml+xml,text/plain,text/javascript,publicprivatemax-age=gzip,deflate,sdchcharset=utf-8"
    "charset=iso-8859-1,utf-,*,enq=0."
)
SYN_STREAM, SYN_REPLY, RST_STREAM, PING, GOAWAY = 1, 2, 3, 6, 7
FIN = 1
LARGEST_HEADERS = 64 * 1024


def _text(text: str) -> bytes:
    data = text.encode()
    return len(data).to_bytes(4, "big") + data


DICTIONARY = b"".join(_text(word.replace("_", " ")) for word in _WORDS.split()) + _TAIL.encode()
"""What both ends of a connection compress header blocks with: the draft's section 2.6.10.1."""


class BadFrame(Exception):
    """The bytes are no SPDY/3 frames."""


class Opened(Struct, frozen=True):
    """The client opened a stream."""

    stream: int
    headers: Mapping[str, str]
    last: bool = False


class Received(Struct, frozen=True):
    """Data of a stream; `last`: the client sends no more of it."""

    stream: int
    data: bytes
    last: bool = False


class Reset(Struct, frozen=True):
    """The client gave a stream up."""

    stream: int


class Pinged(Struct, frozen=True):
    """The client wants to know whether anybody is there."""

    number: bytes


class Ended(Struct, frozen=True):
    """The client goes away."""


Event = Opened | Received | Reset | Pinged | Ended


class Framer:
    """One connection's frames, both ways."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._inflate = zlib.decompressobj(zdict=DICTIONARY)
        self._deflate = zlib.compressobj(zdict=DICTIONARY)

    def feed(self, data: bytes) -> Iterator[Event]:
        """The events of the frames that are whole now. BadFrame if there are none to be had."""
        self._buffer += data
        while len(self._buffer) >= 8:
            length = int.from_bytes(self._buffer[5:8], "big")
            if len(self._buffer) < 8 + length:
                return
            frame = bytes(self._buffer[: 8 + length])
            del self._buffer[: 8 + length]
            event = self._event(frame[:4], frame[4], frame[8:])
            if event is not None:
                yield event

    def _event(self, head: bytes, flags: int, payload: bytes) -> Event | None:
        number = int.from_bytes(head, "big")
        if not number >> 31:
            return Received(number, payload, bool(flags & FIN))
        if number >> 16 != 0x8003:
            raise BadFrame("this is not SPDY version 3")
        kind, stream = number & 0xFFFF, int.from_bytes(payload[:4], "big") & 0x7FFFFFFF
        if kind == SYN_STREAM:
            return Opened(stream, self._headers(payload[10:]), bool(flags & FIN))
        if kind == RST_STREAM:
            return Reset(stream)
        if kind == PING:
            return Pinged(payload[:4])
        return Ended() if kind == GOAWAY else None

    def _headers(self, block: bytes) -> dict[str, str]:
        try:
            data = self._inflate.decompress(block, LARGEST_HEADERS)
        except zlib.error as error:
            raise BadFrame(f"the header block cannot be read: {error}") from error
        parts, at = [], 4
        for _ in range(2 * int.from_bytes(data[:4], "big")):
            length = int.from_bytes(data[at : at + 4], "big")
            if at + 4 + length > len(data):
                raise BadFrame("the header block ends in the middle of a text")
            parts.append(data[at + 4 : at + 4 + length].decode("latin-1"))
            at += 4 + length
        return {name.lower(): value for name, value in zip(parts[::2], parts[1::2], strict=True)}

    def accepted(self, stream: int) -> bytes:
        """The frame that says a stream is open (SYN_REPLY without headers)."""
        block = self._deflate.compress((0).to_bytes(4, "big")) + self._deflate.flush(zlib.Z_SYNC_FLUSH)
        return _control(SYN_REPLY, stream.to_bytes(4, "big") + block)

    def opening(self, stream: int, headers: Mapping[str, str]) -> bytes:
        """The frame that opens a stream (SYN_STREAM), as a client sends it."""
        pairs = b"".join(_text(name) + _text(value) for name, value in headers.items())
        block = self._deflate.compress(len(headers).to_bytes(4, "big") + pairs)
        block += self._deflate.flush(zlib.Z_SYNC_FLUSH)
        return _control(SYN_STREAM, stream.to_bytes(4, "big") + bytes(6) + block)


def data_frame(stream: int, data: bytes, *, last: bool = False) -> bytes:
    """Data of a stream; `last` closes this direction of it."""
    return stream.to_bytes(4, "big") + bytes([FIN if last else 0]) + len(data).to_bytes(3, "big") + data


def pong(number: bytes) -> bytes:
    """The answer to a ping."""
    return _control(PING, number)


def _control(kind: int, payload: bytes) -> bytes:
    return (0x80030000 | kind).to_bytes(4, "big") + bytes(1) + len(payload).to_bytes(3, "big") + payload
