"""Where fields stand in a text."""

import pytest

from cluster.manifests import locate, parse_path, path_text
from cluster.manifests.positions import Locator, Path

TEXT = """\
# a comment
apiVersion: v1
metadata: {name: a, labels: {app.kubernetes.io/name: x}}
---
---
spec:
  containers:
  - name: a
    env: &env
    - {name: A, value: "1"}
  - name: b
    env: *env
    y: 1
  base: &base
    z: 1
  <<: *base
"""


@pytest.mark.parametrize(
    ("document", "path", "key", "value"),
    [
        (0, "apiVersion", (2, 1), (2, 13)),
        (0, "metadata.labels[app.kubernetes.io/name]", (3, 30), (3, 54)),
        (2, "spec.containers[0].name", (8, 5), (8, 11)),
        (2, "spec.containers[1]", (11, 5), (11, 5)),
        (2, "spec.containers[0].env[0].value", (10, 17), (10, 24)),
        (2, "spec.containers[1].env[0].value", (10, 17), (10, 24)),
        (2, "spec.containers[1].true", (13, 5), (13, 8)),
        (2, "spec.z", (15, 5), (15, 8)),
        (2, "spec.containers[1].image.tag", (11, 5), (11, 5)),
        (2, "spec.replicas", (6, 1), (6, 1)),
        (0, "", (2, 1), (2, 1)),
        (9, "spec", (1, 1), (1, 1)),
    ],
)  # fmt: skip
def test_places(document: int, path: str, key: tuple[int, int], value: tuple[int, int]) -> None:
    """A path leads to its key, or its value; one that does not exist to the last part that does."""
    assert locate(TEXT, document, parse_path(path)) == key
    assert locate(TEXT, document, parse_path(path), value=True) == value


def test_text_as_written() -> None:
    """A scalar can be shown as it was written."""
    locator = Locator("a: yes\nb: 012\nc: [1]\n")
    assert [locator.written(0, (name,)) for name in "abcd"] == ["yes", "012", None, None]


def test_no_yaml_has_no_places() -> None:
    """Asking for a place in a text that is no YAML answers the beginning."""
    assert locate("a: [", 0, ("a",)) == (1, 1)


@pytest.mark.parametrize(
    ("text", "path"),
    [("spec.containers[0].image", ("spec", "containers", 0, "image")), ("", ()),
     ("metadata.labels[a.b/c]", ("metadata", "labels", "a.b/c")), ("data[x.yaml]", ("data", "x.yaml"))],
)  # fmt: skip
def test_paths(text: str, path: Path) -> None:
    """A path is read as Kubernetes writes it, and written again."""
    assert parse_path(text) == path
    assert path_text(path, free="[" in text and text.endswith("]")) == text
