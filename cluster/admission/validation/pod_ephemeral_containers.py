"""What the ephemeralcontainers subresource may change: containers for debugging are added, and stay as they are.

Part of the validation of pods. Mirrors ValidatePodEphemeralContainersUpdate. Invariant: nothing else of a pod changes.
"""

from msgspec.structs import replace

from cluster.admission import field_error as error
from cluster.admission.validation import metadata
from cluster.admission.validation.pod_spec import pod_spec
from cluster.api.core import Pod
from cluster.api.meta import StatusCause

_FIELD = "spec.ephemeralContainers"


def prepared(new: Pod, old: Pod) -> Pod:
    """The old pod with the ephemeral containers of the new one (`dropNonEphemeralContainerUpdates`)."""
    return replace(new, spec=replace(old.spec, ephemeralContainers=new.spec.ephemeralContainers), status=old.status)


def update(new: Pod, old: Pod) -> list[StatusCause]:
    """What is wrong with a change of a pod's ephemeral containers."""
    causes = metadata.update(new.metadata, old.metadata)
    causes += pod_spec("spec", new.spec, pod=True, name=new.metadata.name)
    found = {container.name: container for container in new.spec.ephemeralContainers}
    for before in old.spec.ephemeralContainers:
        if before.name not in found:
            why = f'existing ephemeral containers "{before.name}" may not be removed\n'
            causes.append(error.forbidden(_FIELD, why))
        elif found[before.name] != before:
            why = f'existing ephemeral containers "{before.name}" may not be changed\n'
            causes.append(error.forbidden(_FIELD, why))
    return causes
