"""Pod security: the standards that a namespace's labels ask of its pods, enforced or told as warnings.

One of the plugins, in the validating half. Mirrors PodSecurity without exemptions. Invariant: a namespace
without such labels costs one look at its labels, and templates never fail, they only warn.
"""

from collections.abc import Callable, Iterator
from typing import Any

from cluster.admission.plugins.pod_security.policy import PRIVILEGED, Mode, Policy, policy_of, stricter
from cluster.admission.plugins.pod_security.standards import Findings, evaluate
from cluster.admission.plugins.view import ApiView
from cluster.admission.warnings import Warnings
from cluster.api import kinds
from cluster.api.core import Container, EphemeralContainer, Namespace, Pod, PodTemplateSpec
from cluster.api.errors import Forbidden, Invalid
from cluster.api.kinds import NAMESPACES, PODS, Kind

MOST_PODS = 3_000
"""How many pods are looked at when a namespace's level changes."""
_TEMPLATES: dict[str, Callable[[Any], PodTemplateSpec | None]] = {
    kinds.POD_TEMPLATES.qualified: lambda value: value.template,
    kinds.CRON_JOBS.qualified: lambda value: value.spec.jobTemplate.spec.template,
    **dict.fromkeys(
        (
            kinds.REPLICATION_CONTROLLERS.qualified, kinds.REPLICA_SETS.qualified, kinds.DEPLOYMENTS.qualified,
            kinds.DAEMON_SETS.qualified, kinds.STATEFUL_SETS.qualified, kinds.JOBS.qualified,
        ),
        lambda value: value.spec.template,
    ),
}  # fmt: skip


def review_pod(api: ApiView, pod: Pod, warnings: Warnings | None) -> None:
    """Forbidden if the pod violates what its namespace enforces; warns of what else it asks for."""
    policy = _policy(api, pod.metadata.namespace)
    if policy is None:
        return
    found = evaluate(policy.enforce, pod.metadata, pod.spec)
    if found.reasons:
        why = f'violates PodSecurity "{policy.enforce}": {found.detail}'
        raise Forbidden.of("pods", pod.metadata.name, why)
    if warnings is not None and policy.warn != policy.enforce:
        _warn(policy.warn, evaluate(policy.warn, pod.metadata, pod.spec), warnings)


def review_pod_update(api: ApiView, new: Pod, old: Pod, warnings: Warnings | None) -> None:
    """As `review_pod`, if the change is one that matters: images, or containers that were added."""
    if new.spec is not old.spec and _images(new) != _images(old):
        review_pod(api, new, warnings)


def review_template(api: ApiView, kind: Kind[Any], value: Any, warnings: Warnings | None) -> None:
    """Warn if the pods made of a workload's template would violate what their namespace warns of."""
    template = _TEMPLATES.get(kind.qualified) if warnings is not None else None
    policy = None if template is None else _policy(api, value.metadata.namespace)
    if template is None or policy is None or warnings is None:
        return
    pod = template(value)
    if pod is not None:
        _warn(policy.warn, evaluate(policy.warn, pod.metadata, pod.spec), warnings)


def review_namespace(api: ApiView, new: Namespace, old: Namespace | None, warnings: Warnings | None) -> None:
    """Invalid if the labels are not understood; warns of the pods there are that a stricter level would refuse."""
    if old is not None and new.metadata.labels is old.metadata.labels:
        return
    policy, causes = policy_of(new.metadata.labels)
    before, known = policy_of(old.metadata.labels if old is not None else {})
    if causes and causes != known:
        raise Invalid.of("Namespace", new.metadata.name, causes)
    if old is not None and warnings is not None and stricter(policy.enforce, before.enforce):
        warnings.add(*_violations(api, new.metadata.name, policy.enforce))


def _policy(api: ApiView, name: str) -> Policy | None:
    """What the namespace's labels ask for; None if they allow everything."""
    namespace = api.find(NAMESPACES, name)
    if namespace is None:
        return None
    policy, _ = policy_of(namespace.metadata.labels)
    return None if policy.open else policy


def _warn(mode: Mode, found: Findings, warnings: Warnings) -> None:
    if found.reasons:
        warnings.add(f'would violate PodSecurity "{mode}": {found.detail}')


def _images(pod: Pod) -> list[tuple[str, str]]:
    spec = pod.spec
    containers: list[Container | EphemeralContainer] = [
        *spec.initContainers, *spec.containers, *spec.ephemeralContainers,
    ]  # fmt: skip
    return [(container.name, container.image) for container in containers]


def _violations(api: ApiView, namespace: str, mode: Mode) -> Iterator[str]:
    """The warnings about the pods that are there: which of them violate the level, grouped by what they violate."""
    if mode.level == PRIVILEGED:
        return
    pods = _first_of_each_controller(api.list(PODS, namespace=namespace))
    names: dict[str, list[str]] = {}
    for pod in pods[:MOST_PODS]:
        found = evaluate(mode, pod.metadata, pod.spec)
        if found.reasons:
            names.setdefault(", ".join(found.reasons), []).append(pod.metadata.name)
    if len(pods) > MOST_PODS:
        yield f"new PodSecurity enforce level only checked against the first {MOST_PODS} of {len(pods)} existing pods"
    if names:
        yield f'existing pods in namespace "{namespace}" violate the new PodSecurity enforce level "{mode}"'
    yield from sorted(f"{_named(found)}: {reasons}" for reasons, found in names.items())


def _first_of_each_controller(pods: list[Pod]) -> list[Pod]:
    """The pods with those first that no other pod of the same controller stands for."""
    seen: set[str] = set()
    first: list[Pod] = []
    others: list[Pod] = []
    for pod in pods:
        owner = next((reference.uid for reference in pod.metadata.ownerReferences if reference.controller), "")
        (others if owner in seen else first).append(pod)
        if owner:
            seen.add(owner)
    return first + others


def _named(names: list[str]) -> str:
    first, others = min(names), len(names) - 1
    if not others:
        return first
    return f"{first} (and {others} other pod{'' if others == 1 else 's'})"
