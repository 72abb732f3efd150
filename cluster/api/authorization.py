"""The authorization group (authorization.k8s.io/v1): reviews of who may do what.

Written by `python -m tests.reference.generate` from the published schemas; do not edit by hand.
"""

from collections.abc import Mapping

from msgspec import field

from cluster.api.meta import FieldSelectorRequirement, LabelSelectorRequirement, Resource
from cluster.api.object import Object


class FieldSelectorAttributes(Object, frozen=True, kw_only=True):
    rawSelector: str = ""
    requirements: tuple[FieldSelectorRequirement, ...] = ()


class LabelSelectorAttributes(Object, frozen=True, kw_only=True):
    rawSelector: str = ""
    requirements: tuple[LabelSelectorRequirement, ...] = ()


class NonResourceAttributes(Object, frozen=True, kw_only=True):
    path: str = ""
    verb: str = ""


class ResourceAttributes(Object, frozen=True, kw_only=True):
    fieldSelector: FieldSelectorAttributes | None = None
    group: str = ""
    labelSelector: LabelSelectorAttributes | None = None
    name: str = ""
    namespace: str = ""
    resource: str = ""
    subresource: str = ""
    verb: str = ""
    version: str = ""


class SubjectAccessReviewSpec(Object, frozen=True, kw_only=True):
    extra: Mapping[str, tuple[str, ...]] = {}
    groups: tuple[str, ...] = ()
    nonResourceAttributes: NonResourceAttributes | None = None
    resourceAttributes: ResourceAttributes | None = None
    uid: str = ""
    user: str = ""


class SubjectAccessReviewStatus(Object, frozen=True, kw_only=True):
    allowed: bool = field(default_factory=bool)
    denied: bool = False
    evaluationError: str = ""
    reason: str = ""


class LocalSubjectAccessReview(Resource, frozen=True, kw_only=True):
    spec: SubjectAccessReviewSpec = field(default_factory=lambda: SubjectAccessReviewSpec())
    status: SubjectAccessReviewStatus = field(default_factory=lambda: SubjectAccessReviewStatus())


class NonResourceRule(Object, frozen=True, kw_only=True):
    nonResourceURLs: tuple[str, ...] = ()
    verbs: tuple[str, ...] = ()


class ResourceRule(Object, frozen=True, kw_only=True):
    apiGroups: tuple[str, ...] = ()
    resourceNames: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    verbs: tuple[str, ...] = ()


class SelfSubjectAccessReviewSpec(Object, frozen=True, kw_only=True):
    nonResourceAttributes: NonResourceAttributes | None = None
    resourceAttributes: ResourceAttributes | None = None


class SelfSubjectAccessReview(Resource, frozen=True, kw_only=True):
    spec: SelfSubjectAccessReviewSpec = field(default_factory=lambda: SelfSubjectAccessReviewSpec())
    status: SubjectAccessReviewStatus = field(default_factory=lambda: SubjectAccessReviewStatus())


class SelfSubjectRulesReviewSpec(Object, frozen=True, kw_only=True):
    namespace: str = ""


class SubjectRulesReviewStatus(Object, frozen=True, kw_only=True):
    evaluationError: str = ""
    incomplete: bool = field(default_factory=bool)
    nonResourceRules: tuple[NonResourceRule, ...] = ()
    resourceRules: tuple[ResourceRule, ...] = ()


class SelfSubjectRulesReview(Resource, frozen=True, kw_only=True):
    spec: SelfSubjectRulesReviewSpec = field(default_factory=lambda: SelfSubjectRulesReviewSpec())
    status: SubjectRulesReviewStatus = field(default_factory=lambda: SubjectRulesReviewStatus())


class SubjectAccessReview(Resource, frozen=True, kw_only=True):
    spec: SubjectAccessReviewSpec = field(default_factory=lambda: SubjectAccessReviewSpec())
    status: SubjectAccessReviewStatus = field(default_factory=lambda: SubjectAccessReviewStatus())
