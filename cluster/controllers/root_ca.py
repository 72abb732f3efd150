"""The root certificate publisher: every active namespace has the ConfigMap kube-root-ca.crt.

Between the readers of namespaces and ConfigMaps and the API server; the token volume of every pod
mounts it. Mirrors kube-controller-manager's root-ca-certificate-publisher-controller. Invariant: the
ConfigMap of a namespace that is not being deleted soon says what it should, whoever changed it.
"""

from base64 import b64encode
from hashlib import blake2b

from msgspec.structs import replace

from cluster.api.cluster import Cluster
from cluster.api.core import ConfigMap, Namespace
from cluster.api.kinds import CONFIG_MAPS, NAMESPACES
from cluster.api.meta import ObjectMeta
from cluster.apiserver import ApiServer
from cluster.reconcile import Reader, WorkQueue

ACTOR = "root-ca-certificate-publisher"
NAME = "kube-root-ca.crt"
DESCRIPTION = "kubernetes.io/description"
WORDS = (
    "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as "
    "the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of "
    "Kubernetes clusters."
)


def certificate(seed: int) -> str:
    """The simulated cluster's certificate: a PEM block that certifies nothing, the same for the same seed."""
    body = b"".join(blake2b(f"{seed}/ca/{part}".encode()).digest() for part in range(12))
    text = b64encode(body).decode()
    lines = [text[start : start + 64] for start in range(0, len(text), 64)]
    return "\n".join(["-----BEGIN CERTIFICATE-----", *lines, "-----END CERTIFICATE-----", ""])


class RootCertificatePublisher:
    """Keeps the ConfigMaps with the cluster's certificate."""

    def __init__(self, api: ApiServer, config: Cluster) -> None:
        self._api = api
        self._data = {"ca.crt": certificate(config.seed)}
        self._queue = WorkQueue(api.store, api.clock, self._reconcile)
        Reader(api.store, api.clock, NAMESPACES, self._on_namespace)
        Reader(api.store, api.clock, CONFIG_MAPS, self._on_config_map)

    def _on_namespace(self, name: str, _: Namespace | None, new: Namespace | None) -> None:
        if new is not None and self._api.find(CONFIG_MAPS, f"{name}/{NAME}") is None:
            self._queue.add(name)

    def _on_config_map(self, key: str, _: ConfigMap | None, new: ConfigMap | None) -> None:
        namespace, _slash, name = key.partition("/")
        if name == NAME and (new is None or new.data != self._data):
            self._queue.add(namespace)

    def _reconcile(self, name: str) -> None:
        namespace = self._api.find(NAMESPACES, name)
        if namespace is None or namespace.metadata.deletionTimestamp:
            return
        found = self._api.find(CONFIG_MAPS, f"{name}/{NAME}")
        if found is None:
            meta = ObjectMeta(name=NAME, namespace=name, annotations={DESCRIPTION: WORDS})
            self._api.create(CONFIG_MAPS, ConfigMap(metadata=meta, data=self._data), actor=ACTOR)
        elif found.data != self._data:
            annotations = {**found.metadata.annotations, DESCRIPTION: WORDS}
            new = replace(found, metadata=replace(found.metadata, annotations=annotations), data=self._data)
            self._api.update(CONFIG_MAPS, new, actor=ACTOR, previous=found)
