"""The authentication group (authentication.k8s.io/v1): who a token belongs to, and requests for tokens.

Written by `python -m tests.reference.generate` from the published schemas; do not edit by hand.
"""

from collections.abc import Mapping

from msgspec import field

from cluster.api.meta import Resource
from cluster.api.object import Object


class BoundObjectReference(Object, frozen=True, kw_only=True):
    apiVersion: str = ""
    kind: str = ""
    name: str = ""
    uid: str = ""


class UserInfo(Object, frozen=True, kw_only=True):
    extra: Mapping[str, tuple[str, ...]] = {}
    groups: tuple[str, ...] = ()
    uid: str = ""
    username: str = ""


class SelfSubjectReviewStatus(Object, frozen=True, kw_only=True):
    userInfo: UserInfo = field(default_factory=lambda: UserInfo())


class SelfSubjectReview(Resource, frozen=True, kw_only=True):
    status: SelfSubjectReviewStatus = field(default_factory=lambda: SelfSubjectReviewStatus())


class TokenRequestSpec(Object, frozen=True, kw_only=True):
    audiences: tuple[str, ...] = ()
    boundObjectRef: BoundObjectReference | None = None
    expirationSeconds: int | None = None


class TokenRequestStatus(Object, frozen=True, kw_only=True):
    expirationTimestamp: str = ""
    token: str = ""


class TokenRequest(Resource, frozen=True, kw_only=True):
    spec: TokenRequestSpec = field(default_factory=lambda: TokenRequestSpec())
    status: TokenRequestStatus = field(default_factory=lambda: TokenRequestStatus())


class TokenReviewSpec(Object, frozen=True, kw_only=True):
    audiences: tuple[str, ...] = ()
    token: str = ""


class TokenReviewStatus(Object, frozen=True, kw_only=True):
    audiences: tuple[str, ...] = ()
    authenticated: bool = False
    error: str = ""
    user: UserInfo = field(default_factory=lambda: UserInfo())


class TokenReview(Resource, frozen=True, kw_only=True):
    spec: TokenReviewSpec = field(default_factory=lambda: TokenReviewSpec())
    status: TokenReviewStatus = field(default_factory=lambda: TokenReviewStatus())
