"""Text to typed documents, and everything that is wrong with a text."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cluster.api import codec
from cluster.api.apps import Deployment
from cluster.api.core import Pod
from cluster.api.kinds import DEPLOYMENTS, PODS
from cluster.manifests import Problem, cluster_documents, locate_problem, read, strict, write

PRIMER = Path(__file__).parents[3] / "sample_manifests" / "primer"
POD = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n"


def told(text: str) -> list[str]:
    """Every problem in one line."""
    return [str(problem) for problem in read(text).errors]


def test_documents() -> None:
    """Every document is typed, and says where it begins; empty ones are nothing."""
    manifest = read(
        f"# c\n---\n{POD}---\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: b, namespace: ns}}\n",
        "f.yaml",
    )
    first, second = manifest.documents
    assert (first.kind, first.name, first.index, first.line, first.namespace) == (PODS, "a", 0, 3, "")
    assert (second.kind, second.name, second.index, second.line, second.namespace) == (DEPLOYMENTS, "b", 2, 9, "ns")
    assert isinstance(first.object, Pod)
    assert isinstance(second.object, Deployment)
    assert first.plain["metadata"] == {"name": "a"}
    assert manifest.errors == ()
    assert read("# nothing\n---\n").empty
    assert read("").empty


def test_lists_are_flattened() -> None:
    """The items of a List are documents; the items of a PodList have their kind from it."""
    items = "items:\n- apiVersion: v1\n  kind: Pod\n  metadata: {name: a}\n- apiVersion: v1\n  kind: List\n  items:\n  - {apiVersion: v1, kind: Pod, metadata: {name: b}}\n"
    manifest = read(
        f"apiVersion: v1\nkind: List\n{items}---\napiVersion: v1\nkind: PodList\nitems: [{{metadata: {{name: c}}}}]\n"
    )
    assert [(found.name, found.path, found.line) for found in manifest.documents] == [
        ("a", ("items", 0), 4), ("b", ("items", 1, "items", 0), 10), ("c", ("items", 0), 14),
    ]  # fmt: skip
    assert read("apiVersion: v1\nkind: List\nitems:\n").empty


def test_null_means_absent() -> None:
    """A key without a value is the same as no key."""
    [document] = read(f"{POD}  labels:\nspec:\n").documents
    assert document.object == Pod(metadata=codec.from_plain(type(document.object.metadata), {"name": "a"}))


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        (POD + "spec:\n  replicsa: 1\n", [":6:3: spec.replicsa: unknown field"]),
        ("apiVersion: apps/v1\nkind: Deployment\nspec: {replicsa: 1}\n", [":3:8: spec.replicsa: unknown field; did you mean replicas?"]),
        ("apiVersion: apps/v1\nkind: Deployment\nspec: {Replicas: '3'}\n", [":3:8: spec.Replicas: unknown field; did you mean replicas?"]),
        ("apiVersion: apps/v1\nkind: Deployment\nspec: {replicas: '3'}\n", [':3:18: spec.replicas: expected a number, got text "3"; write 3 without quotes']),
        ("apiVersion: apps/v1\nkind: Deployment\nspec: {paused: 'yes', replicas: x}\n",
         [':3:16: spec.paused: expected true or false, got text "yes"', ':3:33: spec.replicas: expected a number, got text "x"']),
        ("apiVersion: apps/v1\nkind: Deployment\nspec: {selector: {app: web}}\n", [":3:19: spec.selector.app: unknown field; write it under `matchLabels:`"]),
        (POD + "  labels: {a: 5, b: off}\n",
         [':5:15: metadata.labels[a]: expected text, got the number 5; write "5", in quotes',
          ':5:21: metadata.labels[b]: expected text, got false; write "off", in quotes']),
        (POD + "spec:\n  containers:\n  - name: a\n    env: {name: x}\n    command: sh\n    ports: [{containerPort: true}]\n",
         [":8:10: spec.containers[0].env: expected a list, got a mapping; begin every item with `- `",
          ':9:14: spec.containers[0].command: expected a list, got text "sh"; begin every item with `- `',
          ":10:29: spec.containers[0].ports[0].containerPort: expected a number, got true"]),
        (POD + "spec: [a]\n", [":5:7: spec: expected a mapping, got a list; remove the `- `: it is one mapping, not a list"]),
        (POD + "spec:\n  containers:\n  -\n", [":7:4: spec.containers[0]: the item is empty; remove it, or write it after the `-`"]),
        (POD + "spec:\n  containers:\n  - name: a\n    restartPolicy2: x\n  image: x\n  metadata: {}\n",
         [":8:5: spec.containers[0].restartPolicy2: unknown field; did you mean restartPolicy?",
          ":9:3: spec.image: unknown field; it is a field of spec.containers: indent it more, under `containers:`",
          ":10:3: spec.metadata: unknown field"]),
        ("apiVersion: apps/v1\nkind: Deployment\nspec:\n  template:\n    replicas: 1\n",
         [":5:5: spec.template.replicas: unknown field; it is a field of spec: indent it less"]),
        (POD + "spec:\n  containers: [{resources: {limits: {cpu: two, memory: 512MB, x: [1]}}}]\n",
         [(":6:43: spec.containers[0].resources.limits[cpu]: quantities must match the regular expression "
          "'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'; write for example 500m, 2, 128Mi or 1Gi"),
          (":6:56: spec.containers[0].resources.limits[memory]: quantities must match the regular expression "
          "'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'; did you mean 512M?"),
          ":6:66: spec.containers[0].resources.limits[x]: expected a quantity, got a list"]),
        (POD + "  name: b\n", [":5:3: name: duplicate key name, first given in line 4; remove one of the two"]),
        (POD.replace("name: a", "name\uff1a a"), [':4:7: metadata: expected a mapping, got text "name\uff1a a"; write `name: a`: the colon is full-width']),
        ("- a\n", [":1:1: a document is a mapping that begins with apiVersion and kind"]),
        ("metadata: {}\n", [":1:1: kind: missing: every document names its kind; write for example `kind: Pod`"]),
        ("kind: Deployment\n", [":1:1: apiVersion: missing: a Deployment has one; write `apiVersion: apps/v1`"]),
        ("kind: Deploymnt\napiVersion: apps/v1\n", [':1:7: kind: no matches for kind "Deploymnt" in version "apps/v1"; did you mean Deployment?']),
        ("kind: deploy\napiVersion: apps/v1\n", [':1:7: kind: no matches for kind "deploy" in version "apps/v1"; did you mean Deployment?']),
        ("kind: Deployment\napiVersion: v1\n", [':2:13: apiVersion: no matches for kind "Deployment" in version "v1"; write `apiVersion: apps/v1`']),
        ("kind: APIService\napiVersion: apiregistration.k8s.io/v1\n", [':1:7: kind: no matches for kind "APIService" in version "apiregistration.k8s.io/v1"; this cluster does not serve it']),
    ],
)  # fmt: skip
def test_problems(text: str, problems: list[str]) -> None:
    """Every problem of a document is told, with field, place and what was probably meant."""
    assert [problem.lstrip(":") for problem in told(text)] == [problem.lstrip(":") for problem in problems]


def test_the_primers_broken_manifest() -> None:
    """Both mistakes of the old tutorial are told, each with line, column and what to write."""
    text = (PRIMER / "broken.yaml").read_text()
    first, second = read(text, "broken.yaml").errors
    assert str(first) == (
        "broken.yaml:14:12: full-width \uff1a (U+FF1A) where YAML wants a colon and a space; write `command: ['sh']`"
    )
    assert first.excerpt() == "14 |     command\uff1a ['sh']\n   |            ^"
    assert str(second) == (
        "broken.yaml:16:3: spec.containers[1]: wrong indentation: `- name: GET_HOSTS_FROM` stands outside `env:`; "
        "indent it, and what belongs to it, by 2 more: `    - name: GET_HOSTS_FROM`"
    )
    assert second.excerpt() == "16 |   - name: GET_HOSTS_FROM\n   |   ^"


def test_the_primers_broken_manifest_put_right() -> None:
    """Doing what the problems say makes it a pod."""
    text = (PRIMER / "broken.yaml").read_text().replace("command\uff1a ['sh']", "command: ['sh']")
    text = text.replace("  - name: GET_HOSTS_FROM\n    value: env", "    - name: GET_HOSTS_FROM\n      value: env")
    [document] = read(text).documents
    assert isinstance(document.object, Pod)
    [container] = document.object.spec.containers
    assert (container.command, container.env[0].name) == (("sh",), "GET_HOSTS_FROM")


@pytest.mark.parametrize("path", sorted(PRIMER.parent.rglob("*.yaml")), ids=lambda path: path.name)
def test_samples(path: Path) -> None:
    """Every sample begins by saying what to look at, and is good unless it is the broken one."""
    text = path.read_text()
    assert text.startswith("# ")
    assert "ook at" in text
    assert bool(read(text, definitions=True).errors) == (path.name == "broken.yaml")


def test_old_api_versions() -> None:
    """An old Deployment is read as apps/v1, selector and all, with warnings that say what to write."""
    text = "apiVersion: {}\nkind: Deployment\nmetadata: {{name: a}}\nspec:\n  rollbackTo: {{revision: 1}}\n  template: {{metadata: {{labels: {{app: web}}}}}}\n"
    [document] = read(text.format("extensions/v1beta1"), "f.yaml").documents
    assert document.kind is DEPLOYMENTS
    assert document.plain["apiVersion"] == "apps/v1"
    assert isinstance(document.object, Deployment)
    assert document.object.spec.selector is not None
    assert document.object.spec.selector.matchLabels == {"app": "web"}
    assert [str(warning) for warning in document.warnings] == [
        (
            "f.yaml:1:1: extensions/v1beta1 Deployment is deprecated in v1.9+, unavailable in v1.16+; use apps/v1 Deployment; "
            "write `apiVersion: apps/v1`"
        ),
        "f.yaml:5:3: spec.rollbackTo has no effect any more: use `kubectl rollout undo`",
        (
            "f.yaml:4:1: apps/v1 wants spec.selector; the template's labels are taken, as extensions/v1beta1 did; "
            "write `selector: {matchLabels: {app: web}}`"
        ),
    ]
    assert read(text.format("apps/v1beta1")).documents[0].object == document.object
    assert read(text.format("apps/v1beta3")).documents == ()


def test_old_api_versions_keep_a_selector() -> None:
    """A selector that was written stays."""
    text = "apiVersion: apps/v1beta2\nkind: ReplicaSet\nspec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b, c: d}}}}\n"
    [document] = read(text).documents
    assert document.plain["spec"]["selector"] == {"matchLabels": {"a": "b"}}
    assert len(document.warnings) == 1


def test_clusters() -> None:
    """The description of a cluster is no object, and what is wrong with it has its place."""
    text = "apiVersion: ktui.dev/v1alpha1\nkind: Cluster\nnodes:\n- count: {}\n"
    manifest = read(text.format(5))
    assert manifest.documents == ()
    assert [found.nodes[0].count for found in manifest.clusters] == [5]
    assert cluster_documents(text.format(5)) == list(manifest.clusters)
    with pytest.raises(ValueError, match=r"^c\.yaml:4:10: nodes\[0\]\.count: must be at least 0, not -1$"):
        cluster_documents(text.format(-1), "c.yaml")


def test_problems_of_others_get_a_place() -> None:
    """A field that the API server refuses is found in the text, also in an item of a list."""
    text = "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Pod\n  metadata:\n    name: Bad\n"
    [document] = read(text).documents
    problem = locate_problem(text, document, "metadata.name", "Invalid value", "f.yaml")
    assert problem == Problem("f.yaml", 7, 11, "metadata.name", "Invalid value", "", "    name: Bad")
    assert locate_problem(text, document, "spec.containers", "Required value").line == 4


def test_excerpts_count_cells() -> None:
    """The caret stands below the column, wide characters before it or not."""
    assert Problem("f", 3, 3, "", "x", line_text="\u4e2d\u6587a").excerpt() == "3 | \u4e2d\u6587a\n  |     ^"
    assert Problem("f", 0, 0, "", "gone").excerpt() == ""
    assert str(Problem("f", 0, 0, "", "gone")) == "f: gone"


_FIELDS = st.sampled_from(
    ["name", "image", "replicas", "containers", "labels", "metadata", "spec", "limits", "oops", "env", "command"]
)
_DATA = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from(["x", "1Gi", "two", "3"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(_FIELDS, inner, max_size=3),
    max_leaves=10,
)


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(_FIELDS, _DATA, max_size=3), st.sampled_from([Pod, Deployment]))
def test_the_walk_agrees_with_the_decoder(data: dict[str, Any], struct: type) -> None:
    """There is something wrong exactly when decoding fails, and one problem at least is told."""
    try:
        codec.from_plain(struct, data)
    except msgspec.ValidationError:
        fits = False
    else:
        fits = True
    assert (strict.check(struct, data) == []) is fits


@settings(max_examples=150, deadline=None)
@given(
    st.text(st.sampled_from("ab: \n-[]{}\"'\t#&*!|>%@,?\uff1a\u3000\x07~0")),
    st.sampled_from(["", POD, POD + "spec:\n  "]),
)
@example("{}0", "")
def test_any_text_can_be_read(tail: str, head: str) -> None:
    """Whatever a file holds, reading it answers, and every problem stands on a line of the text."""
    text = head + tail
    manifest = read(text)
    for problem in manifest.errors:
        assert 1 <= problem.line <= text.count("\n") + 1
        assert problem.column >= 1
        assert problem.message


def test_what_is_written_is_read() -> None:
    """An object printed by the writer is the same object when read."""
    [document] = read((PRIMER / "redis-slave-rc.yaml").read_text()).documents
    [again] = read(write(codec.to_wire(document.kind, document.object))).documents
    assert again.object == document.object


def test_a_kind_that_may_be_defined_is_told_apart_from_a_mistake() -> None:
    """Only where it is asked for, and only in groups that are nobody's yet: the rest is an error."""
    text = "apiVersion: example.com/v1\nkind: Backup\nmetadata: {name: nightly}\n"
    assert [problem.message for problem in read(text).errors] == [
        'no matches for kind "Backup" in version "example.com/v1"'
    ]
    manifest = read(text, definitions=True)
    assert (manifest.errors, manifest.empty) == ((), False)
    assert [(one.api_version, one.kind, one.name) for one in manifest.unknown] == [
        ("example.com/v1", "Backup", "nightly")
    ]
    assert read(text.replace("example.com", "apps"), definitions=True).errors
    assert read(text.replace("example.com/v1", "v1"), definitions=True).errors


def test_claims_of_a_stateful_set_say_what_they_are() -> None:
    """The claims inside a StatefulSet may be written as objects of their own kind; what they do not know is told."""
    text = (
        "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: a}\nspec:\n  volumeClaimTemplates:\n"
        "  - apiVersion: v1\n    kind: PersistentVolumeClaim\n    metadata: {name: d}\n"
    )
    assert not read(text).errors
    (problem,) = read(f"{text}    specs: 1\n").errors
    assert (problem.path, problem.message) == ("spec.volumeClaimTemplates[0].specs", "unknown field")
