"""What a pod's RuntimeClass adds to it: the overhead of its sandbox, and where it may run.

One of the pod plugins, in both halves of the chain. Mirrors RuntimeClass. Invariant: a pod's overhead is the one of its class, and
nothing else.
"""

from cluster.admission.plugins.view import ApiView, asked_name
from cluster.admission.sharing import changed, merged
from cluster.api.core import PodSpec
from cluster.api.errors import Forbidden
from cluster.api.kinds import RUNTIME_CLASSES
from cluster.api.meta import ObjectMeta
from cluster.api.node import RuntimeClass

OTHER_OVERHEAD = "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead"
NO_OVERHEAD = "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead"


def of(api: ApiView, spec: PodSpec, meta: ObjectMeta) -> RuntimeClass | None:
    """The class that the pod names; Forbidden if there is none of that name."""
    if not spec.runtimeClassName:
        return None
    found = api.find(RUNTIME_CLASSES, spec.runtimeClassName)
    if found is None:
        raise Forbidden.of("pods", asked_name(meta), f'pod rejected: RuntimeClass "{spec.runtimeClassName}" not found')
    return found


def admitted(spec: PodSpec, runtime: RuntimeClass | None, name: str) -> PodSpec:
    """The spec with its class's overhead, node selector and tolerations; Forbidden if it has others."""
    overhead = runtime.overhead.podFixed if runtime is not None and runtime.overhead is not None else {}
    if overhead:
        if spec.overhead and spec.overhead != overhead:
            raise Forbidden.of("pods", name, OTHER_OVERHEAD)
        spec = changed(spec, overhead=overhead)
    if runtime is None or runtime.scheduling is None:
        return spec
    selector, tolerations = runtime.scheduling.nodeSelector, runtime.scheduling.tolerations
    for key, value in selector.items():
        if spec.nodeSelector.get(key, value) != value:
            wanted = f"runtimeClass.scheduling.nodeSelector[{key}] = {value}"
            why = f"conflict: {wanted}; pod.spec.nodeSelector[{key}] = {spec.nodeSelector[key]}"
            raise Forbidden.of("pods", name, why)
    added = tuple(toleration for toleration in tolerations if toleration not in spec.tolerations)
    return changed(
        spec, nodeSelector=merged(spec.nodeSelector, selector),
        tolerations=(*spec.tolerations, *added) if added else spec.tolerations,
    )  # fmt: skip


def check(api: ApiView, spec: PodSpec, meta: ObjectMeta) -> None:
    """Forbidden if the pod has an overhead that no class gave it."""
    runtime = of(api, spec, meta) if spec.overhead else None
    if spec.overhead and (runtime is None or runtime.overhead is None):
        raise Forbidden.of("pods", meta.name, NO_OVERHEAD)
