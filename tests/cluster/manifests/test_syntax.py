"""Texts that are not YAML: the place of the cause, its name, and what to write."""

import pytest

from cluster.manifests import read

COLON = "\uff1a"


def told(text: str) -> list[tuple[int, int, str, str]]:
    """Place, message and suggestion of every problem."""
    return [
        (found.line, found.column, found.message, found.suggestion) for found in read(text).errors if not found.path
    ]


@pytest.mark.parametrize(
    ("text", "line", "column", "message", "suggestion"),
    [
        (f"a: 1\nmetadata{COLON}\n  name: x\n", 2, 9, f"full-width {COLON} (U+FF1A) where YAML wants a colon and a space", "write `metadata:`"),
        (f"a:\n- b: 1\n  c{COLON}[x\uff0cy]\n  d: 2\n", 3, 4, f"full-width {COLON} (U+FF1A) where YAML wants a colon and a space", "write `c: [x,y]`"),
        ("a: ['x'\uff0c'y']\n", 1, 8, "full-width \uff0c (U+FF0C) where YAML wants ASCII", "write `a: ['x','y']`"),
        ("a:\n\u3000b: 1\n c: 2\n", 2, 1, "ideographic space (U+3000) where YAML wants ASCII", "write spaces"),
        ("a:\n\tb: 1\n", 2, 1, "a tab in the indentation", "write spaces: `  b: 1`"),
        ("a:\n  b: 1\n \tc: 1\n", 3, 2, "a tab in the indentation", "write spaces: `   c: 1`"),
        ("a:\n  b: x\n c:\n    d: y\n", 3, 2, "wrong indentation: did not find expected key", "indent it by 2 instead of 1: `  c:`"),
        ("a:\n  b: x\n    c: y\n", 3, 5, "wrong indentation: mapping values are not allowed in this context", "indent it by 2 instead of 4: `  c: y`"),
        ("a:\n  - x\n - y\n", 3, 2, "wrong indentation: did not find expected key", "indent it by 2 instead of 1: `  - y`"),
        ("s:\n  env:\n- name: G\n  value: v\n", 3, 1, "wrong indentation: `- name: G` stands outside `env:`", "indent it, and what belongs to it, by 2 more: `  - name: G`"),
        ("s:\n  c:\n  - env:\n   - name: G\n     value: v\n", 4, 4, "wrong indentation: `- name: G` stands outside `env:`", "indent it, and what belongs to it, by 1 more: `    - name: G`"),
        ('a: "hello\nb: c\n', 1, 4, 'the " opened here is never closed', 'write `a: "hello"`'),
        ("a: 'hello\nb: c\n", 1, 4, "the ' opened here is never closed", "write `a: 'hello'`"),
        ("a: [1, 2\nb: 3\n", 1, 4, "the [ opened here is not closed before the next line", "write `a: [1, 2]`"),
        ("a: {b: 1,\nc: 3\n", 1, 4, "the { opened here is not closed before the next line", "write `a: {b: 1}`"),
        ("m:\n  name:web\n  labels: x\n", 2, 7, "no space after the colon", "write `name: web`"),
        ("m:\n  replicas 3\n  labels: x\n", 2, 11, "no colon after `replicas`", "write `replicas: 3`"),
        ("a: b: c\n", 1, 4, "not YAML: mapping values are not allowed in this context", 'quote it: `a: "b: c"`'),
        ("a: @x\n", 1, 4, "not YAML: found character that cannot start any token", 'quote it: `a: "@x"`'),
        ("a: *\n", 1, 4, "not YAML: did not find expected alphabetic or numeric character", 'quote it: `a: "*"`'),
        ("a: *x\n", 1, 4, "not YAML: unknown anchor 'x' referenced", 'quote it: `a: "*x"`'),
        ("a: {{ .Values.b }}\n", 1, 4, "a template is not YAML until it is filled in", 'quote it: `a: "{{ .Values.b }}"`'),
        ("a: b\x07\n", 1, 5, "not YAML: control characters are not allowed: U+0007", ""),
        ("a: .nan\n", 1, 4, "not YAML: unsupported value: .nan", ""),
    ],
)  # fmt: skip
def test_explanations(text: str, line: int, column: int, message: str, suggestion: str) -> None:
    """The common mistakes are named where they are, with what to write."""
    assert told(text)[0] == (line, column, message, suggestion)


def test_every_mistake_is_told() -> None:
    """One mistake does not hide the next one, in the same document or another, nor an unknown field."""
    text = f"apiVersion: v1\nkind: Pod\nmetadata{COLON}\n\tname: x\nspce: 1\n---\na: [\n---\napiVersion: v1\nkind: Pod\nmetadata: {{name: ok}}\n"
    manifest = read(text, "f.yaml")
    assert [document.name for document in manifest.documents] == ["ok"]
    assert [(found.line, found.column) for found in manifest.errors] == [(3, 9), (4, 1), (5, 1), (7, 1), (7, 4)]
    assert str(manifest.errors[2]) == "f.yaml:5:1: spce: unknown field; did you mean spec?"


def test_a_repair_that_does_not_help_ends() -> None:
    """A text that stays wrong after the suggested change is told once."""
    assert [found[:2] for found in told("spec:\n  containers:\n    name: x\n  - name: y\n")] == [(4, 3)]
