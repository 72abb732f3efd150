"""What containers ask for: names of resources, amounts, and requests against limits.

Part of the validation of containers and nodes. Mirrors validateResourceRequirements and
ValidateResourceQuantityValue. Invariant: a resource that cannot be overcommitted is limited to
exactly what is requested.
"""

from collections.abc import Callable, Mapping

from cluster.admission import field_error as error
from cluster.admission.validation.checks import NEGATIVE, Causes, dns_label, qualified_name
from cluster.api import names, quantity
from cluster.api.core import ResourceRequirements
from cluster.api.meta import StatusCause
from cluster.api.quantity import Quantity

NameRule = Callable[[str, str], list[StatusCause]]

HUGE_PAGES = "hugepages-"
_NATIVE = "kubernetes.io/"
_CONTAINER = frozenset(("cpu", "memory", "ephemeral-storage"))
_STANDARD = _CONTAINER | frozenset((
    "requests.cpu", "requests.memory", "requests.ephemeral-storage", "limits.cpu", "limits.memory",
    "limits.ephemeral-storage", "pods", "resourcequotas", "services", "replicationcontrollers", "secrets", "configmaps",
    "persistentvolumeclaims", "storage", "requests.storage", "services.nodeports", "services.loadbalancers",
))  # fmt: skip
_INTEGER = frozenset((
    "pods", "services", "replicationcontrollers", "resourcequotas", "secrets", "configmaps", "persistentvolumeclaims",
    "services.nodeports", "services.loadbalancers",
))  # fmt: skip


def container_resources(field: str, value: ResourceRequirements, claims: frozenset[str] = frozenset()) -> Causes:
    """The requests and limits of a container; `claims` are the pod's resource claims."""
    if value.limits or value.requests:
        yield from _requirements(field, value, container_name)
    names_: set[str] = set()
    for index, claim in enumerate(value.claims):
        here = f"{field}.claims[{index}]"
        if not claim.name:
            yield error.required(here)
            continue
        if claim.request:
            yield from dns_label(f"{here}.request", claim.request)
        key = f"{claim.name}/{claim.request}" if claim.request else claim.name
        if key in names_ or claim.name in names_:
            yield error.duplicate(here, key)
        names_.add(key)
        if claim.name not in claims:
            listed = f": {', '.join(sorted(claims))}" if claims else " which is empty"
            found = error.not_found(here, claim.name)
            yield StatusCause(
                field=here,
                reason=found.reason,
                message=f"{found.message}: must be one of the names in pod.spec.resourceClaims{listed}",
            )


def pod_resources(field: str, value: ResourceRequirements) -> Causes:
    """The requests and limits of a pod as a whole."""
    if value.claims:
        yield error.forbidden(f"{field}.claims", "claims cannot be set for Resources at pod-level")
    yield from _requirements(field, value, _pod_name)


def amount(field: str, name: str, value: Quantity) -> Causes:
    """An amount of a resource: not negative, and whole if the resource is counted."""
    if quantity.nano(value) < 0:
        yield error.invalid(field, value, NEGATIVE)
    if (name in _INTEGER or _is_extended(name)) and quantity.milli(value) % 1000:
        yield error.invalid(field, value, "must be an integer")


def overcommittable(name: str) -> bool:
    """Whether more of the resource may be promised than there is."""
    return ("/" not in name or _NATIVE in name) and not name.startswith(HUGE_PAGES)


def _requirements(field: str, value: ResourceRequirements, name_rule: NameRule) -> Causes:
    limits, requests = value.limits, value.requests
    for name, limit in limits.items():
        yield from _entry(f"{field}.limits[{name}]", name, limit, name_rule)
    for name, request in requests.items():
        yield from _entry(f"{field}.requests[{name}]", name, request, name_rule)
        yield from _against_limit(field, name, request, limits)
    both = (*limits, *requests)
    if any(name.startswith(HUGE_PAGES) for name in both) and not any(name in ("cpu", "memory") for name in both):
        yield error.forbidden(field, "HugePages require cpu or memory")


def _entry(field: str, name: str, value: Quantity, name_rule: NameRule) -> Causes:
    yield from name_rule(field, name)
    yield from amount(field, name, value)
    if name.startswith(HUGE_PAGES) and not _divisible(name, value):
        yield error.invalid(field, value, f"{value} is not positive integer multiple of {name}")


def _divisible(name: str, value: Quantity) -> bool:
    try:
        size = quantity.value(quantity.parse(name.removeprefix(HUGE_PAGES)))
    except ValueError:
        return False
    return size > 0 and quantity.value(value) % size == 0


def _against_limit(field: str, name: str, request: Quantity, limits: Mapping[str, Quantity]) -> Causes:
    limit = limits.get(name)
    if limit is None:
        if not overcommittable(name):
            yield error.required(f"{field}.limits", "Limit must be set for non overcommitable resources")
        return
    order = quantity.compare(request, limit)
    if order and not overcommittable(name):
        yield error.invalid(f"{field}.requests", request, f"must be equal to {name} limit of {limit}")
    elif order > 0:
        yield error.invalid(f"{field}.requests", request, f"must be less than or equal to {name} limit of {limit}")


def standard_name(field: str, name: str) -> list[StatusCause]:
    """The name of a resource that Kubernetes knows, or one with a domain."""
    causes = list(qualified_name(field, name))
    if not causes and "/" not in name and name not in _STANDARD and not _is_quota_or_huge(name):
        causes.append(error.invalid(field, name, "must be a standard resource type or fully qualified"))
    return causes


def container_name(field: str, name: str) -> list[StatusCause]:
    """The name of a resource that a container can ask for."""
    causes = standard_name(field, name)
    if "/" not in name:
        if name not in _CONTAINER and not name.startswith(HUGE_PAGES):
            causes.append(error.invalid(field, name, "must be a standard resource for containers"))
    elif _NATIVE not in name and not _is_extended(name):
        causes.append(error.invalid(field, name, "doesn't follow extended resource name standard"))
    return causes


def _pod_name(field: str, name: str) -> list[StatusCause]:
    causes = standard_name(field, name)
    if not causes and name not in ("cpu", "memory") and not name.startswith(HUGE_PAGES):
        causes.append(error.not_supported(field, name, ("cpu", "hugepages-", "memory")))
    return causes


def _is_quota_or_huge(name: str) -> bool:
    return name.startswith((HUGE_PAGES, "requests.hugepages-"))


def _is_extended(name: str) -> bool:
    if "/" not in name or _NATIVE in name or name.startswith("requests."):
        return False
    return not names.qualified_name(f"requests.{name}")
