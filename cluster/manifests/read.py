"""Text to typed documents: what the watched folder, the command line and the API take in.

The middle of a manifest's way: parse, flatten lists, convert old versions, decode strictly; and when
something is wrong, collect all of it. Invariant: every document of the text is in the result, as an
object or as at least one problem that says where and what to write.
"""

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any

import msgspec
from msgspec import Struct

from cluster.api import cluster, codec, conversion
from cluster.api.kinds import CUSTOM_RESOURCE_DEFINITIONS, STATIC, Kind, KindNames
from cluster.api.meta import Resource
from cluster.manifests import custom_fields, legacy, strict, syntax
from cluster.manifests.parse import BREAK, RawDocument, SyntaxFault, parse, split
from cluster.manifests.positions import Locator, Path, parse_path
from cluster.manifests.problems import Problem
from cluster.manifests.strict import Fault

MAX_REPAIRS = 20
_OWN = frozenset(kind.group for kind in STATIC.served) | {cluster.API_VERSION.partition("/")[0]}
MAX_LISTS = 8
NOT_SERVED = frozenset(
    ["APIService", "CertificateSigningRequest", "MutatingAdmissionPolicy", "MutatingAdmissionPolicyBinding"]
)
"""Kinds of Kubernetes that readers know and this cluster does not serve; a typo is not likely meant."""


class Document(Struct, frozen=True):
    """One object of a text: its kind, the typed object, the plain data it was read from, and its place.

    `index` counts the text's YAML documents from 0, `path` leads to the object inside of its document
    (an item of a `kind: List`), `line` is where it begins.
    """

    kind: Kind[Any]
    object: Resource
    plain: dict[str, Any]
    index: int
    line: int
    path: Path = ()
    warnings: tuple[Problem, ...] = ()

    @property
    def namespace(self) -> str:
        """The namespace it asks for, or nothing."""
        return self.object.metadata.namespace if self.kind.namespaced else ""

    @property
    def name(self) -> str:
        """Its name, or nothing if one is to be generated."""
        return self.object.metadata.name


class Unknown(Struct, frozen=True):
    """An object of a kind that some definition may make yet: what it is called, and its name."""

    api_version: str
    kind: str
    name: str


