"""The service account controller: every active namespace has the account `default`.

Between the readers of namespaces and accounts and the API server; without the account no pod is
admitted. Mirrors kube-controller-manager's serviceaccount-controller. Invariant: a namespace that is
not being deleted soon has its account, however often that is deleted.
"""

from cluster.api.cluster import Cluster
from cluster.api.core import Namespace, ServiceAccount
from cluster.api.kinds import NAMESPACES, SERVICE_ACCOUNTS
from cluster.api.meta import ObjectMeta
from cluster.apiserver import ApiServer
from cluster.reconcile import Reader, WorkQueue

ACTOR = "service-account-controller"
DEFAULT = "default"


class ServiceAccountController:
    """Creates default service accounts."""

    def __init__(self, api: ApiServer, config: Cluster) -> None:  # noqa: ARG002 - every component is built alike
        self._api = api
        self._queue = WorkQueue(api.store, api.clock, self._reconcile, 0)
        Reader(api.store, api.clock, NAMESPACES, self._on_namespace)
        Reader(api.store, api.clock, SERVICE_ACCOUNTS, self._on_account)

    def _on_namespace(self, name: str, _: Namespace | None, new: Namespace | None) -> None:
        if new is not None and self._missing(name):
            self._queue.add(name)

    def _on_account(self, key: str, _: ServiceAccount | None, new: ServiceAccount | None) -> None:
        namespace, _slash, name = key.partition("/")
        if new is None and name == DEFAULT:
            self._queue.add(namespace)

    def _missing(self, name: str) -> bool:
        return self._api.find(SERVICE_ACCOUNTS, f"{name}/{DEFAULT}") is None

    def _reconcile(self, name: str) -> None:
        namespace = self._api.find(NAMESPACES, name)
        if namespace is not None and not namespace.metadata.deletionTimestamp and self._missing(name):
            account = ServiceAccount(metadata=ObjectMeta(name=DEFAULT, namespace=name))
            self._api.create(SERVICE_ACCOUNTS, account, actor=ACTOR)
