"""The command line: what it answers before anything is started."""

from importlib.metadata import version
from pathlib import Path

import pytest

from cluster.api.cluster import DEFAULT, Cluster
from ktui.cli import configuration, main, parser


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """`--version` prints the version on the standard output and ends with 0."""
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"ktui {version('ktui')}\n"


@pytest.mark.parametrize("words", [["--port", "6443"], ["--write-kubeconfig", "kc"]])
def test_how_the_api_is_opened_means_nothing_without_it(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Who names a port or a kubeconfig but does not open the API is told so, with code 2."""
    assert main(words) == 2
    assert "give --serve too" in capsys.readouterr().err


CLUSTER = "apiVersion: ktui.dev/v1alpha1\nkind: Cluster\nseed: 7\n"


def _configured(*words: str) -> Cluster:
    return configuration(parser().parse_args(words))


@pytest.mark.parametrize(
    "text", [CLUSTER, CLUSTER.replace("\n", "\r\n"), CLUSTER.replace("Cluster", '"Cluster" # ours')]
)
def test_a_folder_may_describe_its_cluster(tmp_path: Path, text: str) -> None:
    """However the document is written; what the command line says goes before it."""
    (tmp_path / "cluster.yaml").write_text(text, newline="")
    assert _configured(str(tmp_path)).seed == 7
    assert _configured("--seed", "9", str(tmp_path)).seed == 9


def test_a_folder_with_anything_in_it_can_be_watched(tmp_path: Path) -> None:
    """A file that is no text, a folder with a file's name, a hidden description: none of them keeps ktui from starting."""
    (tmp_path / "latin.yaml").write_bytes(b"\xff\xfe kind")
    (tmp_path / "folder.yaml").mkdir()
    (tmp_path / ".old.yaml").write_text(CLUSTER)
    assert _configured(str(tmp_path)) == DEFAULT


def test_a_description_that_is_no_text_is_told_with_its_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The command ends with 2 and says which file it was."""
    path = tmp_path / "cluster.yaml"
    path.write_bytes(CLUSTER.encode() + b"# \xff\n")
    assert main([str(tmp_path)]) == 2
    assert f"{path}: not UTF-8 text" in capsys.readouterr().err
