"""The shape of the code itself: sizes, layers told twice, what importing costs, one source for what users read."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCES = sorted(path for package in ("cluster", "ktui") for path in (ROOT / package).rglob("*.py"))
DECLARATIONS = {
    ROOT / "cluster" / "api" / f"{group}.py" for group in ("meta", "core", "apps", "discovery", "coordination")
}
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "manager", "misc", "base", "common"}
SCREEN_LINES, MODULE_LINES, FUNCTION_LINES = 300, 400, 50


def imported_by(statement: str) -> set[str]:
    """The top-level modules that a fresh interpreter has loaded after a statement."""
    script = f"import sys; {statement}; print(' '.join(sorted({{name.partition('.')[0] for name in sys.modules}})))"
    shown = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return set(shown.splitlines()[-1].split())


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_small_pieces(path: Path) -> None:
    """A module has at most 400 lines (the app and screens 300), a function at most 50."""
    text = path.read_text()
    limit = SCREEN_LINES if path.parent.name == "screens" or path.name == "app.py" else MODULE_LINES
    assert path in DECLARATIONS or len(text.splitlines()) <= limit
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno is not None:
            assert node.end_lineno - node.lineno + 1 <= FUNCTION_LINES, f"{path}:{node.lineno}: {node.name}"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_names_say_what_is_inside(path: Path) -> None:
    """No module is a drawer for everything, and each says where it stands."""
    assert path.stem not in FORBIDDEN_NAMES
    assert ast.get_docstring(ast.parse(path.read_text()))


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_error_is_swallowed(path: Path) -> None:
    """Only declared errors are caught: no bare except, no except Exception."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ExceptHandler):
            names = (
                {leaf.id for leaf in ast.walk(node.type) if isinstance(leaf, ast.Name)} if node.type else {"everything"}
            )
            assert not names & {"everything", "Exception", "BaseException"}, f"{path}:{node.lineno}"


def test_the_engine_needs_no_terminal_and_no_event_loop() -> None:
    """Importing the engine loads neither Textual nor Rich nor asyncio."""
    assert not imported_by("import cluster, cluster.engine") & {"textual", "rich", "asyncio", "aiohttp", "watchfiles"}


def test_help_is_quick() -> None:
    """`ktui --help` does not import Textual."""
    loaded = imported_by(
        "import ktui.cli, contextlib; exec('with contextlib.suppress(SystemExit): ktui.cli.main([\"--help\"])')"
    )
    assert "textual" not in loaded


def test_nothing_else_at_the_root() -> None:
    """The top level holds the project's five folders and two files."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split(
        "\n"
    )
    top = {line.partition("/")[0] for line in listed if line and not line.startswith(".")}
    assert top == {"pyproject.toml", "README.md", "ktui", "cluster", "sample_manifests", "tests"}


def test_the_readme_maps_every_part() -> None:
    """The README's module map names every module or folder directly in the two packages, and nothing else."""
    readme = (ROOT / "README.md").read_text()
    section = readme.partition("<!-- map -->")[2].partition("<!-- /map -->")[0]
    mapped = set(re.findall(r"^\| `((?:cluster|ktui)/[\w/.]+)` \|", section, re.MULTILINE))
    present = {
        f"{package}/{path.name}{'/' if path.is_dir() else ''}"
        for package in ("cluster", "ktui")
        for path in (ROOT / package).iterdir()
        if path.name not in ("__init__.py", "__main__.py", "__pycache__", "py.typed")
    }
    assert mapped == present
