"""The registry of kinds: every name a kind goes by, its type, and what can be done with it.

Adding a kind to the API is one row here (and its Struct, printer and, if it acts, controller). What a
cluster serves beside these, its custom kinds, `cluster.registry` adds. Invariant: a kind is known by
exactly one row, and every other module asks here or there.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from cluster.api import (
    admissionregistration,
    apiextensions,
    apps,
    authentication,
    authorization,
    autoscaling,
    autoscaling_v1,
    batch,
    coordination,
    core,
    discovery,
    events,
    metrics,
    networking,
    node,
    policy,
    rbac,
    scheduling,
    storage,
)
from cluster.api.meta import Resource

if TYPE_CHECKING:
    from cluster.api.custom import CustomVersion

T = TypeVar("T", bound=Resource)
T_co = TypeVar("T_co", bound=Resource, covariant=True)


VERBS = ("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")
"""What can be done with the objects of almost every kind."""


class Kind(Generic[T_co]):
    """One kind of object: its names, scope, type and subresources; `custom` is what a custom kind has beside them.

    `qualified` is the name without doubt: `pods` or `deployments.apps`. `stored` is the kind in whose version
    the objects are kept and the verbs of the API server work: itself but for a second version of a kind.
    """

    __slots__ = (
        "categories",
        "custom",
        "group",
        "kind",
        "list_kind",
        "namespaced",
        "plural",
        "qualified",
        "short_names",
        "singular",
        "stored",
        "subresources",
        "type",
        "verbs",
        "version",
    )

    def __init__(
        self, api_version: str, struct: type[T_co], plural: str, *, short: str = "", namespaced: bool = True,
        subresources: str = "", categories: str = "", stored: "Kind[Any] | None" = None,
        verbs: tuple[str, ...] = VERBS,
    ) -> None:  # fmt: skip
        self.group, _, self.version = api_version.rpartition("/")
        self.type = struct
        self.kind = struct.__name__
        self.list_kind = f"{self.kind}List"
        self.plural, self.singular = plural, self.kind.lower()
        self.qualified = f"{plural}.{self.group}" if self.group else plural
        self.short_names = tuple(short.split())
        self.namespaced = namespaced
        self.subresources = frozenset(subresources.split())
        self.categories = tuple(categories.split())
        self.custom: CustomVersion | None = None
        self.verbs = verbs
        self.stored: Kind[Any] = stored or self

    def __repr__(self) -> str:
        return f"<{self.qualified}>"

    @property
    def api_version(self) -> str:
        """`v1` or `apps/v1`."""
        return f"{self.group}/{self.version}" if self.group else self.version


PODS = Kind(
    "v1",
    core.Pod,
    "pods",
    short="po",
    subresources="attach binding ephemeralcontainers eviction exec log portforward proxy resize status",
    categories="all",
)
NODES = Kind("v1", core.Node, "nodes", short="no", namespaced=False, subresources="proxy status")
NAMESPACES = Kind(
    "v1",
    core.Namespace,
    "namespaces",
    short="ns",
    namespaced=False,
    subresources="status finalize",
    verbs=tuple(verb for verb in VERBS if verb != "deletecollection"),
)
EVENTS = Kind("v1", core.Event, "events", short="ev")
SERVICES = Kind("v1", core.Service, "services", short="svc", subresources="proxy status", categories="all")
ENDPOINTS = Kind("v1", core.Endpoints, "endpoints", short="ep")
CONFIG_MAPS = Kind("v1", core.ConfigMap, "configmaps", short="cm")
SECRETS = Kind("v1", core.Secret, "secrets")
SERVICE_ACCOUNTS = Kind("v1", core.ServiceAccount, "serviceaccounts", short="sa", subresources="token")
REPLICATION_CONTROLLERS = Kind(
    "v1",
    core.ReplicationController,
    "replicationcontrollers",
    short="rc",
    subresources="status scale",
    categories="all",
)
REPLICA_SETS = Kind(
    "apps/v1", apps.ReplicaSet, "replicasets", short="rs", subresources="status scale", categories="all"
)
DEPLOYMENTS = Kind(
    "apps/v1", apps.Deployment, "deployments", short="deploy", subresources="status scale", categories="all"
)
STATEFUL_SETS = Kind(
    "apps/v1", apps.StatefulSet, "statefulsets", short="sts", subresources="status scale", categories="all"
)
DAEMON_SETS = Kind("apps/v1", apps.DaemonSet, "daemonsets", short="ds", subresources="status", categories="all")
CONTROLLER_REVISIONS = Kind("apps/v1", apps.ControllerRevision, "controllerrevisions")
JOBS = Kind("batch/v1", batch.Job, "jobs", subresources="status", categories="all")
CRON_JOBS = Kind("batch/v1", batch.CronJob, "cronjobs", short="cj", subresources="status", categories="all")
HORIZONTAL_POD_AUTOSCALERS = Kind(
    "autoscaling/v2",
    autoscaling.HorizontalPodAutoscaler,
    "horizontalpodautoscalers",
    short="hpa",
    subresources="status",
    categories="all",
)
POD_DISRUPTION_BUDGETS = Kind(
    "policy/v1", policy.PodDisruptionBudget, "poddisruptionbudgets", short="pdb", subresources="status"
)
ENDPOINT_SLICES = Kind("discovery.k8s.io/v1", discovery.EndpointSlice, "endpointslices")
LEASES = Kind("coordination.k8s.io/v1", coordination.Lease, "leases")
POD_TEMPLATES = Kind("v1", core.PodTemplate, "podtemplates")
LIMIT_RANGES = Kind("v1", core.LimitRange, "limitranges", short="limits")
RESOURCE_QUOTAS = Kind("v1", core.ResourceQuota, "resourcequotas", short="quota", subresources="status")
PERSISTENT_VOLUMES = Kind(
    "v1", core.PersistentVolume, "persistentvolumes", short="pv", namespaced=False, subresources="status"
)
PERSISTENT_VOLUME_CLAIMS = Kind(
    "v1", core.PersistentVolumeClaim, "persistentvolumeclaims", short="pvc", subresources="status"
)
INGRESSES = Kind("networking.k8s.io/v1", networking.Ingress, "ingresses", short="ing", subresources="status")
INGRESS_CLASSES = Kind("networking.k8s.io/v1", networking.IngressClass, "ingressclasses", namespaced=False)
NETWORK_POLICIES = Kind("networking.k8s.io/v1", networking.NetworkPolicy, "networkpolicies", short="netpol")
IP_ADDRESSES = Kind("networking.k8s.io/v1", networking.IPAddress, "ipaddresses", short="ip", namespaced=False)
SERVICE_CIDRS = Kind(
    "networking.k8s.io/v1", networking.ServiceCIDR, "servicecidrs", namespaced=False, subresources="status"
)
STORAGE_CLASSES = Kind("storage.k8s.io/v1", storage.StorageClass, "storageclasses", short="sc", namespaced=False)
VOLUME_ATTACHMENTS = Kind(
    "storage.k8s.io/v1", storage.VolumeAttachment, "volumeattachments", namespaced=False, subresources="status"
)
VOLUME_ATTRIBUTES_CLASSES = Kind(
    "storage.k8s.io/v1", storage.VolumeAttributesClass, "volumeattributesclasses", short="vac", namespaced=False
)
CSI_DRIVERS = Kind("storage.k8s.io/v1", storage.CSIDriver, "csidrivers", namespaced=False)
CSI_NODES = Kind("storage.k8s.io/v1", storage.CSINode, "csinodes", namespaced=False)
CSI_STORAGE_CAPACITIES = Kind("storage.k8s.io/v1", storage.CSIStorageCapacity, "csistoragecapacities")
PRIORITY_CLASSES = Kind(
    "scheduling.k8s.io/v1", scheduling.PriorityClass, "priorityclasses", short="pc", namespaced=False
)
RUNTIME_CLASSES = Kind("node.k8s.io/v1", node.RuntimeClass, "runtimeclasses", namespaced=False)
ROLES = Kind("rbac.authorization.k8s.io/v1", rbac.Role, "roles")
ROLE_BINDINGS = Kind("rbac.authorization.k8s.io/v1", rbac.RoleBinding, "rolebindings")
CLUSTER_ROLES = Kind("rbac.authorization.k8s.io/v1", rbac.ClusterRole, "clusterroles", namespaced=False)
CLUSTER_ROLE_BINDINGS = Kind(
    "rbac.authorization.k8s.io/v1", rbac.ClusterRoleBinding, "clusterrolebindings", namespaced=False
)
CUSTOM_RESOURCE_DEFINITIONS = Kind(
    "apiextensions.k8s.io/v1",
    apiextensions.CustomResourceDefinition,
    "customresourcedefinitions",
    short="crd crds",
    namespaced=False,
    subresources="status",
    categories="api-extensions",
)
VALIDATING_ADMISSION_POLICIES = Kind(
    "admissionregistration.k8s.io/v1",
    admissionregistration.ValidatingAdmissionPolicy,
    "validatingadmissionpolicies",
    namespaced=False,
    subresources="status",
    categories="api-extensions",
)
VALIDATING_ADMISSION_POLICY_BINDINGS = Kind(
    "admissionregistration.k8s.io/v1",
    admissionregistration.ValidatingAdmissionPolicyBinding,
    "validatingadmissionpolicybindings",
    namespaced=False,
    categories="api-extensions",
)
VALIDATING_WEBHOOK_CONFIGURATIONS = Kind(
    "admissionregistration.k8s.io/v1",
    admissionregistration.ValidatingWebhookConfiguration,
    "validatingwebhookconfigurations",
    namespaced=False,
    categories="api-extensions",
)
MUTATING_WEBHOOK_CONFIGURATIONS = Kind(
    "admissionregistration.k8s.io/v1",
    admissionregistration.MutatingWebhookConfiguration,
    "mutatingwebhookconfigurations",
    namespaced=False,
    categories="api-extensions",
)

OLD_AUTOSCALERS = Kind(
    "autoscaling/v1",
    autoscaling_v1.HorizontalPodAutoscaler,
    "horizontalpodautoscalers",
    short="hpa",
    subresources="status",
    categories="all",
    stored=HORIZONTAL_POD_AUTOSCALERS,
)
NEW_EVENTS = Kind("events.k8s.io/v1", events.Event, "events", short="ev", stored=EVENTS)

BINDINGS = Kind("v1", core.Binding, "bindings", verbs=("create",))
COMPONENT_STATUSES = Kind(
    "v1", core.ComponentStatus, "componentstatuses", short="cs", namespaced=False, verbs=("get", "list")
)

TOKEN_REQUESTS = Kind(
    "authentication.k8s.io/v1", authentication.TokenRequest, "serviceaccounts/token", verbs=("create",)
)
"""What is sent to a service account's subresource `token`; it has no path of its own."""
REVIEWS: tuple[Kind[Resource], ...] = (
    Kind(
        "authentication.k8s.io/v1",
        authentication.SelfSubjectReview,
        "selfsubjectreviews",
        namespaced=False,
        verbs=("create",),
    ),
    Kind("authentication.k8s.io/v1", authentication.TokenReview, "tokenreviews", namespaced=False, verbs=("create",)),
    Kind(
        "authorization.k8s.io/v1",
        authorization.LocalSubjectAccessReview,
        "localsubjectaccessreviews",
        verbs=("create",),
    ),
    Kind(
        "authorization.k8s.io/v1",
        authorization.SelfSubjectAccessReview,
        "selfsubjectaccessreviews",
        namespaced=False,
        verbs=("create",),
    ),
    Kind(
        "authorization.k8s.io/v1",
        authorization.SelfSubjectRulesReview,
        "selfsubjectrulesreviews",
        namespaced=False,
        verbs=("create",),
    ),
    Kind(
        "authorization.k8s.io/v1",
        authorization.SubjectAccessReview,
        "subjectaccessreviews",
        namespaced=False,
        verbs=("create",),
    ),
)

