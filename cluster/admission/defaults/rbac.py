"""Bindings: the API groups of what they name.

Mirrors pkg/apis/rbac/v1/defaults.go. Invariant: as of every default, what was said stays.
"""

from typing import TypeVar

from cluster.admission.sharing import changed, each
from cluster.api.rbac import ClusterRoleBinding, RoleBinding, Subject

B = TypeVar("B", ClusterRoleBinding, RoleBinding)
GROUP = "rbac.authorization.k8s.io"


def binding(value: B) -> B:
    """A binding whose role and subjects have their groups."""
    role = value.roleRef if value.roleRef.apiGroup else changed(value.roleRef, apiGroup=GROUP)
    return changed(value, roleRef=role, subjects=each(value.subjects, _subject))


def _subject(subject: Subject) -> Subject:
    if subject.apiGroup or subject.kind not in ("User", "Group"):
        return subject
    return changed(subject, apiGroup=GROUP)
