"""Admission: what a written object becomes, and whether it may be stored.

On the data's way this stands between decoding and the store, in this order for a new object:
`prepare_create` → `defaults.apply` → `admit_create` → `validation.create`; for a change:
`prepare_update` → `defaults.apply` → `admit_update` → `validation.update`. Invariant: nothing here
writes, and objects that need no change go through as they are.
"""

from cluster.admission import defaults, validation
from cluster.admission.plugins import ApiView, admit_create, admit_delete, admit_update
from cluster.admission.strategy import prepare_create, prepare_update

__all__ = [
    "ApiView",
    "admit_create",
    "admit_delete",
    "admit_update",
    "defaults",
    "prepare_create",
    "prepare_update",
    "validation",
]
