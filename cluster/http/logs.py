"""pods/log: what a container has written, whole or as it comes.

A corner of the facade's way out. Mirrors the log subresource and its options. Invariant: a line is sent once,
whole or cut by limitBytes, and a log that is followed ends when its container does.
"""

from msgspec import Struct
from msgspec.structs import replace

from cluster.api import kinds
from cluster.api.core import Container, Pod
from cluster.api.errors import BadRequest, Invalid, MethodNotAllowed
from cluster.api.meta import StatusCause
from cluster.apiserver import ApiServer
from cluster.clock import timestamp
from cluster.http import containers
from cluster.http.messages import Request, Response
from cluster.http.paths import Target
from cluster.kubelet.runtime import logs
from cluster.kubelet.runtime.logs import Line

TEXT = "text/plain"
LAST = 999
STREAMS = {"Stdout": (1,), "Stderr": (2,), "All": (1, 2)}


class Options(Struct, frozen=True):
    """Which part of a log is wanted: `since` is in ms of virtual time."""

    timestamps: bool = False
    since: int | None = None
    tail: int | None = None
    limit: int | None = None
    streams: tuple[int, ...] = (1, 2)


class LogStream:
    """A log that is followed: whoever owns the connection polls and sends."""

    def __init__(self, api: ApiServer, key: str, container: Container, started: str, options: Options) -> None:
        self._api, self._key, self._container = api, key, container
        self._started, self._options = started, options
        self._read, self._left = -1, options.limit
        self._pod = api.get(kinds.PODS, key)
        self.ended = False

    def poll(self) -> bytes:
        """What has been written since the last time."""
        pod = self._api.find(kinds.PODS, self._key)
        same = pod is not None and pod.metadata.uid == self._pod.metadata.uid
        self._pod = pod if pod is not None and same else _ended(self._api, self._pod)
        self.ended = not self._runs()
        until = _until(self._api, self._pod, self._container, self._started)
        found = logs.lines(self._api.store, self._pod, self._container, self._started, until, after=self._read)
        new = list(found)
        if self._read < 0:
            new = _tail(_since(self._api, self._started, new, self._options), self._options)
        self._read = until
        data = _joined(self._api, self._started, new, self._options)
        if self._left is not None:
            data, self._left = data[: self._left], self._left - len(data)
            self.ended = self.ended or self._left <= 0
        return data

    def _runs(self) -> bool:
        if self._api.find(kinds.PODS, self._key) is None:
            return False
        status = containers.status_of(self._pod, self._container.name)
        running = None if status is None else status.state.running
        return running is not None and running.startedAt == self._started


def _ended(api: ApiServer, pod: Pod) -> Pod:
    """A pod that is gone: if nobody has seen that it was to end, its processes were told to just now."""
    if pod.metadata.deletionTimestamp:
        return pod
    told = api.clock.micro_timestamp()
    return replace(pod, metadata=replace(pod.metadata, deletionTimestamp=told, deletionGracePeriodSeconds=0))


def log(api: ApiServer, request: Request, named: Target) -> "Response | LogStream":
    """GET pods/NAME/log. BadRequest or Invalid if there is no such log, or it cannot be meant."""
    if request.method != "GET":
        raise MethodNotAllowed("the server does not allow this method on the requested resource")
    options = _options(api, request, named.name)
    pod = api.get(kinds.PODS, named.key)
    container = containers.meant(pod, request.param("container"))
    if not pod.spec.nodeName:
        return Response(200, b"", TEXT)
    started = containers.log_start(pod, container.name, previous=request.flag("previous"))
    if request.flag("follow") and not request.flag("previous"):
        return LogStream(api, named.key, container, started, options)
    lines = _since(api, started, written(api, pod, container, started, previous=request.flag("previous")), options)
    data = _joined(api, started, _tail(lines, options), options)
    return Response(200, data[: options.limit], TEXT)


