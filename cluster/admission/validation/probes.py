"""Probes and life cycle hooks of a container, and the handlers both are made of.

Part of a container's validation. Mirrors validateProbe, validateLifecycle and validateHandler.
Invariant: a handler has exactly one action.
"""

from collections.abc import Callable
from typing import Any

from cluster.admission import field_error as error
from cluster.admission.validation.checks import Causes, invalid_each, nonnegative, one_of, port_or_name
from cluster.api import names
from cluster.api.core import ExecAction, GRPCAction, HTTPGetAction, Lifecycle, Probe, TCPSocketAction

_NUMBERS = ("initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold")


def probe(field: str, value: Probe | None, *, once: bool = False, readiness: bool = False) -> Causes:
    """A probe; `once` if a single success counts (liveness, startup)."""
    if value is None:
        return
    yield from _handler(field, value, None)
    for name in _NUMBERS:
        yield from nonnegative(f"{field}.{name}", getattr(value, name))
    grace = value.terminationGracePeriodSeconds
    if grace is not None and grace <= 0:
        yield error.invalid(f"{field}.terminationGracePeriodSeconds", grace, "must be greater than 0")
    if once and value.successThreshold != 1:
        yield error.invalid(f"{field}.successThreshold", value.successThreshold, "must be 1")
    if readiness and grace is not None:
        yield error.invalid(f"{field}.terminationGracePeriodSeconds", grace, "must not be set for readinessProbes")


def lifecycle(field: str, value: Lifecycle | None, grace: int | None) -> Causes:
    """The hooks after the start and before the stop; `grace` is the pod's, in seconds."""
    if value is None:
        return
    for name, handler in (("postStart", value.postStart), ("preStop", value.preStop)):
        if handler is not None:
            yield from _handler(f"{field}.{name}", handler, grace)


def _handler(field: str, handler: Any, grace: int | None) -> Causes:
    found = False
    for name, rule in _ACTIONS.items():
        action = getattr(handler, name, None)
        if action is None:
            continue
        if found:
            yield error.forbidden(f"{field}.{name}", "may not specify more than 1 handler type")
            continue
        found = True
        yield from rule(f"{field}.{name}", action, grace)
    if not found:
        yield error.required(field, "must specify a handler type")


def _exec(field: str, action: ExecAction, _: int | None) -> Causes:
    if not action.command:
        yield error.required(f"{field}.command")


def _http_get(field: str, action: HTTPGetAction, _: int | None) -> Causes:
    if not action.path:
        yield error.required(f"{field}.path")
    yield from port_or_name(f"{field}.port", action.port)
    yield from one_of(f"{field}.scheme", action.scheme, ("HTTP", "HTTPS"))
    for header in action.httpHeaders:
        yield from invalid_each(f"{field}.httpHeaders", header.name, names.is_http_header_name(header.name))


def _socket(field: str, action: TCPSocketAction | GRPCAction, _: int | None) -> Causes:
    return port_or_name(f"{field}.port", action.port)


def _sleep(field: str, action: Any, grace: int | None) -> Causes:
    if grace is not None and not 0 <= action.seconds <= grace:
        why = f"must be non-negative and less than terminationGracePeriodSeconds ({grace})"
        yield error.invalid(field, action.seconds, why)


_ACTIONS: dict[str, Callable[[str, Any, int | None], Causes]] = {
    "exec": _exec,
    "httpGet": _http_get,
    "tcpSocket": _socket,
    "grpc": _socket,
    "sleep": _sleep,
}
