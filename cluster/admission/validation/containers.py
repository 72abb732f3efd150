"""Containers: of the three sorts a pod has, what they share and what sets them apart.

Part of a pod spec's validation. Mirrors validateContainers, validateInitContainers and
validateEphemeralContainers. Invariant: no two containers of a pod have one name, and no two that
run together have one port of the host.
"""

from collections.abc import Iterable
from typing import NamedTuple

from cluster.admission import field_error as error
from cluster.admission.validation import environment, probes, resources, security
from cluster.admission.validation.checks import Causes, dns_label, invalid_each, one_of, port, required_one_of
from cluster.admission.validation.mounts import devices, mounts
from cluster.admission.validation.volumes import PULL_POLICIES
from cluster.api import names
from cluster.api.core import Container, ContainerPort, EphemeralContainer, PodSpec, ResourceRequirements, Volume

PROTOCOLS = ("SCTP", "TCP", "UDP")
_MESSAGE_POLICIES = ("File", "FallbackToLogsOnError")
_RESTART_POLICIES = ("Always", "OnFailure", "Never")
_NOT_INIT = "may not be set for init containers without restartPolicy=Always"
_NOT_EPHEMERAL = "cannot be set for an Ephemeral Container"
_EPHEMERAL_FORBIDDEN = (
    "ports", "resources", "resizePolicy", "restartPolicy", "restartPolicyRules", "livenessProbe", "readinessProbe",
    "startupProbe", "lifecycle",
)  # fmt: skip
_NO_RESOURCES = ResourceRequirements()


class Surroundings(NamedTuple):
    """What a container's rules depend on: the pod spec, the volumes that can be mounted, the claims."""

    spec: PodSpec
    volumes: dict[str, Volume]
    claims: frozenset[str]


def containers(field: str, around: Surroundings) -> Causes:
    """The regular containers; there must be one."""
    values = around.spec.containers
    if not values:
        yield error.required(field)
        return
    seen: set[str] = set()
    for index, value in enumerate(values):
        here = f"{field}[{index}]"
        yield from _common(here, value, around)
        if value.name in seen:
            yield error.duplicate(f"{here}.name", value.name)
        seen.add(value.name)
        yield from _running(here, value, around)
        yield from _restarts(here, value)
    yield from _host_port_conflicts(field, values)


def init_containers(field: str, around: Surroundings) -> Causes:
    """The containers that run first, and the sidecars among them."""
    seen = {value.name for value in around.spec.containers}
    for index, value in enumerate(around.spec.initContainers):
        here = f"{field}[{index}]"
        yield from _common(here, value, around)
        yield from _restarts(here, value)
        if value.name in seen:
            yield error.duplicate(f"{here}.name", value.name)
        elif value.name:
            seen.add(value.name)
        yield from _host_port_conflicts(field, (value,))
        if value.restartPolicy == "Always":
            yield from _running(here, value, around)
            continue
        for name in ("lifecycle", "livenessProbe", "readinessProbe", "startupProbe"):
            if getattr(value, name) is not None:
                yield error.forbidden(f"{here}.{name}", _NOT_INIT)


def ephemeral_containers(field: str, around: Surroundings) -> Causes:
    """The containers added for debugging."""
    spec = around.spec
    lasting = {value.name for value in (*spec.containers, *spec.initContainers)}
    seen = set(lasting)
    for index, value in enumerate(spec.ephemeralContainers):
        here = f"{field}[{index}]"
        yield from _common(here, value, around)
        yield from trimmed_image(here, value)
        if value.name in seen:
            yield error.duplicate(f"{here}.name", value.name)
        seen.add(value.name)
        if value.targetContainerName and value.targetContainerName not in lasting:
            yield error.not_found(f"{here}.targetContainerName", value.targetContainerName)
        for name in _EPHEMERAL_FORBIDDEN:
            if getattr(value, name) not in (None, "", (), _NO_RESOURCES):
                yield error.forbidden(f"{here}.{name}", _NOT_EPHEMERAL)
        for number, mount in enumerate(value.volumeMounts):
            for name in ("subPath", "subPathExpr"):
                if getattr(mount, name):
                    yield error.forbidden(f"{here}.volumeMounts[{number}].{name}", _NOT_EPHEMERAL)


def trimmed_image(field: str, value: Container | EphemeralContainer) -> Causes:
    """An image's name without space around it (asked of pods, not of templates)."""
    if value.image != value.image.strip():
        yield error.invalid(f"{field}.image", value.image, "must not have leading or trailing whitespace")


