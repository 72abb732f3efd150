"""Reviews: questions about who may do what and who somebody is, asked as objects that nothing is kept of.

Beside the verbs; the facade brings them. Mirrors pkg/registry/authorization and pkg/registry/authentication.
Invariant: a review changes nothing.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from msgspec.structs import replace

from cluster.admission import field_error
from cluster.api.authentication import (
    SelfSubjectReview,
    SelfSubjectReviewStatus,
    TokenReview,
    TokenReviewStatus,
    UserInfo,
)
from cluster.api.authorization import (
    FieldSelectorAttributes,
    LabelSelectorAttributes,
    LocalSubjectAccessReview,
    NonResourceRule,
    ResourceRule,
    SelfSubjectAccessReview,
    SelfSubjectAccessReviewSpec,
    SelfSubjectRulesReview,
    SubjectAccessReview,
    SubjectAccessReviewSpec,
    SubjectAccessReviewStatus,
    SubjectRulesReviewStatus,
)
from cluster.api.errors import BadRequest, Invalid, Unauthorized
from cluster.api.meta import ObjectMeta, Resource, StatusCause
from cluster.apiserver import tokens
from cluster.apiserver.server import ApiServer
from cluster.authorization import Attributes, User
from cluster.authorization.rbac import aggregated

_GROUP = "authorization.k8s.io"
_ONE = "exactly one of nonResourceAttributes or resourceAttributes must be specified"
_NOT_BOTH = "cannot be specified in combination with resourceAttributes"
_Spec = SelfSubjectAccessReviewSpec | SubjectAccessReviewSpec


def answered(api: ApiServer, user: User, review: Resource, namespace: str) -> Resource:
    """The review with its answer, asked by `user` at a URL of `namespace`. BadRequest or Invalid if it asks nothing."""
    return _ANSWERS[type(review)](api, user, review, namespace)


def _self_access(api: ApiServer, user: User, review: SelfSubjectAccessReview, _: str) -> SelfSubjectAccessReview:
    _refuse(_about(review.spec) + _empty(review.metadata, ObjectMeta(), "must be empty"))
    return replace(review, status=_status(api, _attributes(user, review.spec)))


def _access(api: ApiServer, _: User, review: SubjectAccessReview, _namespace: str) -> SubjectAccessReview:
    _refuse(_about_somebody(review.spec) + _empty(review.metadata, ObjectMeta(), "must be empty"))
    return replace(review, status=_status(api, _attributes(_subject(review.spec), review.spec)))


def _local_access(
    api: ApiServer, _: User, review: LocalSubjectAccessReview, namespace: str
) -> LocalSubjectAccessReview:
    spec, own = review.spec, review.metadata.namespace
    causes = _about_somebody(spec) + _empty(
        review.metadata, ObjectMeta(namespace=own), "must be empty except for namespace"
    )
    if spec.resourceAttributes is not None and spec.resourceAttributes.namespace != own:
        field, given = "spec.resourceAttributes.namespace", spec.resourceAttributes.namespace
        causes.append(field_error.invalid(field, given, "must match metadata.namespace"))
    if spec.nonResourceAttributes is not None:
        why = "disallowed on this kind of request"
        causes.append(field_error.invalid("spec.nonResourceAttributes", spec.nonResourceAttributes, why))
    _refuse(causes)
    if namespace != own:
        raise BadRequest(f"spec.resourceAttributes.namespace must match namespace: {namespace}")
    return replace(review, status=_status(api, _attributes(_subject(spec), spec)))


def _rules(api: ApiServer, user: User, review: SelfSubjectRulesReview, _: str) -> SelfSubjectRulesReview:
    if not review.spec.namespace:
        raise BadRequest("no namespace on request")
    held = api.rbac.rules_for(user, review.spec.namespace, singular=True)
    resources = tuple(
        ResourceRule(
            apiGroups=rule.apiGroups, resourceNames=rule.resourceNames, resources=rule.resources, verbs=rule.verbs
        )
        for rule in held.rules if rule.resources
    )  # fmt: skip
    urls = tuple(
        NonResourceRule(nonResourceURLs=rule.nonResourceURLs, verbs=rule.verbs)
        for rule in held.rules if rule.nonResourceURLs
    )  # fmt: skip
    error = aggregated(list(held.errors)) if held.errors else ""
    status = SubjectRulesReviewStatus(evaluationError=error, nonResourceRules=urls, resourceRules=resources)
    return SelfSubjectRulesReview(status=status)


def _self(api: ApiServer, user: User, _: SelfSubjectReview, _namespace: str) -> SelfSubjectReview:
    meta = ObjectMeta(creationTimestamp=api.clock.timestamp())
    return SelfSubjectReview(metadata=meta, status=SelfSubjectReviewStatus(userInfo=_info(user)))


def _token(api: ApiServer, _: User, review: TokenReview, _namespace: str) -> TokenReview:
    if not review.spec.token:
        raise BadRequest("token is required for TokenReview in authentication")
    try:
        user, audiences = tokens.authenticated(api, review.spec.token, review.spec.audiences)
    except Unauthorized as error:
        return replace(review, status=TokenReviewStatus(error=error.message))
    return replace(review, status=TokenReviewStatus(authenticated=True, user=_info(user), audiences=audiences))


_ANSWERS: dict[type, Callable[[ApiServer, User, Any, str], Resource]] = {
    SelfSubjectAccessReview: _self_access, SubjectAccessReview: _access, LocalSubjectAccessReview: _local_access,
    SelfSubjectRulesReview: _rules, SelfSubjectReview: _self, TokenReview: _token,
}  # fmt: skip


def _status(api: ApiServer, wanted: Attributes) -> SubjectAccessReviewStatus:
    decision = api.rbac.authorize(wanted)
    return SubjectAccessReviewStatus(allowed=decision.allowed, reason=decision.reason)


def _attributes(user: User, spec: _Spec) -> Attributes:
    """What the review asks about; it has been checked that this is one thing."""
    wanted = spec.resourceAttributes
    if wanted is None:
        path = spec.nonResourceAttributes
        assert path is not None
        return Attributes(user, path.verb, path=path.path or "/")
    return Attributes(
        user, wanted.verb, wanted.group, wanted.resource, wanted.subresource, wanted.namespace, wanted.name
    )


def _subject(spec: SubjectAccessReviewSpec) -> User:
    return User(spec.user, spec.groups, spec.uid, spec.extra)


def _info(user: User) -> UserInfo:
    return UserInfo(username=user.name, uid=user.uid, groups=user.groups, extra=user.extra)


def _about(spec: _Spec) -> list[StatusCause]:
    """What is wrong with what is asked about."""
    path, resource = spec.nonResourceAttributes, spec.resourceAttributes
    if path is not None and resource is not None:
        return [field_error.invalid("spec.nonResourceAttributes", path, _NOT_BOTH)]
    if resource is None:
        return [] if path is not None else [field_error.invalid("spec.resourceAttributes", None, _ONE)]
    here = "spec.resourceAttributes"
    return [
        *_selector(f"{here}.fieldSelector", resource.fieldSelector),
        *_selector(f"{here}.labelSelector", resource.labelSelector),
    ]


def _selector(field: str, given: FieldSelectorAttributes | LabelSelectorAttributes | None) -> Iterator[StatusCause]:
    """What is wrong with a selector that is asked about; an operator that is not known may be a newer one."""
    if given is None:
        return
    if given.rawSelector and given.requirements:
        why = "may not specified at the same time as requirements"
        yield field_error.invalid(f"{field}.rawSelector", given.rawSelector, why)
    if not given.rawSelector and not given.requirements:
        why = f"when {field} is specified, requirements or rawSelector is required"
        yield field_error.required(f"{field}.requirements", why)
    requirements: Sequence[Any] = given.requirements
    for index, requirement in enumerate(requirements):
        here = f"{field}.requirements[{index}]"
        if not requirement.key:
            yield field_error.required(f"{here}.key", "must be specified")
        if requirement.operator in ("In", "NotIn") and not requirement.values:
            yield field_error.required(f"{here}.values", "must be specified when `operator` is 'In' or 'NotIn'")
        if requirement.operator in ("Exists", "DoesNotExist") and requirement.values:
            why = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
            yield field_error.forbidden(f"{here}.values", why)


def _about_somebody(spec: SubjectAccessReviewSpec) -> list[StatusCause]:
    causes = _about(spec)
    if not spec.user and not spec.groups:
        causes.append(field_error.invalid("spec.user", "", "at least one of user or group must be specified"))
    return causes


def _empty(meta: ObjectMeta, wanted: ObjectMeta, why: str) -> list[StatusCause]:
    given = replace(meta, managedFields=())
    return [] if given == wanted else [field_error.invalid("metadata", meta, why)]


def _refuse(causes: Sequence[StatusCause]) -> None:
    if causes:
        raise Invalid.of("", "", causes, _GROUP)
