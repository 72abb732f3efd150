"""GET: an object, a list (whole, in pages, or of the past) or a watch, in the form the client accepts.

The half of the facade that changes nothing. Mirrors the API server's get, list and watch handlers and
their rules for resourceVersion. Invariant: a list names the revision at which it was true, and a watch
from that revision misses nothing.
"""

import base64
import binascii
from collections.abc import Sequence
from typing import Any
from weakref import WeakKeyDictionary

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from cluster.api import conversion, fields, kinds, labels
from cluster.api.errors import ApiError, BadRequest, Invalid
from cluster.api.kinds import Kind
from cluster.api.meta import Resource, StatusCause
from cluster.apiserver import ApiServer
from cluster.http import tables
from cluster.http.messages import Request, Response, answer
from cluster.http.paths import Target
from cluster.http.watching import Form, Lines, WatchStream
from cluster.store import Store

MATCHES = ("Exact", "NotOlderThan")
_LINES: WeakKeyDictionary[Store, dict[str, Lines]] = WeakKeyDictionary()


class TooLarge(ApiError):
    """The revision asked for does not exist yet."""

    code, reason = 504, "Timeout"


class Page(Struct, frozen=True):
    """Where a list in pages goes on: after which key, at which revision."""

    rv: int
    start: str


def get(api: ApiServer, request: Request, named: Target) -> Response:
    """One object. NotFound if there is none."""
    found = api.get(named.stored, named.key)
    return answer(shown(api, request, named.kind, found, api.store.table(named.stored).revision(named.key)))


def listed(api: ApiServer, request: Request, named: Target) -> Response:
    """The objects that match, with the revision at which they did."""
    _check_list(request)
    kind, store = named.kind, api.store
    page = _page(request.param("continue"))
    exact = request.param("resourceVersionMatch") == "Exact"
    revision = page.rv if page else number(request, "resourceVersion") if exact else store.revision
    if number(request, "resourceVersion") > store.revision:
        wanted = request.param("resourceVersion")
        raise TooLarge(f"Too large resource version: {wanted}, current: {store.revision}")
    found = _selected(api, request, named, None if revision == store.revision else revision)
    if page:
        found = [row for row in found if kinds.key(row[0]) > page.start]
    meta: dict[str, Any] = {"resourceVersion": str(revision)}
    limit = number(request, "limit")
    if limit and len(found) > limit:
        meta["continue"] = _token(Page(revision, kinds.key(found[limit - 1][0])))
        meta["remainingItemCount"] = len(found) - limit
        found = found[:limit]
    return answer(in_form(api, request, kind, found, meta))


def in_form(
    api: ApiServer, request: Request, kind: Kind[Any], found: Sequence[tuple[Resource, int]], meta: dict[str, Any]
) -> dict[str, Any]:
    """Objects with their revisions as a list, in the form that the client accepts."""
    if tables.wants(request.accepts, "Table"):
        table = tables.table(kind, found, api.clock, 0, request.param("includeObject", "Metadata"))
        return {**table, "metadata": meta}
    if tables.wants(request.accepts, "PartialObjectMetadata"):
        metadata = [tables.partial(kind, value, revision) for value, revision in found]
        return {
            "kind": "PartialObjectMetadataList", "apiVersion": tables.META, "metadata": meta, "items": metadata,
        }  # fmt: skip
    items = [tables.whole(kind, value, revision, typed=False) for value, revision in found]
    return {"kind": kind.list_kind, "apiVersion": kind.api_version, "metadata": meta, "items": items}


def watch(api: ApiServer, request: Request, named: Target) -> WatchStream:
    """The changes after a revision, after the objects there are if the client asks for them."""
    announced = _check_watch(request)
    kind, version = named.stored, number(request, "resourceVersion")
    wanted, limits = label_selector(request), field_selector(request, named.kind)

    def matches(value: Resource) -> bool:
        meta = value.metadata
        return (
            (not named.namespace or meta.namespace == named.namespace)
            and (not named.name or meta.name == named.name)
            and wanted.matches(meta.labels)
            and (limits is None or limits.matches(kind, value))
        )

    if version > api.store.revision:
        raise TooLarge(f"Too large resource version: {version}, current: {api.store.revision}")
    present = announced if request.param("sendInitialEvents") else not version
    return WatchStream(
        api.store, named.kind, version if version and not present else None, matches,
        _watched_form(api, request, named.kind),
        bookmarks=request.flag("allowWatchBookmarks"),
        initial=_selected(api, request, named, None) if present else None,
        announced=announced and request.flag("allowWatchBookmarks"), timeout=number(request, "timeoutSeconds"),
    )  # fmt: skip


def _watched_form(api: ApiServer, request: Request, kind: Kind[Any]) -> Form:
    """How a watch shows objects, and if not whole, what its bookmarks show; a Table has its columns once."""
    if tables.wants(request.accepts, "PartialObjectMetadata"):
        return Form(lambda value, revision: tables.partial(kind, value, revision), kind.stored.type())
    if not tables.wants(request.accepts, "Table"):
        return Form(lambda value, revision: tables.whole(kind, value, revision), shared=_shared(api, kind))
    include, headed = request.param("includeObject", "Metadata"), True

    def table(value: Resource, revision: int) -> Any:
        nonlocal headed
        first, headed = headed, False
        return tables.table(kind, [(value, revision)], api.clock, revision, include, headed=first)

    return Form(table, kind.stored.type())


