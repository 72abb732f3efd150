"""Objects as the printers' tests write them, and their rows two hours after they were made."""

from typing import Any

from cluster.api import codec
from cluster.api.kinds import Kind
from cluster.api.meta import Resource
from cluster.printers import Now, row

NOW = Now.at("2026-01-01T02:00:00Z")
AGE = "120m"
TEMPLATE = {"spec": {"containers": [{"name": "web", "image": "nginx:1.27"}, {"name": "log", "image": "fluentd"}]}}


def made(kind: Kind[Any], name: str, meta: dict[str, Any] | None = None, **fields: Any) -> Resource:
    """An object made at 2026-01-01T00:00:00Z."""
    metadata = {"name": name, "creationTimestamp": "2026-01-01T00:00:00Z", **(meta or {})}
    value: Resource = codec.from_plain(kind.type, {"metadata": metadata, **fields})
    return value


def row_of(kind: Kind[Any], meta: dict[str, Any] | None = None, **fields: Any) -> tuple[str, ...]:
    """The row of an object named `x`."""
    return row(kind, made(kind, "x", meta, **fields), NOW)
