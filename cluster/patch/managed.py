"""Server-side apply: whose field is whose, and what an applied document makes of the live one.

Plain data in, plain data out, typed by the API's Structs. Mirrors structured-merge-diff's updater and
k8s.io/apimachinery/pkg/util/managedfields. Invariant: a field changes hands only with its manager's
word (force) or by its manager's own write.
"""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from cluster.api.errors import ApplyConflict, BadRequest
from cluster.api.meta import StatusCause, StatusDetails
from cluster.patch import conformance, field_set, typed
from cluster.patch.field_set import METADATA, FieldSet
from cluster.patch.refusal import Refused
from cluster.patch.schema import Owner as Typed

BEFORE_FIRST_APPLY = "before-first-apply"
"""Owns, from the first apply on, what an object had before anybody's fields were tracked."""


class Owner(NamedTuple):
    """Who owns fields: an applier is the same whatever version it applies."""

    manager: str
    operation: str
    api_version: str
    subresource: str = ""


class Owned(NamedTuple):
    """What somebody owns, since when, and in which version."""

    paths: FieldSet
    time: str
    api_version: str


Owners = dict[Owner, Owned]


def apply(
    owner: Typed, live: Mapping[str, Any] | None, applied: Mapping[str, Any], *, api_version: str, manager: str,
    force: bool, time: str,
) -> dict[str, Any]:  # fmt: skip
    """The object after `manager` applied a document.

    Fields that the manager applied before and no longer does, and that nobody else owns, go. Raises
    ApplyConflict naming every field that would change and another manager owns, unless `force`,
    which takes them over; BadRequest or Refused if the document cannot be merged.
    """
    _check(owner, applied, api_version)
    applied = typed.normalized(owner, applied)
    before = without_managed(live or {})
    owners = read(live or {}) or _first(owner, before, api_version, time)
    me = Owner(manager, "Apply", "")
    had = owners.get(me)
    owners[me] = Owned(field_set.of(owner, applied), time, api_version)
    merged = _pruned(owner, typed.merge(owner, before, applied), had.paths if had else frozenset(), owners)
    changed, gone = field_set.compare(owner, before, merged)
    disputed = {
        other: owned.paths & changed for other, owned in owners.items() if other != me and owned.paths & changed
    }
    if disputed and not force:
        raise _conflict(disputed)
    for other in [other for other in owners if other != me]:
        owners[other] = owners[other]._replace(paths=owners[other].paths - changed - gone)
    if had is not None and merged == before:
        owners[me] = owners[me]._replace(time=had.time)
    return written(merged, owners)


def update(
    owner: Typed, before: Mapping[str, Any], after: Mapping[str, Any], *, api_version: str, manager: str, time: str,
    subresource: str = "",
) -> dict[str, Any]:  # fmt: skip
    """The updated object, with `manager` as the owner of every field that the update changed."""
    owners = read(after if _reassigned(before, after) else before)
    changed, gone = field_set.compare(owner, without_managed(before), without_managed(after))
    for other, owned in list(owners.items()):
        owners[other] = owned._replace(paths=owned.paths - gone - changed)
    if changed:
        me = Owner(manager, "Update", api_version, subresource)
        mine = owners[me].paths if me in owners else frozenset()
        owners[me] = Owned(mine | changed, time, api_version)
    return written(after, owners)


def _reassigned(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Whether the writer says itself who owns what, as clients do that take server-side apply up."""
    given = (after.get("metadata") or {}).get("managedFields")
    return bool(given) and given != (before.get("metadata") or {}).get("managedFields")


def read(document: Mapping[str, Any]) -> Owners:
    """Who owns what, by the object's managedFields."""
    owners: Owners = {}
    for entry in (document.get("metadata") or {}).get("managedFields") or ():
        version, operation = entry.get("apiVersion", ""), entry.get("operation", "")
        identity = "" if operation == "Apply" else version
        who = Owner(entry.get("manager", ""), operation, identity, entry.get("subresource", ""))
        owners[who] = Owned(field_set.from_fields_v1(entry.get("fieldsV1") or {}), entry.get("time", ""), version)
    return owners


def written(document: Mapping[str, Any], owners: Owners) -> dict[str, Any]:
    """The document with managedFields that say who owns what: appliers first, the latest last."""
    entries = []
    order = sorted(owners.items(), key=lambda item: (item[0].operation, item[1].time, item[0]))
    for (manager, operation, _, subresource), (paths, time, api_version) in order:
        if paths:
            entry = {
                "manager": manager, "operation": operation, "apiVersion": api_version, "time": time,
                "fieldsType": "FieldsV1", "fieldsV1": field_set.to_fields_v1(paths),
            }  # fmt: skip
            entries.append({**entry, "subresource": subresource} if subresource else entry)
    meta = without_managed(document).get("metadata") or {}
    return {**document, "metadata": {**meta, "managedFields": entries} if entries else meta}


def without_managed(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document without its managedFields."""
    meta = document.get("metadata")
    if not isinstance(meta, Mapping) or "managedFields" not in meta:
        return dict(document)
    return {**document, "metadata": {name: value for name, value in meta.items() if name != "managedFields"}}


def _check(owner: Typed, applied: Mapping[str, Any], api_version: str) -> None:
    meta = applied.get("metadata") or {}
    if meta.get("managedFields"):
        raise BadRequest("metadata.managedFields must be nil")
    faults = conformance.told(owner, applied)
    if faults:
        version = api_version if "/" in api_version else f"/{api_version}"
        about = f"{meta.get('namespace', '')}/{meta.get('name', '')}; {version}, Kind={owner.__name__}"
        raise Refused(f"failed to create typed patch object ({about}): {faults}")


def _first(owner: Typed, before: Mapping[str, Any], api_version: str, time: str) -> Owners:
    """The owners of an object that nobody's fields were tracked of."""
    spec = {name: value for name, value in before.items() if name != "status"}
    paths = field_set.of(owner, spec)
    return {Owner(BEFORE_FIRST_APPLY, "Update", api_version): Owned(paths, time, api_version)} if paths else {}


def _pruned(owner: Typed, merged: dict[str, Any], had: FieldSet, owners: Owners) -> dict[str, Any]:
    """The merged object less what its applier applied before and nobody owns now."""
    owned = (path for other in owners.values() for path in other.paths)
    held = field_set.with_containers(owner, (METADATA, *owned))
    for path in sorted(field_set.with_containers(owner, had) - held, key=lambda path: (len(path), path)):
        merged = typed.without(merged, path)
    return merged


def _conflict(disputed: Mapping[Owner, FieldSet]) -> ApplyConflict:
    named = {who: [field_set.text(path) for path in sorted(disputed[who])] for who in sorted(disputed)}
    causes = tuple(
        StatusCause(reason="FieldManagerConflict", message=f"conflict with {_name(who)}", field=path)
        for who, paths in named.items()
        for path in paths
    )
    if len(causes) == 1:
        words = f"Apply failed with 1 conflict: {causes[0].message}: {causes[0].field}"
    else:
        lists = ("\n- ".join([f"conflicts with {_name(who)}:", *paths]) for who, paths in named.items())
        words = f"Apply failed with {len(causes)} conflicts: " + "\n".join(lists)
    return ApplyConflict(words, StatusDetails(causes=causes))


def _name(who: Owner) -> str:
    """A manager as a conflict names it."""
    words = json.dumps(who.manager, ensure_ascii=False)
    if who.subresource:
        words += f" with subresource {json.dumps(who.subresource)}"
    return f"{words} using {who.api_version}" if who.operation == "Update" else words
