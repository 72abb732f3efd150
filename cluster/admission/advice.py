"""What a client is warned of when it writes an object that is allowed but unwise.

On the data's way after validation, for requests of clients alone. Mirrors the `WarningsOnCreate` and
`WarningsOnUpdate` of each kind's registry strategy. Invariant: advice never refuses anything.
"""

from cluster.admission.warnings import Warnings
from cluster.api.core import Service
from cluster.api.meta import Resource

EXTERNAL_IPS = "spec.externalIPs is deprecated and may no longer be implemented in some clusters"


def on_create(value: Resource, warnings: Warnings) -> None:
    """Warn of what is unwise in a new object."""
    if isinstance(value, Service) and value.spec.externalIPs:
        warnings.add(EXTERNAL_IPS)
