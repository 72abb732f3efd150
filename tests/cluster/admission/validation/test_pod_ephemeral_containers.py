"""The ephemeralcontainers subresource: containers for debugging come, and never go or change."""

from typing import Any

import pytest

from cluster.admission.validation import POD_PARTS
from cluster.api import codec, kinds
from cluster.api.core import Pod
from tests.cluster.admission.requests import container, created, read, said

PART = POD_PARTS["ephemeralcontainers"]
FIELD = "spec.ephemeralContainers"
DEBUG = {"name": "debug", "image": "busybox", "terminationMessagePolicy": "File", "imagePullPolicy": "Always"}


def with_containers(old: Pod, *added: dict[str, Any], **spec: Any) -> Pod:
    """What becomes of a request that asks for these ephemeral containers."""
    plain = codec.to_plain(old)
    plain["spec"] |= {"ephemeralContainers": list(added), **spec}
    return PART.prepared(read(kinds.PODS, plain), old)


@pytest.mark.parametrize(
    ("added", "expected"),
    [
        ({}, []),
        ({"targetContainerName": "main"}, []),
        ({"targetContainerName": "none"}, [f'{FIELD}[0].targetContainerName: Not found: "none"']),
        ({"name": "main"}, [f'{FIELD}[0].name: Duplicate value: "main"']),
        ({"name": "A"}, [(f'{FIELD}[0].name: Invalid value: "A": a lowercase RFC 1123 label must consist of lower case '
                         "alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. "
                         "'my-name', or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')")]),
        ({"ports": [{"containerPort": 80, "protocol": "TCP"}]},
         [f"{FIELD}[0].ports: Forbidden: cannot be set for an Ephemeral Container"]),
        ({"resources": {"limits": {"cpu": "1"}}},
         [f"{FIELD}[0].resources: Forbidden: cannot be set for an Ephemeral Container"]),
    ],
)  # fmt: skip
def test_what_may_be_added(added: dict[str, Any], expected: list[str]) -> None:
    """A container for debugging has a name of its own, and nothing that a lasting one would need."""
    old = created(kinds.PODS, container(name="main"))
    assert said(PART.update(with_containers(old, {**DEBUG, **added}), old)) == expected


def test_what_was_added_stays() -> None:
    """No ephemeral container is taken away or changed."""
    first = created(kinds.PODS, container(name="main"))
    old = with_containers(first, DEBUG)
    assert said(PART.update(with_containers(old, DEBUG, {**DEBUG, "name": "more"}), old)) == []
    assert said(PART.update(with_containers(old), old)) == [
        f'{FIELD}: Forbidden: existing ephemeral containers "debug" may not be removed\n'
    ]
    assert said(PART.update(with_containers(old, {**DEBUG, "image": "nginx"}), old)) == [
        f'{FIELD}: Forbidden: existing ephemeral containers "debug" may not be changed\n'
    ]


def test_nothing_else_is_taken() -> None:
    """The rest of what was sent does not count."""
    old = created(kinds.PODS, container(name="main"))
    assert with_containers(old, restartPolicy="Never", hostNetwork=True) == old
