"""Expressions in CEL that policies and webhooks have: whether they compile, and to what they evaluate.

Mirrors the compilation in pkg/apis/admissionregistration/validation. Invariant: as for all of validation, pure.
"""

from typing import NamedTuple

from cluster import cel
from cluster.admission import field_error as error
from cluster.admission.validation.checks import Causes

REQUEST = ("object", "oldObject", "request", "namespaceObject")
"""What every expression knows of."""


class Known(NamedTuple):
    """What an expression may speak of: names, and the fields that `variables` has, if it is one of them."""

    names: tuple[str, ...] = REQUEST
    variables: tuple[str, ...] | None = None


ONLY_REQUEST = Known()


def compiles(field: str, source: str, known: Known, *wanted: str) -> Causes:
    """What is wrong with an expression that is to evaluate to one of some types (to any, if none is named)."""
    names = known.names if known.variables is None else (*known.names, "variables")
    try:
        program = cel.compiled(source, names)
        if known.variables is not None:
            program.check_fields({"variables": {"properties": {name: {} for name in known.variables}}})
    except cel.CelError as fault:
        yield error.invalid(field, source, f"compilation failed: {fault}")
        return
    if wanted and program.result not in (*wanted, "dyn"):
        choices = wanted[0] if len(wanted) == 1 else f"one of [{' '.join(wanted)}]"
        yield error.invalid(field, source, f"must evaluate to {choices} but got {program.result}")
