"""Custom kinds in the folder: definitions first, then what they define; what waits says for what."""

import json
from pathlib import Path
from typing import Any

import pytest

from cluster.api.custom import CustomResource
from cluster.api.kinds import CUSTOM_RESOURCE_DEFINITIONS
from cluster.engine import Engine
from ktui.client.simulated import SimulatedClient
from ktui.folder import Folder, Status
from tests.cluster.definitions import backup, definition

NAME = "backups.example.com"


class Run:
    """A folder on an engine; one clock for both."""

    def __init__(self, root: Path) -> None:
        self.root, self.engine = root, Engine()
        self.client = SimulatedClient(self.engine)
        self.folder = Folder([root], self.client, lambda: self.engine.clock.now / 1000)

    def save(self, name: str, *documents: dict[str, Any]) -> None:
        """Write a file."""
        (self.root / name).write_text("\n---\n".join(map(json.dumps, documents)))

    async def settle(self) -> None:
        """Let the files settle, the cluster work, and what waited be tried again."""
        for _ in range(3):
            await self.folder.settle(self._pause)
            self.engine.run_for(2_000)

    def found(self, name: str = "nightly") -> Any:
        """A Backup, or None."""
        kind = self.client.kinds.by_name(NAME)
        return None if kind is None else self.client.find(kind, f"default/{name}")

    def report(self, name: str) -> tuple[Status, str]:
        """Status and detail of a file."""
        report = next(report for report in self.folder.state.files if Path(report.path).name == name)
        return report.status, report.detail

    async def _pause(self, seconds: float) -> None:
        self.engine.run_for(round(seconds * 1000))


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """An empty folder."""
    return Run(tmp_path)


async def test_a_resource_waits_for_its_definition(run: Run) -> None:
    """It says for which, is no error, and is applied as soon as the definition is established."""
    run.save("a.json", backup())
    await run.settle()
    assert run.report("a.json") == (Status.WAITING, "waiting for the definition of Backup (example.com/v1)")
    assert run.folder.state.problems == ()
    run.save("z.json", definition())
    await run.settle()
    assert run.report("a.json")[0] is Status.APPLIED
    assert isinstance(run.found(), CustomResource)
    assert run.found().content["spec"]["keep"] == 7


async def test_one_file_may_hold_both(run: Run) -> None:
    """The definition and what it defines, in any order."""
    run.save("all.json", backup(), definition(), backup("weekly"))
    await run.settle()
    assert run.report("all.json")[0] is Status.APPLIED
    assert run.found() is not None
    assert run.found("weekly") is not None


async def test_changes_and_deletions_follow_the_file(run: Run) -> None:
    """As for any object; a definition itself is not deleted unasked, for it takes its resources along."""
    run.save("crd.json", definition())
    run.save("a.json", backup(), backup("weekly"))
    await run.settle()
    run.save("a.json", backup(keep=3))
    await run.settle()
    assert run.found().content["spec"]["keep"] == 3
    assert run.found("weekly") is None
    (run.root / "crd.json").unlink()
    await run.settle()
    assert run.client.find(CUSTOM_RESOURCE_DEFINITIONS, NAME) is not None
    assert [str(one) for one in dict(run.folder.state.kept)] == [f"CustomResourceDefinition {NAME}"]


async def test_an_unknown_field_is_told_with_what_was_meant(run: Run) -> None:
    """By the schema, with the place in the file."""
    run.save("crd.json", definition())
    run.save("a.json", backup(kep=3))
    await run.settle()
    problem = run.folder.state.problems[0]
    assert (problem.path, problem.message, problem.suggestion) == ("spec.kep", "unknown field", "did you mean keep?")
    assert run.found() is None


async def test_what_the_schema_refuses_is_told_with_its_field(run: Run) -> None:
    """The API server's words, at the field's place."""
    run.save("crd.json", definition())
    run.save("a.json", backup(keep=99))
    await run.settle()
    problem = run.folder.state.problems[0]
    assert problem.path == "spec.keep"
    assert problem.message == "Invalid value: 99: spec.keep in body should be less than or equal to 30"


async def test_a_kind_of_kubernetes_own_groups_is_never_waited_for(run: Run) -> None:
    """A typo there is an error: nobody defines kinds of `apps`."""
    run.save("a.json", {"apiVersion": "apps/v1", "kind": "Deploymnt", "metadata": {"name": "x"}})
    await run.settle()
    assert run.report("a.json")[0] is Status.ERROR
