"""The environment variables of a container, as its process would find them.

Made when somebody asks, from the pod and the objects it names. Mirrors kubelet's makeEnvironmentVariables.
Invariant: nothing here changes, and a reference that leads nowhere leaves its variable out.
"""

import re
from collections.abc import Iterator, Mapping

from cluster.api import kinds
from cluster.api.core import Container, EnvVarSource, Pod, Service
from cluster.kubelet.runtime.fields import field, resource
from cluster.kubelet.runtime.objects import entries
from cluster.store import Store

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_REFERENCE = re.compile(r"\$(\$|\(([A-Za-z0-9_.-]+)\))")


def environment(store: Store, pod: Pod, container: Container, at: int | None = None) -> dict[str, str]:
    """Names with values: the runtime's own, the container's, and those about Services.

    ConfigMaps and Secrets count as they were `at` a time (Unix ms), when the process started.
    """
    services = dict(_services(store, pod, _started(pod, container)))
    found = {"PATH": PATH, "HOSTNAME": hostname(pod), **dict(_from_objects(store, pod, container, at))}
    for variable in container.env:
        value = variable.value
        if variable.valueFrom is not None:
            told = _value_from(store, pod, container, variable.valueFrom, at)
            if told is None:
                continue
            value = told
        else:
            value = expanded(value, {**services, **found})
        found[variable.name] = value
    return {**found, **{name: value for name, value in services.items() if name not in found}, "HOME": "/root"}


def hostname(pod: Pod) -> str:
    """What the pod calls itself: at most 63 characters of its name, if it says nothing else."""
    if pod.spec.hostNetwork:
        return pod.spec.nodeName
    return (pod.spec.hostname or pod.metadata.name)[:63].rstrip("-.")


def expanded(text: str, known: Mapping[str, str]) -> str:
    """The text with `$(NAME)` replaced by what is known of it; `$$` is a dollar sign (`expansion.Expand`)."""

    def replacement(match: re.Match[str]) -> str:
        return "$" if match[1] == "$" else known.get(match[2], match[0])

    return _REFERENCE.sub(replacement, text)


def _from_objects(store: Store, pod: Pod, container: Container, at: int | None) -> Iterator[tuple[str, str]]:
    for source in container.envFrom:
        maps = source.configMapRef.name if source.configMapRef else ""
        secret = source.secretRef.name if source.secretRef else ""
        found = entries(store, pod.metadata.namespace, config_map=maps, secret=secret, at=at) or {}
        for name in sorted(found):
            yield source.prefix + name, found[name].decode("utf-8", "replace")


def _value_from(store: Store, pod: Pod, container: Container, source: EnvVarSource, at: int | None) -> str | None:
    if source.fieldRef is not None:
        return field(pod, source.fieldRef)
    if source.resourceFieldRef is not None:
        return resource(pod, container, source.resourceFieldRef)
    reference = source.configMapKeyRef or source.secretKeyRef
    if reference is None:
        return None
    named = {"config_map" if source.configMapKeyRef else "secret": reference.name}
    found = (entries(store, pod.metadata.namespace, **named, at=at) or {}).get(reference.key)
    return None if found is None else found.decode("utf-8", "replace")


def _started(pod: Pod, container: Container) -> str:
    """When the container's process started (RFC 3339), or nothing if it has not yet."""
    status = pod.status
    for each in (*status.containerStatuses, *status.initContainerStatuses):
        if each.name == container.name:
            last = each.state.running or each.state.terminated or each.lastState.terminated
            return last.startedAt if last is not None else ""
    return ""


def _services(store: Store, pod: Pod, started: str) -> Iterator[tuple[str, str]]:
    """The variables about `kubernetes`, and about the namespace's Services of that time, if the pod wants them."""
    table = store.table(kinds.SERVICES)
    for key in sorted(table):
        namespace, _, name = key.partition("/")
        own = namespace == pod.metadata.namespace and pod.spec.enableServiceLinks is not False
        service = table.get(key) if own or key == "default/kubernetes" else None
        if service is None or service.spec.clusterIP in ("", "None"):
            continue
        if not started or service.metadata.creationTimestamp <= started:
            yield from _of_service(name.upper().replace("-", "_"), service)


def _of_service(prefix: str, service: Service) -> Iterator[tuple[str, str]]:
    address, ports = service.spec.clusterIP, service.spec.ports
    if not ports:
        return
    yield f"{prefix}_SERVICE_HOST", address
    yield f"{prefix}_SERVICE_PORT", str(ports[0].port)
    for port in ports:
        if port.name:
            yield f"{prefix}_SERVICE_PORT_{port.name.upper().replace('-', '_')}", str(port.port)
    first = ports[0]
    yield f"{prefix}_PORT", f"{(first.protocol or 'TCP').lower()}://{address}:{first.port}"
    for port in ports:
        protocol = port.protocol or "TCP"
        head = f"{prefix}_PORT_{port.port}_{protocol}"
        yield head, f"{protocol.lower()}://{address}:{port.port}"
        yield f"{head}_PROTO", protocol.lower()
        yield f"{head}_PORT", str(port.port)
        yield f"{head}_ADDR", address
