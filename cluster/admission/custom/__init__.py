"""Custom resources and their definitions: what becomes of them on their way to the store.

The part of admission that works by a schema instead of by type; what is wrong with them is told by
`cluster.admission.validation.custom`. Invariant: as for all of admission, nothing here writes.
"""
