"""Ingresses and IngressClasses: hosts, paths, backends, and who serves them.

On the data's way two of the kinds' validations. Mirrors the Ingress part of pkg/apis/networking/validation.
Invariant: a path leads to one backend, by one port.
"""

from collections.abc import Mapping
from typing import Any

from cluster.admission import field_error as error
from cluster.admission.validation import addresses, metadata
from cluster.admission.validation.checks import (
    Causes,
    dns_label,
    dns_subdomain,
    domain_prefixed_path,
    invalid_each,
    one_of,
    path_segment,
    port,
    unchanged,
)
from cluster.admission.validation.rules import Rules
from cluster.admission.validation.services import balancer
from cluster.api import kinds, names
from cluster.api.kinds import Kind
from cluster.api.meta import StatusCause
from cluster.api.networking import (
    HTTPIngressPath,
    Ingress,
    IngressBackend,
    IngressClass,
    IngressClassParametersReference,
    IngressRule,
    IngressServiceBackend,
    IngressSpec,
    IngressTLS,
)

CLASS_ANNOTATION = "kubernetes.io/ingress.class"
MAX_CONTROLLER = 250
PATH_TYPES = ("Exact", "ImplementationSpecific", "Prefix")
_SEQUENCES, _SUFFIXES = ("//", "/./", "/../", "%2f", "%2F"), ("/..", "/.")


def ingress(value: Ingress) -> list[StatusCause]:
    """What is wrong with a new Ingress."""
    causes = metadata.create(value.metadata, names.is_dns1123_subdomain) + _spec(value.spec)
    given = value.metadata.annotations.get(CLASS_ANNOTATION)
    if given is not None and value.spec.ingressClassName:
        why = "can not be set when the class field is also set"
        causes.append(error.invalid(f"annotations.{CLASS_ANNOTATION}", given, why))
    return causes


def ingress_update(new: Ingress, old: Ingress) -> list[StatusCause]:
    """What is wrong with a changed Ingress."""
    causes = metadata.update(new.metadata, old.metadata)
    return causes if new.spec is old.spec else causes + _spec(new.spec)


def ingress_status_update(new: Ingress, old: Ingress) -> list[StatusCause]:
    """What is wrong with a changed status of an Ingress."""
    causes = metadata.update(new.metadata, old.metadata)
    return causes + list(balancer("status.loadBalancer", new.status.loadBalancer))


def _spec(spec: IngressSpec) -> list[StatusCause]:
    causes: list[StatusCause] = []
    if not spec.rules and spec.defaultBackend is None:
        why = "either `defaultBackend` or `rules` must be specified"
        causes.append(error.invalid("spec", None, why))
    if spec.defaultBackend is not None:
        causes += _backend("spec.defaultBackend", spec.defaultBackend)
    for index, rule in enumerate(spec.rules):
        causes += _rule(f"spec.rules[{index}]", rule)
    for index, tls in enumerate(spec.tls):
        causes += _tls(f"spec.tls[{index}]", tls)
    if spec.ingressClassName:
        causes += dns_subdomain("spec.ingressClassName", spec.ingressClassName)
    return causes


def _tls(field: str, tls: IngressTLS) -> Causes:
    for index, host in enumerate(tls.hosts):
        yield from _host(f"{field}.hosts[{index}]", host)
    if tls.secretName:
        yield from dns_subdomain(f"{field}.secretName", tls.secretName)


def _host(field: str, host: str) -> Causes:
    rule = names.is_wildcard_dns1123_subdomain if "*" in host else names.is_dns1123_subdomain
    return invalid_each(field, host, rule(host))


def _rule(field: str, rule: IngressRule) -> Causes:
    if rule.host:
        if addresses.parse(rule.host) is not None:
            yield error.invalid(f"{field}.host", rule.host, "must be a DNS name, not an IP address")
        yield from _host(f"{field}.host", rule.host)
    if rule.http is None:
        return
    if not rule.http.paths:
        yield error.required(f"{field}.http.paths")
    for index, path in enumerate(rule.http.paths):
        yield from _path(f"{field}.http.paths[{index}]", path)


