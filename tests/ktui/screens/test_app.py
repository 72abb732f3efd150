"""The app: each key does what the table of commands says, at both ends of the sizes."""

from pathlib import Path

import pytest
from textual.command import CommandPalette
from textual.events import Key
from textual.widgets import Input

from cluster.api.kinds import DEPLOYMENTS, NODES
from ktui.app import KtuiApp
from ktui.screens.dialogs import AskScreen, ConfirmScreen
from ktui.screens.listing import ListingScreen
from ktui.screens.main import NAMES, MainScreen
from ktui.screens.palette import CommandsProvider
from ktui.screens.text import TextScreen
from ktui.widgets.pane import Pane
from tests.ktui import engines
from tests.ktui.screens.running import LARGE, SMALL, Running, running

WEB = (engines.deployment(), engines.service())


def _main(shown: Running) -> MainScreen:
    screen = shown.app.screen
    assert isinstance(screen, MainScreen)
    return screen


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_five_panes_are_live_at_once(size: tuple[int, int]) -> None:
    """Every pane has rows on the screen, at 80x24 and at 200x60, and they follow the cluster."""
    async with running(*WEB, size=size) as shown:
        text = shown.text()
        for number, name in enumerate(NAMES, 1):
            assert f" {number} {name} " in text
        for word in ("node-3 ● Ready", "● Running", "10.96.0.1", "3/3", "● 3/3"):
            assert " ".join(word.split()) in " ".join(text.split())
        engines.apply(shown.engine, engines.deployment(replicas=5))
        await shown.sync()
        assert "pods ● 5/5" in shown.lines()[0]
        assert "2 pods 5" in shown.text()


async def test_panes_are_reached_by_tab_and_by_number() -> None:
    """Tab goes round, Shift+Tab back, a digit straight there; it starts in the pods."""
    async with running(*WEB) as shown:
        screen = _main(shown)
        visited = [screen.pane.id]
        for key in ("tab", "tab", "tab", "tab", "shift+tab", "5", "3"):
            await shown.press(key)
            visited.append(screen.pane.id)
        assert visited == ["pods", "labels", "services", "events", "nodes", "events", "events", "labels"]


async def test_z_gives_a_pane_the_whole_screen() -> None:
    """Zoomed, only that pane is seen; another number shows another; Escape gives everything back."""
    async with running(*WEB) as shown:
        await shown.press("4", "z")
        assert "4 services" in shown.text()
        assert "2 pods" not in shown.text()
        assert "SELECTOR" in shown.text()
        await shown.press("1")
        assert "1 nodes" in shown.text()
        assert "4 services" not in shown.text()
        await shown.press("escape")
        assert "4 services" in shown.text()


async def test_slash_filters_while_typing_and_escape_clears() -> None:
    """The rows that match remain as one types; Enter keeps the filter, Escape takes it away again."""
    async with running(*WEB, engines.deployment("db", replicas=1)) as shown:
        await shown.press("slash")
        await shown.type("db")
        assert "2 pods 1 of 4 /db" in shown.text()
        await shown.press("enter")
        assert _main(shown).filter_text() == "db"
        await shown.press("escape")
        assert _main(shown).filter_text() == ""


async def test_a_bad_filter_is_told_and_the_rows_stay() -> None:
    """What is wrong is said beside the prompt; Enter does not accept it."""
    async with running(*WEB) as shown:
        await shown.press("slash")
        await shown.type("web[")
        assert "✖ web[: unterminated character set" in shown.text()
        assert "2 pods 3 of 3 /web" in shown.text()
        await shown.press("enter")
        assert "✖" in shown.text()
        await shown.press("escape")
        assert _main(shown).filter_text() == ""


async def test_enter_goes_down_and_escape_comes_back() -> None:
    """Deployment to ReplicaSet to pods, then back the same way."""
    async with running(*WEB) as shown:
        await shown.press("colon")
        await shown.type("deploy")
        await shown.press("enter")
        assert "deployments 1" in shown.text()
        await shown.press("enter")
        assert "owned by deployment/web 1" in shown.text()
        await shown.press("enter")
        assert "owned by replicaset/web-" in shown.text()
        assert shown.text().count("● Running") == 3
        await shown.press("o")
        assert "replicaset/web-" in shown.text()
        for _ in range(4):
            await shown.press("escape")
        assert isinstance(shown.app.screen, MainScreen)


