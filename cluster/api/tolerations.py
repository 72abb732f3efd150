"""Taints and tolerations: whether one covers the other, for everybody who has to know.

A value of the API, asked by the scheduler, the kubelets and taint eviction. Invariant: an empty key
covers every key, an empty effect every effect.
"""

from collections.abc import Iterable

from cluster.api.core import Taint, Toleration


def tolerates(toleration: Toleration, taint: Taint) -> bool:
    """Whether a toleration covers a taint (`Toleration.ToleratesTaint`)."""
    if toleration.effect and toleration.effect != taint.effect:
        return False
    if toleration.key and toleration.key != taint.key:
        return False
    if toleration.operator == "Exists":
        return True
    return toleration.operator in {"", "Equal"} and toleration.value == taint.value


def tolerated(taint: Taint, tolerations: Iterable[Toleration]) -> bool:
    """Whether one of the tolerations covers a taint."""
    return any(tolerates(toleration, taint) for toleration in tolerations)
