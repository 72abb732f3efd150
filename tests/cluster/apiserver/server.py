"""An API server on an empty store, and the objects the tests of its verbs make."""

from typing import NamedTuple

from cluster.api import kinds
from cluster.api.apps import Deployment, DeploymentSpec
from cluster.api.cluster import DEFAULT
from cluster.api.core import ConfigMap, Container, Pod, PodSpec, PodTemplateSpec, ServiceAccount
from cluster.api.meta import LabelSelector, ObjectMeta
from cluster.apiserver import ApiServer
from cluster.bootstrap import bootstrap
from cluster.clock import Clock
from cluster.store import Store


class Server(NamedTuple):
    """The parts that a test looks at."""

    api: ApiServer
    store: Store
    clock: Clock


def started() -> Server:
    """A server with the system namespaces and the default service account."""
    store, clock = Store(), Clock()
    api = ApiServer(store, clock, DEFAULT)
    bootstrap(api)
    account = ServiceAccount(metadata=ObjectMeta(name="default", namespace="default"))
    api.create(kinds.SERVICE_ACCOUNTS, account, actor="tester")
    return Server(api, store, clock)


def pod(name: str = "", prefix: str = "") -> Pod:
    """A pod of one container."""
    meta = ObjectMeta(name=name, generateName=prefix, namespace="default", labels={"app": "web"})
    return Pod(metadata=meta, spec=PodSpec(containers=(Container(name="web", image="nginx:1.27"),)))


def config_map(name: str, finalizers: tuple[str, ...] = (), **data: str) -> ConfigMap:
    """A ConfigMap."""
    return ConfigMap(metadata=ObjectMeta(name=name, namespace="default", finalizers=finalizers), data=data)


def deployment(name: str = "web", replicas: int = 2, image: str = "nginx:1.27") -> Deployment:
    """A Deployment of one container."""
    template = PodTemplateSpec(
        metadata=ObjectMeta(labels={"app": name}), spec=PodSpec(containers=(Container(name="web", image=image),))
    )
    spec = DeploymentSpec(replicas=replicas, selector=LabelSelector(matchLabels={"app": name}), template=template)
    return Deployment(metadata=ObjectMeta(name=name, namespace="default"), spec=spec)
