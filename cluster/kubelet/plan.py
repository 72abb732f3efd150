"""What a pod's spec means to a kubelet, worked out once for all pods of one template.

On the data's way between a pod that was bound and the statuses written for it. Invariant: a plan
depends on the containers, the volumes and our annotations alone, so pods that share them share it.
"""

from collections.abc import Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from cluster.api import pod_requests, quantity
from cluster.api.core import (
    Container,
    ContainerState,
    ContainerStateWaiting,
    ContainerStatus,
    Pod,
    PodSpec,
    ResourceRequirements,
    Volume,
    VolumeMount,
    VolumeMountStatus,
)
from cluster.api.ephemeral import ephemeral_containers
from cluster.api.quantity import Quantity
from cluster.kubelet import lifecycle
from cluster.kubelet.allocation import Allocation, Allocations, with_shares
from cluster.kubelet.probes.plans import ProbePlan, probe_plans
from cluster.kubelet.runtime.given import is_given, shows_pod
from cluster.kubelet.runtime.process import Behaviour, behaviour, relevant
from cluster.kubelet.volumes import Reference, environment_references, mounted_objects, volume_references

REMEMBERED = 4096
NOTHING: Mapping[str, Quantity] = {}
BEST_EFFORT = ResourceRequirements()
ZERO = Quantity("0")
ACCOUNT_PATH = "/var/run/secrets/kubernetes.io/serviceaccount"
_FIRST = ("cpu", "memory", "ephemeral-storage")


class ContainerPlan(Struct, frozen=True, gc=False):
    """One container: its place in the pod, its behaviour, and the parts of its status that never change."""

    container: Container
    name: str
    path: str
    position: int
    init: bool
    sidecar: bool
    behaviour: Behaviour
    resources: ResourceRequirements
    allocated: Mapping[str, Quantity]
    mounts: tuple[VolumeMountStatus, ...]
    environment: tuple[Reference, ...]
    policy: str
    probes: tuple[ProbePlan, ...]
    hooked: bool
    processes: bool
    ephemeral: bool
    keeps: bool
    """Whether something of its process is kept when it ends: it depends on volumes or on other objects."""
    shares: bool
    """Whether its process may write where others read."""

    def restarts(self, exit_code: int) -> bool:
        """Whether it is started again after this exit code."""
        return lifecycle.restarts(self.policy, exit_code, self.container.restartPolicyRules)


class Plan(Struct, frozen=True, gc=False):
    """A pod's containers in the order of their lists, and what it takes from its node."""

    init: tuple[ContainerPlan, ...]
    main: tuple[ContainerPlan, ...]
    ephemeral: tuple[ContainerPlan, ...]
    sidecars: tuple[bool, ...]
    by_name: Mapping[str, ContainerPlan]
    requests: tuple[tuple[str, int], ...]
    resources: ResourceRequirements
    allocated: Mapping[str, Quantity]
    volumes: tuple[Reference, ...]
    objects: tuple[tuple[str, str], ...]
    """The ConfigMaps and Secrets that its volumes and variables show, by kind and name."""
    shows_pod: bool
    """Whether a volume shows the pod's own labels or annotations."""
    host_ports: tuple[tuple[str, str, int], ...]
    waiting_init: tuple[ContainerStatus, ...]
    waiting_main: tuple[ContainerStatus, ...]
    policy: str
    own: tuple[tuple[ContainerPlan, ...], tuple[ContainerPlan, ...]]
    """The init and main containers, where some have a restart policy of their own."""


