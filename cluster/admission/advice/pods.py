"""What is unwise in a pod, or in the template of pods.

Part of the advice about workloads. Mirrors pkg/api/pod/warnings.go. Invariant: the fields are named
from the object's root (`at` is empty for a pod, `spec.template.` for most templates).
"""

from collections.abc import Iterator, Mapping

from cluster.admission.advice import node_labels, storage
from cluster.api import quantity
from cluster.api.core import Affinity, Container, ContainerPort, EphemeralContainer, PodSpec
from cluster.api.quantity import Quantity

_NULL_SELECTOR = "a null labelSelector results in matching no pod"
_ANNOTATIONS = {
    "scheduler.alpha.kubernetes.io/critical-pod":
        'non-functional in v1.16+; use the "priorityClassName" field instead',
    "security.alpha.kubernetes.io/sysctls": 'non-functional in v1.11+; use the "sysctls" field instead',
    "security.alpha.kubernetes.io/unsafe-sysctls": 'non-functional in v1.11+; use the "sysctls" field instead',
}  # fmt: skip
_SECCOMP = 'non-functional in v1.27+; use the "seccompProfile" field instead'
_APP_ARMOR = 'deprecated since v1.30; use the "appArmorProfile" field instead'
_SECCOMP_POD, _SECCOMP_CONTAINER = (
    "seccomp.security.alpha.kubernetes.io/pod", "container.seccomp.security.alpha.kubernetes.io/",
)  # fmt: skip
_APP_ARMOR_CONTAINER = "container.apparmor.security.beta.kubernetes.io/"
_REQUIRED, _PREFERRED = (
    "requiredDuringSchedulingIgnoredDuringExecution",
    "preferredDuringSchedulingIgnoredDuringExecution",
)


def pod_advice(at: str, spec: PodSpec, annotations: Mapping[str, str]) -> Iterator[str]:
    """What is unwise in a pod's spec and annotations."""
    field = f"{at}spec"
    yield from node_labels.of_map(f"{field}.nodeSelector", spec.nodeSelector)
    if spec.affinity is not None:
        yield from _node_affinity(f"{field}.affinity.nodeAffinity", spec.affinity)
    for index, constraint in enumerate(spec.topologySpreadConstraints):
        here = f"{field}.topologySpreadConstraints[{index}]"
        yield from node_labels.of_key(f"{here}.topologyKey", constraint.topologyKey)
        if constraint.labelSelector is None:
            yield f"{here}.labelSelector: {_NULL_SELECTOR}"
    for key, said in _ANNOTATIONS.items():
        if key in annotations:
            yield f"{at}metadata.annotations[{key}]: {said}"
    for index, volume in enumerate(spec.volumes):
        here = f"{field}.volumes[{index}]"
        yield from storage.old_sources(here, volume)
        if volume.ephemeral is not None and volume.ephemeral.volumeClaimTemplate is not None:
            claim = volume.ephemeral.volumeClaimTemplate.spec
            yield from storage.claim_spec(f"{here}.ephemeral.volumeClaimTemplate.spec", claim)
    yield from _lists(field, spec)
    yield from fractions(f"{field}.overhead", spec.overhead)
    yield from _containers(at, spec, annotations)
    yield from _ports(field, spec)
    if spec.terminationGracePeriodSeconds is not None and spec.terminationGracePeriodSeconds < 0:
        yield (
            f"{field}.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1"
        )
    if spec.affinity is not None:
        yield from _pod_affinity(f"{field}.affinity", spec.affinity)


def fractions(field: str, values: Mapping[str, Quantity]) -> Iterator[str]:
    """Bytes are whole."""
    for name in ("memory", "ephemeral-storage"):
        value = values.get(name)
        if value is not None and quantity.milli(value) % 1000:
            yield f'{field}[{name}]: fractional byte value "{value}" is invalid, must be an integer'


def _node_affinity(field: str, affinity: Affinity) -> Iterator[str]:
    nodes = affinity.nodeAffinity
    if nodes is None:
        return
    required = nodes.requiredDuringSchedulingIgnoredDuringExecution
    for index, term in enumerate(() if required is None else required.nodeSelectorTerms):
        yield from node_labels.of_term(f"{field}.{_REQUIRED}.nodeSelectorTerms[{index}]", term)
    for index, preferred in enumerate(nodes.preferredDuringSchedulingIgnoredDuringExecution):
        yield from node_labels.of_term(f"{field}.{_PREFERRED}[{index}].preference", preferred.preference)