KINDS: tuple[Kind[Resource], ...] = (
    NAMESPACES, NODES, PODS, SERVICES, ENDPOINTS, ENDPOINT_SLICES, REPLICATION_CONTROLLERS, REPLICA_SETS, DEPLOYMENTS,
    STATEFUL_SETS, DAEMON_SETS, JOBS, CRON_JOBS, HORIZONTAL_POD_AUTOSCALERS, POD_DISRUPTION_BUDGETS,
    CONFIG_MAPS, SECRETS, SERVICE_ACCOUNTS, PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES, STORAGE_CLASSES,
    INGRESSES, INGRESS_CLASSES, NETWORK_POLICIES, RESOURCE_QUOTAS, LIMIT_RANGES, PRIORITY_CLASSES,
    ROLES, ROLE_BINDINGS, CLUSTER_ROLES, CLUSTER_ROLE_BINDINGS, EVENTS, LEASES, POD_TEMPLATES, CONTROLLER_REVISIONS,
    IP_ADDRESSES, SERVICE_CIDRS, VOLUME_ATTACHMENTS, VOLUME_ATTRIBUTES_CLASSES, CSI_DRIVERS, CSI_NODES,
    CSI_STORAGE_CAPACITIES, RUNTIME_CLASSES, CUSTOM_RESOURCE_DEFINITIONS, VALIDATING_ADMISSION_POLICIES,
    VALIDATING_ADMISSION_POLICY_BINDINGS, VALIDATING_WEBHOOK_CONFIGURATIONS, MUTATING_WEBHOOK_CONFIGURATIONS,
)  # fmt: skip
"""Every kind served, in the order they are best shown."""
VERSIONS: tuple[Kind[Resource], ...] = (OLD_AUTOSCALERS, NEW_EVENTS)
"""Second versions of kinds, converted at the door: `conversion`."""
ANSWERED: tuple[Kind[Resource], ...] = (BINDINGS, COMPONENT_STATUSES, *REVIEWS)
"""Kinds that only requests have: they are answered, and nothing of them is kept."""


