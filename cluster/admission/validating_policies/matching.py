"""Which requests a policy, or its binding, is about.

Between a request and the evaluation of its expressions. Mirrors apiserver's policy/matching and the webhooks'
rules. Invariant: the objects of admission itself are never matched, so a bad policy can be mended.
"""

from collections.abc import Iterable

from cluster.admission.validating_policies.attributes import Attributes
from cluster.api import kinds, labels
from cluster.api.admissionregistration import (
    MatchResources,
    MutatingWebhook,
    NamedRuleWithOperations,
    RuleWithOperations,
    ValidatingWebhook,
)
from cluster.api.core import Namespace
from cluster.api.meta import LabelSelector, Resource

GROUP = "admissionregistration.k8s.io"
Webhook = ValidatingWebhook | MutatingWebhook
Selectors = MatchResources | Webhook


def exempt(request: Attributes) -> bool:
    """Whether no policy may be asked about the request."""
    return request.kind.group == GROUP


def matches(wanted: MatchResources | None, request: Attributes, namespace: Namespace | None) -> bool:
    """Whether a request is among those wanted; nothing said is all of them."""
    if wanted is None:
        return True
    if not selected(wanted, request, namespace):
        return False
    if any(_rule(rule, request, wanted.matchPolicy) for rule in wanted.excludeResourceRules):
        return False
    return not wanted.resourceRules or any(_rule(rule, request, wanted.matchPolicy) for rule in wanted.resourceRules)


def selected(wanted: Selectors, request: Attributes, namespace: Namespace | None) -> bool:
    """Whether the selectors of namespaces and of objects hold."""
    if not _in_namespace(wanted.namespaceSelector, request, namespace):
        return False
    return _selected(wanted.objectSelector, (request.object, request.old))


def called(hook: Webhook, request: Attributes) -> bool:
    """Whether a webhook's rules name the request."""
    return any(_rule(rule, request, hook.matchPolicy) for rule in hook.rules)


def _in_namespace(selector: LabelSelector | None, request: Attributes, namespace: Namespace | None) -> bool:
    if selector is None or selector == LabelSelector():
        return True
    where = request.named if request.kind is kinds.NAMESPACES else namespace
    return where is None or labels.from_label_selector(selector).matches(where.metadata.labels)


def _selected(selector: LabelSelector | None, objects: Iterable[Resource | None]) -> bool:
    if selector is None or selector == LabelSelector():
        return True
    wanted = labels.from_label_selector(selector)
    return any(value is not None and wanted.matches(value.metadata.labels) for value in objects)


def _rule(rule: NamedRuleWithOperations | RuleWithOperations, request: Attributes, policy: str) -> bool:
    scoped = bool(request.namespace) and request.kind is not kinds.NAMESPACES
    return (
        rule.scope in ("", "*", "Namespaced" if scoped else "Cluster")
        and _any_of(rule.operations, request.operation.value)
        and _any_of(rule.apiGroups, request.kind.group)
        and (policy != "Exact" or _any_of(rule.apiVersions, request.kind.version))
        and any(_resource(name, request) for name in rule.resources)
        and request.name in (getattr(rule, "resourceNames", ()) or (request.name,))
    )


def _any_of(items: tuple[str, ...], wanted: str) -> bool:
    return "*" in items or wanted in items


def _resource(name: str, request: Attributes) -> bool:
    resource, _, subresource = name.partition("/")
    return resource in ("*", request.kind.plural) and subresource in ("*", request.subresource)
