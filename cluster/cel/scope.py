"""What expressions in one place speak of, with types: whether an expression fits, and what it evaluates to.

Beside `program`, which evaluates without types. Mirrors the checker of cel-go as Kubernetes uses it. Invariant:
nothing is evaluated here.
"""

import re
from collections.abc import Mapping
from typing import Any

from cluster.cel import library
from cluster.cel.program import fault
from cluster.cel.request_schemas import NAMESPACE, REQUEST
from cluster.cel.types import T, Types
from cluster.schema.pruning import Schema

_GO_NAMES = {"NULL": "null_type", "TIMESTAMP": "google.protobuf.Timestamp", "DURATION": "google.protobuf.Duration"}
_PLAIN = frozenset({"BOOL", "INT", "UINT", "DOUBLE", "STRING", "BYTES", "DYN", "LIST", "MAP", "TYPE"})


class Scope:
    """Variables by name, with the schemas that describe them; None is anything."""

    def __init__(self, schemas: Mapping[str, Schema | None]) -> None:
        self._types = Types()
        made: dict[int, Any] = {}
        for name, schema in schemas.items():
            if id(schema) not in made:  # variables of one schema have one type
                made[id(schema)] = self._types.of(schema, name)
        self._variables = {name: made[id(schema)] for name, schema in schemas.items()}
        self._composed: dict[str, Any] | None = None
        self._environment: Any = None

    @classmethod
    def of_request(cls, root: Schema | None = None, params: Mapping[str, Schema | None] | None = None) -> "Scope":
        """What expressions of admission speak of: an object of this schema, the request, and parameters if there are."""
        types = {"object": root, "oldObject": root, "request": REQUEST, "namespaceObject": NAMESPACE}
        scope = cls({**types, **(params or {})})
        scope._variables["authorizer"] = library.opaque(library.AUTHORIZER)
        scope._variables["authorizer.requestResource"] = library.opaque(library.RESOURCE)
        return scope

    def compose(self, fields: Mapping[str, Any]) -> None:
        """Let `variables` have these fields, of types that `result` has found (None: of any)."""
        self._composed = {name: T.DYN if found is None else found for name, found in fields.items()}
        self._environment = None

    def result(self, source: str) -> Any:
        """The type that an expression has. CelError with every fault and its place."""
        if self._environment is None:
            self._environment = self._made()
        try:
            return self._environment.compile(source).return_type()
        except RuntimeError as error:
            raise fault(error, source) from error

    def _made(self) -> Any:
        types, variables = self._types, self._variables
        if self._composed is not None:
            types = types.copy()
            variables = {**variables, "variables": types.of_fields(self._composed.items(), "kubernetes_variables")}
        return library.checking(variables, types.pool)


def shown(result: Any) -> str:
    """A type's name as Go prints it."""
    text = result.name().replace("<", "(").replace(">", ")")
    return re.sub(r"[\w.]+", lambda found: _shown(found.group()), text)


def _shown(name: str) -> str:
    return _GO_NAMES.get(name) or (name.lower() if name in _PLAIN else name)
