"""What a probe finds: the answer of the simulated container to a request, a connection or a command.

Between a probe's turn and what follows from it. Mirrors pkg/probe with its words. Which ports are listened
to, `answering` knows. Invariant: a result follows from the pod, the objects it
names and the time.
"""

from hashlib import blake2b
from typing import NamedTuple

from cluster.api.core import Container, ContainerStatus, ExecAction, HTTPGetAction, Pod
from cluster.kubelet.backoff import duration_text
from cluster.kubelet.probes.faults import FAIL, Fault, fault_at
from cluster.kubelet.probes.plans import ProbePlan
from cluster.kubelet.runtime import answering
from cluster.kubelet.runtime.exec_results import ExecResult, run_in
from cluster.store import Store

SUCCESS, FAILURE, UNKNOWN = "success", "failure", "unknown"
UNAVAILABLE = 503
SHOWN = 10 * 1024


class Result(NamedTuple):
    """How a probe went, and what it says of that."""

    verdict: str
    output: str = ""


GOOD = Result(SUCCESS)


class Probed(NamedTuple):
    """A running container at the time of a probe: its age in ms, and the date (RFC 3339)."""

    pod: Pod
    container: Container
    status: ContainerStatus
    age: int
    date: str


def check(store: Store, seen: Probed, plan: ProbePlan) -> Result:
    """Probe the container once."""
    fault, probe = fault_at(plan.faults, seen.age), plan.probe
    timeout = (probe.timeoutSeconds or 1) * 1000
    if probe.exec is not None:
        return _exec(store, seen, probe.exec, fault, timeout) if plan.processes or fault is not None else GOOD
    http, tcp, grpc = probe.httpGet, probe.tcpSocket, probe.grpc
    given = http.port if http is not None else tcp.port if tcp is not None else grpc.port if grpc is not None else 0
    port = port_number(seen.container, given)
    if isinstance(port, str):
        return Result(UNKNOWN, port)
    host = (http.host if http is not None else tcp.host if tcp is not None else "") or seen.pod.status.podIP
    words = unreachable(seen.pod, seen.container, host, port)
    slow = fault is not None and fault.kind != FAIL and fault.amount >= timeout
    if http is not None:
        return _http(http, f"{host}:{port}", words, fault, slow=slow)
    if tcp is not None:
        failed = words or (f"dial tcp {host}:{port}: i/o timeout" if slow else "")
        if fault is not None and fault.kind == FAIL:
            failed = refused(host, port)
        return Result(FAILURE, failed) if failed else GOOD
    return _grpc(f"{host}:{port}", duration_text(timeout), words, fault, slow=slow)


def port_number(container: Container, port: int | str) -> int | str:
    """A port by its number or name, or the words of the error (`ResolveContainerPort`)."""
    if isinstance(port, str):
        named = next((each.containerPort for each in container.ports if each.name == port), None)
        if named is None and not port.isdecimal():
            return f'strconv.Atoi: parsing "{port}": invalid syntax'
        port = int(port) if named is None else named
    return port if 0 < port < 65536 else f"invalid port number: {port}"


def unreachable(pod: Pod, container: Container, host: str, port: int) -> str:
    """Why the kubelet gets no connection, in Go's words; nothing if it gets one."""
    own = host == pod.status.podIP or (host in ("127.0.0.1", "localhost") and pod.spec.hostNetwork)
    return "" if own and answering.listens(container, port) else refused(host, port)


def refused(host: str, port: int) -> str:
    """What Go says of a port where nobody listens."""
    return f"dial tcp {host}:{port}: connect: connection refused"


def _http(action: HTTPGetAction, address: str, words: str, fault: Fault | None, *, slow: bool) -> Result:
    path = action.path if action.path.startswith("/") else f"/{action.path}"
    url = f'Get "{(action.scheme or "HTTP").lower()}://{address}{path}": '
    if words:
        return Result(FAILURE, url + words)
    if slow:
        return Result(FAILURE, f"{url}context deadline exceeded (Client.Timeout exceeded while awaiting headers)")
    if fault is not None and fault.kind == FAIL:
        return Result(FAILURE, f"HTTP probe failed with statuscode: {fault.amount or UNAVAILABLE}")
    return GOOD


def _grpc(address: str, timeout: str, words: str, fault: Fault | None, *, slow: bool) -> Result:
    if words:
        why = f'timeout: failed to connect service "{address}" within {timeout}: context deadline exceeded'
        return Result(FAILURE, why)
    if slow:
        return Result(FAILURE, f"timeout: health rpc did not complete within {timeout}")
    if fault is not None and fault.kind == FAIL:
        return Result(FAILURE, 'service unhealthy (responded with "NOT_SERVING")')
    return GOOD


def _exec(store: Store, seen: Probed, action: ExecAction, fault: Fault | None, timeout: int) -> Result:
    if fault is not None and fault.kind == FAIL:
        return Result(FAILURE)
    started = seen.status.state.running.startedAt if seen.status.state.running is not None else seen.date
    found = ExecResult()
    if fault is None:
        found = run_in(store, seen.pod, seen.container, started, seen.age, action.command, seen.date)
    if found.missing:
        session = blake2b(f"{seen.status.containerID}/{seen.age}".encode(), digest_size=32).hexdigest()
        return Result(UNKNOWN, f"{exec_error(session, found.missing)}")
    if (fault.amount if fault is not None else found.took) >= timeout:
        return Result(
            FAILURE, f'command timed out: "{" ".join(action.command)}" timed out after {duration_text(timeout)}'
        )
    return Result(FAILURE, found.output[:SHOWN]) if found.code else GOOD


def exec_error(session: str, words: str) -> str:
    """What the kubelet hears from containerd of a command that it could not start."""
    failed = f'failed to exec in container: failed to start exec "{session}": OCI runtime exec failed: {words}'
    return f"rpc error: code = Unknown desc = {failed}"
