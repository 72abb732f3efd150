"""YAML text to plain documents, as kubectl reads it."""

import json
import subprocess
import sys

import pytest

from cluster.manifests.parse import Duplicate, SyntaxFault, parse, split


def values(text: str) -> list[object]:
    """The data of every document."""
    return [document.value for _, part in split(text) for document in parse(part)]


def test_documents_are_cut_at_their_lines() -> None:
    """`---` begins a document; what stands before the first one, if only comments, belongs to it."""
    assert split("# c\n---\na: 1\n---\nb: 2\n") == [(0, "# c\n---\na: 1\n"), (3, "---\nb: 2\n")]
    assert split("a: 1\n---\n---\nb: 2") == [(0, "a: 1\n"), (1, "---\n"), (2, "---\nb: 2")]
    assert split("a: |\n  ---\n  x\n--- # c\nb: 1\n") == [(0, "a: |\n  ---\n  x\n"), (3, "--- # c\nb: 1\n")]
    assert values("\ufeff%YAML 1.1\n---\na: 1\n--- {b: 2}\n...\n---\n") == [{"a": 1}, {"b": 2}, None]
    assert values("") == []
    assert values("# nothing\n") == []


def test_lines_may_end_in_any_way() -> None:
    """Windows' line ends are line ends."""
    assert values("a: 1\r\n---\r\nb:\r\n- x\r\n") == [{"a": 1}, {"b": ["x"]}]
    assert [line for line, _ in split("a: 1\r\n---\r\nb: 1\r\n")] == [0, 1]


def test_keys_are_text() -> None:
    """JSON's keys are text: numbers and booleans become it, other things are errors."""
    assert values("{1: a, true: b, 1.5: c, y: d, 2026-01-01: e}") == [
        {"1": "a", "true": "d", "1.5": "c", "2026-01-01": "e"}
    ]
    for text, message in (
        ("~: x", "unsupported map key of type null"),
        ("? [a]\n: b", "unsupported map key: a mapping or list"),
    ):
        with pytest.raises(SyntaxFault, match=f"^{message}$"):
            values(text)


def test_duplicate_keys_are_told() -> None:
    """The last one wins, and the place of every repetition is told."""
    [document] = parse("a: 1\nb:\n  c: 1\n  d: 2\n  c: 3\na: 4\n")
    assert document.value == {"a": 4, "b": {"c": 3, "d": 2}}
    assert document.duplicates == (Duplicate("c", 5, 3, 3), Duplicate("a", 6, 1, 1))
    [document] = parse('{"a": 1, "a": 2}')
    assert document.duplicates == (Duplicate("a", 1, 10, 1),)


def test_merge_keys() -> None:
    """`<<` takes over keys where it stands; of a list the first wins; no override counts as a duplicate."""
    [document] = parse(
        "b: &b {x: 1, y_: 2}\nc: &c {x: 3, z: 4}\none: {<<: *b, x: 5}\ntwo: {x: 5, <<: *b}\nthree: {<<: [*b, *c]}\nfour: {'<<': 1}"
    )
    assert document.value["one"] == {"x": 5, "y_": 2}
    assert document.value["two"] == {"x": 1, "y_": 2}
    assert document.value["three"] == {"x": 1, "y_": 2, "z": 4}
    assert document.value["four"] == {"<<": 1}
    assert document.duplicates == ()
    with pytest.raises(SyntaxFault, match=r"^map merge requires map or sequence of maps as the value$"):
        values("a: {<<: 5}")


def test_aliases() -> None:
    """An alias is its anchor's value; an unknown one, and one inside itself, are errors."""
    assert values("a: &x [1]\nb: *x\nc: &y s\nd: *y") == [{"a": [1], "b": [1], "c": "s", "d": "s"}]
    with pytest.raises(SyntaxFault, match=r"^unknown anchor 'x' referenced$"):
        values("a: *x")
    with pytest.raises(SyntaxFault, match=r"^anchor 'x' value contains itself$"):
        values("a: &x [*x]")


def test_alias_bomb() -> None:
    """A few lines that mean billions of nodes are refused before they are built."""
    levels = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    levels += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10)]
    with pytest.raises(SyntaxFault, match=r"^document contains excessive aliasing$"):
        values("\n".join(levels))


def test_depth_is_limited() -> None:
    """A text of brackets cannot exhaust the stack, as YAML or as JSON."""
    assert values("[" * 200 + "]" * 200)
    assert values('{"a":' * 200 + "1" + "}" * 200)
    for text in (
        "[" * 201 + "]" * 201,
        "- " * 5000 + "x",
        '{"a":' * 300 + "1" + "}" * 300,
        '{"a":' * 50_000 + "1" + "}" * 50_000,
    ):
        with pytest.raises(SyntaxFault, match=r"^nested deeper than 200$"):
            values(text)


def test_json() -> None:
    """JSON is read as JSON (surrogates, tabs, one after another); with a comma too much it is YAML, as for kubectl."""
    assert values('{\n\t"a": "\\ud83d\\ude00"\n}\n{"b": [1.5, null]}') == [{"a": "\U0001f600"}, {"b": [1.5, None]}]
    assert values('{"a": {"b": 1,}}') == [{"a": {"b": 1}}]
    document = {"a": ["é", {"b": [None, True, 1e-7, "\n\t\\"]}], "": {}}
    assert values(json.dumps(document)) == values(json.dumps(document, ensure_ascii=False)) == [document]


def test_control_characters() -> None:
    """A control character is named, with its place, also after wide characters."""
    with pytest.raises(SyntaxFault, match=r"^control characters are not allowed: U\+0007$") as caught:
        values("a: 1\nb: \u4e2d\u6587\x07\n")
    assert (caught.value.line, caught.value.column) == (2, 6)


def test_without_libyaml() -> None:
    """Where PyYAML has no libyaml its own parser gives the same documents."""
    script = (
        "import yaml; del yaml.CSafeLoader, yaml.CSafeDumper\n"
        "from cluster.manifests import read, write\nfrom cluster.manifests.parse import LOADER\n"
        "assert LOADER is yaml.SafeLoader\n"
        "m = read('apiVersion: v1\\nkind: Pod\\nmetadata: {name: a, labels: {y: \"012\"}}\\n---\\na: [b\\n')\n"
        "print(m.documents[0].plain, m.errors[0].line, write({'a': 'yes'}))"
    )
    shown = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    plain = "{'apiVersion': 'v1', 'kind': 'Pod', 'metadata': {'name': 'a', 'labels': {'true': '012'}}}"
    assert shown == f'{plain} 5 a: "yes"\n\n'
