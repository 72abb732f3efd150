"""A pod from which the tests ask the network, beside servers and Services."""

from typing import Any

from msgspec.structs import replace

from cluster.api.core import Container, Pod
from cluster.kubelet.runtime import commands, logs
from cluster.kubelet.runtime.execute import execute
from tests.cluster.proxy.town import WEB, Town

CLIENT = """
apiVersion: v1
kind: Pod
metadata: {name: client, namespace: default}
spec: {nodeName: node-1, containers: [{name: c, image: "busybox:1.36", command: [sleep, infinity]}]}
"""


class Clients(Town):
    """A town with a client that can run commands."""

    def __init__(self, text: str = WEB) -> None:
        super().__init__(text)
        self.apply(CLIENT)

    def run(self, command: str, image: str = "busybox:1.36", pod: str = "client") -> tuple[str, str, int]:
        """What a command writes to stdout and stderr in a container of this image, and its exit code."""
        outcome = self._outcome(command, image, pod)
        return outcome.text(1).decode(), outcome.text(2).decode(), outcome.code

    def took(self, command: str, image: str = "curl") -> int:
        """How long a command takes (ms)."""
        return int(self._outcome(command, image, "client").took)

    def _outcome(self, command: str, image: str, pod: str) -> Any:
        found = self.pod(pod)
        container = found.spec.containers[0]
        view = commands.view_at(self.engine.store, found, container, self._start(found, container), 0)
        view = replace(view, container=replace(container, image=image))
        place = view.link
        assert place is not None
        view = replace(view, link=replace(place, container=view.container))
        return execute(view, ["sh", "-c", command], self.engine.clock.timestamp())

    def log(self, pod: str, name: str) -> list[str]:
        """The lines that a container has written until now, or until its end."""
        found = self.pod(pod)
        container = next(each for each in (*found.spec.initContainers, *found.spec.containers) if each.name == name)
        started, clock = self._start(found, container), self.engine.clock
        lasted = clock.now - clock.milliseconds(started)
        written = logs.lines(self.engine.store, found, container, started, lasted)
        return [line.text.decode().rstrip("\n") for line in written]

    @staticmethod
    def _start(pod: Pod, container: Container) -> str:
        statuses = (*pod.status.initContainerStatuses, *pod.status.containerStatuses)
        state = next(each.state for each in statuses if each.name == container.name)
        found = state.running or state.terminated
        assert found is not None
        return found.startedAt
