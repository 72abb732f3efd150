"""What a look at the folder finds."""

from pathlib import Path

import pytest

from ktui.folder import scan


@pytest.mark.parametrize(
    ("name", "why"),
    [("a.yaml", ""), ("a.yml", ""), ("A.JSON", ""), ("a.txt", "not .yaml, .yml, .json"), (".a.yaml", "hidden"),
     ("a.yaml~", "an editor's temporary or backup file"), (".#a.yaml", "an editor's temporary or backup file"),
     ("#a.yaml#", "an editor's temporary or backup file"), (".a.yaml.swp", "an editor's temporary or backup file"),
     ("4913", "an editor's temporary or backup file"), ("a.yaml.bak", "an editor's temporary or backup file"),
     ("a.tmp", "an editor's temporary or backup file"), ("README", "not .yaml, .yml, .json")],
)  # fmt: skip
def test_ignored(name: str, why: str) -> None:
    """Manifests are read; hidden files, editors' droppings and other files are passed over, and it is said why."""
    assert scan.ignored(name) == why


def test_look(tmp_path: Path) -> None:
    """Folders are entered, hidden ones are not, and a link to a folder above ends there."""
    for name in ("b/c.yaml", "a.yaml", ".git/x.yaml", "b/notes.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    (tmp_path / "b" / "loop").symlink_to(tmp_path)
    (tmp_path / "gone.yaml").symlink_to(tmp_path / "nowhere.yaml")
    listing = scan.look([tmp_path, tmp_path / "missing"])
    assert list(listing.files) == [str(tmp_path / "a.yaml"), str(tmp_path / "b/c.yaml")]
    assert listing.files[str(tmp_path / "a.yaml")].size == 1
    assert listing.ignored == {
        str(tmp_path / "b/loop"): "a link to a folder above it",
        str(tmp_path / "b/notes.txt"): "not .yaml, .yml, .json",
    }
    assert listing.missing == [str(tmp_path / "missing")]
    assert listing.unreadable == {}
