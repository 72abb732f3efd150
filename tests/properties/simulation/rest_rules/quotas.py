"""Quotas: what is used is what there is."""

from collections.abc import Iterator

from cluster.api import kinds, quantity
from cluster.api.core import Pod
from tests.properties.simulation.rest_rules.rest import Rest, ended, name


def broken(rest: Rest) -> Iterator[str]:
    """See RULES."""
    for quota in rest.all(kinds.RESOURCE_QUOTAS):
        namespace = quota.metadata.namespace
        pods = [pod for pod in rest.all(kinds.PODS) if pod.metadata.namespace == namespace and not ended(pod)]
        true = {
            "pods": 1000 * len(pods),
            "requests.cpu": sum(map(_cpu, pods)),
            "services": 1000 * sum(each.metadata.namespace == namespace for each in rest.all(kinds.SERVICES)),
            "count/deployments.apps": 1000
            * sum(each.metadata.namespace == namespace for each in rest.all(kinds.DEPLOYMENTS)),
        }
        told = {each: quantity.milli(amount) for each, amount in quota.status.used.items()}
        if told != true or quota.status.hard != quota.spec.hard:
            yield f"{name(kinds.RESOURCE_QUOTAS, quota)} tells {told}, {true} is true"


def _cpu(pod: Pod) -> int:
    return sum(quantity.milli(one.resources.requests["cpu"]) for one in pod.spec.containers if one.resources.requests)
