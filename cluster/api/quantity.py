"""Quantities: exact amounts of a resource, as `500m`, `1Gi` or `2e3`."""


class Quantity(str):
    """A quantity's canonical text."""

    __slots__ = ()
