"""The discovery group (discovery.k8s.io/v1): EndpointSlices.

Written by `python -m tests.reference.generate` from the published schemas; do not edit by hand.
"""

from collections.abc import Mapping
from typing import Annotated

from msgspec import field

from cluster.api.core import ObjectReference
from cluster.api.meta import Resource
from cluster.api.object import ListType, Object


class EndpointConditions(Object, frozen=True, kw_only=True):
    ready: bool | None = None
    serving: bool | None = None
    terminating: bool | None = None


class ForNode(Object, frozen=True, kw_only=True):
    name: str = field(default_factory=str)


class ForZone(Object, frozen=True, kw_only=True):
    name: str = field(default_factory=str)


class EndpointHints(Object, frozen=True, kw_only=True):
    forNodes: tuple[ForNode, ...] = ()
    forZones: tuple[ForZone, ...] = ()


class Endpoint(Object, frozen=True, kw_only=True):
    addresses: Annotated[tuple[str, ...], ListType("set", (), "", "")] = ()
    conditions: EndpointConditions = field(default_factory=lambda: EndpointConditions())
    deprecatedTopology: Mapping[str, str] = {}
    hints: EndpointHints | None = None
    hostname: str = ""
    nodeName: str = ""
    targetRef: ObjectReference | None = None
    zone: str = ""


class EndpointPort(Object, frozen=True, kw_only=True):
    appProtocol: str = ""
    name: str | None = None
    port: int | None = None
    protocol: str = ""


class EndpointSlice(Resource, frozen=True, kw_only=True):
    addressType: str = field(default_factory=str)
    endpoints: tuple[Endpoint, ...] = field(default_factory=tuple)
    ports: tuple[EndpointPort, ...] = ()
