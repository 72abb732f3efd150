"""The pod templates of controllers: what every controller asks of its template and selector.

Part of the validation of the workload kinds. Mirrors ValidatePodTemplateSpecForReplicaSet and its
like. Invariant: what a controller makes, it selects.
"""

from cluster.admission import field_error as error
from cluster.admission.validation.checks import Causes
from cluster.api.core import PodTemplateSpec
from cluster.api.labels import Selector

_NO_MATCH = "`selector` does not match template `labels`"


def matched(field: str, template: PodTemplateSpec, selector: Selector) -> Causes:
    """The template's labels are ones that the selector selects (`field` is the template's)."""
    own = template.metadata.labels
    if not selector.empty and not selector.matches(own):
        yield error.invalid(f"{field}.metadata.labels", own or None, _NO_MATCH)


def always(field: str, template: PodTemplateSpec) -> Causes:
    """The pods run for ever."""
    if template.spec.restartPolicy != "Always":
        here = f"{field}.spec.restartPolicy"
        yield error.not_supported(here, template.spec.restartPolicy, ("Always",))


def no_deadline(field: str, template: PodTemplateSpec, kind: str) -> Causes:
    """The pods have no deadline."""
    if template.spec.activeDeadlineSeconds is not None:
        why = f"activeDeadlineSeconds in {kind} is not Supported"
        yield error.forbidden(f"{field}.spec.activeDeadlineSeconds", why)
