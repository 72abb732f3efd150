"""Whether a namespace takes new objects, and whether it may go.

The first admission plugin. Mirrors NamespaceLifecycle. Invariant: nothing is created in a
namespace that does not exist or is on its way out, and the system's own never go.
"""

from typing import TypeVar

from msgspec.structs import replace

from cluster.admission.plugins.view import ApiView, asked_name
from cluster.api import kinds
from cluster.api.errors import Forbidden, NotFound
from cluster.api.kinds import Kind
from cluster.api.meta import Resource, StatusCause

T = TypeVar("T", bound=Resource)
IMMORTAL = ("default", "kube-system", "kube-public")


def check_create(api: ApiView, kind: Kind[T], value: T) -> None:
    """NotFound if the object's namespace is not there, Forbidden if it is being terminated."""
    meta = value.metadata
    name = meta.namespace
    if not name:
        return
    namespace = api.find(kinds.NAMESPACES, name)
    if namespace is None:
        raise NotFound.of("namespaces", name)
    if namespace.status.phase == "Terminating":
        why = f"unable to create new content in namespace {name} because it is being terminated"
        error = Forbidden.of(kind.plural, asked_name(meta), why, kind.group)
        cause = StatusCause(
            reason="NamespaceTerminating", message=f"namespace {name} is being terminated", field="metadata.namespace"
        )
        if error.details is not None:
            error.details = replace(error.details, causes=(cause,))
        raise error


def check_delete(name: str) -> None:
    """Forbidden for the namespaces that every cluster has."""
    if name in IMMORTAL:
        raise Forbidden.of("namespaces", name, "this namespace may not be deleted")
