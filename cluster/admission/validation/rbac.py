"""Roles and bindings.

On the data's way the validations of the RBAC group. Mirrors pkg/apis/rbac/validation. Invariant: a binding
never comes to give another role.
"""

from collections.abc import Sequence

from cluster.admission import field_error as error
from cluster.admission.validation import metadata
from cluster.admission.validation.checks import Causes, invalid_each
from cluster.admission.validation.selectors import label_selector
from cluster.api import names
from cluster.api.meta import StatusCause
from cluster.api.rbac import ClusterRole, ClusterRoleBinding, PolicyRule, Role, RoleBinding, RoleRef, Subject

GROUP = "rbac.authorization.k8s.io"
_NO_VERBS = "verbs must contain at least one value"
_NO_SELECTOR = "at least one clusterRoleSelector required if aggregationRule is non-nil"
_NO_URLS_HERE = "namespaced rules cannot apply to non-resource URLs"
_NOT_BOTH = "rules cannot apply to both regular resources and non-resource URLs"
_SUBJECTS = ("ServiceAccount", "User", "Group")


def role(value: Role) -> list[StatusCause]:
    """What is wrong with a new Role."""
    return metadata.create(value.metadata, names.path_segment) + list(_rules(value.rules, namespaced=True))


def role_update(new: Role, old: Role) -> list[StatusCause]:
    """What is wrong with a changed Role."""
    return role(new) + metadata.update(new.metadata, old.metadata)


def cluster_role(value: ClusterRole) -> list[StatusCause]:
    """What is wrong with a new ClusterRole."""
    causes = metadata.create(value.metadata, names.path_segment, namespaced=False)
    causes += _rules(value.rules, namespaced=False)
    if value.aggregationRule is not None:
        field = "aggregationRule.clusterRoleSelectors"
        selectors = value.aggregationRule.clusterRoleSelectors
        if not selectors:
            causes.append(error.required(field, _NO_SELECTOR))
        for index, selector in enumerate(selectors):
            causes += label_selector(f"{field}[{index}]", selector)
    return causes


def cluster_role_update(new: ClusterRole, old: ClusterRole) -> list[StatusCause]:
    """What is wrong with a changed ClusterRole."""
    return cluster_role(new) + metadata.update(new.metadata, old.metadata)


def _rules(rules: Sequence[PolicyRule], *, namespaced: bool) -> Causes:
    for index, rule in enumerate(rules):
        field = f"rules[{index}]"
        if not rule.verbs:
            yield error.required(f"{field}.verbs", _NO_VERBS)
        if rule.nonResourceURLs:
            if namespaced:
                yield error.invalid(f"{field}.nonResourceURLs", rule.nonResourceURLs, _NO_URLS_HERE)
            if rule.apiGroups or rule.resources or rule.resourceNames:
                yield error.invalid(f"{field}.nonResourceURLs", rule.nonResourceURLs, _NOT_BOTH)
            continue
        if not rule.apiGroups:
            yield error.required(f"{field}.apiGroups", "resource rules must supply at least one api group")
        if not rule.resources:
            yield error.required(f"{field}.resources", "resource rules must supply at least one resource")


def role_binding(value: RoleBinding) -> list[StatusCause]:
    """What is wrong with a new RoleBinding."""
    causes = metadata.create(value.metadata, names.path_segment)
    causes += _reference(value.roleRef, ("Role", "ClusterRole"))
    return causes + list(_subjects(value.subjects, namespaced=True))


def role_binding_update(new: RoleBinding, old: RoleBinding) -> list[StatusCause]:
    """What is wrong with a changed RoleBinding."""
    return role_binding(new) + metadata.update(new.metadata, old.metadata) + _same(new.roleRef, old.roleRef)


def cluster_role_binding(value: ClusterRoleBinding) -> list[StatusCause]:
    """What is wrong with a new ClusterRoleBinding."""
    causes = metadata.create(value.metadata, names.path_segment, namespaced=False)
    causes += _reference(value.roleRef, ("ClusterRole",))
    return causes + list(_subjects(value.subjects, namespaced=False))


def cluster_role_binding_update(new: ClusterRoleBinding, old: ClusterRoleBinding) -> list[StatusCause]:
    """What is wrong with a changed ClusterRoleBinding."""
    return cluster_role_binding(new) + metadata.update(new.metadata, old.metadata) + _same(new.roleRef, old.roleRef)


def _same(new: RoleRef, old: RoleRef) -> list[StatusCause]:
    shown = error.Fields(APIGroup=new.apiGroup, Kind=new.kind, Name=new.name)
    return [error.invalid("roleRef", shown, "cannot change roleRef")] if new != old else []


def _reference(reference: RoleRef, known: Sequence[str]) -> Causes:
    if reference.apiGroup != GROUP:
        yield error.not_supported("roleRef.apiGroup", reference.apiGroup, (GROUP,))
    if reference.kind not in known:
        yield error.not_supported("roleRef.kind", reference.kind, known)
    if not reference.name:
        yield error.required("roleRef.name")
    yield from invalid_each("roleRef.name", reference.name, names.path_segment(reference.name))


def _subjects(subjects: Sequence[Subject], *, namespaced: bool) -> Causes:
    for index, subject in enumerate(subjects):
        field = f"subjects[{index}]"
        if not subject.name:
            yield error.required(f"{field}.name")
        if subject.kind not in _SUBJECTS:
            yield error.not_supported(f"{field}.kind", subject.kind, _SUBJECTS)
        elif subject.kind != "ServiceAccount":
            if subject.apiGroup != GROUP:
                yield error.not_supported(f"{field}.apiGroup", subject.apiGroup, (GROUP,))
        else:
            yield from _account(field, subject, namespaced=namespaced)


def _account(field: str, subject: Subject, *, namespaced: bool) -> Causes:
    if subject.name:
        yield from invalid_each(f"{field}.name", subject.name, names.is_dns1123_subdomain(subject.name))
    if subject.apiGroup:
        yield error.not_supported(f"{field}.apiGroup", subject.apiGroup, ("",))
    if not namespaced and not subject.namespace:
        yield error.required(f"{field}.namespace")
