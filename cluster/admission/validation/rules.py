"""The rules of one kind, as the dispatcher keeps them.

Every module of validation that is read when it is needed ends in a table `RULES` of these.
Invariant: a kind that has no rules of its own has those of metadata.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from cluster.admission.validation import metadata
from cluster.api import names
from cluster.api.meta import Resource, StatusCause

Create = Callable[[Any], list[StatusCause]]
Update = Callable[[Any, Any], list[StatusCause]]


def metadata_only(new: Resource, old: Resource) -> list[StatusCause]:
    """What is wrong with a change of an object of which anything but the metadata may change."""
    return metadata.update(new.metadata, old.metadata)


class Rules(NamedTuple):
    """What is wrong with a new object, with a changed one (given first), and with a changed status."""

    create: Create
    update: Update
    status: Update = metadata_only


def _of_a_namespace(value: Resource) -> list[StatusCause]:
    return metadata.create(value.metadata, names.is_dns1123_subdomain)


def _of_the_cluster(value: Resource) -> list[StatusCause]:
    return metadata.create(value.metadata, names.is_dns1123_subdomain, namespaced=False)


PLAIN = Rules(_of_a_namespace, metadata_only)
PLAIN_OF_CLUSTER = Rules(_of_the_cluster, metadata_only)
