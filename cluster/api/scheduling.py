"""The scheduling group (scheduling.k8s.io/v1): PriorityClasses.

Written by `python -m tests.reference.generate` from the published schemas; do not edit by hand.
"""


from msgspec import field

from cluster.api.meta import Resource
from cluster.api.object import Object


class PriorityClass(Resource, frozen=True, kw_only=True):
    description: str = ""
    globalDefault: bool = False
    preemptionPolicy: str = ""
    value: int = field(default_factory=int)
