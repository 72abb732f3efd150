"""The folder kept applied: what is created, changed, kept and deleted, and when."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cluster.api.core import ConfigMap, Endpoints
from cluster.api.errors import Conflict, Invalid
from cluster.api.kinds import CONFIG_MAPS, ENDPOINTS
from cluster.api.meta import ObjectMeta, StatusCause
from ktui.folder import FolderState, Identity, Status
from ktui.folder.applying import PART_OF, set_name
from tests.ktui.folder.world import FakeCluster, World, config_map, namespace

POD = "apiVersion: v1\nkind: Pod\nmetadata: {{name: {}}}\nspec: {{containers: [{{name: a, image: {}}}]}}\n"


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A folder with one file of two objects."""
    world = World(tmp_path)
    world.save("a.yaml", config_map("x") + "---\n" + config_map("y"))
    return world


async def test_the_first_look_applies_everything(world: World) -> None:
    """Files are applied at once, into `default`, with the folder's label."""
    await world.step()
    assert world.cluster.names() == ["configmaps default/x", "configmaps default/y"]
    value = world.cluster.find(CONFIG_MAPS, "default/x")
    assert value is not None
    assert value.metadata.labels == {PART_OF: set_name(world.root)}
    assert str(world.state.summary) == "2 created"
    assert str(world.state) == "1 file, 2 objects"
    assert (world.statuses(), world.state.synced, world.folder.settled) == ({"a.yaml": Status.APPLIED}, 100.0, True)


async def test_nothing_new_is_nothing_done(world: World) -> None:
    """A look that finds nothing new writes nothing and makes no new state."""
    await world.step()
    before = world.state
    for _ in range(3):
        assert await world.step(2) == 1.5
    assert world.state is before
    assert len(world.cluster.log) == 2


async def test_a_save_applies_its_file(world: World) -> None:
    """What was saved is applied 50 ms later; what did not change is called so, and other files are left alone."""
    world.save("b.yaml", config_map("z"))
    await world.step()
    world.save("a.yaml", config_map("x", "2") + "---\n" + config_map("y"))
    assert await world.step(1) == pytest.approx(0.05)
    assert len(world.cluster.log) == 3
    await world.step(0.06)
    assert world.cluster.log[3:] == ["apply ConfigMap default/x", "apply ConfigMap default/y"]
    assert str(world.state.summary) == "1 changed"
    assert [one.name for one in world.state.summary.unchanged] == ["y"]


async def test_what_is_taken_out_is_deleted(world: World) -> None:
    """An object that no file holds any more goes; one of a deleted file after 700 ms."""
    world.save("b.yaml", config_map("z"))
    await world.step()
    world.save("a.yaml", config_map("x"))
    await world.settle()
    assert world.cluster.names() == ["configmaps default/x", "configmaps default/z"]
    world.remove("b.yaml")
    await world.step(1)
    await world.step(0.6)
    assert "configmaps default/z" in world.cluster.names()
    await world.step(0.2)
    assert world.cluster.names() == ["configmaps default/x"]
    assert (str(world.state.summary), world.statuses()["b.yaml"]) == ("1 deleted", Status.PRUNED)


async def test_a_replaced_file_loses_nothing(world: World) -> None:
    """An editor that removes and writes a file anew deletes nothing."""
    await world.step()
    world.remove("a.yaml")
    await world.step(1)
    world.save("a.yaml", config_map("x") + "---\n" + config_map("y"))
    await world.settle()
    assert not [entry for entry in world.cluster.log if entry.startswith("delete")]


async def test_moving_and_splitting_change_nothing(world: World) -> None:
    """An object is known by its kind and name: another file, or another order, is no change."""
    await world.step()
    world.save("sub/x.yaml", config_map("x"))
    world.save("y.yml", config_map("y"))
    world.remove("a.yaml")
    await world.step(1)
    assert world.state.problems == ()
    await world.settle()
    assert world.cluster.names() == ["configmaps default/x", "configmaps default/y"]
    assert not [entry for entry in world.cluster.log if entry.startswith("delete")]
    assert (world.state.summary.created, world.state.problems) == ((), ())


