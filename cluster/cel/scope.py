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


_COMPARED = re.compile(r"found no matching overload for '_[<>]=?_' applied to '\((int, double|double, int)\)'")
"""Kubernetes lets numbers of both types be compared; the library does so only where a type is not known."""


class Scope:
    """Variables by name, with the schemas that describe them; None is anything."""

    def __init__(
        self, schemas: Mapping[str, Schema | None], *, authorizer: bool = False, numbers: bool = True
    ) -> None:  # fmt: skip
        """`authorizer`: that is there too; without `numbers` these are of any type."""
        self._schemas, self._authorizer, self._numbers = schemas, authorizer, numbers
        self._types = Types(numbers=numbers)
        made: dict[int, Any] = {}
        for name, schema in schemas.items():
            if id(schema) not in made:  # variables of one schema have one type
                made[id(schema)] = self._types.of(schema, name)
        self._variables = {name: made[id(schema)] for name, schema in schemas.items()}
        if authorizer:
            self._variables["authorizer"] = library.opaque(library.AUTHORIZER)
            self._variables["authorizer.requestResource"] = library.opaque(library.RESOURCE)
        self._composed: dict[str, Any] | None = None
        self._environment: Any = None

    @classmethod
    def of_request(cls, root: Schema | None = None, params: Mapping[str, Schema | None] | None = None) -> "Scope":
        """What expressions of admission speak of: an object of this schema, the request, and parameters if there are."""
        types = {"object": root, "oldObject": root, "request": REQUEST, "namespaceObject": NAMESPACE}
        return cls({**types, **(params or {})}, authorizer=True)

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
            if self._numbers and _COMPARED.search(str(error)):
                return self._without_numbers().result(source)
            raise fault(error, source) from error

    def _without_numbers(self) -> "Scope":
        scope = Scope(self._schemas, authorizer=self._authorizer, numbers=False)
        if self._composed is not None:
            scope.compose({name: None if found.is_message() else found for name, found in self._composed.items()})
        return scope

    def _made(self) -> Any:
        types, variables = self._types, self._variables
        if self._composed is not None:
            types = types.copy()
            variables = {**variables, "variables": types.of_fields(self._composed.items(), "variables")}
        return library.checking(variables, types.pool)


def shown(result: Any) -> str:
    """A type's name as Go prints it."""
    text = result.name().replace("<", "(").replace(">", ")")
    return re.sub(r"[\w.]+", lambda found: _shown(found.group()), text)


def _shown(name: str) -> str:
    return _GO_NAMES.get(name) or (name.lower() if name in _PLAIN else name)
