"""A custom resource on its way to the store: what its registry does to it, and its defaults.

Reached from the steps of admission wherever a kind is custom. Mirrors apiextensions' customresource
registry. Invariant: a stored resource says of which kind it is, in the version that is stored.
"""

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from cluster import schema
from cluster.api.custom import CustomResource, CustomVersion
from cluster.api.kinds import Kind


def prepare_create(kind: Kind[Any], value: CustomResource) -> CustomResource:
    """The new resource: of the first generation, and without a status if that is a subresource."""
    content = value.content
    if "status" in kind.subresources and "status" in content:
        content = _without_status(content)
    return _stored(kind, replace(value, metadata=replace(value.metadata, generation=1), content=content))


def prepare_update(kind: Kind[Any], new: CustomResource, old: CustomResource) -> CustomResource:
    """The changed resource: with the old status if that is a subresource, and a generation that counts changes."""
    content = new.content
    if "status" in kind.subresources:
        content = with_status(content, old.content)
    same = defaults(kind, replace(new, content=content)).content == defaults(kind, old).content
    meta = replace(new.metadata, generation=old.metadata.generation + (not same))
    return _stored(kind, replace(new, metadata=meta, content=content))


def with_status(content: Mapping[str, Any], other: Mapping[str, Any]) -> Mapping[str, Any]:
    """The content with the status of the other, or without one if that has none."""
    if "status" in other:
        return {**content, "status": other["status"]}
    return _without_status(content) if "status" in content else content


def status_of(kind: Kind[Any], value: CustomResource, old: CustomResource) -> CustomResource:
    """The old resource with the status of another: all that a write of the status changes."""
    filled = defaults(kind, value)
    return _stored(kind, replace(old, content=with_status(old.content, filled.content)))


def defaults(kind: Kind[Any], value: CustomResource) -> CustomResource:
    """The resource with the defaults of its version's schema."""
    rules = version_of(kind).schema
    content = schema.defaulted(schema.without_nulls(value.content, rules), rules)
    return value if content is value.content else replace(value, content=content)


def version_of(kind: Kind[Any]) -> CustomVersion:
    """What the definition says of the version that a custom kind is."""
    assert kind.custom is not None, f"{kind} is no custom kind"
    return kind.custom


def _stored(kind: Kind[Any], value: CustomResource) -> CustomResource:
    return replace(value, apiVersion=version_of(kind).storage_version, kind=kind.kind)


def _without_status(content: Mapping[str, Any]) -> Mapping[str, Any]:
    return {name: value for name, value in content.items() if name != "status"}


def at(path: str, content: Mapping[str, Any]) -> Any:
    """What a simple path (`.spec.replicas`) leads to, or None."""
    value: Any = content
    for name in path.removeprefix(".").split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def put(path: str, content: Mapping[str, Any], value: Any) -> Mapping[str, Any]:
    """The content with a value where a simple path leads to; maps that are missing are made."""
    name, _, rest = path.removeprefix(".").partition(".")
    inside = content.get(name)
    return {**content, name: put(rest, inside if isinstance(inside, Mapping) else {}, value) if rest else value}
