"""Whether a namespace's quotas allow a request, and what they are after it.

The last plugin of the chain. Mirrors the quota evaluator (apiserver/pkg/admission/plugin/resourcequota).
Invariant: nothing here is written; what is returned is charged if, and only if, the request is carried out.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cluster.admission.plugins.quota.charges import Charge, compute_amounts, concerns
from cluster.admission.plugins.quota.scopes import in_scope
from cluster.admission.sharing import changed
from cluster.api import kinds, quantity
from cluster.api.core import Pod, ResourceQuota
from cluster.api.errors import Forbidden
from cluster.api.kinds import Kind
from cluster.api.meta import Resource
from cluster.api.quantity import Quantity

MUST_BE_SET = frozenset({"cpu", "memory", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory"})
"""The resources that every container has to ask for once a quota counts them."""
Amounts = Mapping[str, Quantity]


def charged(
    quotas: Sequence[ResourceQuota], kind: Kind[Any], value: Resource, new: Charge, old: Charge | None
) -> list[ResourceQuota]:
    """The quotas that the request changes, with what is used after it; `old` is what is charged already.

    Forbidden if a quota would be exceeded, counts what the object does not say, or was not counted yet.
    """
    found = []
    for quota in quotas:
        names = [name for name in quota.status.hard if concerns(kind, name)]
        if not names or not in_scope(quota.spec, new):
            continue
        _check(quota, kind, value, names)
        already = old if old is not None and in_scope(quota.spec, old) else None
        asked = {name: amount for name, amount in _difference(new, already).items() if name in quota.status.hard}
        if asked:
            found.append(_with(quota, asked, kind, value.metadata.name))
    return found


def _check(quota: ResourceQuota, kind: Kind[Any], value: Resource, names: Sequence[str]) -> None:
    if isinstance(value, Pod):
        missing = _unset(value, MUST_BE_SET.intersection(names))
        if missing:
            _refuse(kind, value.metadata.name, f"failed quota: {quota.metadata.name}: must specify {missing}")
    if not quota.status.used.keys() >= set(names):
        listed = ",".join(sorted(names))
        why = f"status unknown for quota: {quota.metadata.name}, resources: {listed}"
        _refuse(kind, value.metadata.name, why)


def _unset(pod: Pod, required: Iterable[str]) -> str:
    """Of each resource that has to be set the containers that do not, as the refusal lists them."""
    missing: dict[str, list[str]] = {}
    containers = (*pod.spec.containers, *pod.spec.initContainers)
    for name in sorted(required):
        for container in containers:
            if name not in compute_amounts(container.resources.requests, container.resources.limits):
                missing.setdefault(name, []).append(container.name)
    return "; ".join(f"{name} for: {','.join(sorted(set(found)))}" for name, found in missing.items())


def _difference(new: Charge, old: Charge | None) -> dict[str, Quantity]:
    """What is charged more than before, without zeros."""
    before = dict(old.amounts) if old is not None else {}
    found = {}
    for name, amount in new.amounts:
        more = quantity.subtract(amount, before[name]) if name in before else amount
        if quantity.nano(more) > 0:
            found[name] = more
    return found


def _with(quota: ResourceQuota, asked: Amounts, kind: Kind[Any], name: str) -> ResourceQuota:
    used, hard = quota.status.used, quota.status.hard
    after = {**used, **{item: quantity.add(used[item], more) for item, more in asked.items()}}
    exceeded = [item for item in asked if quantity.compare(after[item], hard[item]) > 0]
    if exceeded:
        told = ", ".join(
            f"{head}: {_listed(amounts, exceeded)}"
            for head, amounts in (("requested", asked), ("used", used), ("limited", hard))
        )
        _refuse(kind, name, f"exceeded quota: {quota.metadata.name}, {told}")
    return changed(quota, status=changed(quota.status, used=after))


def _listed(amounts: Amounts, names: Iterable[str]) -> str:
    return ",".join(f"{name}={amounts[name]}" for name in sorted(names))


def _refuse(kind: Kind[Any], name: str, why: str) -> None:
    raise Forbidden.of(kind.plural, name, why, kind.group)


UPDATED = frozenset({kinds.SERVICES.qualified, kinds.PERSISTENT_VOLUME_CLAIMS.qualified})
"""The kinds whose updates are charged, too."""
IGNORED = frozenset({kinds.EVENTS.qualified})
"""The kinds that no quota counts."""
