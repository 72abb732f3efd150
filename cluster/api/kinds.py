"""The registry of kinds: every name a kind goes by, its type, and what can be done with it.

Adding a kind to the API is one row here (and its Struct, printer and, if it acts, controller).
Invariant: a kind is known by exactly one row, and every other module asks here.
"""

from typing import Generic, TypeVar

from cluster.api import apps, coordination, core, discovery
from cluster.api.meta import Resource

T = TypeVar("T", bound=Resource)
T_co = TypeVar("T_co", bound=Resource, covariant=True)


class Kind(Generic[T_co]):
    """One kind of object: its names, scope, type and subresources."""

    __slots__ = (
        "categories",
        "group",
        "kind",
        "namespaced",
        "plural",
        "short_names",
        "singular",
        "subresources",
        "type",
        "version",
    )

    def __init__(
        self, api_version: str, struct: type[T_co], plural: str, *, short: str = "", namespaced: bool = True,
        subresources: str = "", all_category: bool = False,
    ) -> None:  # fmt: skip
        self.group, _, self.version = api_version.rpartition("/")
        self.type = struct
        self.kind = struct.__name__
        self.plural, self.singular = plural, self.kind.lower()
        self.short_names = tuple(short.split())
        self.namespaced = namespaced
        self.subresources = frozenset(subresources.split())
        self.categories = ("all",) if all_category else ()

    def __repr__(self) -> str:
        return f"<{self.qualified}>"

    @property
    def api_version(self) -> str:
        """`v1` or `apps/v1`."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def qualified(self) -> str:
        """`pods` or `deployments.apps`: the name without doubt."""
        return f"{self.plural}.{self.group}" if self.group else self.plural


PODS = Kind("v1", core.Pod, "pods", short="po", subresources="status binding eviction resize", all_category=True)
NODES = Kind("v1", core.Node, "nodes", short="no", namespaced=False, subresources="status")
NAMESPACES = Kind("v1", core.Namespace, "namespaces", short="ns", namespaced=False, subresources="status finalize")
EVENTS = Kind("v1", core.Event, "events", short="ev")
SERVICES = Kind("v1", core.Service, "services", short="svc", subresources="status", all_category=True)
ENDPOINTS = Kind("v1", core.Endpoints, "endpoints", short="ep")
CONFIG_MAPS = Kind("v1", core.ConfigMap, "configmaps", short="cm")
SECRETS = Kind("v1", core.Secret, "secrets")
SERVICE_ACCOUNTS = Kind("v1", core.ServiceAccount, "serviceaccounts", short="sa")
REPLICATION_CONTROLLERS = Kind(
    "v1",
    core.ReplicationController,
    "replicationcontrollers",
    short="rc",
    subresources="status scale",
    all_category=True,
)
REPLICA_SETS = Kind(
    "apps/v1", apps.ReplicaSet, "replicasets", short="rs", subresources="status scale", all_category=True
)
DEPLOYMENTS = Kind(
    "apps/v1", apps.Deployment, "deployments", short="deploy", subresources="status scale", all_category=True
)
ENDPOINT_SLICES = Kind("discovery.k8s.io/v1", discovery.EndpointSlice, "endpointslices")
LEASES = Kind("coordination.k8s.io/v1", coordination.Lease, "leases")

KINDS: tuple[Kind[Resource], ...] = (
    NAMESPACES, NODES, PODS, SERVICES, ENDPOINTS, ENDPOINT_SLICES, REPLICATION_CONTROLLERS, REPLICA_SETS, DEPLOYMENTS,
    CONFIG_MAPS, SECRETS, SERVICE_ACCOUNTS, EVENTS, LEASES,
)  # fmt: skip
"""Every kind served, in the order they are best shown."""

_BY_TYPE = {kind.type: kind for kind in KINDS}
_BY_KIND = {(kind.api_version, kind.kind): kind for kind in KINDS}
_BY_NAME = {name: kind for kind in reversed(KINDS)
            for name in (kind.kind.lower(), kind.plural, kind.singular, kind.qualified, *kind.short_names)}  # fmt: skip


def kind_of(value: T) -> Kind[T]:
    """The kind of an object."""
    return _BY_TYPE[type(value)]  # type: ignore[return-value]


def by_api_version(api_version: str, kind: str) -> Kind[Resource] | None:
    """The kind that a manifest's `apiVersion` and `kind` name, or None."""
    return _BY_KIND.get((api_version, kind))


def by_name(name: str) -> Kind[Resource] | None:
    """The kind of any name kubectl takes (`po`, `pods`, `Pod`, `deployments.apps`), or None."""
    return _BY_NAME.get(name.lower())


def key_of(namespace: str, name: str) -> str:
    """The store key of an object."""
    return f"{namespace}/{name}" if namespace else name


def key(value: Resource) -> str:
    """The store key of an object that has its metadata."""
    meta = value.metadata
    return f"{meta.namespace}/{meta.name}" if meta.namespace else meta.name
