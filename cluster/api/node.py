"""The node group (node.k8s.io/v1): RuntimeClasses.

Written by `python -m tests.reference.generate` from the published schemas; do not edit by hand.
"""

from collections.abc import Mapping
from typing import Annotated

from msgspec import field

from cluster.api.core import Toleration
from cluster.api.meta import Resource
from cluster.api.object import MapType, Object
from cluster.api.quantity import Quantity


class Overhead(Object, frozen=True, kw_only=True):
    podFixed: Mapping[str, Quantity] = {}


class Scheduling(Object, frozen=True, kw_only=True):
    nodeSelector: Annotated[Mapping[str, str], MapType("atomic", "")] = {}
    tolerations: tuple[Toleration, ...] = ()


class RuntimeClass(Resource, frozen=True, kw_only=True):
    handler: str = field(default_factory=str)
    overhead: Overhead | None = None
    scheduling: Scheduling | None = None