class KindNames(Protocol):
    """Who knows which kind a name means."""

    @property
    def kinds(self) -> tuple[Kind[Resource], ...]:
        """Every kind once, in the order they are best shown."""
        ...

    def by_api_version(self, api_version: str, kind: str) -> Kind[Resource] | None:
        """The kind that a manifest's `apiVersion` and `kind` name, or None."""
        ...

    def by_name(self, name: str) -> Kind[Resource] | None:
        """The kind of any name kubectl takes (`po`, `pods`, `Pod`, `deployments.apps`), or None."""
        ...

    def kind_of(self, value: Any) -> Kind[Any]:
        """The kind of an object; KeyError if there is none."""
        ...


class Kinds:
    """Some kinds and the names they go by; of two of one name the first is meant.

    `served` are all versions of them, of which `kinds` has one each; `listed` are these and what is only answered.
    """

    def __init__(
        self,
        kinds: Iterable[Kind[Resource]],
        served: Iterable[Kind[Resource]] = (),
        answered: Iterable[Kind[Resource]] = (),
    ) -> None:
        self.kinds = tuple(kinds)
        self.served = tuple(served) or self.kinds
        self.listed = (*self.served, *answered)
        self._by_kind = {(kind.api_version, kind.kind): kind for kind in self.served}
        self._by_path = {(kind.group, kind.version, kind.plural): kind for kind in self.listed}
        self._by_type = {kind.type: kind for kind in self.served}
        self._by_name = {name: kind for kind in reversed(self.kinds)
                         for name in (kind.kind.lower(), kind.plural, kind.singular, *kind.short_names)}  # fmt: skip
        self._by_name.update((kind.qualified, kind) for kind in self.kinds)

    def by_api_version(self, api_version: str, kind: str) -> Kind[Resource] | None:
        """The kind that a manifest's `apiVersion` and `kind` name, or None."""
        return self._by_kind.get((api_version, kind))

    def by_path(self, group: str, version: str, plural: str) -> Kind[Resource] | None:
        """The kind that a URL's group, version and resource name, or None."""
        return self._by_path.get((group, version, plural))

    def by_name(self, name: str) -> Kind[Resource] | None:
        """The kind of any name kubectl takes (`po`, `pods`, `Pod`, `deployments.apps`), or None."""
        return self._by_name.get(name.lower())

    def kind_of(self, value: Any) -> Kind[Any]:
        """The kind of an object; KeyError if it is of none of these."""
        return self._by_type[type(value)]