def written(api: ApiServer, pod: Pod, container: Container, started: str, *, previous: bool = False) -> list[Line]:
    """The lines that a container has written until now, or until it ended."""
    until = _until(api, pod, container, started, previous=previous)
    return list(logs.lines(api.store, pod, container, started, until))


def _until(api: ApiServer, pod: Pod, container: Container, started: str, *, previous: bool = False) -> int:
    """How long after its start a container has written (ms): its end is known by the second only."""
    status = containers.status_of(pod, container.name)
    ended = None
    if status is not None:
        ended = status.lastState.terminated if previous else status.state.terminated
    until = api.clock.milliseconds(ended.finishedAt) + LAST if ended is not None else api.clock.now
    return until - api.clock.milliseconds(started)


def _since(api: ApiServer, started: str, lines: list[Line], options: Options) -> list[Line]:
    if options.since is None:
        return lines
    after = options.since - api.clock.milliseconds(started)
    return [line for line in lines if line.after >= after]


def _tail(lines: list[Line], options: Options) -> list[Line]:
    return lines if options.tail is None else lines[len(lines) - options.tail :] if options.tail < len(lines) else lines


def _joined(api: ApiServer, started: str, lines: list[Line], options: Options) -> bytes:
    start = api.clock.milliseconds(started)
    shown = [line for line in lines if line.stream in options.streams]
    if not options.timestamps:
        return b"".join(line.text for line in shown)
    return b"".join(_stamp(api, start + line.after) + line.text for line in shown)


def _stamp(api: ApiServer, time: int) -> bytes:
    return f"{timestamp(api.clock.epoch, time)[:-1]}.{time % 1000:03}000000Z ".encode()


def _options(api: ApiServer, request: Request, name: str) -> Options:
    """The request's options. Invalid with every rule they break."""
    numbers = {key: _whole(request, key) for key in ("sinceSeconds", "tailLines", "limitBytes")}
    since_time, causes = request.param("sinceTime"), list[StatusCause]()
    tail, limit, seconds = numbers["tailLines"], numbers["limitBytes"], numbers["sinceSeconds"]
    if tail is not None and tail < 0:
        causes.append(_cause("tailLines", tail, "must be greater than or equal to 0"))
    if limit is not None and limit < 1:
        causes.append(_cause("limitBytes", limit, "must be greater than 0"))
    if seconds is not None and since_time:
        why = "at most one of `sinceTime` or `sinceSeconds` may be specified"
        causes.append(StatusCause(field="", reason="FieldValueForbidden", message=f"Forbidden: {why}"))
    elif seconds is not None and seconds < 1:
        causes.append(_cause("sinceSeconds", seconds, "must be greater than 0"))
    stream = request.param("stream", "All")
    if stream not in STREAMS:
        supported = ", ".join(f'"{known}"' for known in sorted(STREAMS))
        message = f'Unsupported value: "{stream}": supported values: {supported}'
        causes.append(StatusCause(field="stream", reason="FieldValueNotSupported", message=message))
    if causes:
        raise Invalid.of("PodLogOptions", name, causes)
    since = None if seconds is None else api.clock.now - seconds * 1000
    if since_time:
        since = _moment(api, since_time)
    return Options(request.flag("timestamps"), since, tail, limit, STREAMS[stream])


def _cause(field: str, value: int, rule: str) -> StatusCause:
    return StatusCause(field=field, reason="FieldValueInvalid", message=f"Invalid value: {value}: {rule}")


def _whole(request: Request, name: str) -> int | None:
    text = request.param(name)
    if not text:
        return None
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdecimal() and len(digits) < 19):
        raise BadRequest(f'strconv.ParseInt: parsing "{text}": invalid syntax')
    return int(text)


def _moment(api: ApiServer, text: str) -> int:
    try:
        return api.clock.milliseconds(text)
    except (ValueError, TypeError, OverflowError) as error:
        raise BadRequest(f'parsing time "{text}" as "2006-01-02T15:04:05Z07:00": cannot parse it') from error
