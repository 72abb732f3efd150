"""The API server: every verb, for every kind, and the only door to the store."""

from cluster.apiserver.patching import PatchType
from cluster.apiserver.server import ApiServer

__all__ = ["ApiServer", "PatchType"]