def _shared(api: ApiServer, kind: Kind[Any]) -> Lines:
    """The lines that watches of a kind have in common."""
    return _LINES.setdefault(api.store, {}).setdefault(kind.api_version + kind.plural, {})


def shown(api: ApiServer, request: Request, kind: Kind[Any], value: Resource, revision: int | None) -> Any:
    """An object in the form that the client accepts: whole, as a Table, or its metadata alone."""
    if tables.wants(request.accepts, "Table"):
        include = request.param("includeObject", "Metadata")
        return tables.table(kind, [(value, revision or 0)], api.clock, revision or 0, include)
    if tables.wants(request.accepts, "PartialObjectMetadata"):
        return tables.partial(kind, value, revision or 0)
    return tables.whole(kind, value, revision)


def label_selector(request: Request) -> labels.Selector:
    """The request's labelSelector. BadRequest if it is none."""
    text = request.param("labelSelector")
    return labels.parse(text) if text else labels.EVERYTHING


def field_selector(request: Request, kind: Kind[Any]) -> fields.FieldSelector | None:
    """The request's fieldSelector, as the kept kind calls the fields. BadRequest if it is none, or not of the kind."""
    text = request.param("fieldSelector")
    if not text:
        return None
    given = fields.parse(text)
    terms = [replace(term, field=conversion.stored_field(kind, term.field)) for term in given.requirements]
    selector = fields.FieldSelector(tuple(terms))
    selector.check(kind.stored)
    return selector


def number(request: Request, name: str) -> int:
    """A whole number of the query, 0 if absent. BadRequest if it is none."""
    text = request.param(name)
    if text and not (text.isascii() and text.isdecimal() and len(text) < 20):
        raise BadRequest(f'invalid {name} "{text}": it has to be a whole number')
    return int(text or 0)


def _selected(api: ApiServer, request: Request, named: Target, revision: int | None) -> list[tuple[Resource, int]]:
    """The objects that match, at a past revision if given, each with the revision of its last write."""
    kind, table = named.stored, api.store.table(named.stored)
    wanted, limits = label_selector(request), field_selector(request, named.kind)
    if revision is None:
        present = api.list(kind, namespace=named.namespace, labels=wanted, fields=limits)
        return [(value, table.revision(kinds.key(value))) for value in present]
    written: dict[str, int] = {}
    for entry in table.entries():
        if entry.revision <= revision:
            written[entry.key] = entry.revision
    return [
        (value, written[key])
        for key, value in sorted(table.at(revision).items())
        if (not named.namespace or value.metadata.namespace == named.namespace)
        and wanted.matches(value.metadata.labels)
        and (limits is None or limits.matches(kind, value))
    ]


def _check_list(request: Request) -> None:
    match, version = request.param("resourceVersionMatch"), request.param("resourceVersion")
    if request.param("sendInitialEvents"):
        raise _refused("sendInitialEvents", "Forbidden: sendInitialEvents is forbidden for list")
    if not match:
        return
    if request.param("continue"):
        raise _refused("resourceVersionMatch", "Forbidden: resourceVersionMatch is forbidden when continue is provided")
    if not version:
        why = "Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided"
        raise _refused("resourceVersionMatch", why)
    _check_match(match)
    if match == "Exact" and version == "0":
        why = 'Forbidden: resourceVersionMatch "exact" is forbidden for resourceVersion "0"'
        raise _refused("resourceVersionMatch", why)


def _check_watch(request: Request) -> bool:
    """Whether the client asks for the objects there are and a mark after them (WatchList)."""
    match = request.param("resourceVersionMatch")
    if not request.param("sendInitialEvents"):
        if match:
            why = "Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"
            raise _refused("resourceVersionMatch", why)
        return False
    if not match:
        why = "Forbidden: resourceVersionMatch is required when sendInitialEvents is set to true"
        raise _refused("resourceVersionMatch", why)
    if match != "NotOlderThan":
        raise _refused("resourceVersionMatch", f'Unsupported value: "{match}": supported values: "NotOlderThan"')
    return request.flag("sendInitialEvents")


def _check_match(match: str) -> None:
    if match not in MATCHES:
        raise _refused(
            "resourceVersionMatch", f'Unsupported value: "{match}": supported values: "Exact", "NotOlderThan", ""'
        )


def _refused(field: str, why: str) -> Invalid:
    reason = "FieldValueNotSupported" if why.startswith("Unsupported") else "FieldValueForbidden"
    return Invalid.of("ListOptions", "", [StatusCause(field=field, message=why, reason=reason)], "meta.k8s.io")


def _token(page: Page) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(page)).decode().rstrip("=")


def _page(token: str) -> Page | None:
    if not token:
        return None
    try:
        text = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        return msgspec.json.decode(text, type=Page)
    except (binascii.Error, ValueError) as error:
        raise BadRequest("continue key is not valid: it has to be one that a list has returned") from error
