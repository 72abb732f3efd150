"""A cluster that serves a custom kind, for these tests."""

from typing import Any

from tests.cluster.definitions import DEFINITIONS, definition
from tests.cluster.http.client import Client


def serving(*versions: dict[str, Any], **given: Any) -> Client:
    """A cluster in which a definition of Backups is established."""
    client = Client()
    establish(client, definition(*versions, **given))
    return client


def establish(client: Client, manifest: dict[str, Any]) -> None:
    """Create a definition and wait until it is served."""
    status, made = client.plain("POST", DEFINITIONS, manifest)
    assert status == 201, made
    client.engine.run_for(1_000)
    conditions = client.plain("GET", f"{DEFINITIONS}/{manifest['metadata']['name']}")[1]["status"]["conditions"]
    assert {found["type"]: found["status"] for found in conditions}["Established"] == "True"
