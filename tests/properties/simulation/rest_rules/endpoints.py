"""Services and disruption budgets: what they say of pods is what the pods are."""

from collections.abc import Iterator

from cluster.api import kinds
from cluster.api.core import Service
from cluster.api.meta import LabelSelector
from cluster.api.policy import PodDisruptionBudget
from tests.properties.simulation.rest_rules.rest import Rest, is_ready, name

SERVICE = "kubernetes.io/service-name"


def broken(rest: Rest) -> Iterator[str]:
    """See RULES."""
    for service in rest.all(kinds.SERVICES):
        if service.spec.selector:
            yield from _service(rest, service)
    keys = set(rest.state.of(kinds.SERVICES))
    for part in rest.all(kinds.ENDPOINT_SLICES):
        owner = f"{part.metadata.namespace}/{part.metadata.labels.get(SERVICE)}"
        if part.metadata.ownerReferences and owner not in keys:
            yield f"{name(kinds.ENDPOINT_SLICES, part)} is of no Service"
    for endpoints in rest.state.of(kinds.ENDPOINTS):
        if endpoints not in keys:
            yield f"endpoints {endpoints} are of no Service"
    for budget in rest.all(kinds.POD_DISRUPTION_BUDGETS):
        yield from _budget(rest, budget)


def _service(rest: Rest, service: Service) -> Iterator[str]:
    pods = rest.selected(service.metadata.namespace, LabelSelector(matchLabels=service.spec.selector))
    always = bool(service.spec.publishNotReadyAddresses)
    wanted = {pod.status.podIP: always or is_ready(pod) for pod in pods if pod.status.podIP}
    sliced = {
        each.addresses[0]: bool(each.conditions and each.conditions.ready)
        for part in rest.all(kinds.ENDPOINT_SLICES)
        if part.metadata.namespace == service.metadata.namespace
        and part.metadata.labels.get(SERVICE) == service.metadata.name
        for each in part.endpoints
    }
    if sliced != wanted:
        yield f"the slices of {name(kinds.SERVICES, service)} have {sliced}, ready are {wanted}"
    found = rest.state.of(kinds.ENDPOINTS).get(kinds.key(service))
    listed = {
        one.ip: ready
        for subset in (found.subsets if found is not None else ())
        for ready, addresses in ((True, subset.addresses), (False, subset.notReadyAddresses))
        for one in addresses
    }
    if found is None or listed != wanted:
        yield f"the endpoints of {name(kinds.SERVICES, service)} are {listed}, ready are {wanted}"


def _budget(rest: Rest, budget: PodDisruptionBudget) -> Iterator[str]:
    selector = budget.spec.selector or LabelSelector()
    healthy = sum(map(is_ready, rest.selected(budget.metadata.namespace, selector)))
    status = budget.status
    if any(one.reason == "SyncFailed" for one in status.conditions):
        if status.disruptionsAllowed:
            yield f"{name(kinds.POD_DISRUPTION_BUDGETS, budget)} cannot count, and allows {status.disruptionsAllowed}"
        return
    told = (status.currentHealthy, status.observedGeneration, dict(status.disruptedPods))
    if told != (healthy, budget.metadata.generation, {}):
        yield f"{name(kinds.POD_DISRUPTION_BUDGETS, budget)} tells {told}, {healthy} are healthy"
