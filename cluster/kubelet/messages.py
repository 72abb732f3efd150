"""A container's last words: what its process left in its termination message file, or the end of its log.

Asked when a process has ended. Mirrors kuberuntime's getTerminationMessage and its limits. Invariant: a message
follows from the container's process and its age.
"""

from cluster.api.core import Container, Pod
from cluster.kubelet.runtime import commands, entry_points
from cluster.store import Store

MOST = 4096
LOG_LINES, LOG_BYTES = 80, 2048
FROM_LOG = "FallbackToLogsOnError"


def termination_message(
    store: Store, pod: Pod, container: Container, started: str, age: int, code: int, told: int | None = None
) -> str:
    """The message of a process that started at `started` (RFC 3339) and ended `age` ms later with `code`."""
    path = container.terminationMessagePath
    from_log = container.terminationMessagePolicy == FROM_LOG and code != 0
    if not from_log and not any(">" in word or path in word for word in entry_points.command(container)):
        return ""
    seen = commands.seen(store, pod, container, started, age, told)
    if seen is None:
        return ""
    written = seen.files.read(path) or b""
    if written or not from_log:
        return written[:MOST].decode("utf-8", "replace")
    log = b"".join(output.data for output in seen.outputs)
    return b"".join(log.splitlines(keepends=True)[-LOG_LINES:])[-LOG_BYTES:].decode("utf-8", "replace")
