"""RoleBindings and ClusterRoleBindings as rows: which role is given, and to whom.

Invariant: a subject stands under its own kind, and a service account with its namespace.
"""

from cluster.api.rbac import ClusterRoleBinding, RoleBinding
from cluster.printers.column import AGE, NAME, Printer, texts, wide
from cluster.printers.now import Now


def _binding(value: RoleBinding | ClusterRoleBinding, now: Now) -> tuple[str, ...]:
    named: dict[str, list[str]] = {"User": [], "Group": [], "ServiceAccount": []}
    for subject in value.subjects:
        name = f"{subject.namespace}/{subject.name}" if subject.kind == "ServiceAccount" else subject.name
        named.setdefault(subject.kind, []).append(name)
    return (
        value.metadata.name,
        f"{value.roleRef.kind}/{value.roleRef.name}",
        now.since(value.metadata.creationTimestamp),
        *(", ".join(named[kind]) for kind in ("User", "Group", "ServiceAccount")),
    )


BINDING = Printer((NAME, *texts("Role"), AGE, *wide("Users", "Groups", "ServiceAccounts")), _binding)
