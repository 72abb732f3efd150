"""Labels and label selectors, wherever an object carries them.

Mirrors apimachinery's meta/v1/validation. Invariant: a selector without causes is one that
`cluster.api.labels` can read.
"""

from collections.abc import Mapping

from cluster.admission import field_error as error
from cluster.admission.validation.checks import Causes, invalid_each, qualified_name
from cluster.api import names
from cluster.api.meta import LabelSelector, LabelSelectorRequirement

VALUES_NEEDED = "must be specified when `operator` is 'In' or 'NotIn'"
VALUES_FORBIDDEN = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
NO_OPERATOR = "not a valid selector operator"


def labels(field: str, values: Mapping[str, str]) -> Causes:
    """Label keys and values."""
    for key, value in values.items():
        yield from qualified_name(field, key)
        yield from invalid_each(field, value, names.label_value(value))


def label_selector(field: str, selector: LabelSelector | None) -> Causes:
    """A selector of labels; None is fine."""
    if selector is None:
        return
    yield from labels(f"{field}.matchLabels", selector.matchLabels)
    for index, requirement in enumerate(selector.matchExpressions):
        yield from _requirement(f"{field}.matchExpressions[{index}]", requirement)


def _requirement(field: str, requirement: LabelSelectorRequirement) -> Causes:
    if requirement.operator in ("In", "NotIn"):
        if not requirement.values:
            yield error.required(f"{field}.values", VALUES_NEEDED)
    elif requirement.operator in ("Exists", "DoesNotExist"):
        if requirement.values:
            yield error.forbidden(f"{field}.values", VALUES_FORBIDDEN)
    else:
        yield error.invalid(f"{field}.operator", requirement.operator, NO_OPERATOR)
    yield from qualified_name(f"{field}.key", requirement.key)
    for index, value in enumerate(requirement.values):
        yield from invalid_each(f"{field}.values[{index}]", value, names.label_value(value))