async def test_a_node_a_service_and_a_label_open_their_objects() -> None:
    """Each pane's Enter leads to what belongs to the row."""
    async with running(*WEB) as shown:
        await shown.press("1", "enter")
        assert "pods on node/node-1" in shown.text()
        await shown.press("escape", "4", "G", "enter")
        assert "pods behind service/web 3" in shown.text()
        await shown.press("escape", "3", "enter")
        assert "app " in shown.text()
        assert "deployment" in shown.text()


async def test_space_on_a_label_filters_every_pane() -> None:
    """The chosen label is named in every title; Escape shows everything again."""
    async with running(*WEB, engines.deployment("db", replicas=1)) as shown:
        await shown.press("3", "j", "space")
        assert "⊆ app=db" in shown.text()
        assert "2 pods 1 of 4 ⊆ app=db" in shown.text()
        assert "1 nodes 1 of 3 ⊆ app=db" in shown.text()
        await shown.press("escape")
        assert "2 pods 4" in shown.text()


async def test_describe_and_yaml_are_live() -> None:
    """The text follows the object, and says when it has gone."""
    async with running(*WEB) as shown:
        await shown.press("d")
        assert isinstance(shown.app.screen, TextScreen)
        assert "Name:             web-" in shown.text()
        await shown.press("escape", "y")
        assert "apiVersion: v1" in shown.text()
        engines.apply(shown.engine, engines.deployment(replicas=0))
        await shown.sync()
        assert "is gone" in shown.text()


async def test_text_can_be_searched() -> None:
    """A filter on a text goes to the line; n and N go on; what is nowhere is said."""
    async with running(*WEB) as shown:
        await shown.press("d")
        await shown.press("slash")
        await shown.type("qos")
        assert "QoS Class" in shown.text()
        await shown.type("zzz")
        assert "✖ not found" in shown.text()
        await shown.press("escape")
        await shown.press("slash")
        await shown.type("name")
        await shown.press("enter", "n", "n", "N")
        assert "/name" in shown.text()


async def test_an_unknown_kind_is_told_with_the_nearest() -> None:
    """The line stays open with what was wrong; Tab completes it."""
    async with running(*WEB) as shown:
        await shown.press("colon")
        await shown.type("deplyo")
        await shown.press("enter")
        assert "✖ no kind 'deplyo'; did you mean deploy" in shown.text()
        await shown.press("backspace", "backspace", "backspace", "tab")
        await shown.press("enter")
        assert isinstance(shown.app.screen, ListingScreen)
        assert "deployments 1" in shown.text()


async def test_enter_takes_the_completion_that_is_shown() -> None:
    """`:dep` shows `deployments` greyed; Enter goes there, as it looks as if it would."""
    async with running(*WEB) as shown:
        await shown.press("colon")
        await shown.type("dep")
        assert "deployments" in shown.lines()[-2]
        await shown.press("enter")
        assert "deployments 1" in shown.text()
        await shown.press("colon")
        await shown.type("xyzzy")
        await shown.press("enter")
        assert "✖ no kind 'xyzzy'; Ctrl+P lists every kind" in shown.text()


async def test_the_palette_does_what_it_offers() -> None:
    """It holds what can be done now, Textual's own commands only where ours have none, and does what is chosen."""
    async with running(*WEB) as shown:
        offers = {text: act for text, _, act in CommandsProvider(shown.app.screen)._offers()}
        assert "go to pods" in offers
        assert "delete  (D Del)" in offers
        assert "scale  (s)" not in offers
        titles = {command.title for command in shown.app.get_system_commands(shown.app.screen)}
        assert titles == {"Theme", "Screenshot"}
        assert shown.app.session.pacer.paused
        await offers["pause  (p)"]()
        assert not shown.app.session.pacer.paused
        await shown.press("ctrl+p")
        assert isinstance(shown.app.screen, CommandPalette)


async def test_a_terminal_too_small_for_five_panes_shows_one() -> None:
    """At 40x10 the pane that has the focus has the room; Tab goes on, Esc keeps it; a larger one has all again."""
    async with running(*WEB, size=(40, 10)) as shown:
        assert [pane.id for pane in _main(shown).query(Pane) if pane.region] == ["pods"]
        assert "Running" in shown.text()
        await shown.press("tab", "escape", "z")
        assert [pane.id for pane in _main(shown).query(Pane) if pane.region] == ["labels"]
        await shown.pilot.resize_terminal(*SMALL)
        await shown.sync()
        assert len([pane for pane in _main(shown).query(Pane) if pane.region]) == len(NAMES)


async def test_help_names_every_key() -> None:
    """The help is the table of commands."""
    async with running(size=LARGE) as shown:
        await shown.press("question_mark")
        for word in ("Shift+Tab", "Ctrl+F"):
            assert word in shown.text()
        await shown.press("G")
        assert "Delete it, after asking" in shown.text()
        await shown.press("escape")
        assert isinstance(shown.app.screen, MainScreen)


