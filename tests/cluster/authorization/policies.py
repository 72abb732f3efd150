"""A store with roles and bindings, as the tests of authorization make them."""

from collections.abc import Iterable

from cluster.api import kinds
from cluster.api.meta import ObjectMeta, Resource
from cluster.api.rbac import ClusterRole, ClusterRoleBinding, PolicyRule, Role, RoleBinding, RoleRef, Subject
from cluster.authorization import Attributes, Rbac, User
from cluster.store import Store

GROUP = "rbac.authorization.k8s.io"
JANE = User("jane", ("staff", "system:authenticated"))
READ_PODS = PolicyRule(apiGroups=("",), resources=("pods",), verbs=("get", "list"))


class Policies:
    """A store, and the authorizer that follows it."""

    def __init__(self) -> None:
        self.store = Store()
        self.rbac = Rbac(self.store)

    def put(self, *values: Resource) -> None:
        """Write objects, as somebody did who may."""
        for value in values:
            self.store.put(kinds.kind_of(value), kinds.key(value), value, "tester")

    def delete(self, value: Resource) -> None:
        """Take an object away."""
        self.store.delete(kinds.kind_of(value), kinds.key(value), "tester")

    def allowed(self, verb: str, resource: str = "pods", *, user: User = JANE, namespace: str = "") -> bool:
        """Whether a user may do this."""
        return self.rbac.authorize(Attributes(user, verb, "", resource, namespace=namespace)).allowed


def role(name: str, *rules: PolicyRule, namespace: str = "shop") -> Role:
    """A Role."""
    return Role(metadata=ObjectMeta(name=name, namespace=namespace), rules=rules)


def cluster_role(name: str, *rules: PolicyRule) -> ClusterRole:
    """A ClusterRole."""
    return ClusterRole(metadata=ObjectMeta(name=name), rules=rules)


def user(name: str) -> Subject:
    """A user as a subject."""
    return Subject(apiGroup=GROUP, kind="User", name=name)


def group(name: str) -> Subject:
    """A group as a subject."""
    return Subject(apiGroup=GROUP, kind="Group", name=name)


def account(name: str, namespace: str = "") -> Subject:
    """A service account as a subject."""
    return Subject(kind="ServiceAccount", name=name, namespace=namespace)


def binding(name: str, role_name: str, *subjects: Subject, kind: str = "Role", namespace: str = "shop") -> RoleBinding:
    """A RoleBinding."""
    reference = RoleRef(apiGroup=GROUP, kind=kind, name=role_name)
    return RoleBinding(metadata=ObjectMeta(name=name, namespace=namespace), roleRef=reference, subjects=subjects)


def cluster_binding(name: str, role_name: str, *subjects: Subject) -> ClusterRoleBinding:
    """A ClusterRoleBinding."""
    reference = RoleRef(apiGroup=GROUP, kind="ClusterRole", name=role_name)
    return ClusterRoleBinding(metadata=ObjectMeta(name=name), roleRef=reference, subjects=subjects)


def names(values: Iterable[Resource]) -> list[str]:
    """The names of objects."""
    return [value.metadata.name for value in values]