class Plans:
    """Plans by what they depend on; a memo, so forgetting is harmless."""

    __slots__ = ("_allocations", "_known", "_processes", "_pull", "_stop")

    def __init__(self, pull: int, stop: int, allocations: Allocations, *, processes: bool) -> None:
        self._pull, self._stop, self._allocations, self._processes = pull, stop, allocations, processes
        self._known: dict[object, tuple[object, Plan]] = {}

    def of(self, pod: Pod) -> Plan:
        """The pod's plan, with the resources that its node has given it."""
        return self._of(pod, self._allocations.of(pod))

    def asked_by(self, pod: Pod) -> Plan:
        """The pod's plan as its spec says, whatever its node has given it."""
        return self._of(pod, None)

    def _of(self, pod: Pod, held: Allocation | None) -> Plan:
        spec = pod.spec
        told = relevant(pod.metadata.annotations)
        key = (
            id(spec.containers), id(spec.initContainers), id(spec.ephemeralContainers), id(spec.volumes),
            id(spec.resources), told, id(held),
        )  # fmt: skip
        known = self._known.get(key)
        if known is not None:
            return known[1]
        if len(self._known) >= REMEMBERED:
            self._known.clear()
        if held is None:
            plan = self._work_out(pod, dict(told), spec)
        else:
            had = spec if held.progress is None else with_shares(spec, {**held.given, **held.progress.had})
            plan = self._work_out(replace(pod, spec=with_shares(spec, held.given)), dict(told), had)
        # The spec is kept beside the plan, so that the ids in the key stay those of its parts.
        self._known[key] = ((spec, held), plan)
        return plan

    def _work_out(self, pod: Pod, told: Mapping[str, str], has: PodSpec) -> Plan:
        """The plan of a pod as it was given its resources; `has` is the spec with those that it has."""
        spec = pod.spec
        init = tuple(
            self._container(pod, one, index, told, init=True, has=has.initContainers[index])
            for index, one in enumerate(spec.initContainers)
        )
        main = tuple(
            self._container(pod, one, index, told, init=False, has=has.containers[index])
            for index, one in enumerate(spec.containers)
        )
        added = ephemeral_containers(spec) if spec.ephemeralContainers else ()
        ephemeral = tuple(self._ephemeral(pod, one, index, told) for index, one in enumerate(added))
        reason = "PodInitializing" if init else "ContainerCreating"
        given = _pod_resources(spec)
        resources = given if has is spec else _pod_resources(has)
        return Plan(
            init=init,
            main=main,
            ephemeral=ephemeral,
            sidecars=tuple(one.sidecar for one in init),
            by_name={one.name: one for one in (*init, *main, *ephemeral)},
            requests=_requests(given, spec.overhead),
            resources=replace(resources, requests=_at_pod_level(resources.requests), limits=_at_pod_level(resources.limits)),
            allocated=_at_pod_level(given.requests),
            volumes=volume_references(_mounted(spec.volumes, (*spec.initContainers, *spec.containers, *added))),
            objects=mounted_objects(spec.volumes, (*spec.initContainers, *spec.containers, *added)),
            shows_pod=any(map(shows_pod, spec.volumes)),
            host_ports=_host_ports(pod),
            waiting_init=tuple(creating(one, reason) for one in init),
            waiting_main=tuple(creating(one, reason) for one in main),
            policy=spec.restartPolicy,
            own=(init, main) if any(_decides(one) for one in (*spec.initContainers, *spec.containers)) else ((), ()),
        )  # fmt: skip

    def _container(
        self, pod: Pod, container: Container, position: int, told: Mapping[str, str], *, init: bool, has: Container
    ) -> ContainerPlan:
        sidecar = init and lifecycle.is_sidecar(container)
        told_of = behaviour(has, told, init=init, stop=self._stop, pull=self._pull, processes=self._processes)
        given = {volume.name for volume in pod.spec.volumes if is_given(volume)}
        own = [mount for mount in container.volumeMounts if mount.mountPath != ACCOUNT_PATH]
        return ContainerPlan(
            container=container,
            name=container.name,
            path=f"spec.{'initContainers' if init else 'containers'}{{{container.name}}}",
            position=position,
            init=init,
            sidecar=sidecar,
            behaviour=told_of,
            resources=_container_resources(container.resources),
            allocated=container.resources.requests,
            mounts=tuple(map(_mount, container.volumeMounts)),
            environment=environment_references(container),
            policy=_policy(pod, container, init=init),
            probes=probe_plans(container, told, processes=self._processes),
            hooked=container.lifecycle is not None and container.lifecycle.postStart is not None,
            processes=self._processes,
            ephemeral=False,
            keeps=told_of.runs and bool(own or container.env or container.envFrom or told_of.traps),
            shares=told_of.runs and any(mount.name not in given for mount in own),
        )

    def _ephemeral(self, pod: Pod, container: Container, position: int, told: Mapping[str, str]) -> ContainerPlan:
        """A container for debugging: it counts for nothing, and is never started again."""
        plan = self._container(pod, container, position, told, init=False, has=container)
        path = f"spec.ephemeralContainers{{{container.name}}}"
        return replace(plan, path=path, policy="Never", ephemeral=True)