async def test_an_invalid_file_keeps_its_objects(world: World) -> None:
    """A mistake takes nothing away, other files go on, and the error has its place."""
    world.save("b.yaml", config_map("z"))
    await world.step()
    world.save("a.yaml", config_map("x").replace("\ndata", "\ndat"))
    world.save("b.yaml", config_map("z", "2"))
    await world.settle()
    assert len(world.cluster.names()) == 3
    assert world.cluster.log[-1] == "apply ConfigMap default/z"
    assert world.statuses() == {"a.yaml": Status.ERROR, "b.yaml": Status.APPLIED}
    [problem] = world.state.problems
    assert str(problem) == f"{world.root}/a.yaml:4:1: dat: unknown field; did you mean data?"
    assert world.state.files[0].detail == "its last good state is kept"
    world.save("a.yaml", config_map("x", "3"))
    await world.settle()
    assert world.cluster.names() == ["configmaps default/x", "configmaps default/z"]


async def test_half_a_write_is_not_an_error(world: World) -> None:
    """An error or an empty file so soon after a write is not told, and takes nothing away."""
    await world.step()
    for text in ("", "apiVersion: v1\nki"):
        world.save("a.yaml", text)
        await world.step(1)
        await world.step(0.1)
        assert (world.statuses(), world.state.problems) == ({"a.yaml": Status.APPLIED}, ())
    world.save("a.yaml", config_map("x", "2"))
    await world.step(0.1)
    await world.step(0.1)
    assert world.cluster.names() == ["configmaps default/x"]


async def test_an_empty_file_holds_nothing(world: World) -> None:
    """A file that stays empty holds no objects; but the last one of a folder emptied is held."""
    world.save("b.yaml", config_map("z"))
    await world.step()
    world.save("b.yaml", "# nothing\n")
    await world.settle()
    assert (world.statuses()["b.yaml"], len(world.cluster.names())) == (Status.EMPTY, 2)


async def test_the_same_object_twice(world: World) -> None:
    """The second place of an object is an error that names both; the first stays, and the other follows it."""
    await world.step()
    world.save("0.yaml", config_map("x", "2"))
    await world.settle()
    [problem] = world.state.problems
    assert str(problem) == (
        f"{world.root}/0.yaml:3:18: ConfigMap default/x is already in {world.root}/a.yaml:1; that one stays; remove one of the two"
    )
    value = world.cluster.find(CONFIG_MAPS, "default/x")
    assert isinstance(value, ConfigMap)
    assert value.data == {"a": "1"}
    world.save("a.yaml", config_map("y"))
    await world.settle()
    value = world.cluster.find(CONFIG_MAPS, "default/x")
    assert isinstance(value, ConfigMap)
    assert (value.data, world.state.problems) == ({"a": "2"}, ())


async def test_waiting_for_a_namespace(world: World) -> None:
    """An object of a namespace that is not there waits, and is applied when it is."""
    world.save("b.yaml", config_map("z", namespace="later"))
    assert await world.step() == 0.25
    assert world.statuses()["b.yaml"] is Status.WAITING
    assert [report.detail for report in world.state.files] == ["", "waiting for namespace later"]
    assert world.state.problems == ()
    world.save("n.yaml", namespace("later"))
    await world.settle()
    assert "configmaps later/z" in world.cluster.names()
    assert world.statuses()["b.yaml"] is Status.APPLIED


async def test_what_the_server_refuses(world: World) -> None:
    """What the API says against a field is a problem at that field; it is tried again when the file is saved."""
    world.cluster.refuse["y"] = Invalid.of(
        "ConfigMap", "y", [StatusCause(field="data[a]", message="Invalid value: bad")]
    )
    await world.step()
    [problem] = world.state.problems
    assert (str(problem), problem.line_text) == (
        f"{world.root}/a.yaml:9:11: data[a]: Invalid value: bad",
        "data: {a: '1'}",
    )
    assert world.statuses() == {"a.yaml": Status.ERROR}
    await world.step(10)
    world.cluster.refuse.clear()
    await world.step(10)
    assert world.cluster.log == ["apply ConfigMap default/x"]
    world.save("a.yaml", config_map("x") + "---\n" + config_map("y"))
    await world.settle()
    assert (world.state.problems, len(world.cluster.names())) == ((), 2)


async def test_conflicts_are_tried_again(world: World) -> None:
    """An object that changed meanwhile is no error: it is applied at the next look."""
    world.cluster.refuse["y"] = Conflict.of("configmaps", "y")
    await world.step()
    assert (world.statuses(), world.state.problems) == ({"a.yaml": Status.WAITING}, ())
    world.cluster.refuse.clear()
    await world.step(0.25)
    assert world.statuses() == {"a.yaml": Status.APPLIED}


