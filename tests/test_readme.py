"""The README tells what the code does: its tables are the code's, its commands are CI's."""

import subprocess
from pathlib import Path

from ktui import cli, commands
from tests import readme

ROOT = Path(__file__).parent.parent


def test_the_tables_are_the_codes_own() -> None:
    """Keys, annotations, the cluster's file and the module map stand in the README as the code has them."""
    text = readme.README.read_text()
    assert readme.written(text) == text, "run python -m tests.readme"


def test_every_command_is_in_the_key_table() -> None:
    """No key of the app is missing from the README."""
    table = commands.key_table_markdown()
    for command in commands.COMMANDS:
        assert command.help in table


def test_ci_runs_the_second_command() -> None:
    """What CI runs is cut out of the README, not written again."""
    script = (ROOT / ".ci" / "run").read_text()
    assert "python -m tests.check" not in script
    dry = subprocess.run(
        ["bash", "-c", script.replace("exec bash -euo pipefail -c", "echo").replace('"$0"', f'"{ROOT}/.ci/run"')],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert dry.splitlines()[-1].endswith("-m tests.check")


def test_the_cluster_in_the_help_is_the_default_one() -> None:
    """The file that the help shows describes the cluster one gets without it."""
    from cluster.api.cluster import DEFAULT  # noqa: PLC0415 - used here alone
    from cluster.manifests import cluster_documents  # noqa: PLC0415 - used here alone

    (shown,) = cluster_documents(cli.CLUSTER_TOPIC.partition("\n\n")[2])
    assert list(shown.members()) == list(DEFAULT.members())
    assert (shown.seed, shown.network, shown.timing) == (DEFAULT.seed, DEFAULT.network, DEFAULT.timing)


def test_every_sample_says_what_to_look_at() -> None:
    """The first line of each sample is a comment."""
    files = sorted((ROOT / "sample_manifests").rglob("*.yaml"))
    assert len(files) >= 8
    for path in files:
        assert path.read_text().startswith("# "), path
