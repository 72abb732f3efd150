"""The command line: what it answers before anything is started."""

from importlib.metadata import version

import pytest

from ktui.cli import main


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
