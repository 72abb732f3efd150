"""Expressions in CEL that policies and webhooks have: whether they compile, and to what they evaluate.

Mirrors the compilation in pkg/apis/admissionregistration/validation. Invariant: as for all of validation, pure.
"""

from typing import TYPE_CHECKING, Any

from cluster.admission import field_error as error
from cluster.admission.validation.checks import Causes
from cluster.cel import CelError

if TYPE_CHECKING:
    from cluster.cel.scope import Scope


class Known:
    """What expressions may speak of: the request, parameters if there are any, and variables declared so far."""

    def __init__(self, *, params: bool = False) -> None:
        self._params = params
        self._variables: dict[str, Any] | None = None
        self._scope: Scope | None = None

    def begin_variables(self) -> None:
        """From here on there is `variables`."""
        self._variables = {}
        self._scope = None

    def declare(self, name: str, source: str) -> None:
        """Add a variable, of its expression's type or, if it has none, of any."""
        assert self._variables is not None
        try:
            self._variables[name] = self.scope.result(source)
        except CelError:
            self._variables[name] = None
        self._scope = None

    @property
    def scope(self) -> "Scope":
        """The compiler, made when there is something to compile."""
        from cluster.cel.scope import Scope  # noqa: PLC0415 - the library, which most clusters never need

        if self._scope is None:
            self._scope = Scope.of_request(params={"params": None} if self._params else None)
            if self._variables is not None:
                self._scope.compose(self._variables)
        return self._scope


def compiles(field: str, source: str, known: Known, *wanted: str) -> Causes:
    """What is wrong with an expression that is to evaluate to one of some types (to any, if none is named)."""
    from cluster.cel.scope import shown  # noqa: PLC0415 - as above

    try:
        result = shown(known.scope.result(source))
    except CelError as fault:
        yield error.invalid(field, source, f"compilation failed: {fault}")
        return
    if wanted and result not in wanted:
        choices = wanted[0] if len(wanted) == 1 else f"one of [{' '.join(wanted)}]"
        yield error.invalid(field, source, f"must evaluate to {choices} but got {result}")
