"""A Job as its registry takes it when it is new: with the labels and the selector that tell its pods.

The Jobs' part of `strategy`. Mirrors jobStrategy.PrepareForCreate. Invariant: unless its selector is
made by hand, no two Jobs select the same pods.
"""

from typing import Any

from cluster.admission.generations import with_generation
from cluster.admission.sharing import changed, merged
from cluster.api.batch import Job, JobStatus
from cluster.api.kinds import Kind
from cluster.api.meta import LabelSelector

CONTROLLER_UID, JOB_NAME = "batch.kubernetes.io/controller-uid", "batch.kubernetes.io/job-name"
LEGACY_CONTROLLER_UID, LEGACY_JOB_NAME = "controller-uid", "job-name"
_NEW = JobStatus()


def prepare_create(_: Kind[Any], value: Job) -> Job:
    """The new Job, without status; labels and a selector that are there already are kept, and judged later."""
    new = with_generation(changed(value, status=_NEW), 1)
    return new if new.spec.manualSelector else _told_apart(new)


def _told_apart(value: Job) -> Job:
    spec, uid, name = value.spec, value.metadata.uid, value.metadata.name
    generated = {LEGACY_JOB_NAME: name, JOB_NAME: name, LEGACY_CONTROLLER_UID: uid, CONTROLLER_UID: uid}
    template = spec.template
    labels = merged(generated, template.metadata.labels)
    selector = spec.selector or LabelSelector()
    selector = changed(selector, matchLabels=merged({CONTROLLER_UID: uid}, selector.matchLabels))
    template = changed(template, metadata=changed(template.metadata, labels=labels))
    # A stored Job is given defaults when it is read, and one without labels has its template's then.
    metadata = value.metadata if value.metadata.labels else changed(value.metadata, labels=labels)
    return changed(value, metadata=metadata, spec=changed(spec, template=template, selector=selector))