async def _open_deployments(shown: Running) -> None:
    await shown.press("colon")
    await shown.type("deploy")
    await shown.press("enter")


async def test_scale_asks_and_scales() -> None:
    """The prompt starts with the present number; nonsense is refused with a notification."""
    async with running(*WEB) as shown:
        await _open_deployments(shown)
        await shown.press("s")
        assert isinstance(shown.app.screen, AskScreen)
        await shown.press("5", "enter")
        assert shown.engine.api.get(DEPLOYMENTS, "default/web").spec.replicas == 5
        await shown.press("s", "x", "enter")
        assert [note.message for note in shown.app._notifications][-1] == "'x' is not a number of replicas"


async def test_delete_asks_first() -> None:
    """No is the answer that Enter gives; y deletes."""
    async with running(*WEB) as shown:
        name = engines.pods(shown.engine)[0].metadata.name
        await shown.press("D")
        assert isinstance(shown.app.screen, ConfirmScreen)
        assert f"Delete pod/{name} in namespace default?" in shown.text()
        await shown.press("enter")
        assert not engines.pods(shown.engine)[0].metadata.deletionTimestamp
        await shown.press("D", "y")
        assert engines.pods(shown.engine)[0].metadata.deletionTimestamp


async def test_restart_and_roll_back() -> None:
    """A restart is a new revision of the template; rolling back takes it away again."""
    async with running(*WEB) as shown:
        await _open_deployments(shown)
        await shown.press("r")
        marked = shown.engine.api.get(DEPLOYMENTS, "default/web").spec.template.metadata.annotations
        assert "kubectl.kubernetes.io/restartedAt" in marked
        await shown.run(60_000)
        await shown.press("u", "y")
        assert not shown.engine.api.get(DEPLOYMENTS, "default/web").spec.template.metadata.annotations


async def test_a_node_is_cordoned_and_taken_down() -> None:
    """Each key turns it round again; taking it down is asked first."""
    async with running(*WEB) as shown:
        await shown.press("1", "c")
        assert shown.engine.api.get(NODES, "node-1").spec.unschedulable
        assert "SchedulingD" in shown.text() or "Ready,Sc" in shown.text()
        await shown.press("c")
        assert not shown.engine.api.get(NODES, "node-1").spec.unschedulable
        await shown.press("x", "y")
        await shown.run(60_000)
        assert "nodes ▲ 2/3" in shown.lines()[0]
        await shown.press("x")
        await shown.run(30_000)
        assert "nodes ● 3/3" in shown.lines()[0]


async def test_labels_are_edited() -> None:
    """key=value sets, key- removes."""
    async with running(*WEB) as shown:
        await shown.press("1", "L")
        await shown.type("disk=ssd")
        await shown.press("enter")
        assert shown.engine.api.get(NODES, "node-1").metadata.labels["disk"] == "ssd"
        await shown.press("L")
        await shown.type("disk-")
        await shown.press("enter")
        assert "disk" not in shown.engine.api.get(NODES, "node-1").metadata.labels


async def test_a_read_only_session_offers_and_does_nothing() -> None:
    """The verbs are not in the key bar, and refused with a reason if pressed."""
    async with running(*WEB, read_only=True) as shown:
        assert "read-only" in shown.lines()[0]
        assert "delete" not in shown.lines()[-1]
        await shown.press("D", "y")
        assert "read-only" in [note.message for note in shown.app._notifications][-1]
        assert not engines.pods(shown.engine)[0].metadata.deletionTimestamp


async def test_time_is_paused_sped_up_and_stepped() -> None:
    """The top line tells the speed and the pause."""
    async with running() as shown:
        assert "‖ paused" in shown.lines()[0]
        await shown.press("full_stop")
        assert [note.message for note in shown.app._notifications] == ["nothing is due: the cluster is at rest"]
        engines.apply(shown.engine, engines.deployment(), run=0)
        before = shown.engine.clock.now
        await shown.press("full_stop")
        assert shown.engine.clock.now > before
        await shown.press("plus", "plus")
        assert "x5" in shown.lines()[0]
        await shown.press("minus")
        assert "x2" in shown.lines()[0]
        await shown.press("p")
        assert "▶" in shown.lines()[0]


