"""Expressions in CEL, as rules of schemas and admission policies are written.

A small door to the official implementation, which is loaded when the first expression is compiled. Mirrors
k8s.io/apiserver/pkg/cel. Invariant: an expression is compiled once, and evaluating it changes nothing.
"""

from cluster.cel.program import CelError, Program, compiled
from cluster.cel.values import as_cel

__all__ = ["CelError", "Program", "as_cel", "compiled"]
