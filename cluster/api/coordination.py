"""The coordination group (coordination.k8s.io/v1): Leases.

Written by `python -m tests.reference.generate` from the published schemas; do not edit by hand.
"""


from msgspec import field

from cluster.api.meta import Resource
from cluster.api.object import Object


class LeaseSpec(Object, frozen=True, kw_only=True):
    acquireTime: str = ""
    holderIdentity: str | None = None
    leaseDurationSeconds: int | None = None
    leaseTransitions: int | None = None
    preferredHolder: str = ""
    renewTime: str = ""
    strategy: str = ""


class Lease(Resource, frozen=True, kw_only=True):
    spec: LeaseSpec = field(default_factory=lambda: LeaseSpec())