async def test_a_double_click_opens_and_a_click_on_a_key_presses_it() -> None:
    """The mouse does what the keys do."""
    async with running(*WEB) as shown:
        await shown.pilot.click("#services VirtualTable", offset=(3, 2), times=2)
        await shown.sync()
        assert "pods behind service/web" in shown.text()
        await shown.press("escape")
        line = shown.lines()[-1]
        await shown.pilot.click("KeyBar", offset=(line.index("? help") + 3, 0))
        await shown.sync()
        assert isinstance(shown.app.screen, TextScreen)


async def test_nothing_is_built_and_painted_below_the_panes() -> None:
    """The panes are the lowest screen, so that the first frame there is shows them."""
    app = KtuiApp(engines.started(), [])
    async with app.run_test(size=SMALL):
        assert [type(screen) for screen in app.screen_stack] == [MainScreen]


class FakeApi:
    """An API of which only start and stop are seen."""

    address = "https://127.0.0.1:6443"

    def __init__(self, error: OSError | None = None) -> None:
        self._error = error
        self.open = False

    async def start(self) -> str:
        """Open, or fail."""
        if self._error is not None:
            raise self._error
        self.open = True
        return "The Kubernetes API is at https://127.0.0.1:6443\n  kubectl --kubeconfig kc get nodes"

    async def stop(self) -> None:
        """Close."""
        self.open = False


async def test_the_api_is_open_while_the_app_runs() -> None:
    """The top line says where the API is, the help how to use it, and it is closed with the app."""
    engine, api = engines.started(), FakeApi()
    app = KtuiApp(engine, [], serve=lambda *_: api)
    app.session.pacer.pause()
    async with app.run_test(size=SMALL) as pilot:
        shown = Running(app, pilot, engine)
        await shown.sync()
        assert api.open
        assert " api 127.0.0.1:6443" in shown.lines()[0]
        await shown.press("?")
        assert "kubectl --kubeconfig kc get nodes" in shown.text()
    assert not api.open


async def test_an_api_that_cannot_be_opened_ends_the_app() -> None:
    """A port that is taken ends it with code 2: what was asked for cannot be had."""
    app = KtuiApp(engines.started(), [], serve=lambda *_: FakeApi(OSError("address already in use")))
    async with app.run_test(size=SMALL) as pilot:
        await pilot.pause()
    assert app.return_code == 2


async def test_a_bug_in_the_engine_is_shown_and_logged(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """When the cluster's time stops by an error of ours, the screen says so, and where the rest is."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    async with running(*WEB) as shown:
        shown.engine.clock.at(0, _fail)
        await shown.pilot.pause(0.3)
        assert "the cluster's time has stopped: a bug in ktui" in shown.text()
        assert "ZeroDivisionError" in (tmp_path / "ktui" / "ktui.log").read_text()
        await shown.press("escape")
        assert isinstance(shown.app.screen, MainScreen)


def _fail(_: object) -> None:
    raise ZeroDivisionError


async def test_what_is_typed_in_one_burst_lands_in_the_line_it_opened() -> None:
    """Keys that arrive together, as they do over SSH, are not taken for commands: `/c` filters and cordons nothing."""
    async with running(*WEB) as shown:
        await shown.press("1")
        await shown.burst("/c1")
        assert _main(shown).filter_text() == "c1"
        await shown.press("escape")
        await shown.burst("Lc=x")
        await shown.press("enter")
        assert shown.engine.api.get(NODES, "node-1").metadata.labels["c"] == "x"
        assert not shown.engine.api.get(NODES, "node-1").spec.unschedulable


async def test_a_listing_shows_its_objects_keys_at_once() -> None:
    """The bar says what can be done with the row under the cursor as soon as the screen is there."""
    async with running(*WEB) as shown:
        await shown.press("colon")
        await shown.type("deploy")
        shown.app.post_message(Key("enter", None))
        for _ in range(3):
            await shown.settle()
        assert "s scale  r restart  u undo" in shown.lines()[-1]


async def test_what_is_typed_ahead_is_the_prompts() -> None:
    """Keys that come in one read with the colon are text for the prompt, not commands."""
    async with running() as shown:
        for key, character in (("colon", ":"), *((letter, letter) for letter in "deploy")):
            shown.app.post_message(Key(key, character))
        await shown.sync()
        assert shown.app.screen.query_one(Input).value == "deploy"
        assert shown.app.session.pacer.speed == 1.0
        await shown.press("/")
        assert shown.app.screen.query_one(Input).value == "deploy/"


async def test_one_thing_is_told_at_a_time() -> None:
    """The same key again and again covers the panes with one note, not with many."""
    async with running() as shown:
        await shown.press("a", "a", "a")
        assert len(shown.app._notifications) == 1