def creating(plan: ContainerPlan, reason: str) -> ContainerStatus:
    """The status of a container that was never started."""
    return ContainerStatus(
        name=plan.name, image=plan.container.image, started=None if plan.ephemeral else False, volumeMounts=plan.mounts,
        state=ContainerState(waiting=ContainerStateWaiting(reason=reason)),
    )  # fmt: skip


def _policy(pod: Pod, container: Container, *, init: bool) -> str:
    """What happens after an exit: an init container that succeeded is never started again."""
    if container.restartPolicy:
        return container.restartPolicy
    if init:
        return "Never" if pod.spec.restartPolicy == "Never" else "OnFailure"
    return pod.spec.restartPolicy


def _decides(container: Container) -> bool:
    return bool(container.restartPolicy) and not lifecycle.is_sidecar(container)


def _mount(mount: VolumeMount) -> VolumeMountStatus:
    recursive = ""
    if mount.readOnly:
        recursive = "Enabled" if mount.recursiveReadOnly in {"Enabled", "IfPossible"} else "Disabled"
    return VolumeMountStatus(
        name=mount.name, mountPath=mount.mountPath, readOnly=mount.readOnly, recursiveReadOnly=recursive
    )


def _mounted(volumes: Sequence[Volume], containers: Sequence[Container]) -> tuple[Volume, ...]:
    """The volumes that some container mounts: the others are not set up."""
    names = {mount.name for container in containers for mount in container.volumeMounts}
    return tuple(volume for volume in volumes if volume.name in names)


def _container_resources(resources: ResourceRequirements) -> ResourceRequirements:
    """What the runtime reports back: with a request for cpu comes one for memory, if of nothing."""
    if "cpu" in resources.requests and "memory" not in resources.requests:
        return replace(resources, requests={**resources.requests, "memory": ZERO})
    return resources


def _pod_resources(spec: PodSpec) -> ResourceRequirements:
    """Requests and limits of the whole pod, without its overhead."""
    requests = pod_requests.requests(spec, overhead=False)
    limits = pod_requests.limits(spec, overhead=False)
    if not requests and not limits:
        return BEST_EFFORT
    return ResourceRequirements(requests=requests or NOTHING, limits=limits or NOTHING)


def _at_pod_level(amounts: Mapping[str, Quantity]) -> Mapping[str, Quantity]:
    return pod_requests.at_pod_level(amounts) or NOTHING


def _requests(resources: ResourceRequirements, overhead: Mapping[str, Quantity]) -> tuple[tuple[str, int], ...]:
    """What counts on the node, in the order in which a node refuses."""
    total = pod_requests.total((resources.requests, overhead))
    names = (*(name for name in _FIRST if name in total), *(name for name in total if name not in _FIRST))
    return tuple((name, amount_of(name, total[name])) for name in names if quantity.nano(total[name]))


def amount_of(name: str, amount: Quantity) -> int:
    """A resource as the node counts it: cpu in thousandths, anything else whole."""
    return quantity.milli(amount) if name == "cpu" else quantity.value(amount)


def _host_ports(pod: Pod) -> tuple[tuple[str, str, int], ...]:
    return tuple(
        (port.hostIP or "0.0.0.0", port.protocol or "TCP", port.hostPort)  # noqa: S104 - the API's word for any address
        for container in pod.spec.containers
        for port in container.ports
        if port.hostPort
    )
