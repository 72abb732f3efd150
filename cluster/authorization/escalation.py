"""The guard of roles and bindings: nobody gives away more than they have.

Asked by the API server when somebody from outside writes a role or a binding. Mirrors the `policybased`
storages of pkg/registry/rbac. Invariant: it never changes what is written.
"""

from collections.abc import Sequence

from msgspec.structs import replace

from cluster.api.errors import Forbidden
from cluster.api.kinds import CLUSTER_ROLE_BINDINGS, CLUSTER_ROLES, ROLE_BINDINGS, ROLES, kind_of
from cluster.api.meta import Resource
from cluster.api.rbac import ClusterRole, ClusterRoleBinding, PolicyRule, Role, RoleBinding, RoleRef
from cluster.authorization.attributes import Attributes
from cluster.authorization.rbac import Rbac, aggregated
from cluster.authorization.rules import compact, described, quoted, uncovered
from cluster.authorization.users import MASTERS, User

GUARDED = (ROLES, CLUSTER_ROLES, ROLE_BINDINGS, CLUSTER_ROLE_BINDINGS)
_EVERYTHING = (
    PolicyRule(apiGroups=("*",), resources=("*",), verbs=("*",)), PolicyRule(nonResourceURLs=("*",), verbs=("*",)),
)  # fmt: skip
_AGGREGATION = "must have cluster-admin privileges to use the aggregationRule"


def check(rbac: Rbac, user: User, new: Resource, old: Resource | None) -> None:
    """Forbidden if writing this role or binding would give what the user does not have.

    Raises NotFound if a binding's role does not exist.
    """
    if MASTERS in user.groups or (old is not None and _only_released(new, old)):
        return
    if isinstance(new, Role | ClusterRole):
        _check_role(rbac, user, new, old)
    elif isinstance(new, RoleBinding | ClusterRoleBinding):
        _check_binding(rbac, user, new)


def _only_released(new: Resource, old: Resource) -> bool:
    """Whether just owners and finalizers change, which deletes but never grants."""
    meta = replace(new.metadata, ownerReferences=old.metadata.ownerReferences, finalizers=old.metadata.finalizers,
                   managedFields=old.metadata.managedFields)  # fmt: skip
    return replace(new, metadata=meta) == old and new != old


def _check_role(rbac: Rbac, user: User, new: Role | ClusterRole, old: Resource | None) -> None:
    kind, meta = kind_of(new), new.metadata
    name = meta.name if old is not None else ""
    if rbac.authorize(Attributes(user, "escalate", kind.group, kind.plural, "", meta.namespace, name)).allowed:
        return
    _check_held(rbac, user, new, new.rules)
    if (_aggregates(new) or _aggregates(old)) and uncovered(rbac.rules_for(user, "").rules, _EVERYTHING):
        raise Forbidden.of(kind.plural, meta.name, _AGGREGATION, kind.group)


def _aggregates(role: Resource | None) -> bool:
    return isinstance(role, ClusterRole) and bool(role.aggregationRule and role.aggregationRule.clusterRoleSelectors)


def _check_binding(rbac: Rbac, user: User, new: RoleBinding | ClusterRoleBinding) -> None:
    namespace = new.metadata.namespace
    if not _may_bind(rbac, user, new.roleRef, namespace):
        _check_held(rbac, user, new, rbac.referenced(new.roleRef, namespace))


def _may_bind(rbac: Rbac, user: User, role: RoleRef, namespace: str) -> bool:
    resource = {"Role": ROLES.plural, "ClusterRole": CLUSTER_ROLES.plural}.get(role.kind)
    wanted = Attributes(user, "bind", role.apiGroup, resource or "", "", namespace, role.name)
    return resource is not None and rbac.authorize(wanted).allowed


def _check_held(rbac: Rbac, user: User, new: Resource, wanted: Sequence[PolicyRule]) -> None:
    held = rbac.rules_for(user, new.metadata.namespace)
    missing = uncovered(held.rules, wanted)
    if not missing:
        return
    listed = "\n".join(sorted({described(rule) for rule in compact(missing)}))
    why = (
        f'user "{user.name}" (groups={quoted(user.groups)}) is attempting to grant RBAC permissions '
        f"not currently held:\n{listed}"
    )
    if held.errors:
        why += f"; resolution errors: [{aggregated(list(held.errors))}]"
    kind = kind_of(new)
    raise Forbidden.of(kind.plural, new.metadata.name, why, kind.group)
