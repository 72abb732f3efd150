"""Plain data to YAML text, byte for byte as `kubectl -o yaml` prints it.

The way out of a manifest: what the app shows and what a user saves. Invariant: `read` gives back
what was written.
"""

import re
from collections.abc import Iterable
from typing import Any

import yaml

from cluster.manifests.scalars import resolve

_DUMPER: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_TAG = "tag:yaml.org,2002:"
_SEXAGESIMAL = re.compile(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?")
_TIMESTAMP = re.compile(r"\d{4}-\d{1,2}-\d{1,2}(?:$|[Tt ].*)")
_WIDTH = 80


class _Dumper(_DUMPER):  # type: ignore[misc]
    """libyaml's emitter, told what a plain scalar would read back as."""

    def ignore_aliases(self, data: Any) -> bool:
        """Write shared data again: kubectl knows no anchors."""
        del data
        return True

    def resolve(self, kind: type, value: Any, implicit: Any) -> str:
        """The tag that a reader would give to a node without one; the emitter quotes when it differs."""
        if kind is not yaml.ScalarNode:
            return _TAG + ("map" if kind is yaml.MappingNode else "seq")
        if not implicit[0]:
            return f"{_TAG}str"
        found = resolve(value)
        if isinstance(found, str):
            return f"{_TAG}str"
        if found is None:
            return f"{_TAG}null"
        if isinstance(found, bool):
            return f"{_TAG}bool"
        return _TAG + ("float" if isinstance(found, float) or set(value) & set(".eE") else "int")


def _text(dumper: Any, text: str) -> Any:
    style = None
    if "\n" in text:
        style = "|"
    elif not isinstance(resolve(text), str) or _TIMESTAMP.match(text) or _SEXAGESIMAL.fullmatch(text):
        style = '"'
    return dumper.represent_scalar(f"{_TAG}str", text, style=style)


_Dumper.add_representer(str, _text)


def write(plain: Any) -> str:
    """One document, keys in alphabetical order."""
    text: str = yaml.dump(
        plain, Dumper=_Dumper, sort_keys=True, default_flow_style=False, width=_WIDTH, allow_unicode=True
    )
    return text.removesuffix("...\n")


def write_all(documents: Iterable[Any]) -> str:
    """Several documents with `---` between them."""
    return "---\n".join(map(write, documents))
