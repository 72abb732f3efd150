"""Descriptions against what a real kubectl (1.36) prints for the same objects.

In `golden/`, NAME.yaml holds the object to describe and those around it, NAME.txt kubectl's output.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
import yaml

from cluster.api import codec, kinds
from cluster.api.kinds import Kind
from cluster.api.meta import Resource
from cluster.printers import Now
from ktui.model.describe import describe, gather

_CASES = sorted((Path(__file__).parent / "golden").glob("*.yaml"))
_NOW = Now.at("2026-12-01T00:00:00Z")


def _typed(document: dict[str, Any]) -> tuple[Kind[Resource], Resource]:
    kind = kinds.by_api_version(document.pop("apiVersion"), document.pop("kind"))
    assert kind is not None
    return kind, codec.from_plain(kind.type, document)


@pytest.mark.parametrize("case", _CASES, ids=[case.stem for case in _CASES])
def test_description_is_kubectls(case: Path) -> None:
    """A description is the same as kubectl's to the last blank."""
    documents = list(yaml.safe_load_all(case.read_text()))
    revision = documents[0]["metadata"].get("resourceVersion", "")
    objects = [_typed(document) for document in documents]
    kind, value = objects[0]

    def listing(wanted: Kind[Any], namespace: str) -> Iterable[Resource]:
        return [item for kind, item in objects if kind is wanted and namespace in {"", item.metadata.namespace}]

    assert describe(kind, value, gather(kind, value, _NOW, listing, revision)) == case.with_suffix(".txt").read_text()


def test_every_kind_has_a_golden_description() -> None:
    """No kind is served without a description that was compared with kubectl's."""
    described = {next(yaml.safe_load_all(case.read_text()))["kind"] for case in _CASES}
    assert described == {kind.kind for kind in kinds.KINDS}
