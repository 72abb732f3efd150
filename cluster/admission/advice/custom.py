"""What is unwise in custom resources.

On the data's way one part of the advice. Mirrors the strategy of custom resources. Invariant: a
finalizer is warned of when it comes, not while it stays.
"""

from cluster.api.meta import Resource

STANDARD_FINALIZERS = ("foregroundDeletion", "kubernetes", "orphan")


def finalizers(new: Resource, old: Resource | None) -> tuple[str, ...]:
    """What is said of finalizers that others may have chosen too."""
    added = set(new.metadata.finalizers).difference(() if old is None else old.metadata.finalizers)
    return tuple(
        f'metadata.finalizers: "{name}": prefer a domain-qualified finalizer name'
        f"{' including a path (/)' if '.' in name else ''} to avoid accidental conflicts with other finalizer writers"
        for name in sorted(added)
        if "/" not in name and name not in STANDARD_FINALIZERS
    )