class Manifest(Struct, frozen=True):
    """Everything a text holds: objects, descriptions of clusters, what is wrong, and what is of unknown custom kinds."""

    documents: tuple[Document, ...] = ()
    errors: tuple[Problem, ...] = ()
    unknown: tuple[Unknown, ...] = ()
    clusters: tuple[cluster.Cluster, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether there is nothing in it at all, not even an error."""
        return not self.documents and not self.errors and not self.clusters and not self.unknown


def read(text: str, source: str = "", known: KindNames = STATIC, *, definitions: bool = False) -> Manifest:
    """The documents of a YAML or JSON text, of the kinds known; never raises for what the text says.

    With `definitions`, a kind of a group that is not Kubernetes' own is no error: it may be defined later.
    """
    return _Reading(source, known, definitions=definitions).read(text)


def cluster_documents(text: str, source: str = "") -> list[cluster.Cluster]:
    """The `kind: Cluster` documents of a text. ValueError says what is wrong with it and where."""
    manifest = read(text, source)
    if manifest.errors:
        raise ValueError(str(manifest.errors[0]))
    return list(manifest.clusters)


def locate_problem(
    text: str, document: Document, field: str, message: str, source: str = "", suggestion: str = ""
) -> Problem:
    """A problem that somebody else (the API server) has with a field of a document, with its place in the text."""
    path = document.path + parse_path(field)
    line, column = Locator(text).place(document.index, path, value=True)
    lines = BREAK.split(text.removeprefix("\ufeff"))
    return Problem(source, line, column, field, message, suggestion, lines[line - 1] if line <= len(lines) else "")


class _Reading:
    """One text being read."""

    def __init__(self, source: str, known: KindNames, *, definitions: bool) -> None:
        self.source, self._kinds, self._definitions = source, known, definitions
        self.unknown: list[Unknown] = []
        self.documents: list[Document] = []
        self.problems: list[Problem] = []
        self.clusters: list[cluster.Cluster] = []
        self._lines: list[str] = []
        self._text = ""
        self._known_locator: Locator | None = None

    def read(self, text: str) -> Manifest:
        parts = split(text)
        raws: list[tuple[int, RawDocument]] = []
        repaired = []
        self._lines = BREAK.split(text.removeprefix("\ufeff"))
        for offset, part in parts:
            found, part_text = self._parse(offset, part)
            raws += ((offset, raw) for raw in found)
            repaired.append(part_text)
        self._text = "".join(repaired)
        for index, (offset, raw) in enumerate(raws):
            self._document(index, offset, raw)
        ordered = sorted(self.problems, key=lambda problem: (problem.line, problem.column))
        return Manifest(tuple(self.documents), tuple(ordered), tuple(self.unknown), tuple(self.clusters))

    def _parse(self, offset: int, text: str) -> tuple[list[RawDocument], str]:
        """The documents of one part. Where it is not YAML that is told, repaired and parsed again, to find the rest."""
        seen: list[int] = []
        while True:
            try:
                return list(parse(text)), text
            except SyntaxFault as fault:
                finding = syntax.explain(text, fault)
                if finding.line in seen:
                    return [], text
                seen.append(finding.line)
                self._tell(offset + finding.line, finding.column, "", finding.message, finding.suggestion)
                if finding.repaired is None or len(seen) > MAX_REPAIRS:
                    return [], text
                text = "\n".join(finding.repaired)

    def _document(self, index: int, offset: int, raw: RawDocument) -> None:
        before = len(self.problems)
        for duplicate in raw.duplicates:
            message = f"duplicate key {duplicate.key}, first given in line {offset + duplicate.first}"
            self._tell(offset + duplicate.line, duplicate.column, duplicate.key, message, "remove one of the two")
        for path, plain in _flatten(raw.value, (), 0):
            self._object(index, offset + raw.line, path, plain)
        if len(self.problems) > before:
            self.documents = [document for document in self.documents if document.index != index]

    def _object(self, index: int, line: int, path: Path, plain: Any) -> None:
        if plain is None:
            return
        if not isinstance(plain, dict):
            self._fault(index, path, Fault((), "", "a document is a mapping that begins with apiVersion and kind"))
            return
        if (plain.get("apiVersion"), plain.get("kind")) == (cluster.API_VERSION, cluster.KIND):
            self._cluster(index, path, plain)
            return
        changes: tuple[legacy.Change, ...] = ()
        version, name = plain.get("apiVersion"), plain.get("kind")
        if isinstance(version, str) and isinstance(name, str) and legacy.is_legacy(version, name):
            plain, changes = legacy.convert(plain)
        kind = _kind(plain, self._kinds)
        if isinstance(kind, Fault):
            if self._definitions and may_be_defined(plain.get("apiVersion")) and isinstance(name, str) and name:
                self.unknown.append(Unknown(str(version), name, _name(plain)))
            else:
                self._fault(index, path, kind)
            return
        try:
            value = codec.from_plain(kind.type, plain)
        except msgspec.ValidationError as error:
            self._explain(index, path, kind, plain, str(error))
            return
        for fault in custom_fields.check(kind.custom, plain) if kind.custom is not None else ():
            self._fault(index, path, fault)
        for fault in custom_fields.of_definition(plain) if kind is CUSTOM_RESOURCE_DEFINITIONS else ():
            self._fault(index, path, fault)
        warnings = tuple(
            self._problem(index, path, Fault(change.path, "", change.message, change.suggestion)) for change in changes
        )
        start = self._locator.place(index, path)[0] if path else line
        if kind.stored is not kind:
            value, kind = conversion.to_stored(kind, value), kind.stored
            plain = {"apiVersion": kind.api_version, "kind": kind.kind, **codec.to_plain(value)}
        self.documents.append(Document(kind, value, plain, index, start, path, warnings))

    def _cluster(self, index: int, path: Path, plain: dict[str, Any]) -> None:
        try:
            self.clusters.append(cluster.from_document(plain))
        except ValueError as error:
            field, _, message = str(error).rpartition(": ")
            self._fault(index, path, Fault(parse_path(field), field, message, at_value=True))

    def _explain(self, index: int, path: Path, kind: Kind[Any], plain: dict[str, Any], otherwise: str) -> None:
        """Tell every field that kept a document from being decoded; at the least what the decoder said."""
        data = {name: value for name, value in plain.items() if name not in {"apiVersion", "kind"}}
        faults = strict.check(kind.type, data)
        for fault in faults or [Fault((), "", otherwise)]:
            self._fault(index, path, fault)

    def _fault(self, index: int, path: Path, fault: Fault) -> None:
        if fault.stray:
            self._stray(index, path, fault)
        else:
            self.problems.append(self._problem(index, path, fault))

    def _problem(self, index: int, path: Path, fault: Fault) -> Problem:
        line, column = self._locator.place(index, path + fault.path, value=fault.at_value)
        suggestion = fault.suggestion
        if fault.suggestion == "write it in quotes":
            suggestion = f'write "{self._locator.written(index, path + fault.path)}", in quotes'
        text = self._line(line)
        wide = syntax.wide_colon(text)
        if wide and fault.message.startswith("expected"):
            column, meant = wide
            suggestion = f"write `{meant.strip()}`: the colon is full-width"
        return Problem(self.source, line, column, fault.field, fault.message, suggestion, text)

    def _stray(self, index: int, path: Path, fault: Fault) -> None:
        """An item that lacks indentation: show the line of its dash."""
        owner, number = fault.path[:-1], fault.path[-1]
        assert isinstance(number, int)
        lines = BREAK.split(self._text.removeprefix("\ufeff"))
        line = self._locator.place(index, path + fault.path)[0]
        indent = self._locator.place(index, (*path, *owner, number - 1, fault.stray))[1] - 1
        finding = syntax.stray_item(lines, line - 1, fault.stray, indent)
        self._tell(finding.line, finding.column, fault.field, finding.message, finding.suggestion)

    def _tell(self, line: int, column: int, path: str, message: str, suggestion: str) -> None:
        self.problems.append(Problem(self.source, line, column, path, message, suggestion, self._line(line)))

    def _line(self, line: int) -> str:
        return self._lines[line - 1] if line <= len(self._lines) else ""

    @property
    def _locator(self) -> Locator:
        if self._known_locator is None:
            self._known_locator = Locator(self._text)
        return self._known_locator


def may_be_defined(api_version: Any) -> bool:
    """Whether an apiVersion is one that a CustomResourceDefinition could serve: of a domain that is not Kubernetes'."""
    group, slash, _ = api_version.partition("/") if isinstance(api_version, str) else ("", "", "")
    return bool(slash) and "." in group and group not in _OWN


def _name(plain: dict[str, Any]) -> str:
    metadata = plain.get("metadata")
    return str(metadata.get("name", "")) if isinstance(metadata, dict) else ""


def _flatten(plain: Any, path: Path, depth: int) -> Iterator[tuple[Path, Any]]:
    """The document, or the items of a `kind: List` (or PodList ...), each with its path."""
    kind, items = (plain.get("kind"), plain.get("items")) if isinstance(plain, dict) else (None, None)
    if (
        not isinstance(kind, str)
        or not kind.endswith("List")
        or not isinstance(items, list | None)
        or depth > MAX_LISTS
    ):
        yield path, plain
        return
    for index, item in enumerate(items or ()):
        if kind != "List" and isinstance(item, dict):
            item = {"apiVersion": plain.get("apiVersion"), "kind": kind.removesuffix("List"), **item}  # noqa: PLW2901
        yield from _flatten(item, (*path, "items", index), depth + 1)


def _kind(plain: dict[str, Any], kinds: KindNames) -> Kind[Any] | Fault:
    """The kind of a document, or what is wrong with its first two lines."""
    version, name = plain.get("apiVersion"), plain.get("kind")
    if not isinstance(name, str) or not name:
        return Fault(("kind",), "kind", "missing: every document names its kind", "write for example `kind: Pod`")
    known = kinds.by_name(name)
    if not isinstance(version, str) or not version:
        example = known.api_version if known else "v1"
        return Fault(("apiVersion",), "apiVersion", f"missing: a {name} has one", f"write `apiVersion: {example}`")
    kind = kinds.by_api_version(version, name)
    if kind is not None:
        return kind
    message = f'no matches for kind "{name}" in version "{version}"'
    if known is not None and known.kind == name:
        return Fault(("apiVersion",), "apiVersion", message, f"write `apiVersion: {known.api_version}`", at_value=True)
    if name in NOT_SERVED:
        return Fault(("kind",), "kind", message, "this cluster does not serve it", at_value=True)
    near = known.kind if known else next(iter(get_close_matches(name, [kind.kind for kind in kinds.kinds], 1, 0.6)), "")
    return Fault(("kind",), "kind", message, f"did you mean {near}?" if near else "", at_value=True)
