"""The policy group (policy/v1): PodDisruptionBudgets and Evictions.

Written by `python -m tests.reference.generate` from the published schemas; do not edit by hand.
"""

from collections.abc import Mapping
from typing import Annotated

from msgspec import field

from cluster.api.meta import Condition, DeleteOptions, LabelSelector, Resource
from cluster.api.object import ListType, MapType, Object


class Eviction(Resource, frozen=True, kw_only=True):
    deleteOptions: DeleteOptions | None = None


class PodDisruptionBudgetSpec(Object, frozen=True, kw_only=True):
    maxUnavailable: int | str | None = None
    minAvailable: int | str | None = None
    selector: Annotated[LabelSelector | None, MapType("granular", "replace")] = None
    unhealthyPodEvictionPolicy: str = ""


class PodDisruptionBudgetStatus(Object, frozen=True, kw_only=True):
    conditions: Annotated[tuple[Condition, ...], ListType("map", ("type",), "merge", "type")] = ()
    currentHealthy: int = field(default_factory=int)
    desiredHealthy: int = field(default_factory=int)
    disruptedPods: Mapping[str, str] = {}
    disruptionsAllowed: int = field(default_factory=int)
    expectedPods: int = field(default_factory=int)
    observedGeneration: int = 0


class PodDisruptionBudget(Resource, frozen=True, kw_only=True):
    spec: PodDisruptionBudgetSpec = field(default_factory=lambda: PodDisruptionBudgetSpec())
    status: PodDisruptionBudgetStatus = field(default_factory=lambda: PodDisruptionBudgetStatus())
