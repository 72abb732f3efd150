"""What the files ask of the cluster."""

from cluster.api.kinds import KINDS, STATIC
from cluster.manifests import read
from ktui.folder import plan
from ktui.folder.plan import Identity
from tests.ktui.folder.world import config_map, namespace

FILES = {
    "b.yaml": read(config_map("x", namespace="ns") + "---\n" + config_map("y")).documents,
    "a.yaml": read(config_map("y", "2") + "---\nkind: Service\napiVersion: v1\nmetadata: {name: s}\n").documents,
    "z.yaml": read(namespace("ns")).documents,
}
ONES = [Identity("", "ConfigMap", "default", f"c{n}") for n in range(12)]


def test_order_and_identity() -> None:
    """Namespaces come first, workloads last; an object without a namespace is in `default`."""
    items, _ = plan.wanted(FILES, {})
    assert [str(item.identity) for item in items] == [
        "Namespace ns", "ConfigMap default/y", "ConfigMap ns/x", "Service default/s",
    ]  # fmt: skip


def test_the_order_of_files_does_not_matter() -> None:
    """Files found in another order give the same plan."""
    assert plan.wanted(dict(reversed(FILES.items())), {}) == plan.wanted(FILES, {})


def test_twice_the_same_object() -> None:
    """Of an object in two files the one that was there before stays, else the first by path."""
    _, [clash] = plan.wanted(FILES, {})
    assert (clash.first.path, clash.second.path) == ("a.yaml", "b.yaml")
    items, [clash] = plan.wanted(FILES, {Identity("", "ConfigMap", "default", "y"): "b.yaml"})
    assert (clash.first.path, clash.second.path) == ("b.yaml", "a.yaml")
    assert [item.path for item in items if item.identity.name == "y"] == ["b.yaml"]


def test_twice_in_one_file() -> None:
    """The first of two in one file stays."""
    documents = read(config_map("y") + "---\n" + config_map("y", "2")).documents
    _, [clash] = plan.wanted({"a.yaml": documents}, {})
    assert (clash.first.document.index, clash.second.document.index) == (0, 1)


def pruned(owned: list[Identity], wanted: list[Identity], **given: object) -> plan.Pruning:
    """A pruning with nothing in error."""
    chosen = {"broken": {}, "origins": {}, "unknown_held": False, "lost": "", **given}
    return plan.pruning(owned, wanted, **chosen)  # type: ignore[arg-type]


def test_pruning() -> None:
    """What is not held any more goes, last applied first; what takes other things with it stays."""
    owned = [Identity("", "Service", "default", "s"), Identity("apps", "Deployment", "default", "d"), ONES[0], ONES[1]]
    found = pruned([*owned, Identity("", "Namespace", "", "ns")], [ONES[1]])
    assert [str(one) for one in found.delete] == ["Deployment default/d", "Service default/s", "ConfigMap default/c0"]
    assert found.kept == {Identity("", "Namespace", "", "ns"): "a Namespace is not deleted unasked"}
    assert found.hold == ""


def test_many_deletions_are_held() -> None:
    """More than five and more than half are held; so is anything when the folder is lost."""
    assert pruned(ONES[:5], []).hold == ""
    assert pruned(ONES, ONES[:6]).hold == ""
    assert pruned(ONES, ONES[:5]).hold == "7 of 12 objects would be deleted"
    assert pruned(ONES[:6], []).hold == "6 of 6 objects would be deleted"
    assert pruned(ONES[:1], [], lost="f is gone").hold == "f is gone"
    assert pruned([], [], lost="f is gone").hold == ""


def test_errors_hold_what_they_may_name() -> None:
    """What a broken file names is kept; and what an earlier run made, while a file was never good."""
    found = pruned(ONES[:2], [], broken={"x.yaml": "name: c0"})
    assert (found.delete, found.kept) == ([ONES[1]], {ONES[0]: "x.yaml, which is in error, names it"})
    assert pruned(ONES[:2], [], broken={"x.yaml": "# c0 was here\nname: c1-new\n"}).kept == {}
    found = pruned(ONES[:2], [], unknown_held=True, origins={ONES[0]: "a.yaml"})
    assert (found.delete, list(found.kept)) == ([ONES[0]], [ONES[1]])


def test_every_kind_has_a_rank() -> None:
    """Definitions of kinds before all else, then namespaces; kinds with no rank of their own come last."""
    ranks = {kind.kind: plan.rank(Identity(kind.group, kind.kind, "", "x")) for kind in KINDS}
    assert sorted(ranks, key=lambda kind: ranks[kind])[:2] == ["CustomResourceDefinition", "Namespace"]
    assert ranks["Service"] < ranks["Pod"] < ranks["Deployment"] < ranks["Event"]
    assert all(plan.kind_of(Identity(kind.group, kind.kind, "", "x"), STATIC) is kind for kind in KINDS)


def test_documents_know_their_identity() -> None:
    """A cluster's own kinds have no namespace."""
    [document] = FILES["z.yaml"]
    assert plan.identity(document) == Identity("", "Namespace", "", "ns")
    assert plan.identity(document).key == "ns"
