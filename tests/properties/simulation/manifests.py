"""Random manifests, as plain data: small ones, whose parts get into each other's way."""

from typing import Any

from tests.properties.simulation.dice import Dice
from tests.properties.simulation.world import ZONE

IMAGES = ("nginx:1", "nginx:2", "redis:7")
PRIORITIES = ("low", "high")
SIM = "sim.ktui.dev/"


def meta(kind: str, name: str, namespace: str = "") -> dict[str, Any]:
    """The head of a document."""
    version = {
        "Deployment": "apps/v1", "ReplicaSet": "apps/v1", "StatefulSet": "apps/v1", "DaemonSet": "apps/v1",
        "Job": "batch/v1", "CronJob": "batch/v1", "PodDisruptionBudget": "policy/v1",
        "PriorityClass": "scheduling.k8s.io/v1",
    }.get(kind, "v1")  # fmt: skip
    place: dict[str, Any] = {"namespace": namespace} if namespace else {}
    return {"apiVersion": version, "kind": kind, "metadata": {"name": name, **place}}


def template(dice: Dice, app: str, *, ends: bool = False) -> dict[str, Any]:
    """A pod template of one app; `ends` if its containers are to end."""
    cpu = dice.one_of(("50m", "100m", "300m", "800m", "3"))
    container: dict[str, Any] = {
        "name": "main", "image": dice.one_of(IMAGES), "resources": {"requests": {"cpu": cpu, "memory": "64Mi"}},
    }  # fmt: skip
    spec: dict[str, Any] = {
        "containers": [container], "terminationGracePeriodSeconds": dice.one_of((0, 2, 30)),
        **_placement(dice, app),
    }  # fmt: skip
    if dice.chance(8):
        container["ports"] = [{"containerPort": 80, "hostPort": 8080}]
    if dice.chance(4):
        spec["priorityClassName"] = dice.one_of(PRIORITIES)
    if ends:
        spec["restartPolicy"] = dice.one_of(("Never", "OnFailure"))
    return {"metadata": {"labels": {"app": app}, "annotations": _behaviour(dice, ends=ends)}, "spec": spec}


def _behaviour(dice: Dice, *, ends: bool) -> dict[str, str]:
    told: dict[str, str] = {}
    if ends:
        told[SIM + "exit-after"] = dice.one_of(("1s", "8s", "40s"))
        if dice.chance(3):
            told[SIM + "exit-code"] = "1"
    elif dice.chance(4):
        told[SIM + "ready-after"] = dice.one_of(("2s", "15s"))
    if dice.chance(4):
        told[SIM + "stop-after"] = dice.one_of(("1s", "1h"))
    return told


def _placement(dice: Dice, app: str) -> dict[str, Any]:
    own = {"labelSelector": {"matchLabels": {"app": app}}}
    throw = dice.below(8)
    if throw == 0:
        term = {**own, "topologyKey": dice.one_of(("kubernetes.io/hostname", ZONE))}
        return {"affinity": {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term]}}}
    if throw == 1:
        spread = {**own, "maxSkew": 1, "topologyKey": "kubernetes.io/hostname", "whenUnsatisfiable": "DoNotSchedule"}
        return {"topologySpreadConstraints": [spread]}
    if throw == 2:
        return {"tolerations": [{"operator": "Exists"}]}
    if throw == 3:
        return {"nodeSelector": {ZONE: dice.one_of(("zone-1", "zone-2"))}}
    return {}


def deployment(dice: Dice, name: str, namespace: str) -> dict[str, Any]:
    """A Deployment of any strategy."""
    strategy = dice.one_of((
        {"type": "Recreate"}, {}, {"rollingUpdate": {"maxSurge": 0, "maxUnavailable": 1}},
        {"rollingUpdate": {"maxSurge": 2, "maxUnavailable": 0}}, {"rollingUpdate": {"maxSurge": "50%", "maxUnavailable": "50%"}},
    ))  # fmt: skip
    return _workload(dice, "Deployment", name, namespace, strategy=strategy, minReadySeconds=dice.one_of((0, 0, 5)))


def _workload(dice: Dice, kind: str, name: str, namespace: str, **more: Any) -> dict[str, Any]:
    selector = {"app": name} if kind == "ReplicationController" else {"matchLabels": {"app": name}}
    spec = {"replicas": dice.below(5), "selector": selector, "template": template(dice, name), **more}
    return {**meta(kind, name, namespace), "spec": spec}


def replica_set(dice: Dice, name: str, namespace: str) -> dict[str, Any]:
    """A ReplicaSet of the user's own."""
    return _workload(dice, "ReplicaSet", name, namespace)


