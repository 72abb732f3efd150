"""Validation of custom resources by their schemas, and of the definitions that hold these.

Mirrors apiextensions-apiserver and kube-openapi. Invariant: as for all of validation, pure.
"""
