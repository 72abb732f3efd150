"""The verbs of the app that are more than one call of the API: what kubectl does, step by step.

On the data's way from a key press to the client. Mirrors kubectl's rollout, cordon and label
commands. Invariant: each ends in one write, and raises `ApiError` with what was said if it fails.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

from cluster.api import names
from cluster.api.apps import Deployment
from cluster.api.batch import CronJobSpec, JobSpec
from cluster.api.errors import BadRequest, NotFound
from cluster.api.kinds import (
    CONTROLLER_REVISIONS,
    DAEMON_SETS,
    DEPLOYMENTS,
    NODES,
    REPLICA_SETS,
    STATEFUL_SETS,
    Kind,
)
from cluster.api.meta import Resource
from cluster.controllers import set_rollout
from cluster.controllers.deployment import rollback
from ktui.client import Client
from ktui.model.selection import Selection

T = TypeVar("T", bound=Resource)
R = TypeVar("R")
_SETS: tuple[Kind[Any], ...] = (STATEFUL_SETS, DAEMON_SETS)


async def restart(client: Client, target: Selection) -> str:
    """`kubectl rollout restart`; returns what was done."""
    moment = f"{datetime.fromtimestamp(client.now().milliseconds // 1000, UTC):%Y-%m-%dT%H:%M:%SZ}"
    if target.kind in _SETS:
        return await _roll_set(client, target, lambda found: set_rollout.restart(found, moment))
    return await _roll(client, target, lambda found: rollback.restart(found, moment))


async def roll_back(client: Client, target: Selection, revision: int = 0) -> str:
    """`kubectl rollout undo`, to the revision before the present one if none is given."""
    if target.kind in _SETS:
        revisions = _owned(client, CONTROLLER_REVISIONS, target)
        return await _roll_set(client, target, lambda found: set_rollout.undo(found, revisions, revision))
    sets = _owned(client, REPLICA_SETS, target)
    return await _roll(client, target, lambda found: rollback.undo(found, sets, revision))


def _owned(client: Client, kind: Kind[T], owner: Selection) -> list[T]:
    """The objects of a kind that the owner controls."""
    found = client.find(owner.kind, owner.key)
    uid = found.metadata.uid if found is not None else ""
    return [
        item
        for item in client.list(kind, namespace=owner.namespace)
        if any(reference.uid == uid for reference in item.metadata.ownerReferences)
    ]


async def _roll(client: Client, target: Selection, decide: Callable[[Deployment], rollback.Change]) -> str:
    if target.kind is not DEPLOYMENTS:
        raise BadRequest(f"{target.kind.plural} have no rollouts: Deployments, StatefulSets and DaemonSets have")
    found: Deployment = client.get(DEPLOYMENTS, target.key)
    change = _decided(lambda: decide(found))
    await client.update(DEPLOYMENTS, change.deployment, previous=found)
    return f"{target} {change.outcome}"


async def _roll_set(client: Client, target: Selection, decide: Callable[[Any], set_rollout.Change[Any]]) -> str:
    found = client.get(target.kind, target.key)
    change = _decided(lambda: decide(found))
    await client.update(target.kind, change.owner, previous=found)
    return f"{target} {change.outcome}"


def _decided(decide: Callable[[], R]) -> R:
    try:
        return decide()
    except rollback.RolloutError as error:
        raise BadRequest(str(error)) from None


async def suspend(client: Client, target: Selection) -> str:
    """Suspend a Job or a CronJob, or let it go on if it is suspended."""
    found = client.get(target.kind, target.key)
    spec = getattr(found, "spec", None)
    if not isinstance(spec, JobSpec | CronJobSpec):
        raise BadRequest(f"{target.kind.plural} cannot be suspended")
    await client.patch(target.kind, target.key, {"spec": {"suspend": not spec.suspend}})
    return f"{target} {'resumed' if spec.suspend else 'suspended'}"


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
            for wrong in names.qualified_name(key):
                raise BadRequest(f"invalid label key {key!r}: {wrong}")
            for wrong in names.label_value(value):
                raise BadRequest(f"invalid label value {value!r}: {wrong}")
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
