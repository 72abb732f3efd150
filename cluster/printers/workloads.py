"""Deployments, ReplicaSets and ReplicationControllers as rows: how many are wanted, and how many there are.

Invariant: counts come from the status as it stands; nothing is counted here.
"""

from cluster.api.apps import Deployment, ReplicaSet
from cluster.api.core import PodTemplateSpec, ReplicationController
from cluster.printers.column import AGE, NAME, Printer, numbers, texts, wide
from cluster.printers.now import Now
from cluster.printers.selectors import label_text, selector_text

_DETAILS = wide("Containers", "Images", "Selector")


def _containers(template: PodTemplateSpec | None) -> tuple[str, str]:
    listed = template.spec.containers if template else ()
    return ",".join(container.name for container in listed), ",".join(container.image for container in listed)


def _deployment(value: Deployment, now: Now) -> tuple[str, ...]:
    status = value.status
    return (
        value.metadata.name,
        f"{status.readyReplicas}/{value.spec.replicas or 0}",
        str(status.updatedReplicas),
        str(status.availableReplicas),
        now.since(value.metadata.creationTimestamp),
        *_containers(value.spec.template),
        selector_text(value.spec.selector),
    )


def _counts(value: ReplicaSet | ReplicationController, now: Now) -> tuple[str, ...]:
    status = value.status
    return (
        value.metadata.name,
        str(value.spec.replicas or 0),
        str(status.replicas),
        str(status.readyReplicas),
        now.since(value.metadata.creationTimestamp),
        *_containers(value.spec.template),
    )


def _replica_set(value: ReplicaSet, now: Now) -> tuple[str, ...]:
    return *_counts(value, now), selector_text(value.spec.selector)


def _replication_controller(value: ReplicationController, now: Now) -> tuple[str, ...]:
    return *_counts(value, now), label_text(value.spec.selector)


DEPLOYMENT = Printer((NAME, *texts("Ready", "Up-to-date", "Available"), AGE, *_DETAILS), _deployment)
REPLICA_SET = Printer((NAME, *numbers("Desired", "Current", "Ready"), AGE, *_DETAILS), _replica_set)
REPLICATION_CONTROLLER = Printer(
    (NAME, *numbers("Desired", "Current", "Ready"), AGE, *_DETAILS), _replication_controller
)