def host_network_ports(field: str, spec: PodSpec, *, pod: bool) -> Causes:
    """On the host's network a port is the host's; in a template it may be left out."""
    for index, value in enumerate(spec.containers if spec.hostNetwork else ()):
        for number, item in enumerate(value.ports):
            if (pod or item.hostPort) and item.hostPort != item.containerPort:
                here = f"{field}[{index}].ports[{number}].hostPort"
                yield error.invalid(here, item.hostPort, "must match `containerPort` when `hostNetwork` is true")


def _common(field: str, value: Container | EphemeralContainer, around: Surroundings) -> Causes:
    if value.name:
        yield from dns_label(f"{field}.name", value.name)
    else:
        yield error.required(f"{field}.name")
    if not value.image:
        yield error.required(f"{field}.image")
    policy = value.terminationMessagePolicy
    yield from required_one_of(f"{field}.terminationMessagePolicy", policy, _MESSAGE_POLICIES)
    yield from _ports(f"{field}.ports", value.ports)
    yield from environment.variables(f"{field}.env", value.env)
    yield from environment.sources(f"{field}.envFrom", value.envFrom)
    yield from mounts(f"{field}.volumeMounts", value, around.volumes)
    yield from devices(f"{field}.volumeDevices", value, around.volumes)
    yield from required_one_of(f"{field}.imagePullPolicy", value.imagePullPolicy, PULL_POLICIES)
    yield from resources.container_resources(f"{field}.resources", value.resources, around.claims)
    yield from _resize_policies(f"{field}.resizePolicy", value, around.spec)
    host_users = around.spec.hostUsers is not False
    yield from security.container_context(f"{field}.securityContext", value.securityContext, host_users=host_users)


def _running(field: str, value: Container, around: Surroundings) -> Causes:
    yield from probes.lifecycle(f"{field}.lifecycle", value.lifecycle, around.spec.terminationGracePeriodSeconds)
    yield from probes.probe(f"{field}.livenessProbe", value.livenessProbe, once=True)
    yield from probes.probe(f"{field}.readinessProbe", value.readinessProbe, readiness=True)
    yield from probes.probe(f"{field}.startupProbe", value.startupProbe, once=True)


def _restarts(field: str, value: Container) -> Causes:
    if value.restartPolicy:
        yield from one_of(f"{field}.restartPolicy", value.restartPolicy, _RESTART_POLICIES)
    elif value.restartPolicyRules:
        yield error.required(f"{field}.restartPolicy", "must specify restartPolicy when restart rules are used")


def _ports(field: str, values: tuple[ContainerPort, ...]) -> Causes:
    seen: set[str] = set()
    for index, value in enumerate(values):
        here = f"{field}[{index}]"
        if value.name:
            wrong = names.port_name(value.name)
            yield from invalid_each(f"{here}.name", value.name, wrong)
            if value.name in seen:
                yield error.duplicate(f"{here}.name", value.name)
            elif not wrong:
                seen.add(value.name)
        if value.containerPort:
            yield from port(f"{here}.containerPort", value.containerPort)
        else:
            yield error.required(f"{here}.containerPort")
        if value.hostPort:
            yield from port(f"{here}.hostPort", value.hostPort)
        yield from required_one_of(f"{here}.protocol", value.protocol, PROTOCOLS)


def _host_port_conflicts(field: str, values: Iterable[Container]) -> Causes:
    seen: set[str] = set()
    for index, value in enumerate(values):
        for number, item in enumerate(value.ports):
            if not item.hostPort:
                continue
            key = f"{item.protocol}/{item.hostIP}/{item.hostPort}"
            if key in seen:
                yield error.duplicate(f"{field}[{index}].ports[{number}].hostPort", key)
            seen.add(key)


def _resize_policies(field: str, value: Container | EphemeralContainer, spec: PodSpec) -> Causes:
    seen: set[str] = set()
    for index, policy in enumerate(value.resizePolicy):
        if policy.resourceName in seen:
            yield error.duplicate(f"{field}[{index}]", policy.resourceName)
        seen.add(policy.resourceName)
        yield from required_one_of(field, policy.resourceName, ("cpu", "memory"))
        yield from required_one_of(field, policy.restartPolicy, ("NotRequired", "RestartContainer"))
        if spec.restartPolicy == "Never" and policy.restartPolicy != "NotRequired":
            yield error.invalid(field, policy.restartPolicy, "must be 'NotRequired' when `restartPolicy` is 'Never'")
