"""Descriptions: one object in full, in the words and the layout of `kubectl describe`.

An object and what is `Related` to it come in, text goes out; the describe screen and the tests read
it alike. Invariant: a description depends on nothing but these two values.
"""

from ktui.model.describe.registry import describe
from ktui.model.describe.related import Related, gather

__all__ = ["Related", "describe", "gather"]
