"""The verbs of the app that are more than one call of the API: what kubectl does, step by step.

On the data's way from a key press to the client. Mirrors kubectl's rollout, cordon and label
commands. Invariant: each ends in one write, and raises `ApiError` with what was said if it fails.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from cluster.api import labels
from cluster.api.apps import Deployment
from cluster.api.errors import BadRequest, NotFound
from cluster.api.kinds import DEPLOYMENTS, NODES, REPLICA_SETS
from cluster.controllers.deployment import rollback
from ktui.client import Client
from ktui.model.selection import Selection


async def restart(client: Client, target: Selection) -> str:
    """`kubectl rollout restart`; returns what was done."""
    moment = datetime.fromtimestamp(client.now().milliseconds // 1000, UTC)
    return await _roll(client, target, lambda found: rollback.restart(found, f"{moment:%Y-%m-%dT%H:%M:%SZ}"))


async def roll_back(client: Client, target: Selection, revision: int = 0) -> str:
    """`kubectl rollout undo`, to the revision before the present one if none is given."""
    sets = client.list(REPLICA_SETS, namespace=target.namespace)
    owned = [
        found for found in sets if any(reference.name == target.name for reference in found.metadata.ownerReferences)
    ]
    return await _roll(client, target, lambda found: rollback.undo(found, owned, revision))


async def _roll(client: Client, target: Selection, decide: Callable[[Deployment], rollback.Change]) -> str:
    if target.kind is not DEPLOYMENTS:
        raise BadRequest(f"{target.kind.plural} have no rollouts: a Deployment has")
    found: Deployment = client.get(DEPLOYMENTS, target.key)
    try:
        change = decide(found)
    except rollback.RolloutError as error:
        raise BadRequest(str(error)) from None
    await client.update(DEPLOYMENTS, change.deployment, previous=found)
    return f"{target} {change.outcome}"


async def scale(client: Client, target: Selection, replicas: str) -> str:
    """`kubectl scale`; `replicas` as typed."""
    if "scale" not in target.kind.subresources:
        raise BadRequest(f"{target.kind.plural} cannot be scaled")
    if not replicas.strip().isdecimal():
        raise BadRequest(f"{replicas!r} is not a number of replicas")
    await client.scale(target.kind, target.key, int(replicas))
    return f"{target} scaled to {int(replicas)}"


async def set_schedulable(client: Client, node: str, *, schedulable: bool) -> str:
    """`kubectl uncordon` and `kubectl cordon`."""
    await client.patch(NODES, node, {"spec": {"unschedulable": None if schedulable else True}})
    return f"node/{node} {'uncordoned' if schedulable else 'cordoned'}"


async def label(client: Client, target: Selection, text: str) -> str:
    """`kubectl label --overwrite`: `key=value` sets, `key-` removes, several apart by spaces."""
    wanted = parse_labels(text)
    await client.patch(target.kind, target.key, {"metadata": {"labels": dict(wanted)}})
    return f"{target} labelled"


def parse_labels(text: str) -> Mapping[str, str | None]:
    """The labels to set, and to remove (None), in what was typed."""
    wanted: dict[str, str | None] = {}
    for word in text.split():
        key, sign, value = word.partition("=")
        if sign:
            labels.parse(word)
            wanted[key] = value
        elif word.endswith("-") and len(word) > 1:
            wanted[word.removesuffix("-")] = None
        else:
            raise BadRequest(f"{word!r}: write key=value to set a label, key- to remove one")
    if not wanted:
        raise BadRequest("no label given: write key=value to set one, key- to remove one")
    return wanted


def current_replicas(client: Client, target: Selection) -> int:
    """How many replicas an object asks for; NotFound if it has gone."""
    found = client.find(target.kind, target.key)
    if found is None:
        raise NotFound.of(target.kind.plural, target.name, target.kind.group)
    replicas = getattr(getattr(found, "spec", None), "replicas", None)
    return 1 if replicas is None else int(replicas)