async def test_only_what_the_folder_created_is_deleted(world: World) -> None:
    """An object that was there before is changed, but not labelled, and stays when its file goes."""
    world.cluster.objects[CONFIG_MAPS.qualified, "default/x"] = ConfigMap(
        metadata=ObjectMeta(name="x", namespace="default")
    )
    await world.step()
    assert str(world.state.summary) == "1 created, 1 changed"
    world.save("a.yaml", config_map("z"))
    await world.settle()
    assert world.cluster.names() == ["configmaps default/x", "configmaps default/z"]


async def test_an_earlier_run_is_remembered_by_its_labels(world: World) -> None:
    """What an earlier run created is deleted if its file is gone now; copies of the label are not taken for it."""
    await world.step()
    name = set_name(world.root)
    copied = Endpoints(metadata=ObjectMeta(name="x", namespace="default", labels={PART_OF: name}))
    world.cluster.objects[ENDPOINTS.qualified, "default/x"] = copied
    world.save("a.yaml", config_map("y"))
    again = World(world.root, world.cluster)
    await again.step()
    assert world.cluster.names() == ["configmaps default/y", "endpoints default/x"]


async def test_an_earlier_run_and_a_broken_file(world: World) -> None:
    """While a file cannot be read, nothing of an earlier run is deleted: it may be in there."""
    await world.step()
    world.save("a.yaml", "oops: [")
    again = World(world.root, world.cluster)
    await again.step()
    assert len(world.cluster.names()) == 2
    assert {str(one): why for one, why in again.state.kept} == {
        "ConfigMap default/x": "its file may be one of those in error", "ConfigMap default/y": "its file may be one of those in error",
    }  # fmt: skip


async def test_namespaces_are_kept(world: World) -> None:
    """A namespace whose file is gone stays, and it is said so."""
    world.save("n.yaml", namespace("team"))
    await world.step()
    world.remove("n.yaml")
    await world.settle()
    assert "namespaces team" in world.cluster.names()
    assert world.state.kept == ((Identity("", "Namespace", "", "team"), "a Namespace is not deleted unasked"),)


async def test_many_deletions_wait_for_a_yes(world: World) -> None:
    """More than half, and more than five, are held with the plan; a yes does them; saving the file back undoes the hold."""
    many = "---\n".join(config_map(f"m{n}") for n in range(6))
    world.save("m.yaml", many)
    await world.step()
    world.remove("m.yaml")
    await world.settle()
    held = world.state.held
    assert held is not None
    assert (held.why, len(held.delete), len(world.cluster.names())) == ("6 of 8 objects would be deleted", 6, 8)
    assert str(world.state) == "1 file, 2 objects, held: 6 of 8 objects would be deleted"
    world.save("m.yaml", many)
    await world.settle()
    assert world.state.held is None
    world.remove("m.yaml")
    await world.settle()
    await world.folder.approve()
    assert world.state.held is None
    assert len(world.cluster.names()) == 2


async def test_a_lost_folder_deletes_nothing(world: World) -> None:
    """A folder that is gone, or has no manifests left, is not a wish to delete everything."""
    await world.step()
    world.remove("a.yaml")
    await world.settle()
    assert world.state.held is not None
    assert world.state.held.why == "no manifests are left in the folder"
    world.root.rmdir()
    await world.settle()
    assert world.state.held.why == f"{world.root} is gone or cannot be read"
    assert len(world.cluster.names()) == 2
    world.root.mkdir()
    world.save("a.yaml", config_map("x"))
    await world.settle()
    assert world.state.held is None
    assert world.cluster.names() == ["configmaps default/x"]


async def test_pods_are_made_again(world: World) -> None:
    """A pod's spec cannot be changed: the pod is deleted, waited for, and made as the file says."""
    world.cluster.immutable.add("p")
    world.cluster.lingering.add("p")
    world.save("p.yaml", POD.format("p", "nginx:1"))
    await world.step()
    world.save("p.yaml", POD.format("p", "nginx:2"))
    await world.settle()
    assert world.cluster.log[-1] == "delete Pod default/p"
    assert world.statuses()["p.yaml"] is Status.WAITING
    del world.cluster.objects["pods", "default/p"]
    await world.step(0.25)
    assert (world.cluster.log[-1], world.statuses()["p.yaml"]) == ("apply Pod default/p", Status.APPLIED)


