"""What the kubelets do about volumes beside mounting them: who runs on which, what has changed, what is gone.

On the data's way from changes of objects and volumes to the containers that see them. Mirrors the kubelet's volume
manager and its managers of ConfigMaps and Secrets. Invariant: an object's past is kept while a pod that lives shows it,
a pod's own volumes while it is there, and a PersistentVolume's files as long as it is.
"""

from collections.abc import Callable

from cluster.api.core import ConfigMap, Node, PersistentVolume, Pod, Secret
from cluster.api.kinds import NODES, PERSISTENT_VOLUMES, key, key_of
from cluster.kubelet import lifecycle
from cluster.kubelet.desk import ACTOR, Case, Desk
from cluster.kubelet.lifecycle import State
from cluster.kubelet.plan import ContainerPlan, Plan
from cluster.kubelet.runtime import contents, endings
from cluster.kubelet.runtime.contents import CONTENTS, VERSIONS, Contents
from cluster.kubelet.runtime.given import pod_version_name
from cluster.kubelet.runtime.mounting import root_name, volume_name
from cluster.reconcile import Reader

Held = ConfigMap | Secret


class Storage:
    """The volumes of all nodes; `arm` sets the timers of a container whose process may go on otherwise than it seemed."""

    def __init__(self, desk: Desk, arm: Callable[[Case], None]) -> None:
        self._desk, self._store, self._arm = desk, desk.store, arm
        self._shown: dict[str, dict[str, None]] = {}
        """What the versions of an object are kept under -> the keys of the pods that show it."""
        self._readers = (
            Reader(desk.store, desk.clock, CONTENTS, self._on_contents),
            Reader(desk.store, desk.clock, PERSISTENT_VOLUMES, self._on_volume),
            Reader(desk.store, desk.clock, NODES, self._on_node),
        )

    def follow(self, pod: Pod, plan: Plan) -> None:
        """A pod lives here: keep the past of what it shows."""
        for kind, name in plan.objects:
            known = contents.version_name(kind, key_of(pod.metadata.namespace, name))
            self._shown.setdefault(known, {})[key(pod)] = None

    def let_go(self, pod: Pod, plan: Plan) -> None:
        """A pod has ended or is gone."""
        for kind, name in plan.objects:
            known = contents.version_name(kind, key_of(pod.metadata.namespace, name))
            pods = self._shown.get(known, {})
            pods.pop(key(pod), None)
            if not pods:
                self._shown.pop(known, None)
                self._drop(known)

    def forget(self, pod: Pod, plan: Plan) -> None:
        """A pod is gone, and its own volumes and logs with it."""
        for container in plan.by_name.values():
            if container.shares:
                endings.stop_using(self._store, pod, container.container)
        self._drop(pod_version_name(pod))
        names = [container.name for container in (*pod.spec.initContainers, *pod.spec.containers)]
        if len(self._store.table(CONTENTS)):
            for name in names:
                contents.forget(self._store, root_name(pod, name))
            for spec in pod.spec.volumes:
                contents.forget(self._store, f"empty/{key(pod)}/{pod.metadata.uid}/{spec.name}")
        logs = self._store.table(endings.LOGS)
        for log in (endings.log_name(pod, name) for name in names) if len(logs) else ():
            if log in logs:
                self._store.delete(endings.LOGS, log, ACTOR)

    def created(self, case: Case) -> None:
        """A container is made anew: what was written into its own files before is gone."""
        if len(self._store.table(CONTENTS)):
            contents.forget(self._store, root_name(case.pod, case.container.name))

    def began(self, case: Case) -> None:
        """A process runs that may write where others read."""
        endings.start_using(self._store, case.pod, case.container.container)
        self._look_again(case.pod, case.container.name)

    def changed(self, kind: str, object_key: str, old: Held | None, new: Held | None) -> None:
        """A ConfigMap or Secret has changed, or is seen for the first time."""
        name = contents.version_name(kind, object_key)
        if name not in self._shown:
            self._drop(name)
            return
        known = contents.versions(self._store, name)
        last = known[-1].held if known else old
        if last is None or (new is not None and _same(last, new)) or (new is None and known):
            return
        contents.changed(self._store, name, old, new, self._now())
        for pod_key in list(self._shown[name]):
            pod = self._desk.pods.get(pod_key)
            if pod is not None:
                self._look_again(pod)

    def relabelled(self, pod: Pod, old: Pod) -> None:
        """A pod that shows its own labels or annotations in a volume has got others."""
        contents.changed(self._store, pod_version_name(pod), old, pod, self._now())
        self._look_again(pod)

    def _now(self) -> int:
        return contents.unix_ms(self._desk.clock.micro_timestamp())

    def _drop(self, name: str) -> None:
        if name in self._store.table(VERSIONS):
            self._store.delete(VERSIONS, name, ACTOR)

    def _on_contents(self, _: str, _old: Contents | None, new: Contents | None) -> None:
        """Somebody has written into a volume, or runs on it."""
        if new is None:
            return
        owners = {user.rpartition("/")[0] for user in new.users}
        for pod_key in sorted(owners | ({new.pod} if new.pod else set())):
            pod = self._desk.pods.get(pod_key)
            if pod is not None:
                self._look_again(pod)

    def _on_volume(self, name: str, _: PersistentVolume | None, new: PersistentVolume | None) -> None:
        if new is None:
            contents.forget(self._store, volume_name(name))

    def _on_node(self, name: str, _: Node | None, new: Node | None) -> None:
        if new is None:
            contents.forget(self._store, f"host/{name}")

    def _look_again(self, pod: Pod, but: str = "") -> None:
        """Set the timers of the pod's containers anew that run a command or are asked by one."""
        agent, plan = self._desk.agent_of(pod.spec.nodeName), self._desk.plans.of(pod)
        if not agent.live or pod.metadata.deletionTimestamp or not any(map(_follows_files, plan.by_name.values())):
            return
        for case in self._desk.cases(pod, plan, agent):
            running = lifecycle.state_of(case.status) is State.RUNNING
            if running and case.container.name != but and _follows_files(case.container):
                self._arm(case)


def _follows_files(container: ContainerPlan) -> bool:
    asked = any(plan.probe.exec is not None for plan in container.probes)
    return container.processes and (container.behaviour.runs or asked)


def _same(last: object, new: Held) -> bool:
    if isinstance(last, ConfigMap) and isinstance(new, ConfigMap):
        return (last.data, last.binaryData) == (new.data, new.binaryData)
    return isinstance(last, Secret) and isinstance(new, Secret) and last.data == new.data