def _path(field: str, value: HTTPIngressPath) -> Causes:
    here, path = f"{field}.path", value.path
    if not value.pathType:
        yield error.required(f"{field}.pathType", "pathType must be specified")
        return
    if value.pathType in ("Exact", "Prefix"):
        if not path.startswith("/"):
            yield error.invalid(here, path, "must be an absolute path")
        for sequence in _SEQUENCES:
            if sequence in path:
                yield error.invalid(here, path, f"must not contain '{sequence}'")
        for suffix in _SUFFIXES:
            if path.endswith(suffix):
                yield error.invalid(here, path, f"cannot end with '{suffix}'")
    elif value.pathType == "ImplementationSpecific":
        if path and not path.startswith("/"):
            yield error.invalid(here, path, "must be an absolute path")
    else:
        yield error.not_supported(f"{field}.pathType", value.pathType, PATH_TYPES)
    yield from _backend(f"{field}.backend", value.backend)


def _backend(field: str, value: IngressBackend) -> Causes:
    if value.resource is not None and value.service is not None:
        yield error.invalid(field, "", "cannot set both resource and service backends")
    elif value.resource is not None:
        yield from _reference(f"{field}.resource", value.resource)
    elif value.service is not None:
        yield from _service(field, value.service)
    else:
        yield error.invalid(field, "", "resource or service backend is required")


def _service(field: str, service: IngressServiceBackend) -> Causes:
    if service.name:
        yield from dns_label(f"{field}.service.name", service.name)
    else:
        yield error.required(f"{field}.service.name")
    here, name, number = f"{field}.service.port", service.port.name, service.port.number
    if name and number:
        yield error.invalid(field, "", "cannot set both port name & port number")
    elif name:
        yield from invalid_each(f"{here}.name", name, names.port_name(name))
    elif number:
        yield from port(f"{here}.number", number)
    else:
        yield error.required(field, "port name or number is required")


def _reference(field: str, value: Any) -> Causes:
    if value.apiGroup:
        yield from dns_subdomain(f"{field}.apiGroup", value.apiGroup)
    for name in ("kind", "name"):
        if getattr(value, name):
            yield from path_segment(f"{field}.{name}", getattr(value, name))
        else:
            yield error.required(f"{field}.{name}", f"{name} is required")


def ingress_class(value: IngressClass) -> list[StatusCause]:
    """What is wrong with a new IngressClass."""
    causes = metadata.create(value.metadata, names.is_dns1123_subdomain, namespaced=False)
    return causes + list(_class_spec(value))


def ingress_class_update(new: IngressClass, old: IngressClass) -> list[StatusCause]:
    """What is wrong with a changed IngressClass."""
    causes = metadata.update(new.metadata, old.metadata)
    causes += unchanged("spec.controller", new.spec.controller, old.spec.controller)
    return causes + list(_class_spec(new))


def _class_spec(value: IngressClass) -> Causes:
    controller = value.spec.controller
    if len(controller) > MAX_CONTROLLER:
        yield error.too_long("spec.controller", MAX_CONTROLLER)
    yield from domain_prefixed_path("spec.controller", controller)
    if value.spec.parameters is not None:
        yield from _parameters("spec.parameters", value.spec.parameters)


def _parameters(field: str, value: IngressClassParametersReference) -> Causes:
    yield from _reference(field, value)
    if not value.scope:
        yield error.required(f"{field}.scope")
        return
    yield from one_of(f"{field}.scope", value.scope, ("Cluster", "Namespace"))
    here = f"{field}.namespace"
    if value.scope == "Namespace":
        if value.namespace:
            yield from dns_label(here, value.namespace)
        else:
            yield error.required(here, "`parameters.scope` is set to 'Namespace'")
    elif value.scope == "Cluster" and value.namespace:
        yield error.forbidden(here, "`parameters.scope` is set to 'Cluster'")


RULES: Mapping[Kind[Any], Rules] = {
    kinds.INGRESSES: Rules(ingress, ingress_update, ingress_status_update),
    kinds.INGRESS_CLASSES: Rules(ingress_class, ingress_class_update),
}
