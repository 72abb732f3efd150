"""Pods as wholes, and the templates of pods.

On the data's way one of the kinds' validations. Mirrors ValidatePodCreate, ValidatePodTemplateSpec
and ValidatePodStatusUpdate; changes of a pod are in `pod_changes`. Invariant: what controllers
repeat (a spec, its labels) costs nothing the second time.
"""

import re
from collections.abc import Mapping

from msgspec.structs import replace

from cluster.admission import field_error as error
from cluster.admission.validation import addresses, metadata
from cluster.admission.validation.checks import Causes, dns_subdomain, qualified_name, unchanged
from cluster.admission.validation.pod_spec import pod_spec
from cluster.admission.validation.selectors import labels
from cluster.api import names
from cluster.api.core import (
    ContainerStatus,
    PersistentVolumeClaimVolumeSource,
    Pod,
    PodSpec,
    PodTemplateSpec,
    Volume,
)
from cluster.api.meta import StatusCause

DELETION_COST = "controller.kubernetes.io/pod-deletion-cost"
_CLAIM = PersistentVolumeClaimVolumeSource(claimName="template")
_SYSTEM_CONDITIONS = ("PodScheduled", "Ready", "Initialized")
_INTEGER = re.compile(r"0|-?[1-9][0-9]*|-0", re.ASCII)


def create(pod: Pod) -> list[StatusCause]:
    """What is wrong with a new pod."""
    causes = metadata.create(pod.metadata, names.is_dns1123_subdomain)
    causes += annotations("metadata.annotations", pod.metadata.annotations)
    causes += pod_spec("spec", pod.spec, pod=True, name=pod.metadata.name)
    if pod.spec.ephemeralContainers:
        causes.append(error.forbidden("spec.ephemeralContainers", "cannot be set on create"))
    if pod.spec.nodeName and pod.spec.schedulingGates:
        why = "cannot be set until all schedulingGates have been cleared"
        causes.append(error.forbidden("spec.nodeName", why))
    return causes


def template(field: str, value: PodTemplateSpec, claims: tuple[str, ...] = ()) -> list[StatusCause]:
    """What is wrong with a pod template at `field`, whose pods get volumes of the names `claims` beside their own."""
    meta = value.metadata
    causes = list(labels(f"{field}.labels", meta.labels))
    causes += metadata.annotations(f"{field}.annotations", meta.annotations)
    causes += annotations(f"{field}.annotations", meta.annotations)
    spec = _with_claims(value.spec, claims) if claims else value.spec
    causes += pod_spec(f"{field}.spec", spec)
    if value.spec.ephemeralContainers:
        why = "ephemeral containers not allowed in pod template"
        causes.append(error.forbidden(f"{field}.spec.ephemeralContainers", why))
    return causes


def _with_claims(spec: PodSpec, claims: tuple[str, ...]) -> PodSpec:
    """The spec as a StatefulSet completes it: volumes from its claims, in place of those of the same name."""
    known = set(claims)
    added = (Volume(name=name, persistentVolumeClaim=_CLAIM) for name in claims)
    return replace(spec, volumes=(*(volume for volume in spec.volumes if volume.name not in known), *added))


def annotations(field: str, values: Mapping[str, str]) -> list[StatusCause]:
    """What is wrong with the annotations that mean something for pods."""
    cost = values.get(DELETION_COST)
    if cost is None or (_INTEGER.fullmatch(cost) and -(2**31) <= int(cost) < 2**31):
        return []
    return [error.invalid(f"{field}[{DELETION_COST}]", cost, "must be a 32bit integer")]


def status_update(new: Pod, old: Pod) -> list[StatusCause]:
    """What is wrong with a change of a pod's status."""
    causes = metadata.update(new.metadata, old.metadata)
    status, before = new.status, old.status
    for index, condition in enumerate(status.conditions):
        if condition.type not in _SYSTEM_CONDITIONS:
            causes += qualified_name(f"metadata.conditions[{index}].Type", condition.type)
    if status.nominatedNodeName and status.nominatedNodeName != before.nominatedNodeName:
        causes += dns_subdomain("status.nominatedNodeName", status.nominatedNodeName)
    causes += unchanged("status.qosClass", status.qosClass, before.qosClass)
    policy = old.spec.restartPolicy
    causes += _transitions("status.containerStatuses", status.containerStatuses, before.containerStatuses, policy)
    for index, address in enumerate(status.podIPs):
        causes += addresses.valid_ip(f"status.podIPs[{index}]", address.ip)
    return causes


def _transitions(field: str, new: tuple[ContainerStatus, ...], old: tuple[ContainerStatus, ...], policy: str) -> Causes:
    """A container that has ended for good stays so."""
    if policy == "Always" or new is old:
        return
    after = {status.name: status for status in new}
    for index, before in enumerate(old):
        ended, now = before.state.terminated, after.get(before.name)
        if ended is None or now is None or (ended.exitCode and policy == "OnFailure"):
            continue
        if now.state.terminated is None:
            yield error.forbidden(f"{field}[{index}].state", "may not be transitioned to non-terminated state")
