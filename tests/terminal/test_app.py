"""The app as its users start it, key by key, in a pseudo-terminal."""

import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.terminal.terminal import ROOT, Terminal

LEAVE_ALTERNATE_SCREEN = b"\x1b[?1049l"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the guestbook."""
    copy = tmp_path / "guestbook"
    shutil.copytree(ROOT / "sample_manifests" / "guestbook", copy)
    return copy


@pytest.fixture(params=[(80, 24), (200, 60)], ids=["80x24", "200x60"])
def app(request: pytest.FixtureRequest, folder: Path) -> Iterator[Terminal]:
    """The app on the folder, with every pod ready."""
    columns, lines = request.param
    terminal = Terminal(["-m", "ktui", str(folder), "--speed", "5"], columns, lines)
    terminal.wait_for("6/6", "3/3", "3 applied")
    yield terminal
    terminal.close()


def edit(path: Path, old: str, new: str) -> None:
    """Change a file as an editor does."""
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_a_session(app: Terminal, folder: Path) -> None:
    """An edit changes the pods, an error is shown and loses nothing, a deleted pod is replaced, q restores the terminal."""
    edit(folder / "redis-slave.yaml", "replicas: 2", "replicas: 4")
    app.wait_for("8/8")
    edit(folder / "frontend.yaml", "replicas: 3", "replicsa: 3")
    app.wait_for("frontend.yaml:11:3", "did you mean replicas?", "8/8")
    edit(folder / "frontend.yaml", "replicsa: 3", "replicas: 3")
    app.wait_for("3 applied")
    app.send("2")
    app.send("D")
    app.wait_for("Delete pod/")
    app.send("y")
    app.wait_for("Terminating")
    app.wait_until(lambda: "Terminating" not in app.text() and "8/8" in app.text(), "another pod in its place")
    app.send(":deploy\r")
    app.wait_for("deployments 1")
    app.send("?")
    app.wait_for("Anywhere")
    app.send("q")
    assert app.end() == 0
    assert LEAVE_ALTERNATE_SCREEN in app.written


def test_text_from_files_is_data(tmp_path: Path) -> None:
    """Markup and terminal escapes in an object are shown, never obeyed."""
    (tmp_path / "odd.yaml").write_text(
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: odd\n  annotations:\n"
        '    note: "[red]loud[/] \\e]0;title\\a\\e[31mred"\ndata:\n  a: "[bold]x"\n'
    )
    terminal = Terminal(["-m", "ktui", str(tmp_path)], 120, 40)
    terminal.wait_for("1 applied")
    terminal.send(":cm\r")
    terminal.wait_for("odd")
    terminal.send("/odd\r")
    terminal.wait_until(lambda: "1 of" in terminal.text(), "the filter at work")
    terminal.send("d")
    terminal.wait_for("[red]loud[/]", "[bold]x")
    assert b"\x1b]0;title" not in terminal.written
    terminal.send("q")
    assert terminal.end() == 0
    terminal.close()


@pytest.mark.parametrize(
    ("arguments", "code", "text"),
    [
        (["nosuchfolder"], 2, "nosuchfolder does not exist"),
        (["--nodes", "none"], 2, "'none' is not a whole number of at least 1"),
        (["--help", "annotations"], 0, "sim.ktui.dev/exit-code"),
        (["--help", "keys"], 0, "Describe it"),
    ],
)
def test_what_ends_at_once(arguments: list[str], code: int, text: str) -> None:
    """A wrong argument exits with 2 and says what is wrong; help exits with 0."""
    terminal = Terminal(["-m", "ktui", *arguments], 200, 200)
    assert terminal.end() == code
    assert text in terminal.text()
    terminal.close()


def test_the_api_beside_the_app(folder: Path, tmp_path: Path) -> None:
    """`--serve` says where the API is and keeps a kubeconfig for as long as it runs, however it is ended."""
    config = tmp_path / "kc"
    terminal = Terminal(["-m", "ktui", "--serve", "--write-kubeconfig", str(config), str(folder)], 120, 40)
    terminal.wait_for("api 127.0.0.1:", "3 applied")
    assert "server: https://127.0.0.1:" in config.read_text()
    terminal.process.terminate()
    assert terminal.end() == 0
    assert LEAVE_ALTERNATE_SCREEN in terminal.written
    assert not config.exists()
    terminal.close()


def test_a_port_that_is_taken(folder: Path) -> None:
    """The app ends with code 2 and says why, after it has given the terminal back."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        terminal = Terminal(["-m", "ktui", "--serve", "--port", str(port), str(folder)], 120, 40)
        assert terminal.end() == 2
    assert "cannot serve the API" in terminal.text()
    terminal.close()