def _lists(field: str, spec: PodSpec) -> Iterator[str]:
    addresses: set[str] = set()
    for index, alias in enumerate(spec.hostAliases):
        if alias.ip in addresses:
            yield f'{field}.hostAliases[{index}].ip: duplicate ip "{alias.ip}"'
        addresses.add(alias.ip)
    names: set[str] = set()
    for index, secret in enumerate(spec.imagePullSecrets):
        if secret.name in names:
            yield f'{field}.imagePullSecrets[{index}].name: duplicate name "{secret.name}"'
        names.add(secret.name)
    for index, secret in enumerate(spec.imagePullSecrets):
        if not secret.name:
            yield f'{field}.imagePullSecrets[{index}].name: invalid empty name ""'


def _each(field: str, spec: PodSpec) -> Iterator[tuple[str, Container | EphemeralContainer]]:
    for name in ("initContainers", "containers", "ephemeralContainers"):
        for index, container in enumerate(getattr(spec, name)):
            yield f"{field}.{name}[{index}]", container


def _containers(at: str, spec: PodSpec, annotations: Mapping[str, str]) -> Iterator[str]:
    place, context = f"{at}metadata.annotations", spec.securityContext
    if _SECCOMP_POD in annotations and (context is None or context.seccompProfile is None):
        yield f"{place}[{_SECCOMP_POD}]: {_SECCOMP}"
    guarded = context is not None and context.appArmorProfile is not None
    for field, container in _each(f"{at}spec", spec):
        own = container.securityContext
        key = _SECCOMP_CONTAINER + container.name
        if key in annotations and (own is None or own.seccompProfile is None):
            yield f"{place}[{key}]: {_SECCOMP}"
        key = _APP_ARMOR_CONTAINER + container.name
        if key in annotations and not guarded and (own is None or own.appArmorProfile is None):
            yield f"{place}[{key}]: {_APP_ARMOR}"
        for part in ("limits", "requests"):
            yield from fractions(f"{field}.resources.{part}", getattr(container.resources, part))
        yield from _variables(f"{field}.env", container)


def _variables(field: str, container: Container | EphemeralContainer) -> Iterator[str]:
    seen: set[str] = set()
    for index, variable in enumerate(container.env):
        reference = f"$({variable.name})"
        extends = variable.valueFrom is None and reference in variable.value and variable.value != reference
        if variable.name in seen and not extends:
            yield (
                f'{field}[{index}]: hides previous definition of "{variable.name}", '
                "which may be dropped when using apply"
            )
        seen.add(variable.name)


def _ports(field: str, spec: PodSpec) -> Iterator[str]:
    known: dict[tuple[int, str], list[tuple[str, ContainerPort]]] = {}
    for place, container in _each(field, spec):
        for index, port in enumerate(container.ports):
            here = f"{place}.ports[{index}]"
            if port.hostIP and not port.hostPort:
                yield f"{here}: hostIP set without hostPort: {_shown(port)}"
            others = known.setdefault((port.containerPort, port.protocol), [])
            for there, other in others:
                if said := _conflict(port, other):
                    yield f"{here}: {said} port definition with {there}"
            others.append((here, port))


def _conflict(port: ContainerPort, other: ContainerPort) -> str:
    if (port.hostIP, port.hostPort) == (other.hostIP, other.hostPort):
        return "duplicate"
    if not port.hostPort or not other.hostPort:
        return "overlapping"
    if port.hostPort == other.hostPort and bool(port.hostIP) != bool(other.hostIP):
        return "dangerously ambiguous"
    return ""


def _shown(port: ContainerPort) -> str:
    """The port as Go prints a struct (`%+v`)."""
    return (
        f"{{Name:{port.name} HostPort:{port.hostPort or 0} ContainerPort:{port.containerPort} "
        f"Protocol:{port.protocol} HostIP:{port.hostIP}}}"
    )


def _pod_affinity(field: str, affinity: Affinity) -> Iterator[str]:
    for name in ("podAffinity", "podAntiAffinity"):
        pods = getattr(affinity, name)
        if pods is None:
            continue
        for index, term in enumerate(getattr(pods, _REQUIRED)):
            if term.labelSelector is None:
                yield f"{field}.{name}.{_REQUIRED}[{index}].labelSelector: {_NULL_SELECTOR}"
        for index, weighted in enumerate(getattr(pods, _PREFERRED)):
            if weighted.podAffinityTerm.labelSelector is None:
                yield f"{field}.{name}.{_PREFERRED}[{index}].podAffinityTerm.labelSelector: {_NULL_SELECTOR}"
