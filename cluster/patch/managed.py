"""Server-side apply: whose field is whose, and what an applied document makes of the live one.

Plain data in, plain data out, typed by the API's Structs. Mirrors structured-merge-diff's updater and
k8s.io/apimachinery/pkg/util/managedfields. Invariant: a field changes hands only with its manager's
word (force) or by its manager's own write.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from cluster.api.errors import ApplyConflict
from cluster.api.meta import StatusCause, StatusDetails
from cluster.api.object import ListType, MapType, Object
from cluster.patch import field_set
from cluster.patch.field_set import FieldSet, Path
from cluster.patch.schema import PLAIN, Field, fields

Owner = tuple[str, str, str, str]  # manager, operation, apiVersion, subresource
Owners = dict[Owner, tuple[FieldSet, str]]  # with the time of its last change


def apply(
    owner: type[Object], live: Mapping[str, Any] | None, applied: Mapping[str, Any], *, api_version: str, manager: str,
    force: bool, time: str,
) -> dict[str, Any]:  # fmt: skip
    """The object after `manager` applied a document.

    Raises ApplyConflict naming every field that the document would change and another manager
    owns, unless `force`, which takes them over.
    """
    before: Mapping[str, Any] = live or {}
    owners = read(before)
    me: Owner = (manager, "Apply", api_version, "")
    wanted = field_set.of(owner, applied)
    had, when = owners.pop(me, (frozenset[Path](), time))
    disputed = _disputed(owners, wanted, before, applied)
    if disputed and not force:
        raise _conflict(disputed)
    for other, paths in disputed.items():
        owned, since = owners[other]
        owners[other] = (owned - paths, since)
    merged: dict[str, Any] = _merge_struct(owner, before, applied)
    held: set[Path] = set().union(wanted, *(paths for paths, _ in owners.values()))
    for path in sorted(had - wanted, reverse=True):
        if path not in held and not any(other[: len(path)] == path for other in held):
            merged = field_set.without(merged, path)
    owners[me] = (wanted, when if wanted == had else time)
    return written(merged, owners)


def update(
    owner: type[Object],
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    *,
    api_version: str,
    manager: str,
    time: str,
) -> dict[str, Any]:
    """The updated object, with `manager` as the owner of every field that the update changed."""
    owners = read(before)
    old, new = field_set.of(owner, before), field_set.of(owner, after)
    changed = frozenset(path for path in new if _changed(path, before, after))
    gone = old - new
    me: Owner = (manager, "Update", api_version, "")
    for other, (paths, since) in list(owners.items()):
        owners[other] = (paths - gone - (changed if other != me else frozenset()), since)
    if changed:
        mine, _ = owners.get(me, (frozenset[Path](), time))
        owners[me] = (mine | changed, time)
    return written(after, owners)


def read(document: Mapping[str, Any]) -> Owners:
    """Who owns what, by the object's managedFields."""
    entries = (document.get("metadata") or {}).get("managedFields") or ()
    return {
        (
            entry.get("manager", ""),
            entry.get("operation", ""),
            entry.get("apiVersion", ""),
            entry.get("subresource", ""),
        ): (
            field_set.from_fields_v1(entry.get("fieldsV1") or {}),
            entry.get("time", ""),
        )
        for entry in entries
    }


def written(document: Mapping[str, Any], owners: Owners) -> dict[str, Any]:
    """The document with managedFields that say who owns what."""
    entries = []
    for (manager, operation, api_version, subresource), (paths, time) in sorted(
        owners.items(), key=lambda item: item[1][1]
    ):
        if paths:
            entry = {
                "manager": manager, "operation": operation, "apiVersion": api_version, "time": time,
                "fieldsType": "FieldsV1", "fieldsV1": field_set.to_fields_v1(paths),
            }  # fmt: skip
            entries.append({**entry, "subresource": subresource} if subresource else entry)
    return {**document, "metadata": {**(document.get("metadata") or {}), "managedFields": entries}}


def _disputed(
    owners: Owners, wanted: FieldSet, live: Mapping[str, Any], applied: Mapping[str, Any]
) -> dict[Owner, FieldSet]:
    changing = frozenset(path for path in wanted if _changed(path, live, applied))
    return {other: paths & changing for other, (paths, _) in owners.items() if paths & changing}


def _changed(path: Path, before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Whether a leaf differs; an item of a list changes as such only by coming or going."""
    old, new = field_set.value_at(before, path), field_set.value_at(after, path)
    if path[-1].startswith("k:"):
        return (old is field_set.ABSENT) != (new is field_set.ABSENT)
    return bool(old != new)


def _conflict(disputed: Mapping[Owner, FieldSet]) -> ApplyConflict:
    causes, parts, count = [], [], 0
    for (manager, operation, api_version, _), paths in sorted(disputed.items()):
        named = f'"{manager}" using {api_version}' if operation == "Update" else f'"{manager}"'
        listed = sorted(field_set.text(path) for path in paths)
        count += len(listed)
        causes += [
            StatusCause(reason="FieldManagerConflict", message=f"conflict with {named}", field=path) for path in listed
        ]
        many = f"conflicts with {named}:\n" + "\n".join(f"- {path}" for path in listed)
        parts.append(f"conflict with {named}: {listed[0]}" if len(listed) == 1 else many)
    text = f"Apply failed with {count} conflict{'s' if count > 1 else ''}: " + "\n".join(parts)
    return ApplyConflict(text, StatusDetails(causes=tuple(causes)))


def _merge_struct(owner: type[Object] | None, live: Mapping[str, Any], applied: Mapping[str, Any]) -> dict[str, Any]:
    known = fields(owner) if owner is not None else {}
    merged = dict(live)
    for name, value in applied.items():
        merged[name] = _merge(known.get(name, PLAIN), live.get(name), value)
    return merged


def _merge(field: Field, live: Any, applied: Any) -> Any:
    rules = field.merging
    if (
        isinstance(live, Mapping)
        and isinstance(applied, Mapping)
        and not (isinstance(rules, MapType) and rules.kind == "atomic")
    ):
        return {**live, **applied} if field.shape == "map" else _merge_struct(field.item, live, applied)
    if (
        isinstance(live, Sequence)
        and isinstance(applied, Sequence)
        and isinstance(rules, ListType)
        and rules.kind != "atomic"
    ):
        return _merge_list(field, rules, live, applied)
    return applied


def _merge_list(field: Field, rules: ListType, live: Sequence[Any], applied: Sequence[Any]) -> list[Any]:
    present = {field_set.element(rules, item): item for item in live}
    changes = {field_set.element(rules, item): item for item in applied}
    merged: dict[str, Any] = {}
    for name, item in present.items():
        if name not in changes:
            merged[name] = item
        else:
            merged[name] = _merge_struct(field.item, item, changes[name]) if rules.kind == "map" else item
    return [*merged.values(), *(item for name, item in changes.items() if name not in present)]
