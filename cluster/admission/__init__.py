"""Admission: what a written object becomes, and whether it may be stored.

On the data's way this stands between decoding and the store, in this order for a new object:
`defaults.apply` → `prepare_create` → `admit_create` → `validation.create` → `review_create`; for a change:
`prepare_update` → `defaults.apply` → `admit_update` → `validation.update` → `review_update`. Invariant:
nothing here writes, and objects that need no change go through as they are.
"""

from cluster.admission import advice, defaults, validation
from cluster.admission.plugins import (
    ApiView,
    Policies,
    admit_create,
    admit_delete,
    admit_pod_part,
    admit_update,
    review_create,
    review_pod_part,
    review_update,
)
from cluster.admission.strategy import prepare_create, prepare_update
from cluster.admission.warnings import Warnings

__all__ = [
    "ApiView",
    "Policies",
    "Warnings",
    "admit_create",
    "admit_delete",
    "admit_pod_part",
    "admit_update",
    "advice",
    "defaults",
    "prepare_create",
    "prepare_update",
    "review_create",
    "review_pod_part",
    "review_update",
    "validation",
]
