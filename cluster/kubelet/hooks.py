"""The hooks of a container's life: what postStart and preStop do, how long they take, and whether they fail.

Asked when a container starts or is to stop. Mirrors pkg/kubelet/lifecycle's handlers. Invariant: how a hook goes
follows from the pod and the time.
"""

from typing import NamedTuple

from cluster.api.core import Container, LifecycleHandler, Pod
from cluster.kubelet.probes.check import exec_error, port_number, unreachable
from cluster.kubelet.runtime.exec_results import run_in
from cluster.kubelet.runtime.filesystem import Files
from cluster.store import Store


class HookRun(NamedTuple):
    """A hook's run: how long it takes (ms), why it fails (nothing if it does not), and the files as it leaves them."""

    takes: int
    error: str = ""
    files: Files | None = None


DONE = HookRun(0)


def run_hook(
    store: Store, pod: Pod, container: Container, handler: LifecycleHandler, started: str, age: int, date: str,
    *, processes: bool,
) -> HookRun:  # fmt: skip
    """Run a hook of a process that started at `started` (RFC 3339) and is `age` ms old."""
    who = f'for Container "{container.name}" in Pod "{pod.metadata.name}_{pod.metadata.namespace}({pod.metadata.uid})"'
    if handler.sleep is not None:
        return HookRun(handler.sleep.seconds * 1000)
    if handler.exec is not None and processes:
        argv = handler.exec.command
        found = run_in(store, pod, container, started, age, argv, date)
        why = exec_error(pod.metadata.uid, found.missing) if found.missing else ""
        if found.code:
            why = f"command '{' '.join(argv)}' exited with {found.code}: {found.output}"
        if not why:
            return HookRun(found.took, files=found.files)
        words = f'failed - error: {why}, message: "{_quoted(found.output)}"'
        return HookRun(found.took, f"Exec lifecycle hook ([{' '.join(argv)}]) {who} {words}", found.files)
    if handler.httpGet is not None:
        port = port_number(container, handler.httpGet.port)
        host = handler.httpGet.host or pod.status.podIP
        why = port if isinstance(port, str) else unreachable(pod, container, host, port)
        if why:
            url = f"http://{host}:{port}{handler.httpGet.path}"
            words = f'failed - error: Get "{url}": {why}, message: ""'
            return HookRun(0, f"HTTP lifecycle hook ({handler.httpGet.path}) {who} {words}")
    return DONE


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
