"""A watched folder in the app: its state in the top line, its problems with their places."""

from pathlib import Path

from rich.cells import cell_len

from cluster.manifests import Problem
from ktui.folder import FileReport, FolderState, Status
from ktui.model.folder_report import FileLine, FolderReport, as_text
from ktui.model.tone import Tone
from ktui.screens.folder import report
from tests.ktui.screens.running import Running, running

GOOD = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\ndata:\n  a: b\n"
BAD = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  nam: settings\n"


async def _until(shown: Running, word: str) -> None:
    for _ in range(200):
        if word in shown.text():
            return
        await shown.pilot.pause(0.02)
        await shown.sync()
    raise AssertionError(f"{word!r} is not in\n{shown.text()}")


async def test_a_folder_is_applied_and_a_mistake_is_told_with_its_place(tmp_path: Path) -> None:
    """A good file is applied; a bad one is told with file, line and column, while the good ones go on."""
    (tmp_path / "good.yaml").write_text(GOOD)
    async with running(folders=[tmp_path]) as shown:
        await _until(shown, "folder ● 1 applied")
        (tmp_path / "bad.yaml").write_text(BAD)
        await _until(shown, "✖ bad.yaml:4:3")
        assert "folder ✖" in shown.lines()[0]
        await shown.press("f")
        assert "nam: settings" in shown.text()
        assert "good.yaml" in shown.text()
        (tmp_path / "bad.yaml").unlink()
        await _until(shown, "folder ● 1 applied")
        assert "✖" not in shown.text()


async def test_a_read_only_session_still_keeps_its_folder_applied(tmp_path: Path) -> None:
    """Read-only is about the keys; what lies in the folder is in the cluster."""
    (tmp_path / "good.yaml").write_text(GOOD)
    async with running(folders=[tmp_path], read_only=True) as shown:
        await _until(shown, "folder ● 1 applied")


async def test_without_deletions_that_wait_there_is_nothing_to_approve() -> None:
    """The key says so."""
    async with running() as shown:
        await shown.press("a")
        assert [note.message for note in shown.app._notifications] == ["no deletion of the folder waits for a yes"]


async def test_without_a_folder_the_files_screen_says_how_to_start_with_one() -> None:
    """Nothing to list is said in words."""
    async with running() as shown:
        await shown.press("f")
        assert "No folder is watched." in shown.text()


def test_paths_are_told_without_the_folder_they_are_all_in() -> None:
    """With one folder its name is left out; with several it tells them apart."""
    problem = Problem("/m/one/a.yaml", 3, 7, "spec.x", "unknown field", "did you mean y?", "  x: 1")
    files = (FileReport("/m/one/a.yaml", Status.ERROR, problems=(problem,)),)
    one = report(FolderState(roots=("/m/one",), files=files, problems=(problem,)))
    assert (one.problems[0].place, one.summary, one.tone) == ("a.yaml:3:7", "1 problem", Tone.BAD)
    assert one.problems[0].message == "spec.x: unknown field; did you mean y?"
    two = report(FolderState(roots=("/m/one", "/m/two"), files=files, problems=(problem,)))
    assert two.problems[0].place == "one/a.yaml:3:7"
    assert two.files[0].path == "one/a.yaml"


def test_the_files_screen_lists_problems_first() -> None:
    """Then every file with its state; without a folder it says how to give one."""
    state = FolderState(
        roots=("m",), files=(FileReport("m/a.yaml", Status.WAITING, "waiting for namespace x"),), synced=1.0
    )
    text = as_text(report(state))
    assert "State:   ◐ 1 waiting" in text
    assert "  a.yaml  ◐ waiting  waiting for namespace x" in text
    assert as_text(FolderReport()).startswith("No folder is watched.")


def test_files_stand_in_columns_whatever_their_names_are_made_of() -> None:
    """A name of wide characters takes the cells that it takes on the screen, and an escape in one is shown."""
    files = tuple(FileLine(name, "applied", Tone.GOOD) for name in ("日本.yaml", "plain-name.yaml", "\x1b[2J.yaml"))
    rows = [line for line in as_text(FolderReport(("x",), files=files)).splitlines() if "applied" in line]
    assert {cell_len(row.partition("●")[0]) for row in rows} == {2 + len("plain-name.yaml") + 2}
    assert rows[2].startswith("  ␛[2J.yaml ")


async def test_two_long_problems_are_both_told_on_a_narrow_screen() -> None:
    """Each has two lines at most, and what is cut off says where the rest is."""
    said = "a sentence that is much longer than one line of the narrowest screen can be, and goes on after that; " * 2
    problems = tuple(Problem(f"{name}.yaml", 3, 7, "", said, "", "  x: 1") for name in "abc")
    async with running() as shown:
        shown.app.session.folder = report(FolderState(roots=("/m",), problems=problems))
        await shown.sync()
        first, rest, second, more = (line.strip() for line in shown.lines()[-5:-1])
        assert (first[:15], second[:15]) == ("✖ a.yaml:3:7 a ", "✖ b.yaml:3:7 a ")
        assert rest.endswith("… (f)")
        assert more.endswith("… (f)  (+1 more: f)")
        await shown.press("f")
        assert all(len(line) <= 80 for line in as_text(shown.app.session.folder).splitlines())


async def test_many_deletions_leave_room_for_the_answer(tmp_path: Path) -> None:
    """The question names some of the objects and counts the others; yes and no are on the screen."""
    files = [tmp_path / f"{number}.yaml" for number in range(60)]
    for file in files:
        file.write_text(GOOD.replace("settings", f"settings-with-a-long-name-{file.stem}"))
    async with running(folders=[tmp_path]) as shown:
        await _until(shown, "60 applied")
        for file in files:
            file.unlink()
        await _until(shown, "60 deletions held")
        await shown.press("a")
        assert " and 50 more" in " ".join(shown.text().split())
        assert "No (n)" in shown.text()
