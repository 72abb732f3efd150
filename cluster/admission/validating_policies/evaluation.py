"""What a policy's expressions say of one request: whether it is meant, and which validations do not hold.

The middle of a policy's way, pure. Mirrors policy/validating's validator and the composition of variables.
Invariant: a variable is evaluated only where an expression asks for it, and once.
"""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from cluster import cel
from cluster.api.admissionregistration import AuditAnnotation, ValidatingAdmissionPolicySpec, Validation

NAMES = (
    "object", "oldObject", "request", "namespaceObject", "params", "variables", "authorizer", "authorizer.requestResource",
)  # fmt: skip
LONGEST_MESSAGE = 5 * 1024
_USED = re.compile(r"\bvariables\s*\.\s*([A-Za-z_]\w*)")


class Denial(NamedTuple):
    """One validation that does not hold, or could not be evaluated."""

    message: str
    reason: str = "Invalid"


class Evaluation:
    """One policy being asked about one request (and one object of parameters)."""

    def __init__(self, spec: ValidatingAdmissionPolicySpec, variables: Mapping[str, Any]) -> None:
        self._spec, self._given = spec, variables
        self._expressions = {variable.name: variable.expression for variable in spec.variables}
        self._values: dict[str, Any] = {}

    def denials(self) -> list[Denial]:
        """Why the request is refused; nothing if it is not, or not meant."""
        meant, errors = self.meant()
        if errors:
            return self._errors(errors)
        if not meant:
            return []
        found = [denial for rule in self._spec.validations if (denial := self._validated(rule)) is not None]
        return found + [denial for note in self._spec.auditAnnotations for denial in self._annotated(note)]

    def meant(self) -> tuple[bool, list[str]]:
        """Whether every match condition holds, and which could not be told."""
        errors = []
        for condition in self._spec.matchConditions:
            try:
                if self._value(condition.expression) is False:
                    return False, []
            except cel.CelError as error:
                errors.append(str(error))
        return True, errors

    def _errors(self, errors: list[str]) -> list[Denial]:
        if self._spec.failurePolicy == "Ignore":
            return []
        return [Denial(errors[0] if len(errors) == 1 else f"[{', '.join(errors)}]")]

    def _validated(self, rule: Validation) -> Denial | None:
        try:
            if self._value(rule.expression) is True:
                return None
        except cel.CelError as error:
            return None if self._spec.failurePolicy == "Ignore" else Denial(str(error))
        return Denial(self._message(rule), rule.reason or "Invalid")

    def _message(self, rule: Validation) -> str:
        told = ""
        if rule.messageExpression:
            try:
                found = self._value(rule.messageExpression)
            except cel.CelError:
                found = ""
            told = found.strip() if isinstance(found, str) else ""
        if not told or "\n" in told or len(told) > LONGEST_MESSAGE:
            told = rule.message.strip()
        return told or f"failed expression: {rule.expression.strip()}"

    def _annotated(self, note: AuditAnnotation) -> list[Denial]:
        """An audit annotation is kept nowhere here, but one that cannot be made refuses the request."""
        try:
            found = self._value(note.valueExpression)
        except cel.CelError as error:
            return self._errors([str(error)])
        if found is None or isinstance(found, str):
            return []
        kind = type(found).__name__
        return [
            Denial(
                f"valueExpression '{note.valueExpression}' resulted in unsupported return type: {kind}. "
                "Return type must be either string or null."
            )
        ]

    def _value(self, source: str) -> Any:
        """The value of an expression; CelError with the expression if there is none."""
        try:
            return self._evaluated(source)
        except cel.CelError as error:
            raise cel.CelError(f"expression '{source}' resulted in error: {error}") from error

    def _evaluated(self, source: str) -> Any:
        used = dict.fromkeys(_USED.findall(source))
        for name in used:
            if name in self._expressions and name not in self._values:
                try:
                    self._values[name] = self._evaluated(self._expressions[name])
                except cel.CelError as error:
                    raise cel.CelError(f'composited variable "{name}" fails to evaluate: {error}') from error
        variables = {**self._given, "variables": {name: self._values[name] for name in used if name in self._values}}
        return cel.compiled(source, NAMES).evaluate(variables)
