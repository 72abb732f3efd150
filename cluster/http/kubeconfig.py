"""The file that tells kubectl where the cluster is and who you are.

Written beside a running facade. Invariant: the file holds a token, so only its owner can read it.
"""

import base64
import os
from pathlib import Path

import yaml

NAME = "ktui"


def text(server: str, certificate: str, token: str) -> str:
    """A kubeconfig for one cluster, one user and one context."""
    authority = base64.b64encode(certificate.encode()).decode()
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": NAME, "cluster": {"server": server, "certificate-authority-data": authority}}],
        "users": [{"name": NAME, "user": {"token": token}}],
        "contexts": [{"name": NAME, "context": {"cluster": NAME, "user": NAME}}],
        "current-context": NAME,
    }
    return yaml.safe_dump(config, sort_keys=False)


def write(path: Path, server: str, certificate: str, token: str) -> None:
    """Write the file with mode 0600, replacing an old one in a single step; OSError if that cannot be."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text(server, certificate, token))
    fresh.replace(path)
