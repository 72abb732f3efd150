"""Manifests: YAML or JSON text to typed objects and back, as kubectl reads and writes it.

`read` is the whole way in; `write` the way out. Nothing here does I/O.
"""

from cluster.manifests.positions import Locator, locate, parse_path, path_text
from cluster.manifests.problems import Problem
from cluster.manifests.read import Document, Manifest, Unknown, cluster_documents, locate_problem, read
from cluster.manifests.writer import write, write_all

__all__ = [
    "Document", "Locator", "Manifest", "Problem", "Unknown", "cluster_documents", "locate", "locate_problem", "parse_path",
    "path_text", "read", "write", "write_all",
]  # fmt: skip
