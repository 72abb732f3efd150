"""A request as policies see it: what is to be done to which object, by whom.

Made by the verbs, read by matching and by expressions. Mirrors admission.Attributes. Invariant: a value.
"""

from enum import Enum
from typing import Any

from msgspec import Struct

from cluster.api import codec, kinds
from cluster.api.core import Namespace
from cluster.api.kinds import Kind
from cluster.api.meta import Resource
from cluster.cel import authorizer


class Operation(Enum):
    """What a request does."""

    CREATE = "CREATE"
    UPDATE = "UPDATE"
    DELETE = "DELETE"


class Attributes(Struct, frozen=True):
    """One request: `object` is None for a deletion, `old` for a creation."""

    kind: Kind[Any]
    operation: Operation
    object: Resource | None
    old: Resource | None
    subresource: str = ""
    username: str = ""
    groups: tuple[str, ...] = ()
    uid: str = ""
    dry_run: bool = False

    @property
    def named(self) -> Resource:
        """The object that the request is about."""
        found = self.object or self.old
        assert found is not None, "a request is about an object"
        return found

    @property
    def name(self) -> str:
        """The object's name, or what its name is to be made of."""
        return self.named.metadata.name or self.named.metadata.generateName

    @property
    def namespace(self) -> str:
        """The namespace; that of a Namespace is itself."""
        return self.name if self.kind is kinds.NAMESPACES else self.named.metadata.namespace

    def variables(self, namespace: Namespace | None) -> dict[str, Any]:
        """What an expression knows of the request."""
        return {
            "object": self.plain(self.object), "oldObject": self.plain(self.old), "request": self.told(),
            "namespaceObject": None if namespace is None else codec.to_wire(kinds.NAMESPACES, namespace),
            "authorizer": authorizer.AUTHORIZER,
            "authorizer.requestResource": authorizer.request_resource(
                self.kind.group, self.kind.plural, self.subresource, self.namespace, self.name
            ),
        }  # fmt: skip

    def plain(self, value: Resource | None) -> Any:
        """An object as data, None if there is none."""
        return None if value is None else codec.to_wire(self.kind, value)

    def told(self) -> dict[str, Any]:
        """The request itself as data: an AdmissionRequest without its objects."""
        kind = {"group": self.kind.group, "version": self.kind.version, "kind": self.kind.kind}
        resource = {"group": self.kind.group, "version": self.kind.version, "resource": self.kind.plural}
        user: dict[str, Any] = {"username": self.username, "groups": list(self.groups)}
        if self.uid:
            user["uid"] = self.uid
        told = {
            "kind": kind, "requestKind": kind, "resource": resource, "requestResource": resource,
            "name": self.name, "namespace": self.namespace, "operation": self.operation.value, "userInfo": user,
            "dryRun": self.dry_run,
        }  # fmt: skip
        if self.subresource:
            told["subResource"] = told["requestSubResource"] = self.subresource
        return {name: value for name, value in told.items() if value != ""}
