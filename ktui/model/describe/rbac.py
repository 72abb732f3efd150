"""Roles and their bindings: who may do what.

Invariant: what a role allows on one resource is one row, however many of its rules say so.
"""

from collections.abc import Iterable

from cluster.api.rbac import ClusterRole, ClusterRoleBinding, PolicyRule, Role, RoleBinding
from ktui.model.describe.related import Related
from ktui.model.describe.sheet import Sheet

Allowed = tuple[str, str, str, str]
"""What a row is about: a group, a resource, the name of one object, or else a URL that is no resource's."""


def write_role(sheet: Sheet, value: Role | ClusterRole, _related: Related) -> None:
    """Everything about a Role or a ClusterRole."""
    sheet.field("Name", value.metadata.name)
    sheet.labels(value.metadata.labels)
    sheet.annotations(value.metadata.annotations)
    sheet.line("PolicyRule:")
    sheet.line("Resources\tNon-Resource URLs\tResource Names\tVerbs", 1)
    sheet.line("---------\t-----------------\t--------------\t-----", 1)
    for (group, resource, name, url), verbs in _compact(value.rules):
        sheet.line(f"{_full(resource, group)}\t[{url}]\t[{name}]\t[{' '.join(verbs)}]", 1)


def write_binding(sheet: Sheet, value: RoleBinding | ClusterRoleBinding, _related: Related) -> None:
    """Everything about a RoleBinding or a ClusterRoleBinding."""
    sheet.field("Name", value.metadata.name)
    sheet.labels(value.metadata.labels)
    sheet.annotations(value.metadata.annotations)
    sheet.line("Role:")
    sheet.field("Kind", value.roleRef.kind, 1)
    sheet.field("Name", value.roleRef.name, 1)
    sheet.line("Subjects:")
    sheet.line("Kind\tName\tNamespace", 1)
    sheet.line("----\t----\t---------", 1)
    for subject in value.subjects:
        sheet.line(f"{subject.kind}\t{subject.name}\t{subject.namespace}", 1)


def _compact(rules: Iterable[PolicyRule]) -> list[tuple[Allowed, list[str]]]:
    """The verbs allowed on each thing, and one row for each verb on a URL (`rbac.CompactRules`), in kubectl's order."""
    found: dict[Allowed, dict[str, None]] = {}
    urls: list[tuple[Allowed, list[str]]] = []
    for rule in rules:
        for group in rule.apiGroups:
            for resource in rule.resources:
                for name in rule.resourceNames or ("",):
                    if rule.verbs:
                        found.setdefault((group, resource, name, ""), {}).update(dict.fromkeys(rule.verbs))
        urls += [(("", "", "", url), [verb]) for url in rule.nonResourceURLs for verb in rule.verbs]
    rows = [*urls, *((thing, list(verbs)) for thing, verbs in found.items())]
    return sorted(rows, key=_order)


def _order(row: tuple[Allowed, list[str]]) -> str:
    """The text a rule's protobuf message prints itself as, by which kubectl sorts."""
    (group, resource, name, url), verbs = row
    return f"[{' '.join(verbs)}],APIGroups:[{group}],Resources:[{resource}],ResourceNames:[{name}],URLs:[{url}]"


def _full(resource: str, group: str) -> str:
    """A resource with its group before any subresource: `deployments.apps/scale`."""
    plural, slash, subresource = resource.partition("/")
    return f"{plural}.{group}{slash}{subresource}" if group else resource
