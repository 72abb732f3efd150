"""Field selectors: `status.phase=Running,spec.nodeName!=node-1`, for the fields that each kind offers.

A value of the API; lists and watches select with it. Mirrors apimachinery's fields package and each
kind's selectable fields. Invariant: an unsupported field is refused, never silently ignored.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from operator import attrgetter
from typing import Any

from msgspec import Struct

from cluster.api.errors import BadRequest
from cluster.api.kinds import EVENTS, NAMESPACES, NODES, PODS, REPLICATION_CONTROLLERS, SECRETS, SERVICES, Kind
from cluster.api.meta import Resource

Getter = Callable[[Any], str]


class FieldRequirement(Struct, frozen=True):
    """One condition: a field equal, or not equal, to a text."""

    field: str
    value: str
    equal: bool = True

    def __str__(self) -> str:
        return f"{self.field}{'=' if self.equal else '!='}{self.value}"


class FieldSelector(Struct, frozen=True):
    """Conditions that all have to hold; none at all select everything."""

    requirements: tuple[FieldRequirement, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether it restricts nothing."""
        return not self.requirements

    def matches(self, kind: Kind[Any], value: Resource) -> bool:
        """Whether the object is selected. BadRequest if the kind does not offer a field."""
        return all((_getter(kind, term.field)(value) == term.value) == term.equal for term in self.requirements)

    def check(self, kind: Kind[Any]) -> None:
        """BadRequest if the kind does not offer one of the fields."""
        for term in self.requirements:
            _getter(kind, term.field)

    def exactly(self, field: str) -> str | None:
        """The one value that the selector asks of a field (`RequiresExactMatch`), or None."""
        return next((term.value for term in self.requirements if term.field == field and term.equal), None)

    def __str__(self) -> str:
        return ",".join(map(str, self.requirements))


EVERYTHING = FieldSelector()


@lru_cache(maxsize=1024)
def parse(text: str) -> FieldSelector:
    """The selector of kubectl's text form (`fields.ParseSelector`). BadRequest if it is none."""
    terms = []
    for part in sorted(filter(None, text.split(","))):
        for operator in ("!=", "==", "="):
            pieces = part.split(operator)
            if len(pieces) == 2:
                terms.append(FieldRequirement(pieces[0], pieces[1], operator != "!="))
                break
        else:
            raise BadRequest(f"invalid selector: '{text}'; can't understand '{part}'")
    return FieldSelector(tuple(terms))


def supported(kind: Kind[Any]) -> tuple[str, ...]:
    """The fields that a kind's objects can be selected by."""
    return tuple(_getters(kind))


def _getters(kind: Kind[Any]) -> Mapping[str, Getter]:
    if kind.custom is not None:
        paths = [field.jsonPath for field in kind.custom.declared.selectableFields]
        return {path.removeprefix("."): _found(path) for path in paths} | (_NAMES if kind.namespaced else _NAME)
    return _FIELDS.get(kind.qualified, {}) | (_NAMES if kind.namespaced else _NAME)


def _getter(kind: Kind[Any], field: str) -> Getter:
    getter = _getters(kind).get(field)
    if getter is not None:
        return getter
    if kind.qualified in _FIELDS or kind.custom is not None:
        raise BadRequest(f"field label not supported: {field}")
    raise BadRequest(f'"{field}" is not a known field selector: only "metadata.name", "metadata.namespace"')


def _found(path: str) -> Getter:
    """A field of a custom resource as text; nothing if it is absent."""
    from cluster.api import json_path  # noqa: PLC0415 - few clusters select custom resources by fields

    def read(value: Any) -> str:
        found = json_path.first(path, value.content)
        return "" if found is None else json_path.shown(found)

    return read


def _flag(path: str) -> Getter:
    read = attrgetter(path)
    return lambda value: "true" if read(value) else "false"


def _pod_ips(value: Any) -> str:
    return ",".join(address.ip for address in value.status.podIPs)


def _event_source(value: Any) -> str:
    return str(value.source.component or value.reportingComponent)


def _texts(*paths: str) -> dict[str, Getter]:
    return {path: attrgetter(path) for path in paths}


_NAME: dict[str, Getter] = _texts("metadata.name")
_NAMES: dict[str, Getter] = _texts("metadata.name", "metadata.namespace")
_FIELDS: dict[str, dict[str, Getter]] = {
    PODS.qualified: {
        **_texts(
            "spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName",
            "status.phase", "status.podIP", "status.nominatedNodeName",
        ),
        "spec.host": attrgetter("spec.nodeName"),
        "spec.hostNetwork": _flag("spec.hostNetwork"),
        "status.podIPs": _pod_ips,
    },
    NODES.qualified: {"spec.unschedulable": _flag("spec.unschedulable")},
    NAMESPACES.qualified: _texts("status.phase"),
    SECRETS.qualified: _texts("type"),
    SERVICES.qualified: _texts("spec.clusterIP", "spec.type"),
    REPLICATION_CONTROLLERS.qualified: {"status.replicas": lambda value: str(value.status.replicas)},
    EVENTS.qualified: {
        **_texts(
            "involvedObject.kind", "involvedObject.namespace", "involvedObject.name", "involvedObject.uid",
            "involvedObject.apiVersion", "involvedObject.resourceVersion", "involvedObject.fieldPath",
            "reason", "reportingComponent", "type",
        ),
        "source": _event_source,
    },
}  # fmt: skip
