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
