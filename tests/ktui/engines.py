"""Engines and clients to test the app's parts with."""

from collections.abc import Mapping
from typing import Any

from cluster.api import kinds
from cluster.api.core import Pod
from cluster.engine import Engine
from ktui.client.simulated import SimulatedClient
from ktui.model.mirror import Mirror

SETTLED = 20_000


def started() -> Engine:
    """Three nodes, running for a moment: nodes are Ready, service accounts made."""
    engine = Engine()
    engine.run_for(2_000)
    return engine


def apply(engine: Engine, *documents: Mapping[str, Any], run: int = SETTLED) -> None:
    """Apply manifests, then run."""
    for document in documents:
        kind = kinds.by_name(document["kind"])
        assert kind is not None
        metadata = {"namespace": "default", **document["metadata"]} if kind.namespaced else document["metadata"]
        engine.api.apply(kind, {**document, "metadata": metadata}, manager="test", actor="test")
    engine.run_for(run)


def deployment(name: str = "web", replicas: int = 3, image: str = "nginx:1", cpu: str = "100m") -> dict[str, Any]:
    """A Deployment with one container."""
    labels = {"app": name}
    container = {"name": "main", "image": image, "resources": {"requests": {"cpu": cpu, "memory": "64Mi"}}}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [container]}}
    return {
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name, "labels": labels},
        "spec": {"replicas": replicas, "selector": {"matchLabels": labels}, "template": template},
    }  # fmt: skip


def stateful_set(name: str = "db", replicas: int = 2, image: str = "postgres:1") -> dict[str, Any]:
    """A StatefulSet with one container."""
    spec = {**deployment(name, replicas, image)["spec"], "serviceName": name}
    return {"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": name}, "spec": spec}


def cron_job(name: str = "every", schedule: str = "* * * * *") -> dict[str, Any]:
    """A CronJob with one container."""
    template = {"spec": {"restartPolicy": "Never", "containers": [{"name": "main", "image": "batch:1"}]}}
    spec = {"schedule": schedule, "jobTemplate": {"spec": {"template": template}}}
    return {"apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": name}, "spec": spec}


def service(name: str = "web") -> dict[str, Any]:
    """A Service of the Deployment of the same name."""
    spec = {"selector": {"app": name}, "ports": [{"port": 80}]}
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "labels": {"app": name}}, "spec": spec}


def pods(engine: Engine) -> list[Pod]:
    """All pods, by key."""
    return engine.api.list(kinds.PODS)


def mirrored(engine: Engine) -> Mirror:
    """A mirror that has heard everything."""
    mirror = Mirror(SimulatedClient(engine))
    drain(mirror)
    return mirror


def drain(mirror: Mirror) -> None:
    """Hear everything."""
    while mirror.behind:
        mirror.poll()
