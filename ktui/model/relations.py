"""Where to go from an object that owns nothing: to what it has, scales, serves or selects.

Beside the listings, for the one key that goes down. Invariant: what is not there (any more) is not led to.
"""

from collections.abc import Callable
from typing import Any

from cluster.api.autoscaling import HorizontalPodAutoscaler
from cluster.api.core import PersistentVolume, PersistentVolumeClaim, Pod
from cluster.api.kinds import PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES, PODS, SERVICES, by_api_version, key_of
from cluster.api.labels import Selector, from_label_selector
from cluster.api.meta import LabelSelector, Resource
from cluster.api.networking import Ingress, NetworkPolicy
from cluster.api.policy import PodDisruptionBudget
from ktui.model.listings import Listing, one
from ktui.model.mirror import Mirror
from ktui.model.selection import Selection


def leads_to(mirror: Mirror, target: Selection) -> Listing | None:
    """What an object leads to; None if nothing.

    A claim to its volume and back, an autoscaler to what it scales, an Ingress to its Services, a budget
    or a NetworkPolicy to the pods it selects.
    """
    found = mirror.find(target.kind, target.key)
    if isinstance(found, Ingress):
        return _services(mirror, target, found)
    if isinstance(found, PodDisruptionBudget):
        return _selected(mirror, target, found.spec.selector)
    if isinstance(found, NetworkPolicy):
        return _selected(mirror, target, found.spec.podSelector)
    other = _partner(found)
    return one(mirror, other) if other is not None and mirror.find(other.kind, other.key) is not None else None


def _partner(found: Any) -> Selection | None:
    """The one object another is about."""
    if isinstance(found, PersistentVolumeClaim) and found.spec.volumeName:
        return Selection(PERSISTENT_VOLUMES, found.spec.volumeName)
    if isinstance(found, PersistentVolume) and (claim := found.spec.claimRef) is not None:
        return Selection(PERSISTENT_VOLUME_CLAIMS, key_of(claim.namespace, claim.name))
    if isinstance(found, HorizontalPodAutoscaler):
        scaled = found.spec.scaleTargetRef
        kind = by_api_version(scaled.apiVersion, scaled.kind)
        return Selection(kind, key_of(found.metadata.namespace, scaled.name)) if kind is not None else None
    return None


def backends(ingress: Ingress) -> set[str]:
    """The names of the Services an Ingress leads to."""
    listed = [ingress.spec.defaultBackend]
    listed += [path.backend for rule in ingress.spec.rules if rule.http for path in rule.http.paths]
    return {backend.service.name for backend in listed if backend is not None and backend.service is not None}


def _services(mirror: Mirror, target: Selection, ingress: Ingress) -> Listing | None:
    wanted, namespace = backends(ingress), target.namespace
    if not any(mirror.find(SERVICES, key_of(namespace, name)) for name in wanted):
        return None

    def belongs(item: Resource) -> bool:
        return item.metadata.namespace == namespace and item.metadata.name in wanted

    return Listing(mirror, f"services of {target}", (SERVICES,), belongs)


def _selected(mirror: Mirror, target: Selection, selector: LabelSelector | None) -> Listing:
    belongs = _selects(from_label_selector(selector), target.namespace)
    return Listing(mirror, f"pods selected by {target}", (PODS,), belongs)


def _selects(selector: Selector, namespace: str) -> Callable[[Resource], bool]:
    return lambda item: (
        isinstance(item, Pod) and item.metadata.namespace == namespace and selector.matches(item.metadata.labels)
    )
