"""How a pod's containers come to run: volumes, images, starts, readiness.

On the data's way after admission: each step looks at one container, writes its status and sets the
timer of the next step. Mirrors kuberuntime's SyncPod and the image manager. Invariant: init
containers run one after the other and before the main ones, which are begun in their order.
"""

from functools import lru_cache

from msgspec.structs import replace

from cluster.api.core import ContainerStatus, Pod
from cluster.api.kinds import key
from cluster.kubelet import backoff, lifecycle, status
from cluster.kubelet.agent import Agent
from cluster.kubelet.desk import RELIST, Case, Desk
from cluster.kubelet.lifecycle import Input, State
from cluster.kubelet.plan import ContainerPlan, Plan
from cluster.kubelet.probes.probing import Kill, Probing
from cluster.kubelet.runtime import images
from cluster.kubelet.storage import Storage
from cluster.kubelet.volumes import Reference, first_trouble, table_key

CHECK_SHARE = 5  # asking a registry whether an image has changed takes a fifth of pulling it
SANDBOX_RETRY = 10_000
STARTED = (("Created", "Container created"), ("Started", "Container started"))
"""What is told of a container that starts, after that its image is there."""


class Starting:
    """The steps up to a ready container; `kill` stops one whose probes fail."""

    def __init__(self, desk: Desk, kill: Kill) -> None:
        self._desk = desk
        self._waiters: dict[str, dict[str, None]] = {}
        """A missing object's name -> the keys of the pods that wait for it."""
        desk.on(Input.BEGIN, self.begin)
        desk.on(Input.IMAGE_READY, self._image_ready)
        desk.on(Input.IMAGE_FAILED, self._image_failed)
        desk.on(Input.HOLD_PULL, self._hold_pull)
        self.probing = Probing(desk, kill, self._went_on)
        self.storage = Storage(desk, self.arm)

    def accept(self, pod: Pod, plan: Plan, agent: Agent) -> None:
        """Start on a pod that the node has just taken."""
        added = status.ephemeral(pod, plan)
        pod = self._desk.write_all(pod, plan, agent, plan.waiting_init, plan.waiting_main, added)
        self.mount(pod, plan, agent)

    def mount(self, pod: Pod, plan: Plan, agent: Agent) -> None:
        """Begin the first container that waits to be created, once the volumes are there."""
        if plan.volumes:
            found = first_trouble(self._desk.store, pod.metadata.namespace, plan.volumes)
            if found is not None:
                reference, why = found
                words = f'MountVolume.SetUp failed for volume "{reference.volume}" : {_volume_words(reference, why)}'
                self._desk.tell(pod, agent, "FailedMount", words, warn=True)
                self._wait_for(pod, reference)
                return
        self.begin_next(pod, plan, agent, None)
        if plan.ephemeral:
            self.begin_ephemeral(self._desk.pods.get(key(pod)) or pod, plan, agent)

    def begin_ephemeral(self, pod: Pod, plan: Plan, agent: Agent) -> None:
        """Begin the ephemeral containers that wait to be created: they wait for no others."""
        for container, stands in zip(plan.ephemeral, pod.status.ephemeralContainerStatuses, strict=False):
            if lifecycle.state_of(stands) is State.CREATING:
                self.begin(Case(pod, plan, agent, container, stands))

    def waiters(self, name: str) -> list[str]:
        """The keys of the pods that wait for an object of this name (`volumes.table_key`); they wait no longer."""
        return list(self._waiters.pop(name, ()))

    def begin_next(self, pod: Pod, plan: Plan, agent: Agent, after: ContainerPlan | None) -> None:
        """Begin the container whose turn comes `after` another was dealt with (None: from the start)."""
        if after is not None and after.ephemeral:
            return
        for container, stands in zip(plan.init, pod.status.initContainerStatuses, strict=True) if plan.init else ():
            if not lifecycle.initialised(stands, sidecar=container.sidecar):
                if lifecycle.state_of(stands) is State.CREATING:
                    self.begin(Case(pod, plan, agent, container, stands))
                return
        first = 0 if after is None or after.init else after.position + 1
        statuses = pod.status.containerStatuses
        for position in range(first, len(plan.main)):
            stands = statuses[position]
            if lifecycle.state_of(stands) is State.CREATING:
                self.begin(Case(pod, plan, agent, plan.main[position], stands))
                return

    def begin(self, case: Case, _: str = "") -> None:
        """Make sure that the image is there, and go on when it is."""
        desk, container = self._desk, case.container
        if container.hooked and self._is_hooking(case):
            desk.later(0, Input.HOOKED, case)
            return
        image, told, policy = container.container.image, container.behaviour, container.container.imagePullPolicy
        store, now = case.agent.images, desk.clock.now
        wrong = images.invalid(image)
        if wrong:
            self._invalid(case, wrong)
            return
        if policy == "Never" and told.pull_error:
            self._never_pulled(case)
            return
        present = policy == "Never" or store.has(image, now)
        if present and policy != "Always":
            desk.later(desk.container_start, Input.IMAGE_READY, case, _present(image))
            return
        desk.tell(case.pod, case.agent, "Pulling", f'Pulling image "{image}"', container=container)
        if told.pull_error:
            desk.later(store.occupy(now, told.pull_time) - now, Input.IMAGE_FAILED, case)
            return
        duration = told.pull_time // CHECK_SHARE if present else told.pull_time
        waited = store.pull(image, now, duration) - now
        note = _pulled(image, min(duration, waited), waited)
        desk.later(waited + desk.container_start, Input.IMAGE_READY, case, note)

    def arm(self, case: Case, *, fresh: bool = False) -> None:
        """Set the timers of a running container: its probes and its end; `fresh` if it has just started."""
        desk, told = self._desk, case.container.behaviour
        if case.container.probes or not (case.status.ready or case.container.ephemeral):
            self.probing.arm(case, fresh=fresh)
        ending = desk.ending(case) if told.ends else None
        if ending is not None:
            desk.later(max(ending.after - desk.age(case.status), 0), Input.EXIT, case)

    def _image_ready(self, case: Case, note: str) -> None:
        desk, container, pod, agent = self._desk, case.container, case.pod, case.agent
        if container.environment:
            found = first_trouble(desk.store, pod.metadata.namespace, container.environment)
            if found is not None:
                desk.tell(pod, agent, "Pulled", note, container=container)
                self._misconfigured(case, *found)
                return
        pod_ip = pod.status.podIP or self._sandbox(pod, agent)
        if not pod_ip:
            desk.tell(pod, agent, "Pulled", note, container=container)
            self._no_address(case)
            return
        desk.tell_each(pod, agent, (("Pulled", note), *STARTED), container)
        self.storage.created(case)
        if container.hooked:
            memory = desk.memory.of(pod, container.name, case.status.restartCount)
            desk.memory.keep(pod, container.name, replace(memory, started=desk.clock.now))
            desk.later(0, Input.HOOKED, desk.again(case, desk.write(case, case.status, pod_ip)))
            return
        self.run(case, self.process(case, desk.clock.timestamp()), pod_ip)

    def process(self, case: Case, timestamp: str) -> ContainerStatus:
        """The status of the container once its process, started at `timestamp`, is seen to run."""
        before = case.status
        ran = before.state.terminated is not None or before.lastState.terminated is not None
        count = before.restartCount + 1 if ran else before.restartCount
        return status.running(case.container, case.pod, timestamp, before, count=count)

    def run(self, case: Case, new: ContainerStatus, pod_ip: str = "") -> None:
        """Store that the container runs, set its timers, and go on with the next one."""
        desk, container, agent = self._desk, case.container, case.agent
        pod = desk.write(case, new, pod_ip)
        if container.behaviour.ends or container.probes or not new.ready:
            self.arm(Case(pod, case.plan, agent, container, new), fresh=True)
        if container.shares:
            self.storage.began(Case(pod, case.plan, agent, container, new))
        if len(case.plan.by_name) > 1:
            self.begin_next(pod, case.plan, agent, container)

    def _sandbox(self, pod: Pod, agent: Agent) -> str:
        """The pod's address: its node's, or one of its node's range; nothing if that is used up."""
        if pod.spec.hostNetwork:
            return agent.address
        return agent.addresses.take() if agent.addresses is not None else ""

    def _no_address(self, case: Case) -> None:
        cidr = case.agent.node.spec.podCIDR if case.agent.node is not None else ""
        words = (
            "Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox: "
            f"no IP addresses available in range set: {cidr or 'none'}"
        )
        self._desk.tell(case.pod, case.agent, "FailedCreatePodSandBox", words, warn=True)
        self._desk.later(SANDBOX_RETRY, Input.BEGIN, case)

    def _misconfigured(self, case: Case, reference: Reference, why: str) -> None:
        desk = self._desk
        desk.tell(case.pod, case.agent, "Failed", f"Error: {why}", container=case.container, warn=True)
        pod = desk.write(case, status.waiting(case.container, case.status, "CreateContainerConfigError", why))
        self._wait_for(pod, reference)
        self.begin_next(pod, case.plan, case.agent, case.container)

    def _wait_for(self, pod: Pod, reference: Reference) -> None:
        self._waiters.setdefault(table_key(reference, pod.metadata.namespace), {})[key(pod)] = None

    def _never_pulled(self, case: Case) -> None:
        desk, container = self._desk, case.container
        words = f'Container image "{container.container.image}" is not present with pull policy of Never'
        desk.tell(case.pod, case.agent, "ErrImageNeverPull", words, container=container, warn=True)
        desk.tell(case.pod, case.agent, "Failed", "Error: ErrImageNeverPull", container=container, warn=True)
        pod = desk.write(case, status.waiting(container, case.status, "ErrImageNeverPull", words))
        self.begin_next(pod, case.plan, case.agent, container)

    def _image_failed(self, case: Case, _: str) -> None:
        desk, container, why = self._desk, case.container, case.container.behaviour.pull_error
        if not why:
            self.begin(case)
            return
        image = container.container.image
        desk.tell(
            case.pod, case.agent, "Failed", f'Failed to pull image "{image}": {why}', container=container, warn=True
        )
        desk.tell(case.pod, case.agent, "Failed", "Error: ErrImagePull", container=container, warn=True)
        pod = desk.write(case, status.waiting(container, case.status, "ErrImagePull", why))
        desk.later(RELIST, Input.HOLD_PULL, desk.again(case, pod))
        self.begin_next(pod, case.plan, case.agent, container)

    def _hold_pull(self, case: Case, _: str) -> None:
        desk, container, image = self._desk, case.container, case.container.container.image
        desk.tell(case.pod, case.agent, "BackOff", f'Back-off pulling image "{image}"', container=container)
        desk.tell(case.pod, case.agent, "Failed", "Error: ImagePullBackOff", container=container, warn=True)
        why = case.status.state.waiting.message if case.status.state.waiting is not None else ""
        words = f'Back-off pulling image "{image}": ErrImagePull: {why}'
        tries = backoff.failed_pulls(desk.versions(case.pod), container.name)
        pod = desk.write(case, status.waiting(container, case.status, "ImagePullBackOff", words))
        desk.later(backoff.delay(tries) - RELIST, Input.BEGIN, desk.again(case, pod))

    def _is_hooking(self, case: Case) -> bool:
        return self._desk.memory.of(case.pod, case.container.name, case.status.restartCount).started is not None

    def _went_on(self, case: Case) -> None:
        """A container has passed its startup probe: what waits for a sidecar can start."""
        if case.container.sidecar:
            self.begin_next(case.pod, case.plan, case.agent, case.container)

    def _invalid(self, case: Case, why: str) -> None:
        desk, container, image = self._desk, case.container, case.container.container.image
        words = f'Failed to apply default image tag "{image}": couldn\'t parse image name "{image}": {why}'
        desk.tell(case.pod, case.agent, "InspectFailed", words, container=container, warn=True)
        desk.tell(case.pod, case.agent, "Failed", "Error: InvalidImageName", container=container, warn=True)
        pod = desk.write(case, status.waiting(container, case.status, "InvalidImageName", words))
        self.begin_next(pod, case.plan, case.agent, container)


@lru_cache(maxsize=1024)
def _present(image: str) -> str:
    return f'Container image "{image}" already present on machine and can be accessed by the pod'


@lru_cache(maxsize=1024)
def _pulled(image: str, took: int, waited: int) -> str:
    return (
        f'Successfully pulled image "{image}" in {backoff.duration_text(took)} '
        f"({backoff.duration_text(waited)} including waiting). Image size: {images.size(image)} bytes."
    )


def _volume_words(reference: Reference, why: str) -> str:
    return why if why.endswith("not found") else f"{reference.kind} {why}"
