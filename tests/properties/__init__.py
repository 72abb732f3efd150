"""Invariants that hold in every world."""
