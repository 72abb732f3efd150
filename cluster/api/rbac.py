"""The RBAC group (rbac.authorization.k8s.io/v1): roles and who has them.

Written by `python -m tests.reference.generate` from the published schemas; do not edit by hand.
"""


from msgspec import field

from cluster.api.meta import LabelSelector, Resource
from cluster.api.object import Object


class AggregationRule(Object, frozen=True, kw_only=True):
    clusterRoleSelectors: tuple[LabelSelector, ...] = ()


class PolicyRule(Object, frozen=True, kw_only=True):
    apiGroups: tuple[str, ...] = ()
    nonResourceURLs: tuple[str, ...] = ()
    resourceNames: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    verbs: tuple[str, ...] = ()


class ClusterRole(Resource, frozen=True, kw_only=True):
    aggregationRule: AggregationRule | None = None
    rules: tuple[PolicyRule, ...] = ()


class RoleRef(Object, frozen=True, kw_only=True):
    apiGroup: str = ""
    kind: str = field(default_factory=str)
    name: str = field(default_factory=str)


class Subject(Object, frozen=True, kw_only=True):
    apiGroup: str = ""
    kind: str = field(default_factory=str)
    name: str = field(default_factory=str)
    namespace: str = ""


class ClusterRoleBinding(Resource, frozen=True, kw_only=True):
    roleRef: RoleRef = field(default_factory=lambda: RoleRef())
    subjects: tuple[Subject, ...] = ()


class Role(Resource, frozen=True, kw_only=True):
    rules: tuple[PolicyRule, ...] = ()


class RoleBinding(Resource, frozen=True, kw_only=True):
    roleRef: RoleRef = field(default_factory=lambda: RoleRef())
    subjects: tuple[Subject, ...] = ()
