"""Containers: what runs in them, in which state they are, and what they are given.

Used for pods, where a container has a status, and for templates, where it has none. Invariant: a
container without a status is described by its specification alone.
"""

import json
from collections.abc import Iterable, Mapping, Sequence

from cluster.api.core import ContainerPort, ContainerState, ContainerStatus, Pod, ResourceRequirements
from cluster.api.quantity import Quantity
from ktui.model.describe.environment import AnyContainer, write_environment
from ktui.model.describe.probes import probe_text
from ktui.model.describe.sheet import Sheet, date


def write_containers(
    sheet: Sheet, title: str, containers: Sequence[AnyContainer], statuses: Iterable[ContainerStatus] = (),
    pod: Pod | None = None, *, indent: str = "",
) -> None:  # fmt: skip
    """A section of containers; `pod` resolves references to its own fields."""
    sheet.line(f"{indent}{title}:{'' if containers else ' <none>'}")
    found = {status.name: status for status in statuses}
    for container in containers:
        status = found.get(container.name)
        sheet.line(f"{' ' if indent else ''}{container.name}:", 1)
        _write_basics(sheet, container, status)
        _write_lines(sheet, "Command", container.command)
        _write_lines(sheet, "Args", container.args)
        if status is not None:
            _write_status(sheet, status)
        write_resources(sheet, container.resources, 2)
        probes = (
            ("Liveness", container.livenessProbe),
            ("Readiness", container.readinessProbe),
            ("Startup", container.startupProbe),
        )
        for name, probe in probes:
            if probe is not None:
                sheet.field(name, probe_text(probe), 2)
        write_environment(sheet, container, pod)
        _write_mounts(sheet, container)


def write_resources(sheet: Sheet, resources: ResourceRequirements, level: int) -> None:
    """Limits, then requests, where there are any."""
    _write_amounts(sheet, "Limits", resources.limits, level)
    _write_amounts(sheet, "Requests", resources.requests, level)


def _write_amounts(sheet: Sheet, title: str, amounts: Mapping[str, Quantity], level: int) -> None:
    if amounts:
        sheet.line(f"{title}:", level)
    for name in sorted(amounts):
        sheet.field(name, amounts[name], level + 1)


def _write_basics(sheet: Sheet, container: AnyContainer, status: ContainerStatus | None) -> None:
    if status is not None:
        sheet.field("Container ID", status.containerID, 2)
    sheet.field("Image", container.image, 2)
    if status is not None:
        sheet.field("Image ID", status.imageID, 2)
    many = "s" if len(container.ports) > 1 else ""
    sheet.field(f"Port{many}", ", ".join(_port(port, port.containerPort) for port in container.ports) or "<none>", 2)
    sheet.field(f"Host Port{many}", ", ".join(_port(port, port.hostPort) for port in container.ports) or "<none>", 2)
    profile = container.securityContext.seccompProfile if container.securityContext else None
    if profile is not None:
        sheet.field("SeccompProfile", profile.type, 2)
        if profile.type == "Localhost":
            sheet.field("LocalhostProfile", profile.localhostProfile, 3)


def _port(port: ContainerPort, number: int) -> str:
    return f"{number}/{port.protocol} ({port.name})" if port.name else f"{number}/{port.protocol}"


def _write_lines(sheet: Sheet, title: str, words: Sequence[str]) -> None:
    if words:
        sheet.line(f"{title}:", 2)
    for word in words:
        for line in word.split("\n"):
            sheet.line(line, 3)


def _write_status(sheet: Sheet, status: ContainerStatus) -> None:
    _write_state(sheet, "State", status.state)
    if status.lastState.terminated is not None:
        _write_state(sheet, "Last State", status.lastState)
    sheet.field("Ready", status.ready, 2)
    sheet.field("Restart Count", status.restartCount, 2)


def _write_state(sheet: Sheet, title: str, state: ContainerState) -> None:
    if state.running is not None:
        sheet.field(title, "Running", 2)
        sheet.field("Started", date(state.running.startedAt), 3)
    elif state.waiting is None and state.terminated is not None:
        ended = state.terminated
        sheet.field(title, "Terminated", 2)
        if ended.reason:
            sheet.field("Reason", ended.reason, 3)
        if ended.message:
            sheet.field("Message", ended.message, 3)
        sheet.field("Exit Code", ended.exitCode, 3)
        if ended.signal > 0:
            sheet.field("Signal", ended.signal, 3)
        sheet.field("Started", date(ended.startedAt), 3)
        sheet.field("Finished", date(ended.finishedAt), 3)
    else:
        sheet.field(title, "Waiting", 2)
        if state.waiting is not None and state.waiting.reason:
            sheet.field("Reason", state.waiting.reason, 3)


def _write_mounts(sheet: Sheet, container: AnyContainer) -> None:
    none = "" if container.volumeMounts else "\t<none>"
    sheet.line(f"Mounts:{none}", 2)
    for mount in sorted(container.volumeMounts, key=lambda mount: mount.mountPath):
        flags = "ro" if mount.readOnly else "rw"
        if mount.subPath:
            flags += f",path={json.dumps(mount.subPath, ensure_ascii=False)}"
        sheet.line(f"{mount.mountPath} from {mount.name} ({flags})", 3)
    if container.volumeDevices:
        sheet.line(f"Devices:{none}", 2)
    for device in sorted(container.volumeDevices, key=lambda device: device.devicePath):
        sheet.line(f"{device.devicePath} from {device.name}", 3)
