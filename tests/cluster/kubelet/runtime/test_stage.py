"""Processes that are looked at again and again: what is told, and what is not played twice."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from cluster.api import kinds
from cluster.kubelet.runtime import commands, logs
from cluster.kubelet.runtime.execute import Inside, Outcome
from cluster.kubelet.runtime.live import Live, begun
from cluster.kubelet.runtime.scene import Scene
from cluster.kubelet.runtime.stage import KEPT, stage_of
from tests.cluster.kubelet.runtime.clients import Clients
from tests.cluster.proxy.town import WEB

COUNTING = "i=0; while true; do i=$((i+1)); echo $i > /tmp/n; cat /tmp/n; sleep 1; done"
HELLO = "GET / reached pod web-1 in namespace default, container c, port 8080\n"


def town(script: str) -> Clients:
    """A server, and a container `c` of a pod `loop` that runs a script."""
    made = Clients(WEB)
    made.server("web-1", "node-1")
    made.apply(f"""
apiVersion: v1
kind: ConfigMap
metadata: {{name: settings, namespace: default}}
data: {{colour: red}}
---
apiVersion: v1
kind: Pod
metadata: {{name: loop, namespace: default}}
spec:
  nodeName: node-3
  containers:
  - {{name: c, image: busybox, command: [sh, -c, "{script}"], volumeMounts: [{{name: settings, mountPath: /etc/settings}}]}}
  volumes: [{{name: settings, configMap: {{name: settings}}}}]
""")
    return made


def scene(made: Clients, until: int) -> Scene:
    """The scene of the container so many ms after its start."""
    pod = made.pod("loop")
    return stage_of(made.engine.store).scene(made.engine.store, pod, pod.spec.containers[0], started(made), until)


def started(made: Clients) -> str:
    """When the container started."""
    running = made.pod("loop").status.containerStatuses[0].state.running
    assert running is not None
    return running.startedAt


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 30_000), min_size=1, max_size=8))
def test_a_kept_scene_tells_what_a_new_one_would(times: list[int]) -> None:
    """Whatever times a container is looked at, in whatever order, it is as if nobody had looked before."""
    made = town(COUNTING)
    made.engine.run_for(30_000)
    pod = made.pod("loop")
    for until in times:
        kept = scene(made, until).simulation.sight()
        fresh = Scene(made.engine.store, pod, pod.spec.containers[0], started(made))
        fresh.play(until)
        new = fresh.simulation.sight()
        assert (kept.outputs, kept.code) == (new.outputs, new.code)
        assert kept.files.read("/tmp/n") == new.files.read("/tmp/n") == f"{until // 1000 + 1}\n".encode()


def test_nothing_is_played_twice() -> None:
    """A later look goes on with the same scene; an earlier one gets a scene of its own, and does not take the kept one back."""
    made = town(COUNTING)
    made.engine.run_for(30_000)
    first = scene(made, 5_000)
    assert scene(made, 9_000) is first
    assert scene(made, 7_000) is not first
    assert scene(made, 9_500) is first


def test_a_scene_of_other_things_is_played_anew() -> None:
    """Another container in its place, or a file of a volume that was changed, makes another scene."""
    made = town(COUNTING)
    first = scene(made, 1_000)
    settings_map = made.engine.api.get(kinds.CONFIG_MAPS, "default/settings")
    made.engine.api.update(kinds.CONFIG_MAPS, replace(settings_map, data={"colour": "blue"}), actor="user")
    made.engine.run_for(2_000)
    second = scene(made, 2_000)
    assert second is not first
    pod = made.pod("loop")
    other = replace(pod.spec.containers[0], command=("sh", "-c", "echo other"))
    found = stage_of(made.engine.store).scene(made.engine.store, pod, other, started(made), 3_000)
    assert found is not second
    assert [output.data for output in found.simulation.sight().outputs] == [b"other\n"]


def test_not_every_scene_is_kept() -> None:
    """Of very many containers those looked at last are kept."""
    made = town(COUNTING)
    first, pod = scene(made, 1_000), made.pod("loop")
    for number in range(KEPT):
        other = replace(pod.spec.containers[0], name=f"c{number}")
        stage_of(made.engine.store).scene(made.engine.store, pod, other, started(made), 0)
    assert scene(made, 1_000) is not first


def test_lines_can_be_read_from_where_one_stopped() -> None:
    """What is read in portions is what is read at once."""
    made = town(COUNTING)
    made.engine.run_for(20_000)
    pod = made.pod("loop")
    container, store = pod.spec.containers[0], made.engine.store
    whole = list(logs.lines(store, pod, container, started(made), 20_000))
    stops = [-1, 0, 3_500, 4_000, 20_000]
    portions = [
        line
        for after, until in pairwise(stops)
        for line in logs.lines(store, pod, container, started(made), until, after=after)
    ]
    assert portions == whole
    assert len(whole) == 21


@pytest.mark.parametrize(
    ("command", "lives"),
    [
        ("echo done", False),
        ("sleep 3; wget -qO- web", True),
        ("wget -qO- web", False),
        ("while true; do echo again; sleep 1; done", True),
        ("until nc -z none 80; do sleep 1; done", True),
    ],
)
def test_a_command_goes_on_if_it_cannot_be_known(command: str, lives: bool) -> None:  # noqa: FBT001 - a row of the table
    """A command that asks the network later, or that has no end, is followed; of another one the outcome is known."""
    made = town("sleep 1000")
    found = begun(_view(made), ["sh", "-c", command], made.engine.clock.micro_timestamp())
    assert isinstance(found, Live if lives else Outcome)


def test_a_command_that_is_followed_sees_things_change() -> None:
    """It writes as time comes, meets the cluster as it is then, and ends with its code."""
    made = town("sleep 1000")
    script = "until wget -qO- web; do echo none; sleep 1; done; exit 4"
    made.delete(kinds.PODS, "web-1")
    live, start = _live(made, script), made.engine.clock.now
    told = live.advance(0)
    made.engine.run_for(1_500)
    told += live.advance(made.engine.clock.now - start)
    assert [output.data for output in told if output.stream == 1] == [b"none\n", b"none\n"]
    assert live.code is None
    made.server("web-1", "node-1")
    told = live.advance(made.engine.clock.now - start)
    assert told[-1].data.decode() == HELLO
    assert live.code == 4
    assert live.advance(made.engine.clock.now - start) == ()


def test_what_is_not_simulated_ends_a_command_that_is_followed() -> None:
    """Where a script goes beyond the shell is told when it gets there."""
    made = town("sleep 1000")
    live = _live(made, "while sleep 1; do eval 'echo ${x@Q}'; done")
    assert live.advance(0) == ()
    told = live.advance(2_000)
    assert told[-1].data == b"sh: the simulated shell knows no `${x@Q}`\n"
    assert live.code == 2


def _live(made: Clients, script: str) -> Live:
    view = _view(made)
    place = view.link
    assert place is not None
    view = replace(view, link=replace(place, past=True))
    return Live(view, ["sh", "-c", script], made.engine.clock.micro_timestamp())


def _view(made: Clients) -> Inside:
    pod = made.pod("loop")
    return commands.view_at(made.engine.store, pod, pod.spec.containers[0], started(made), 0)
