"""Label maps and selectors as one cell of text.

Used by the printers and by descriptions alike. Invariant: keys are in order, and nothing selected
by is `<none>`, never an empty text.
"""

from collections.abc import Mapping

from cluster.api.errors import BadRequest
from cluster.api.labels import from_label_selector
from cluster.api.meta import LabelSelector


def label_text(labels: Mapping[str, str]) -> str:
    """Labels as `app=web,tier=front`."""
    return ",".join(f"{key}={labels[key]}" for key in sorted(labels)) or "<none>"


def selector_text(selector: LabelSelector | None) -> str:
    """A label selector as kubectl prints it: `app=web,tier in (back,front)`, or `<error>` if it is invalid."""
    try:
        return str(from_label_selector(selector)) or "<none>"
    except BadRequest:
        return "<error>"
