"""A container's environment: each variable with its value, or where the value comes from.

Invariant: a value taken from a Secret or ConfigMap is named, never shown.
"""

from math import ceil

from cluster.api import quantity
from cluster.api.core import Container, EnvVar, EphemeralContainer, Pod, ResourceFieldSelector
from ktui.model.describe.sheet import Sheet

AnyContainer = Container | EphemeralContainer


def write_environment(sheet: Sheet, container: AnyContainer, pod: Pod | None) -> None:
    """The sources of whole environments, then the variables; `pod` resolves fields where there is one."""
    if container.envFrom:
        _write_sources(sheet, container)
    sheet.line("Environment:" if container.env else "Environment:\t<none>", 2)
    for variable in container.env:
        if variable.valueFrom is None:
            first, *rest = variable.value.split("\n")
            sheet.field(variable.name, first, 3)
            for line in rest:
                sheet.line(f"\t{line}", 3)
        elif origin := _origin(variable, container, pod):
            sheet.field(variable.name, origin, 3)


def _write_sources(sheet: Sheet, container: AnyContainer) -> None:
    sheet.line("Environment Variables from:", 2)
    for source in container.envFrom:
        kind, reference = ("ConfigMap", source.configMapRef) if source.configMapRef else ("Secret", source.secretRef)
        if reference is None:
            kind = ""
        prefix = f" with prefix '{source.prefix}'" if source.prefix else ""
        name, optional = (reference.name, reference.optional) if reference else ("", None)
        sheet.line(f"{name}\t{kind}{prefix}\tOptional: {_word(optional)}", 3)


def _origin(variable: EnvVar, container: AnyContainer, pod: Pod | None) -> str:
    source = variable.valueFrom
    if source is None:
        return ""
    if (field := source.fieldRef) is not None:
        value = _field_value(pod, field.fieldPath) if pod else ""
        return f"{value} ({field.apiVersion}:{field.fieldPath})"
    if (resource := source.resourceFieldRef) is not None:
        return f"{_resource_value(resource, container)} ({resource.resource})"
    if (secret := source.secretKeyRef) is not None:
        return f"<set to the key '{secret.key}' in secret '{secret.name}'>\tOptional: {_word(secret.optional)}"
    if (config := source.configMapKeyRef) is not None:
        return f"<set to the key '{config.key}' of config map '{config.name}'>\tOptional: {_word(config.optional)}"
    return ""


def _field_value(pod: Pod, path: str) -> str:
    """The name or namespace; any other field is told by its path alone."""
    return {"metadata.name": pod.metadata.name, "metadata.namespace": pod.metadata.namespace}.get(path, "")


def _resource_value(selector: ResourceFieldSelector, container: AnyContainer) -> str:
    """A request or limit in units of the selector's divisor, rounded up; an unset limit is the node's."""
    side, _, name = selector.resource.partition(".")
    amounts = container.resources.limits if side == "limits" else container.resources.requests
    amount, measure = amounts.get(name, "0"), quantity.milli if name == "cpu" else quantity.value
    divisor = measure(selector.divisor) if selector.divisor else 0
    units = ceil(measure(amount) / (divisor or measure("1")))
    return "node allocatable" if not units and selector.resource in {"limits.cpu", "limits.memory"} else str(units)


def _word(value: bool | None) -> str:  # noqa: FBT001 - what the API's optional is
    return "true" if value else "false"