def replication_controller(dice: Dice, name: str, namespace: str) -> dict[str, Any]:
    """A ReplicationController."""
    return _workload(dice, "ReplicationController", name, namespace)


def stateful_set(dice: Dice, name: str, namespace: str) -> dict[str, Any]:
    """A StatefulSet, in order or in parallel, perhaps with claims."""
    more: dict[str, Any] = {"serviceName": name, "podManagementPolicy": dice.one_of(("OrderedReady", "Parallel"))}
    if dice.chance(2):
        more["volumeClaimTemplates"] = [{"metadata": {"name": "data"}, "spec": _claim()}]
    if dice.chance(3):
        more["persistentVolumeClaimRetentionPolicy"] = {"whenDeleted": "Delete", "whenScaled": "Delete"}
    return _workload(dice, "StatefulSet", name, namespace, **more)


def _claim() -> dict[str, Any]:
    return {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}


def daemon_set(dice: Dice, name: str, namespace: str) -> dict[str, Any]:
    """A DaemonSet."""
    made = _workload(dice, "DaemonSet", name, namespace)
    del made["spec"]["replicas"]
    if dice.chance(3):
        made["spec"]["updateStrategy"] = {"rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}}
    return made


def job(dice: Dice, name: str, namespace: str) -> dict[str, Any]:
    """A Job that ends, in success or in failure."""
    return {**meta("Job", name, namespace), "spec": _job(dice, name)}


def _job(dice: Dice, name: str) -> dict[str, Any]:
    spec: dict[str, Any] = {
        "parallelism": 1 + dice.below(3), "completions": 1 + dice.below(4), "backoffLimit": dice.below(3),
        "template": template(dice, name, ends=True),
    }  # fmt: skip
    if dice.chance(3):
        spec["completionMode"] = "Indexed"
    if dice.chance(4):
        spec["ttlSecondsAfterFinished"] = dice.one_of((0, 20))
    if dice.chance(5):
        spec["activeDeadlineSeconds"] = 30
    return spec


def cron_job(dice: Dice, name: str, namespace: str) -> dict[str, Any]:
    """A CronJob of every minute."""
    spec = {
        "schedule": "* * * * *", "concurrencyPolicy": dice.one_of(("Allow", "Forbid", "Replace")),
        "jobTemplate": {"spec": _job(dice, name)}, "successfulJobsHistoryLimit": 1,
    }  # fmt: skip
    return {**meta("CronJob", name, namespace), "spec": spec}


def pod(dice: Dice, name: str, namespace: str) -> dict[str, Any]:
    """A pod of nobody's, which a controller may adopt by its label."""
    return {**meta("Pod", name, namespace), **_with_name(template(dice, name, ends=dice.chance(3)), name, namespace)}


def _with_name(made: dict[str, Any], name: str, namespace: str) -> dict[str, Any]:
    return {**made, "metadata": {**made["metadata"], "name": name, "namespace": namespace}}


def service(dice: Dice, name: str, namespace: str) -> dict[str, Any]:
    """A Service for the pods of one app."""
    spec: dict[str, Any] = {"selector": {"app": name}, "ports": [{"port": 80}]}
    if dice.chance(3):
        spec["type"] = "NodePort"
    elif dice.chance(3):
        spec["clusterIP"] = "None"
    if dice.chance(5):
        spec["publishNotReadyAddresses"] = True
    return {**meta("Service", name, namespace), "spec": spec}


def claim(_: Dice, name: str, namespace: str) -> dict[str, Any]:
    """A claim for a volume of the default class."""
    return {**meta("PersistentVolumeClaim", name, namespace), "spec": _claim()}


def quota(dice: Dice, name: str, namespace: str) -> dict[str, Any]:
    """A quota that a few workloads exhaust."""
    hard = {"pods": str(4 + dice.below(10)), "requests.cpu": "3", "services": "2", "count/deployments.apps": "2"}
    return {**meta("ResourceQuota", name, namespace), "spec": {"hard": hard}}


def budget(dice: Dice, name: str, namespace: str) -> dict[str, Any]:
    """A disruption budget for the pods of one app."""
    bound: dict[str, Any] = dice.one_of(({"minAvailable": 1}, {"maxUnavailable": 1}, {"minAvailable": "50%"}))
    return {
        **meta("PodDisruptionBudget", name, namespace),
        "spec": {"selector": {"matchLabels": {"app": name}}, **bound},
    }


BUILDERS = (
    deployment, deployment, deployment, replica_set, replication_controller, stateful_set, stateful_set, daemon_set,
    job, job, cron_job, pod, service, service, claim, quota, budget,
)  # fmt: skip
