"""What the resize subresource may change: the cpu and memory of running containers.

Part of the validation of pods. Mirrors ValidatePodResize. Invariant: a resize never changes a pod's
quality of service, and never takes a request or a limit away.
"""

from collections.abc import Mapping

from msgspec.structs import replace

from cluster.admission import field_error as error
from cluster.admission.qos import qos_class
from cluster.admission.validation import metadata
from cluster.admission.validation.checks import Causes
from cluster.admission.validation.pod_spec import pod_spec
from cluster.api.core import Container, Pod, PodSpec, ResourceRequirements
from cluster.api.meta import StatusCause
from cluster.api.quantity import Quantity

_COMPUTE = ("cpu", "memory")
_ONLY = "only cpu and memory resources are mutable"


def prepared(new: Pod, old: Pod) -> Pod:
    """The old pod with the resources and resize policies of the new one (`dropNonResizeUpdates`)."""
    if _names(new.spec) != _names(old.spec):
        return new
    spec = replace(
        old.spec,
        containers=_resized(new.spec.containers, old.spec.containers),
        initContainers=_resized(new.spec.initContainers, old.spec.initContainers),
    )
    return replace(new, spec=spec, status=old.status)


def update(new: Pod, old: Pod) -> list[StatusCause]:
    """What is wrong with a resize."""
    causes = metadata.update(new.metadata, old.metadata)
    causes += pod_spec("spec", new.spec, pod=True, name=new.metadata.name)
    if _names(new.spec) != _names(old.spec):
        return [*causes, error.forbidden("spec", _ONLY)]
    if old.status.qosClass != qos_class(new.spec):
        why = "Pod QOS Class may not change as a result of resizing"
        causes.append(error.invalid("spec", old.status.qosClass, why))
    for kind in ("initContainers", "containers"):
        pairs = zip(getattr(new.spec, kind), getattr(old.spec, kind), strict=True)
        for index, (after, before) in enumerate(pairs):
            if kind == "containers" or before.restartPolicy == "Always":
                causes += _container(f"spec.{kind}[{index}].resources", after, before)
    causes += _others(new.spec, old.spec)
    return causes


def _names(spec: PodSpec) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return tuple(item.name for item in spec.containers), tuple(item.name for item in spec.initContainers)


def _resized(new: tuple[Container, ...], old: tuple[Container, ...]) -> tuple[Container, ...]:
    return tuple(
        replace(before, resources=after.resources, resizePolicy=after.resizePolicy)
        for after, before in zip(new, old, strict=True)
    )


def _container(field: str, new: Container, old: Container) -> Causes:
    for name in ("requests", "limits"):
        if any(key not in getattr(new.resources, name) for key in getattr(old.resources, name)):
            yield error.forbidden(f"{field}.{name}", f"resource {name} cannot be removed")


def _others(new: PodSpec, old: PodSpec) -> Causes:
    for after, before in zip(new.containers, old.containers, strict=True):
        if _neutral(after, before) != before:
            yield error.forbidden("spec", _ONLY)
    for after, before in zip(new.initContainers, old.initContainers, strict=True):
        if before.restartPolicy == "Always":
            if _neutral(after, before) != before:
                yield error.forbidden("spec", "only cpu and memory resources for sidecar containers are mutable")
        elif after != before:
            yield error.forbidden("spec", "resources for non-sidecar init containers are immutable")


def _neutral(new: Container, old: Container) -> Container:
    """The new container with the old one's cpu and memory."""
    resources = ResourceRequirements(
        claims=new.resources.claims,
        limits=_with_compute(new.resources.limits, old.resources.limits),
        requests=_with_compute(new.resources.requests, old.resources.requests),
    )
    return replace(new, resources=resources)


def _with_compute(new: Mapping[str, Quantity], old: Mapping[str, Quantity]) -> Mapping[str, Quantity]:
    kept = {name: value for name, value in new.items() if name not in _COMPUTE}
    return kept | {name: value for name, value in old.items() if name in _COMPUTE}
