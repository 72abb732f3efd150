"""A container's environment: variables, where their values come from, and the downward API.

Part of a container's validation. Mirrors ValidateEnv and ValidateEnvFrom. Invariant: what a
variable or a volume may ask of the pod is listed here once.
"""

import re

from cluster.admission import field_error as error
from cluster.admission.validation.checks import Causes, dns_subdomain, invalid_each, qualified_name
from cluster.api import names, quantity
from cluster.api.core import (
    ConfigMapKeySelector,
    EnvFromSource,
    EnvVar,
    FileKeySelector,
    ObjectFieldSelector,
    ResourceFieldSelector,
    SecretKeySelector,
)

ENV_FIELDS = (
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "spec.nodeName",
    "spec.serviceAccountName",
    "status.hostIP",
    "status.hostIPs",
    "status.podIP",
    "status.podIPs",
)
VOLUME_FIELDS = ("metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid")
_CONVERTIBLE = frozenset((
    *ENV_FIELDS, *VOLUME_FIELDS, "spec.restartPolicy", "spec.schedulerName", "status.phase", "spec.hostNetwork",
))  # fmt: skip
_RESOURCES = (
    "limits.cpu",
    "limits.ephemeral-storage",
    "limits.memory",
    "requests.cpu",
    "requests.ephemeral-storage",
    "requests.memory",
)
_SUBSCRIPT = re.compile(r"([^\[\]]*)\['(.*)'\]", re.DOTALL)
_SIZES = ("1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei")
_SOURCES = ("fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef")


def variables(field: str, values: tuple[EnvVar, ...]) -> Causes:
    """Variables, one by one."""
    for index, value in enumerate(values):
        here = f"{field}[{index}]"
        if value.name:
            yield from invalid_each(f"{here}.name", value.name, names.environment_name(value.name))
        else:
            yield error.required(f"{here}.name")
        if value.valueFrom is not None:
            yield from _value_from(f"{here}.valueFrom", value)


def sources(field: str, values: tuple[EnvFromSource, ...]) -> Causes:
    """ConfigMaps and Secrets whose keys become variables."""
    for index, value in enumerate(values):
        here = f"{field}[{index}]"
        if value.prefix:
            yield from invalid_each(f"{here}.prefix", value.prefix, names.environment_name(value.prefix))
        for name, reference in (("configMapRef", value.configMapRef), ("secretRef", value.secretRef)):
            if reference is None:
                continue
            if reference.name:
                yield from dns_subdomain(f"{here}.{name}.name", reference.name)
            else:
                yield error.required(f"{here}.{name}.name")
        if value.configMapRef is None and value.secretRef is None:
            yield error.invalid(field, "", "must specify one of: `configMapRef` or `secretRef`")
        elif value.configMapRef is not None and value.secretRef is not None:
            yield error.invalid(field, "", "may not have more than one field specified at a time")


def _value_from(field: str, variable: EnvVar) -> Causes:
    source = variable.valueFrom
    if source is None:
        return
    if source.fieldRef is not None:
        yield from field_selector(f"{field}.fieldRef", source.fieldRef, ENV_FIELDS)
    if source.resourceFieldRef is not None:
        yield from resource_selector(f"{field}.resourceFieldRef", source.resourceFieldRef)
    if source.configMapKeyRef is not None:
        yield from _key_selector(f"{field}.configMapKeyRef", source.configMapKeyRef)
    if source.secretKeyRef is not None:
        yield from _key_selector(f"{field}.secretKeyRef", source.secretKeyRef)
    if source.fileKeyRef is not None:
        yield from _file_key_selector(f"{field}.fileKeyRef", source.fileKeyRef)
    count = sum(getattr(source, name) is not None for name in _SOURCES)
    if count == 0:
        listed = "`fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`"
        yield error.invalid(field, "", f"must specify one of: {listed}")
    elif variable.value:
        yield error.invalid(field, "", "may not be specified when `value` is not empty")
    elif count > 1:
        yield error.invalid(field, "", "may not have more than one field specified at a time")


def field_selector(field: str, selector: ObjectFieldSelector, supported: tuple[str, ...]) -> Causes:
    """A field of the pod, which must be one of those supported or one label or annotation."""
    path = selector.fieldPath
    for name, value in (("apiVersion", selector.apiVersion), ("fieldPath", path)):
        if not value:
            yield error.required(f"{field}.{name}")
            return
    subscripted = _SUBSCRIPT.fullmatch(path)
    known = path in _CONVERTIBLE or (subscripted and subscripted[1] in ("metadata.annotations", "metadata.labels"))
    if not known:
        yield error.invalid(
            f"{field}.fieldPath", path, f"error converting fieldPath: field label not supported: {path}"
        )
    elif subscripted:
        key = subscripted[2]
        yield from qualified_name(field, key.lower() if subscripted[1] == "metadata.annotations" else key)
    elif path not in supported:
        yield error.not_supported(f"{field}.fieldPath", path, supported)


def resource_selector(field: str, selector: ResourceFieldSelector, *, volume: bool = False) -> Causes:
    """A request or limit of a container (in a volume, of a container by name)."""
    name = selector.resource
    huge = name.startswith(("requests.hugepages-", "limits.hugepages-"))
    if volume and not selector.containerName:
        yield error.required(f"{field}.containerName")
    elif not name:
        yield error.required(f"{field}.resource")
    elif name not in _RESOURCES and not huge:
        yield error.not_supported(f"{field}.resource", name, _RESOURCES)
    divisor = selector.divisor
    if divisor is None or quantity.nano(divisor) == 0:
        return
    what, sizes = _divisors(name, huge=huge)
    if what and divisor not in sizes:
        listed = "1m and 1" if what == "cpu" else ", ".join(sizes)
        why = f"only divisor's values {listed} are supported with the {what} resource"
        yield error.invalid(f"{field}.divisor", name, why)


def _divisors(name: str, *, huge: bool) -> tuple[str, tuple[str, ...]]:
    if huge:
        return "hugepages", _SIZES
    kind = name.partition(".")[2]
    if kind == "cpu":
        return "cpu", ("1m", "1")
    return {"memory": "memory", "ephemeral-storage": "local ephemeral storage"}.get(kind, ""), _SIZES


def _key_selector(field: str, selector: ConfigMapKeySelector | SecretKeySelector) -> Causes:
    yield from dns_subdomain(f"{field}.name", selector.name)
    if selector.key:
        yield from invalid_each(f"{field}.key", selector.key, names.config_map_key(selector.key))
    else:
        yield error.required(f"{field}.key")


def _file_key_selector(field: str, selector: FileKeySelector) -> Causes:
    for name in ("key", "path", "volumeName"):
        if not getattr(selector, name):
            yield error.required(f"{field}.{name}")
