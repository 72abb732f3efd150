"""pods/exec, attach and portforward: from a request to what happens on the connection, without the connection.

A corner of the facade; `channels` and `spdy` carry what is decided here. Mirrors the pod registry's connect
handlers and the kubelet's streaming server. Invariant: a session changes nothing in the cluster but the files that its
command writes, and a shell that is a container's process, which ends when it is left.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from cluster.api import codec, kinds
from cluster.api.core import Container, Pod
from cluster.api.errors import ApiError, BadRequest, InternalError
from cluster.apiserver import ApiServer
from cluster.http import containers
from cluster.http.logs import LogStream, Options
from cluster.http.messages import Request
from cluster.http.paths import Target
from cluster.kubelet.memory import Left, Memory
from cluster.kubelet.runtime import commands
from cluster.kubelet.runtime.contents import Output, keep_written
from cluster.kubelet.runtime.entry_points import waits_for_input
from cluster.kubelet.runtime.execute import NotExecutable, Outcome, is_shell
from cluster.kubelet.runtime.filesystem import Files
from cluster.kubelet.runtime.live import Live, begun
from cluster.kubelet.runtime.syntax import NotSimulated
from cluster.kubelet.runtime.terminal import Terminal

SUCCESS: Mapping[str, Any] = {"metadata": {}, "status": "Success"}


class Command(Struct, frozen=True):
    """A command to run: what it writes and when (virtual ms after `started`), and the Status it ends with."""

    outcome: Outcome
    ending: Mapping[str, Any]
    started: int
    terminal: bool = False
    stdout: bool = True
    stderr: bool = True


class Following(Struct, frozen=True):
    """A command that goes on as time does."""

    live: Live
    started: int
    keep: Callable[[], None]
    """Keep what it has written into the container's files."""
    terminal: bool = False
    stdout: bool = True
    stderr: bool = True


class Shell(Struct, frozen=True):
    """An interactive shell; `leave` is told the exit code if it is a container's own process.

    `once` is whether that ends too when the client goes.
    """

    terminal: Terminal
    leave: Callable[[int], None] | None = None
    once: bool = False


class Attachment(Struct, frozen=True):
    """The output of a container's process, from now until it ends."""

    log: LogStream


class Forwarding(Struct, frozen=True):
    """Connections to ports of a pod."""

    pod: Pod
    ports: tuple[int, ...]


Session = Command | Following | Shell | Attachment | Forwarding


def connect_exec(api: ApiServer, request: Request, named: Target) -> Command | Following | Shell:
    """A command in a container, or a shell that is spoken with. BadRequest or NotFound if it cannot be started at all."""
    pod, container = _target(api, request, named)
    started = containers.running(pod, container.name)
    argv = request.query.get("command", ())
    if not argv:
        raise BadRequest("you must specify at least one command for the container")
    lasted = api.clock.now - api.clock.milliseconds(started)
    view = commands.view_at(api.store, pod, container, started, lasted)
    if is_shell(argv) and request.flag("stdin"):
        return Shell(Terminal(view, _Room(api, pod, container, started), tty=request.flag("tty")))
    terminal, stdout, stderr = request.flag("tty"), request.flag("stdout"), request.flag("stderr")
    try:
        outcome = begun(view, argv, api.clock.micro_timestamp())
        if isinstance(outcome, Live):
            keep = partial(keep_written, api.store, outcome.files, named.key)
            return Following(outcome, api.clock.now, keep, terminal, stdout, stderr)
        ending = exited(outcome.code)
        if outcome.files is not None:
            keep_written(api.store, outcome.files, named.key)
    except NotSimulated as error:
        outcome = Outcome((Output(0, 2, f"{argv[0]}: {error}\n".encode()),), 2, 0)
        ending = exited(2)
    except NotExecutable as error:
        outcome, ending = Outcome((), 126, 0), _status(_not_started(error))
    return Command(outcome, ending, api.clock.now, terminal, stdout, stderr)


class _Room:
    """A container for an interactive shell in it."""

    def __init__(self, api: ApiServer, pod: Pod, container: Container, started: str) -> None:
        self._api, self._pod, self._container, self._started = api, pod, container, started

    def now(self) -> str:
        return self._api.clock.micro_timestamp()

    def files(self) -> Files:
        age = self._api.clock.now - self._api.clock.milliseconds(self._started)
        pod = self._api.find(kinds.PODS, kinds.key(self._pod)) or self._pod
        return commands.view_at(self._api.store, pod, self._container, self._started, age).files.copy()

    def keep(self, files: Files) -> None:
        keep_written(self._api.store, files, kinds.key(self._pod))


def connect_attach(api: ApiServer, request: Request, named: Target) -> Attachment | Shell:
    """A container's process: a shell that is spoken with, or its output. BadRequest or NotFound if it does not run."""
    pod, container = _target(api, request, named)
    started = containers.running(pod, container.name)
    status = containers.status_of(pod, container.name)
    if request.flag("stdin") and waits_for_input(container) and status is not None:
        view = commands.view_at(api.store, pod, container, started, api.clock.now - api.clock.milliseconds(started))
        terminal = Terminal(view, _Room(api, pod, container, started), tty=container.tty)
        return Shell(terminal, partial(_left, api, pod, container.name, status.restartCount), container.stdinOnce)
    return Attachment(LogStream(api, named.key, container, started, Options(since=api.clock.now)))


def _left(api: ApiServer, pod: Pod, container: str, run: int, code: int) -> None:
    """Let the kubelet know that a container's own shell has ended."""
    memory = Memory(api.store)
    memory.keep(pod, container, replace(memory.of(pod, container, run), left=Left(api.clock.now, code)))


def connect_port_forward(api: ApiServer, request: Request, named: Target) -> Forwarding:
    """Ports of a pod that runs. BadRequest if it does not, or the ports are none."""
    pod = api.get(kinds.PODS, named.key)
    if pod.status.phase != "Running":
        raise BadRequest(f"unable to forward port because pod is not running. Current status={pod.status.phase}")
    given = [text for value in request.query.get("ports", ()) for text in value.split(",")]
    if not all(text.isascii() and text.isdecimal() and 0 < int(text) < 65536 for text in given):
        raise BadRequest(f"invalid ports {','.join(given)!r}: they have to be numbers from 1 to 65535")
    return Forwarding(pod, tuple(map(int, given)))


def _target(api: ApiServer, request: Request, named: Target) -> tuple[Pod, Container]:
    pod = api.get(kinds.PODS, named.key)
    container = containers.meant(pod, request.param("container"))
    if not pod.spec.nodeName:
        raise BadRequest(f"pod {named.name} does not have a host assigned")
    return pod, container


def _not_started(error: NotExecutable) -> InternalError:
    where = "error executing command in container: failed to exec in container: failed to start exec"
    return InternalError(f"Internal error occurred: {where}: OCI runtime exec failed: {error}: unknown")


def exited(code: int) -> Mapping[str, Any]:
    """The Status that tells an exit code."""
    if not code:
        return SUCCESS
    return {
        "metadata": {}, "status": "Failure", "reason": "NonZeroExitCode",
        "message": f"command terminated with non-zero exit code: command terminated with exit code {code}",
        "details": {"causes": [{"reason": "ExitCode", "message": str(code)}]},
    }  # fmt: skip


def _status(error: ApiError) -> Mapping[str, Any]:
    plain: dict[str, Any] = codec.to_plain(error.status())
    return {**plain, "metadata": {}}
