"""Defaults of a container: pull policy, termination message, ports, probes and references.

Part of a pod spec's defaults, the same in pods and templates. Mirrors SetDefaults_Container and
what it contains in pkg/apis/core/v1/defaults.go. Invariant: nothing here depends on the pod.
"""

from typing import TypeVar

from cluster.admission.defaults.images import pull_policy
from cluster.admission.defaults.volumes import field_selector, resource_selector
from cluster.admission.sharing import changed, each
from cluster.api.core import (
    Container,
    ContainerPort,
    EnvVar,
    EphemeralContainer,
    HTTPGetAction,
    Lifecycle,
    LifecycleHandler,
    Probe,
)

C = TypeVar("C", Container, EphemeralContainer)
MESSAGE_PATH = "/dev/termination-log"


def container(value: C) -> C:
    """The container (of any sort) with its defaults."""
    return changed(
        value,
        imagePullPolicy=value.imagePullPolicy or pull_policy(value.image),
        terminationMessagePath=value.terminationMessagePath or MESSAGE_PATH,
        terminationMessagePolicy=value.terminationMessagePolicy or "File",
        ports=each(value.ports, _port),
        env=each(value.env, _env),
        livenessProbe=_probe(value.livenessProbe),
        readinessProbe=_probe(value.readinessProbe),
        startupProbe=_probe(value.startupProbe),
        lifecycle=_lifecycle(value.lifecycle),
    )


def _port(value: ContainerPort) -> ContainerPort:
    return value if value.protocol else changed(value, protocol="TCP")


def _env(value: EnvVar) -> EnvVar:
    source = value.valueFrom
    if source is None:
        return value
    if source.fieldRef is not None:
        source = changed(source, fieldRef=field_selector(source.fieldRef))
    if source.resourceFieldRef is not None:
        source = changed(source, resourceFieldRef=resource_selector(source.resourceFieldRef))
    return changed(value, valueFrom=source)


def _http_get(value: HTTPGetAction | None) -> HTTPGetAction | None:
    return value and changed(value, path=value.path or "/", scheme=value.scheme or "HTTP")


def _probe(value: Probe | None) -> Probe | None:
    if value is None:
        return None
    return changed(
        value,
        timeoutSeconds=value.timeoutSeconds or 1,
        periodSeconds=value.periodSeconds or 10,
        successThreshold=value.successThreshold or 1,
        failureThreshold=value.failureThreshold or 3,
        httpGet=_http_get(value.httpGet),
    )


def _lifecycle(value: Lifecycle | None) -> Lifecycle | None:
    return value and changed(value, postStart=_handler(value.postStart), preStop=_handler(value.preStop))


def _handler(value: LifecycleHandler | None) -> LifecycleHandler | None:
    return value and changed(value, httpGet=_http_get(value.httpGet))
