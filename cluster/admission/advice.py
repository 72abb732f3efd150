"""What a client is warned of when it writes an object that is allowed but unwise.

On the data's way after validation, for requests of clients alone. Mirrors the `WarningsOnCreate` and
`WarningsOnUpdate` of each kind's registry strategy. Invariant: advice never refuses anything.
"""

from cluster.admission.warnings import Warnings
from cluster.api.core import Service
from cluster.api.custom import CustomResource
from cluster.api.meta import Resource

STANDARD_FINALIZERS = ("foregroundDeletion", "kubernetes", "orphan")
EXTERNAL_IPS = "spec.externalIPs is deprecated and may no longer be implemented in some clusters"


def on_create(value: Resource, warnings: Warnings) -> None:
    """Warn of what is unwise in a new object."""
    if isinstance(value, CustomResource):
        _finalizers(value.metadata.finalizers, warnings)
    if isinstance(value, Service) and value.spec.externalIPs:
        warnings.add(EXTERNAL_IPS)


def _finalizers(finalizers: tuple[str, ...], warnings: Warnings) -> None:
    """Warn of finalizers of custom resources that others may have chosen too."""
    for name in sorted(set(finalizers)):
        if "/" not in name and name not in STANDARD_FINALIZERS:
            including = " including a path (/)" if "." in name else ""
            warnings.add(
                f'metadata.finalizers: "{name}": prefer a domain-qualified finalizer name{including} to avoid accidental '
                "conflicts with other finalizer writers"
            )
