"""Ephemeral containers as the containers they are to whoever runs, reads or speaks with them.

Beside `core`. Invariant: nothing is lost but the target, which only says whose processes are seen.
"""

from cluster.api.core import Container, EphemeralContainer, PodSpec

_FIELDS = Container.__struct_fields__


def as_container(value: EphemeralContainer) -> Container:
    """The container that an ephemeral one is."""
    return Container(**{name: getattr(value, name) for name in _FIELDS})


def ephemeral_containers(spec: PodSpec) -> tuple[Container, ...]:
    """A pod's ephemeral containers as containers."""
    return tuple(map(as_container, spec.ephemeralContainers))
