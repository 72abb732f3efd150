"""Expressions in CEL that policies and webhooks have: whether they compile, and to what they evaluate.

Mirrors the compilation in pkg/apis/admissionregistration/validation. Invariant: as for all of validation, pure.
"""

from cluster import cel
from cluster.admission import field_error as error
from cluster.admission.validation.checks import Causes

REQUEST = ("object", "oldObject", "request", "namespaceObject")
"""What every expression knows of."""


def compiles(field: str, source: str, known: tuple[str, ...], *wanted: str) -> Causes:
    """What is wrong with an expression that is to evaluate to one of some types (to any, if none is named)."""
    try:
        result = cel.compiled(source, known).result
    except cel.CelError as fault:
        yield error.invalid(field, source, f"compilation failed: {fault}")
        return
    if wanted and result not in (*wanted, "dyn"):
        choices = wanted[0] if len(wanted) == 1 else f"one of [{' '.join(wanted)}]"
        yield error.invalid(field, source, f"must evaluate to {choices} but got {result}")