async def test_pods_that_would_not_come_back_stay(world: World) -> None:
    """A pod whose new spec is not valid is not deleted for it."""
    world.cluster.immutable.add("p")
    world.cluster.refuse["p-trial"] = Invalid.of("Pod", "p-trial", [StatusCause(field="spec", message="bad")])
    world.save("p.yaml", POD.format("p", "nginx:1"))
    await world.step()
    world.save("p.yaml", POD.format("p", "nginx:2"))
    await world.settle()
    assert world.statuses()["p.yaml"] is Status.ERROR
    assert "pods default/p" in world.cluster.names()


async def test_immutable_fields_of_others(world: World) -> None:
    """A field that cannot be changed is named; the object is made again only when asked."""
    await world.step()
    world.cluster.immutable.add("x")
    world.save("a.yaml", config_map("x", "2") + "---\n" + config_map("y"))
    await world.settle()
    [problem] = world.state.problems
    assert problem.suggestion == "it cannot be changed in place: recreate the object, or put the old value back"
    await world.folder.recreate(Identity("", "ConfigMap", "default", "x"))
    await world.step()
    assert world.cluster.log[-2:] == ["delete ConfigMap default/x", "apply ConfigMap default/x"]
    assert world.state.problems == ()


async def test_files_that_cannot_be_read(world: World) -> None:
    """What is no text, or has no name, is told; what describes the cluster is no object."""
    world.save("b.yaml", b"a: \xff")
    world.save("c.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {generateName: p-}\n")
    world.save("d.yaml", "apiVersion: ktui.dev/v1alpha1\nkind: Cluster\n")
    world.save("notes.txt", "x")
    await world.step()
    assert [str(problem).removeprefix(f"{world.root}/") for problem in world.state.problems] == [
        "b.yaml: cannot be read: not UTF-8 text: byte 3 is 0xff",
        "c.yaml:1:1: metadata.name: missing: an object kept in a file needs a name",
    ]
    assert world.statuses() == {
        "a.yaml": Status.APPLIED, "b.yaml": Status.ERROR, "c.yaml": Status.ERROR, "d.yaml": Status.IGNORED,
        "notes.txt": Status.IGNORED,
    }  # fmt: skip
    assert world.state.counts[Status.ERROR] == 2


async def test_exported_objects_can_be_kept(world: World) -> None:
    """What `kubectl get -o yaml` printed can be saved as it is: the server's own fields are left out."""
    world.save("a.yaml", config_map("x").replace("name: 'x'", "name: x, uid: abc, resourceVersion: '5', labels: null"))
    await world.step()
    value = world.cluster.find(CONFIG_MAPS, "default/x")
    assert value is not None
    assert (value.metadata.uid, value.metadata.resourceVersion) == ("", "")


DOCUMENTS = [config_map(name, namespace=place) for name in "abc" for place in ("", "ns")] + [namespace("ns")]


async def _delivered(
    root: Path, order: list[int], files: list[int], steps: list[int]
) -> tuple[dict[tuple[str, str], object], FolderState]:
    """The cluster after the documents came, in this order, into these files, so many before each look."""
    world = World(root, FakeCluster())
    texts: dict[int, str] = {}
    for count, (index, file) in enumerate(zip(order, files, strict=True)):
        texts[file] = texts.get(file, "") + "---\n" + DOCUMENTS[index]
        world.save(f"{file}.yaml", texts[file])
        if count in steps:
            await world.step(0.3)
    await world.settle()
    await world.step(1)
    names = {key: value.metadata.name for key, value in world.cluster.objects.items()}
    return {**names}, world.state


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.permutations(range(len(DOCUMENTS))), st.lists(st.integers(0, 3), min_size=7, max_size=7),
    st.lists(st.integers(0, 6), max_size=3),
)  # fmt: skip
async def test_any_order_gives_the_same(
    tmp_path_factory: pytest.TempPathFactory, order: list[int], files: list[int], steps: list[int]
) -> None:
    """However the documents are spread over files, and whenever they come, the cluster ends the same."""
    cluster, state = await _delivered(tmp_path_factory.mktemp("folder"), order, files, steps)
    assert sorted(cluster) == sorted(
        [("configmaps", f"{place}/{name}") for name in "abc" for place in ("default", "ns")]
        + [("namespaces", name) for name in ("default", "kube-system", "ns")]
    )
    assert (state.problems, state.held, state.objects) == ((), None, 7)
    assert {file.status for file in state.files} == {Status.APPLIED}
