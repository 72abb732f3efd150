"""What the checks of pod security share: what they are, what they find, and how it is told.

Mirrors the helpers of k8s.io/pod-security-admission/policy. Invariant: containers are looked at in the
order init, regular, ephemeral.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from cluster.api.core import Container, EphemeralContainer, PodSpec, SecurityContext
from cluster.api.meta import ObjectMeta


class Finding(NamedTuple):
    """A rule that a pod breaks, and who breaks it how."""

    reason: str
    detail: str


Check = Callable[[ObjectMeta, PodSpec], Finding | None]
_NOTHING_SAID = SecurityContext()


def containers_of(spec: PodSpec) -> Iterator[Container | EphemeralContainer]:
    """Every container of the pod."""
    yield from spec.initContainers
    yield from spec.containers
    yield from spec.ephemeralContainers


def contexts(spec: PodSpec) -> Iterator[tuple[str, SecurityContext]]:
    """Every container's name with what it says of its security."""
    for container in containers_of(spec):
        yield container.name, container.securityContext or _NOTHING_SAID


def quoted(items: Iterable[str]) -> str:
    """Names in quotes, with commas."""
    return ", ".join(f'"{item}"' for item in items)


def plural(word: str, items: "list[str] | set[str]") -> str:
    """The word for one, or for many."""
    return word if len(items) == 1 else f"{word}s"


def listed(names: list[str], word: str = "container") -> str:
    """`containers "a", "b"`."""
    return f"{plural(word, names)} {quoted(names)}"


def setters(names: list[str], *, pod: bool) -> str:
    """Who set something: the pod, containers, or both; empty if nobody did."""
    return " and ".join([*(["pod"] if pod else []), *([listed(names)] if names else [])])
