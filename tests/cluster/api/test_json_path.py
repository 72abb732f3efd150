"""Paths that columns and selectable fields of custom kinds are read by."""

from typing import Any

import pytest

from cluster.api import json_path

DATA: dict[str, Any] = {
    "spec": {"replicas": 3, "hosts": ["a", "b", "c"]},
    "metadata": {"annotations": {"example.com/owner": "me"}},
    "status": {
        "conditions": [{"type": "Ready", "status": "True", "age": 5}, {"type": "Synced", "status": "False", "age": 9}]
    },
}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        (".spec.replicas", [3]),
        (".spec.nothing.at.all", []),
        (".spec.hosts[0]", ["a"]),
        (".spec.hosts[-1]", ["c"]),
        (".spec.hosts[7]", []),
        (".spec.hosts[*]", ["a", "b", "c"]),
        (".spec.hosts[1:]", ["b", "c"]),
        ('.status.conditions[?(@.type=="Ready")].status', ["True"]),
        (".status.conditions[?(@.type=='Synced')].status", ["False"]),
        (".status.conditions[?(@.age>5)].type", ["Synced"]),
        (".status.conditions[?(@.reason)].type", []),
        (r".metadata.annotations.example\.com/owner", ["me"]),
        (".metadata.annotations['example.com/owner']", ["me"]),
        ("..status", [DATA["status"], "True", "False"]),
        ("$.spec.replicas", [3]),
    ],
)
def test_a_path_leads_to_what_is_there(path: str, found: list[Any]) -> None:
    """Every form of step, and nothing where there is nothing."""
    assert json_path.find(path, DATA) == found


@pytest.mark.parametrize("path", ["spec.replicas", ".spec[", ".spec[?(", ".a..", ".a[x]"])
def test_a_text_that_is_no_path_is_refused(path: str) -> None:
    """It is told when the path is read, not when data is."""
    with pytest.raises(json_path.JSONPathError):
        json_path.parse(path)


def test_a_value_is_shown_as_text() -> None:
    """Strings as they are, other values as JSON."""
    assert [json_path.shown(value) for value in ("a", 1, True, {"b": 1, "a": [1]})] == [
        "a", "1", "true", '{"a":[1],"b":1}',
    ]  # fmt: skip
