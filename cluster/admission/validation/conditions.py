"""Conditions of the common form, in the statuses that hold them.

Part of the validation of statuses. Mirrors ValidateConditions of apimachinery. Invariant: there is one
condition of each type.
"""

import re

from cluster.admission import field_error as error
from cluster.admission.validation.checks import Causes, nonnegative, one_of, qualified_name
from cluster.api import names
from cluster.api.meta import Condition

MAX_REASON, MAX_MESSAGE = 1024, 32 * 1024
_REASON = "[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?"
_is_reason = re.compile(_REASON, re.ASCII).fullmatch


def conditions(field: str, values: tuple[Condition, ...]) -> Causes:
    """The conditions of a status at `field`."""
    first: dict[str, int] = {}
    for index, value in enumerate(values):
        here = f"{field}[{index}]"
        yield from qualified_name(f"{here}.type", value.type)
        if value.type in first:
            yield error.duplicate(f"{here}.type", value.type)
        first.setdefault(value.type, index)
        yield from one_of(f"{here}.status", value.status, ("False", "True", "Unknown"))
        yield from nonnegative(f"{here}.observedGeneration", value.observedGeneration or 0)
        if not value.lastTransitionTime:
            yield error.required(f"{here}.lastTransitionTime", "must be set")
        yield from _reason(f"{here}.reason", value.reason)
        if len(value.message) > MAX_MESSAGE:
            yield error.too_long(f"{here}.message", MAX_MESSAGE)


def _reason(field: str, reason: str) -> Causes:
    if not reason:
        yield error.required(field, "must be set")
        return
    if not _is_reason(reason):
        said = (
            "a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric "
            "characters or '_,:', and must end with an alphanumeric character or '_'"
        )
        examples = ("my_name", "MY_NAME", "MyName", "ReasonA,ReasonB", "ReasonA:ReasonB")
        yield error.invalid(field, reason, names.pattern_message(said, _REASON, *examples))
    if len(reason) > MAX_REASON:
        yield error.too_long(field, MAX_REASON)
