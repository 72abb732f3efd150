"""Pod templates: which ReplicaSet has the Deployment's, and the hash that sets them apart.

Used where ReplicaSets are looked for and made; pure. Mirrors EqualIgnoreHash, FindNewReplicaSet and
ComputeHash. Invariant: the hash label never counts when templates are compared.
"""

from collections.abc import Iterable, Mapping

import msgspec
from msgspec.structs import replace

from cluster import ids
from cluster.api.apps import Deployment, ReplicaSet, ReplicaSetSpec
from cluster.api.core import PodTemplateSpec
from cluster.api.kinds import DEPLOYMENTS
from cluster.api.meta import LabelSelector, ObjectMeta
from cluster.controllers.ownership import controller_reference

POD_TEMPLATE_HASH = "pod-template-hash"


def by_age(replica_sets: Iterable[ReplicaSet]) -> list[ReplicaSet]:
    """Oldest first, then by name (`ReplicaSetsByCreationTimestamp`)."""
    return sorted(replica_sets, key=lambda found: (found.metadata.creationTimestamp, found.metadata.name))


def find_new(template: PodTemplateSpec, replica_sets: Iterable[ReplicaSet]) -> ReplicaSet | None:
    """The oldest ReplicaSet that has this template, if one has."""
    return next(iter(by_age(found for found in replica_sets if same_template(found.spec.template, template))), None)


def same_template(one: PodTemplateSpec, other: PodTemplateSpec) -> bool:
    """Whether the templates make the same pods, hash label aside."""
    if one.spec is not other.spec and one.spec != other.spec:
        return False
    return without_hash(one).metadata == without_hash(other).metadata


def without_hash(template: PodTemplateSpec) -> PodTemplateSpec:
    """The template without the hash label; the same object if it has none."""
    labels = template.metadata.labels
    if POD_TEMPLATE_HASH not in labels:
        return template
    kept = {name: text for name, text in labels.items() if name != POD_TEMPLATE_HASH}
    return replace(template, metadata=replace(template.metadata, labels=kept))


def template_hash(template: PodTemplateSpec, collisions: int | None) -> str:
    """The hash label's value: 32 bits over the template and the number of collisions met so far."""
    text = msgspec.json.encode(template, enc_hook=str, order="deterministic").decode()
    return ids.safe_encode(ids.number(0, POD_TEMPLATE_HASH, text, collisions) & 0xFFFFFFFF)


def replica_set_of(deployment: Deployment) -> ReplicaSet:
    """A ReplicaSet of the Deployment's template, with no replicas yet."""
    spec = deployment.spec
    hashed = template_hash(spec.template, deployment.status.collisionCount)
    selector = spec.selector or LabelSelector()
    template = replace(
        spec.template,
        metadata=replace(spec.template.metadata, labels=_with_hash(spec.template.metadata.labels, hashed)),
    )
    return ReplicaSet(
        metadata=ObjectMeta(
            name=f"{deployment.metadata.name}-{hashed}", namespace=deployment.metadata.namespace,
            labels=template.metadata.labels, ownerReferences=(controller_reference(DEPLOYMENTS, deployment),),
        ),
        spec=ReplicaSetSpec(
            replicas=0, minReadySeconds=spec.minReadySeconds, template=template,
            selector=replace(selector, matchLabels=_with_hash(selector.matchLabels, hashed)),
        ),
    )  # fmt: skip


def _with_hash(labels: Mapping[str, str], hashed: str) -> Mapping[str, str]:
    return {**labels, POD_TEMPLATE_HASH: hashed}
