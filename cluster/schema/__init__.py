"""Structural schemas of custom resources: what they take away, what they fill in, how their lists merge.

Plain data in, plain data out, by the OpenAPI schema of a version. Mirrors apiextensions' structural
schema packages. Invariant: neither data nor schema is ever changed.
"""

from cluster.schema.defaulting import defaulted, without_nulls
from cluster.schema.merging import Merging, merging_of
from cluster.schema.pruning import Pruned, prune

__all__ = ["Merging", "Pruned", "defaulted", "merging_of", "prune", "without_nulls"]