STATIC = Kinds(KINDS, KINDS + VERSIONS, ANSWERED)
"""What every cluster serves."""
NODE_METRICS = Kind("metrics.k8s.io/v1beta1", metrics.NodeMetrics, "nodes", namespaced=False, verbs=("get", "list"))
POD_METRICS = Kind("metrics.k8s.io/v1beta1", metrics.PodMetrics, "pods", verbs=("get", "list"))
METRICS = Kinds((), (), (NODE_METRICS, POD_METRICS))
"""What clusters with the metrics addon answer."""


def kind_of(value: T) -> Kind[T]:
    """The kind of an object that is of none of the custom kinds."""
    return STATIC.kind_of(value)


def by_api_version(api_version: str, kind: str) -> Kind[Resource] | None:
    """The kind that a manifest's `apiVersion` and `kind` name, or None."""
    return STATIC.by_api_version(api_version, kind)


def by_name(name: str) -> Kind[Resource] | None:
    """The kind of any name kubectl takes (`po`, `pods`, `Pod`, `deployments.apps`), or None."""
    return STATIC.by_name(name)


def key_of(namespace: str, name: str) -> str:
    """The store key of an object."""
    return f"{namespace}/{name}" if namespace else name


def key(value: Resource) -> str:
    """The store key of an object that has its metadata."""
    meta = value.metadata
    return f"{meta.namespace}/{meta.name}" if meta.namespace else meta.name
