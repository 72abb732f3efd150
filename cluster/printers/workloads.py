"""Workloads as rows: how many pods are wanted, and how many there are; their templates and revisions.

Invariant: counts come from the status as it stands; nothing is counted here.
"""

from cluster.api.apps import ControllerRevision, DaemonSet, Deployment, ReplicaSet, StatefulSet
from cluster.api.core import PodTemplate, PodTemplateSpec, ReplicationController
from cluster.api.meta import OwnerReference
from cluster.printers.column import AGE, NAME, Printer, numbers, texts, wide
from cluster.printers.now import Now
from cluster.printers.selectors import label_text, selector_text

DETAILS = wide("Containers", "Images", "Selector")


def containers(template: PodTemplateSpec | None) -> tuple[str, str]:
    """The names of a template's containers, and their images."""
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
        *containers(value.spec.template),
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
        *containers(value.spec.template),
    )


def _replica_set(value: ReplicaSet, now: Now) -> tuple[str, ...]:
    return *_counts(value, now), selector_text(value.spec.selector)


def _replication_controller(value: ReplicationController, now: Now) -> tuple[str, ...]:
    return *_counts(value, now), label_text(value.spec.selector)


def _stateful_set(value: StatefulSet, now: Now) -> tuple[str, ...]:
    return (
        value.metadata.name,
        f"{value.status.readyReplicas}/{value.spec.replicas or 0}",
        now.since(value.metadata.creationTimestamp),
        *containers(value.spec.template),
    )


def _daemon_set(value: DaemonSet, now: Now) -> tuple[str, ...]:
    status = value.status
    return (
        value.metadata.name,
        str(status.desiredNumberScheduled),
        str(status.currentNumberScheduled),
        str(status.numberReady),
        str(status.updatedNumberScheduled),
        str(status.numberAvailable),
        label_text(value.spec.template.spec.nodeSelector),
        now.since(value.metadata.creationTimestamp),
        *containers(value.spec.template),
        selector_text(value.spec.selector),
    )


def _controller_revision(value: ControllerRevision, now: Now) -> tuple[str, ...]:
    return (
        value.metadata.name,
        next((_named(owner) for owner in value.metadata.ownerReferences if owner.controller), "<none>"),
        str(value.revision),
        now.since(value.metadata.creationTimestamp),
    )


def _named(owner: OwnerReference) -> str:
    """An owner as `statefulset.apps/web`."""
    group = owner.apiVersion.rpartition("/")[0]
    return f"{owner.kind}.{group}".lower().rstrip(".") + f"/{owner.name}"


def _pod_template(value: PodTemplate, _: Now) -> tuple[str, ...]:
    return value.metadata.name, *containers(value.template), label_text(value.template.metadata.labels)


DEPLOYMENT = Printer((NAME, *texts("Ready", "Up-to-date", "Available"), AGE, *DETAILS), _deployment)
REPLICA_SET = Printer((NAME, *numbers("Desired", "Current", "Ready"), AGE, *DETAILS), _replica_set)
REPLICATION_CONTROLLER = Printer(
    (NAME, *numbers("Desired", "Current", "Ready"), AGE, *DETAILS), _replication_controller
)
STATEFUL_SET = Printer((NAME, *texts("Ready"), AGE, *wide("Containers", "Images")), _stateful_set)
DAEMON_SET = Printer(
    (
        NAME, *numbers("Desired", "Current", "Ready", "Up-to-date", "Available"), *texts("Node Selector"), AGE,
        *DETAILS,
    ),
    _daemon_set,
)  # fmt: skip
CONTROLLER_REVISION = Printer((NAME, *texts("Controller", "Revision"), AGE), _controller_revision)
POD_TEMPLATE = Printer((NAME, *texts("Containers", "Images", "Pod Labels")), _pod_template)
