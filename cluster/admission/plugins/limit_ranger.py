"""What a namespace's LimitRanges give to pods that say nothing, and what they allow pods and claims to say.

One of the plugins, in both halves of the chain: `defaulted` changes a new pod, `check_pod` and
`check_claim` judge it once it is complete. Mirrors LimitRanger. Invariant: a range sets only what is
missing, and everything that is out of range is told at once.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from cluster.admission.sharing import changed
from cluster.api import pod_requests, quantity
from cluster.api.core import Container, LimitRange, LimitRangeItem, PersistentVolumeClaim, PodSpec
from cluster.api.errors import Forbidden
from cluster.api.quantity import Quantity

ANNOTATION = "kubernetes.io/limit-ranger"
CONTAINER, POD, CLAIM = "Container", "Pod", "PersistentVolumeClaim"
Amounts = Mapping[str, Quantity]


class Defaulted(NamedTuple):
    """A spec with defaults, and what the pod's annotation says of them; empty if it needed none."""

    spec: PodSpec
    note: str


def defaulted(spec: PodSpec, ranges: Sequence[LimitRange]) -> Defaulted:
    """The spec with the requests and limits that the ranges set for containers that have none."""
    note = ""
    for limits in ranges:
        requests, maxima = _defaults(limits)
        if not requests and not maxima:
            continue
        told: list[str] = []
        containers = tuple([_merged(found, requests, maxima, "container", told) for found in spec.containers])
        first = tuple([_merged(found, requests, maxima, "init container", told) for found in spec.initContainers])
        if told:
            spec = changed(spec, containers=containers, initContainers=first)
            note = f"LimitRanger plugin set: {'; '.join(told)}"
    return Defaulted(spec, note)


def _defaults(limits: LimitRange) -> tuple[Amounts, Amounts]:
    requests: dict[str, Quantity] = {}
    maxima: dict[str, Quantity] = {}
    for item in limits.spec.limits:
        if item.type == CONTAINER:
            requests.update(item.defaultRequest)
            maxima.update(item.default)
    return requests, maxima


def _merged(container: Container, requests: Amounts, maxima: Amounts, sort: str, told: list[str]) -> Container:
    """The container with what it lacks; `told` takes what that was."""
    given = container.resources
    asked = {name: amount for name, amount in requests.items() if name not in given.requests}
    limited = {name: amount for name, amount in maxima.items() if name not in given.limits}
    for names, side in ((asked, "request"), (limited, "limit")):
        if names:
            told.append(f"{', '.join(sorted(names))} {side} for {sort} {container.name}")
    if not asked and not limited:
        return container
    merged = changed(given, requests={**given.requests, **asked}, limits={**given.limits, **limited})
    return changed(container, resources=merged)


def check_pod(spec: PodSpec, name: str, ranges: Sequence[LimitRange]) -> None:
    """Forbidden if the pod or one of its containers is out of a range."""
    for limits in ranges:
        _refuse("pods", name, list(_pod_faults(spec, limits)))


def _pod_faults(spec: PodSpec, limits: LimitRange) -> Iterator[str]:
    for item in limits.spec.limits:
        if item.type == CONTAINER:
            for container in (*spec.containers, *spec.initContainers):
                yield from _faults(item, container.resources.requests, container.resources.limits)
        elif item.type == POD:
            yield from _faults(item, pod_requests.requests(spec), pod_requests.limits(spec))


def _faults(item: LimitRangeItem, requests: Amounts, limits: Amounts) -> Iterator[str]:
    for name, bound in sorted(item.min.items()):
        yield from _below(item.type, name, bound, requests.get(name), limits.get(name))
    for name, bound in sorted(item.max.items()):
        yield from _above(item.type, name, bound, requests.get(name), limits.get(name))
    for name, bound in sorted(item.maxLimitRequestRatio.items()):
        yield from _ratio(item.type, name, bound, requests.get(name), limits.get(name))


def check_claim(claim: PersistentVolumeClaim, ranges: Sequence[LimitRange]) -> None:
    """Forbidden if the claim asks for storage out of a range."""
    asked = claim.spec.resources.requests
    for limits in ranges:
        faults: list[str] = []
        for item in limits.spec.limits:
            if item.type == CLAIM:
                for name, bound in sorted(item.min.items()):
                    faults += _below(CLAIM, name, bound, asked.get(name), None)
                for name, bound in sorted(item.max.items()):
                    faults += _request_above(name, bound, asked.get(name))
        _refuse("persistentvolumeclaims", claim.metadata.name, faults)


def _refuse(resource: str, name: str, faults: list[str]) -> None:
    if faults:
        told = list(dict.fromkeys(faults))
        raise Forbidden.of(resource, name, told[0] if len(told) == 1 else f"[{', '.join(told)}]")


def _below(sort: str, name: str, bound: Quantity, request: Quantity | None, limit: Quantity | None) -> Iterator[str]:
    head = f"minimum {name} usage per {sort} is {bound}"
    if request is None:
        yield f"{head}.  No request is specified"
    elif quantity.compare(request, bound) < 0:
        yield f"{head}, but request is {request}"
    elif limit is not None and quantity.compare(limit, bound) < 0:
        yield f"{head}, but limit is {limit}"


def _above(sort: str, name: str, bound: Quantity, request: Quantity | None, limit: Quantity | None) -> Iterator[str]:
    head = f"maximum {name} usage per {sort} is {bound}"
    if limit is None:
        yield f"{head}.  No limit is specified"
    elif quantity.compare(limit, bound) > 0:
        yield f"{head}, but limit is {limit}"
    elif request is not None and quantity.compare(request, bound) > 0:
        yield f"{head}, but request is {request}"


def _request_above(name: str, bound: Quantity, request: Quantity | None) -> Iterator[str]:
    head = f"maximum {name} usage per {CLAIM} is {bound}"
    if request is None:
        yield f"{head}.  No request is specified"
    elif quantity.compare(request, bound) > 0:
        yield f"{head}, but request is {request}"


def _ratio(sort: str, name: str, bound: Quantity, request: Quantity | None, limit: Quantity | None) -> Iterator[str]:
    head = f"{name} max limit to request ratio per {sort} is {bound}"
    if not request or not quantity.nano(request):
        yield f"{head}, but no request is specified or request is 0"
    elif not limit or not quantity.nano(limit):
        yield f"{head}, but no limit is specified or limit is 0"
    else:
        asked, allowed = quantity.milli(request), quantity.milli(limit)
        if allowed * 1000 > quantity.milli(bound) * asked:
            yield f"{head}, but provided ratio is {allowed / asked:f}"
