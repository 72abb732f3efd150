"""What one rule of a role allows, and whether some rules hold all that others do.

Pure decisions, used by the authorizer and by the guard against escalation. Mirrors
pkg/apis/rbac/v1/evaluation_helpers.go and component-helpers' auth/rbac/validation. Invariant: rules only ever
allow.
"""

from collections.abc import Iterable, Iterator, Sequence

import msgspec
from msgspec.structs import replace

from cluster.api.rbac import PolicyRule
from cluster.authorization.attributes import Attributes

ALL = "*"


def allows(rule: PolicyRule, wanted: Attributes) -> bool:
    """Whether the rule allows it."""
    if ALL not in rule.verbs and wanted.verb not in rule.verbs:
        return False
    if wanted.path:
        return any(_url_covers(url, wanted.path) for url in rule.nonResourceURLs)
    return (
        (ALL in rule.apiGroups or wanted.group in rule.apiGroups)
        and _resource_covered(rule.resources, wanted.combined, wanted.subresource)
        and (not rule.resourceNames or wanted.name in rule.resourceNames)
    )


def _resource_covered(resources: Sequence[str], combined: str, subresource: str) -> bool:
    if ALL in resources or combined in resources:
        return True
    return bool(subresource) and f"*/{subresource}" in resources


def _url_covers(url: str, path: str) -> bool:
    return url in (ALL, path) or (url.endswith(ALL) and path.startswith(url.rstrip(ALL)))


def uncovered(held: Sequence[PolicyRule], wanted: Iterable[PolicyRule]) -> list[PolicyRule]:
    """The parts of the wanted rules, as small as can be, that no rule held covers."""
    return [part for rule in wanted for part in _parts(rule) if not any(_covers(owned, part) for owned in held)]


def _parts(rule: PolicyRule) -> Iterator[PolicyRule]:
    """The rule as rules of one verb and one resource (and one name), or of one verb and one URL."""
    for group in rule.apiGroups:
        for resource in rule.resources:
            for verb in rule.verbs:
                part = PolicyRule(apiGroups=(group,), resources=(resource,), verbs=(verb,))
                if rule.resourceNames:
                    yield from (replace(part, resourceNames=(name,)) for name in rule.resourceNames)
                else:
                    yield part
    for url in rule.nonResourceURLs:
        for verb in rule.verbs:
            yield PolicyRule(nonResourceURLs=(url,), verbs=(verb,))


def _covers(owned: PolicyRule, part: PolicyRule) -> bool:
    if ALL not in owned.verbs and part.verbs[0] not in owned.verbs:
        return False
    if part.nonResourceURLs:
        path = part.nonResourceURLs[0]
        return not owned.resourceNames and any(_url_covers(url, path) for url in owned.nonResourceURLs)
    resource = part.resources[0]
    return (
        (ALL in owned.apiGroups or part.apiGroups[0] in owned.apiGroups)
        and _resource_covered(owned.resources, resource, resource.partition("/")[2])
        and (not owned.resourceNames or (bool(part.resourceNames) and part.resourceNames[0] in owned.resourceNames))
    )


def compact(rules: Iterable[PolicyRule]) -> list[PolicyRule]:
    """The same rules, those of one resource (and name) that differ by their verbs made one."""
    whole: list[PolicyRule] = []
    simple: dict[tuple[str, str, tuple[str, ...]], PolicyRule] = {}
    for rule in rules:
        if rule.nonResourceURLs or len(rule.resourceNames) > 1 or (len(rule.apiGroups), len(rule.resources)) != (1, 1):
            whole.append(rule)
            continue
        key = (rule.apiGroups[0], rule.resources[0], rule.resourceNames)
        known = simple.get(key)
        simple[key] = rule if known is None else replace(known, verbs=known.verbs + rule.verbs)
    return whole + list(simple.values())


def described(rule: PolicyRule) -> str:
    """`{APIGroups:[""], Resources:["pods"], Verbs:["get" "list"]}`."""
    fields = {
        "APIGroups": rule.apiGroups, "Resources": rule.resources, "NonResourceURLs": rule.nonResourceURLs,
        "ResourceNames": rule.resourceNames, "Verbs": rule.verbs,
    }  # fmt: skip
    return "{" + ", ".join(f"{name}:{quoted(items)}" for name, items in fields.items() if items) + "}"


def quoted(items: Iterable[str]) -> str:
    """Texts as Go prints a slice of them: `["a" "b"]`."""
    return "[" + " ".join(msgspec.json.encode(item).decode() for item in items) + "]"
