"""The default roles and bindings as objects.

From the rows of `default_roles` and `controller_roles` to what `bootstrap` writes. A row is a name, `to=ROLE`
for a role that is part of an aggregated one and `from=ROLE` for such a one; below it stand its rules: verbs,
groups, resources and names, each a list with commas (`core` is the group without a name, `read` and `write`
stand for their verbs), or verbs, `urls` and the URLs. A binding's row is its name, its role (`=` if that has
the same name) and its subjects. Mirrors plugin/pkg/auth/authorizer/rbac/bootstrappolicy. Invariant: a role's
lists are sorted, as a real cluster's are.
"""

from collections.abc import Iterator

from cluster.api.core import ServiceAccount
from cluster.api.meta import LabelSelector, ObjectMeta
from cluster.api.rbac import (
    AggregationRule,
    ClusterRole,
    ClusterRoleBinding,
    PolicyRule,
    Role,
    RoleBinding,
    RoleRef,
    Subject,
)
from cluster.authorization import controller_roles, default_roles

GROUP = "rbac.authorization.k8s.io"
_LABELS = {"kubernetes.io/bootstrapping": "rbac-defaults"}
_ANNOTATIONS = {"rbac.authorization.kubernetes.io/autoupdate": "true"}
_VERBS = {"read": ("get", "list", "watch"), "write": ("create", "delete", "deletecollection", "patch", "update")}
_OF_CLOUDS = ("route-controller", "service-controller")
_CONTROLLER = "system:controller:"


def cluster_roles() -> Iterator[ClusterRole]:
    """Every default ClusterRole."""
    for name, marks, rules in _roles(default_roles.CLUSTER_ROLES + controller_roles.CLUSTER_ROLES):
        joins = {_aggregates(mark): "true" for mark in marks if mark.startswith("to=")}
        gathers = tuple(
            LabelSelector(matchLabels={_aggregates(mark): "true"}) for mark in marks if mark.startswith("from=")
        )
        aggregation = AggregationRule(clusterRoleSelectors=gathers) if gathers else None
        yield ClusterRole(metadata=_meta(name, joins), rules=rules, aggregationRule=aggregation)


def roles() -> Iterator[Role]:
    """Every default Role."""
    for name, _, rules in _roles(default_roles.ROLES):
        yield Role(metadata=_meta(name), rules=rules)


def cluster_role_bindings() -> Iterator[ClusterRoleBinding]:
    """Every default ClusterRoleBinding."""
    for row in _lines(default_roles.CLUSTER_ROLE_BINDINGS):
        name, role, *subjects = row.split()
        reference = _reference("ClusterRole", name, role)
        yield ClusterRoleBinding(metadata=_meta(name), roleRef=reference, subjects=tuple(map(_subject, subjects)))
    for name, _, _ in _roles(controller_roles.CLUSTER_ROLES):
        account = _subject(f"kube-system/{name.removeprefix(_CONTROLLER)}")
        reference = _reference("ClusterRole", name, "=")
        yield ClusterRoleBinding(metadata=_meta(name), roleRef=reference, subjects=(account,))


def controller_accounts() -> Iterator[ServiceAccount]:
    """The accounts as which controllers act; those of a cloud are not started here."""
    for name, _, _ in _roles(controller_roles.CLUSTER_ROLES):
        if name.removeprefix(_CONTROLLER) not in _OF_CLOUDS:
            yield ServiceAccount(metadata=ObjectMeta(name=name.removeprefix(_CONTROLLER), namespace="kube-system"))


def role_bindings() -> Iterator[RoleBinding]:
    """Every default RoleBinding."""
    for row in _lines(default_roles.ROLE_BINDINGS):
        name, role, *subjects = row.split()
        reference = _reference("Role", name.partition("/")[2], role)
        yield RoleBinding(metadata=_meta(name), roleRef=reference, subjects=tuple(map(_subject, subjects)))


def _lines(table: str) -> list[str]:
    return table.strip("\n").split("\n")


def _roles(table: str) -> Iterator[tuple[str, list[str], tuple[PolicyRule, ...]]]:
    """The name, the marks and the rules of each role of a table."""
    head, rules = "", list[PolicyRule]()
    for line in [*_lines(table.replace("\n\n", "\n")), ""]:
        if line.startswith(" "):
            rules.append(_rule(*line.split()))
            continue
        if head:
            name, *marks = head.split()
            yield name, marks, tuple(rules)
        head, rules = line, []


def _rule(verbs: str, groups: str, resources: str, names: str = "") -> PolicyRule:
    spelled = tuple(sorted(verb for word in verbs.split(",") for verb in _VERBS.get(word, (word,))))
    if groups == "urls":
        return PolicyRule(nonResourceURLs=tuple(resources.split(",")), verbs=spelled)
    return PolicyRule(
        apiGroups=tuple("" if group == "core" else group for group in groups.split(",")),
        resources=tuple(resources.split(",")), resourceNames=tuple(names.split(",")) if names else (), verbs=spelled,
    )  # fmt: skip


def _meta(key: str, labels: dict[str, str] | None = None) -> ObjectMeta:
    namespace, _, name = key.rpartition("/")
    return ObjectMeta(name=name, namespace=namespace, labels={**_LABELS, **(labels or {})}, annotations=_ANNOTATIONS)


def _aggregates(mark: str) -> str:
    return f"{GROUP}/aggregate-to-{mark.partition('=')[2]}"


def _reference(kind: str, name: str, role: str) -> RoleRef:
    return RoleRef(apiGroup=GROUP, kind=kind, name=name if role == "=" else role)


def _subject(text: str) -> Subject:
    kind, named, name = text.partition("=")
    if named:
        return Subject(apiGroup=GROUP, kind=kind, name=name)
    namespace, _, name = text.partition("/")
    return Subject(kind="ServiceAccount", name=name, namespace=namespace)
