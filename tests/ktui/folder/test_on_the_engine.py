"""The folder on the real engine: the primer's manifests run, and edits do what they say."""

import shutil
from pathlib import Path

import pytest

from cluster.api.kinds import DEPLOYMENTS, PODS, REPLICATION_CONTROLLERS
from cluster.engine import Engine
from ktui.client.simulated import SimulatedClient
from ktui.folder import Folder, Status

PRIMER = Path(__file__).parents[3] / "sample_manifests" / "primer"


class Run:
    """A copy of the primer, kept applied to an engine of its own; one clock for both."""

    def __init__(self, root: Path) -> None:
        self.engine = Engine()
        self.client = SimulatedClient(self.engine)
        self.root = shutil.copytree(PRIMER, root / "primer")
        self.folder = Folder([self.root], self.client, lambda: self.engine.clock.now / 1000)

    async def settle(self) -> None:
        """Let the files settle, the cluster work, and what waited be tried again."""
        for _ in range(2):
            await self.folder.settle(self._pause)
            self.engine.run_for(30_000)

    def replace(self, name: str, old: str, new: str) -> None:
        """Edit a file."""
        path = self.root / name
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))

    def phases(self) -> dict[str, str]:
        """Every pod's phase, by the name of what made it."""
        return {pod.metadata.generateName or pod.metadata.name: pod.status.phase for pod in self.client.list(PODS)}

    async def _pause(self, seconds: float) -> None:
        self.engine.run_for(round(seconds * 1000))


@pytest.fixture
async def run(tmp_path: Path) -> Run:
    """The primer, applied."""
    run = Run(tmp_path)
    await run.settle()
    return run


async def test_the_primer_runs(run: Run) -> None:
    """Everything but the broken file runs, the old Deployment too, with its warning."""
    assert set(run.phases().values()) == {"Running"}
    assert len(run.client.list(PODS)) == 5
    assert run.client.get(DEPLOYMENTS, "default/redis-slave-deployment").status.readyReplicas == 2
    statuses = {Path(report.path).name: report.status for report in run.folder.state.files}
    assert statuses.pop("broken.yaml") is Status.ERROR
    assert set(statuses.values()) == {Status.APPLIED}
    assert [warning.line for warning in run.folder.state.warnings] == [3, 7]


async def test_the_broken_file_put_right(run: Run) -> None:
    """Doing what its two problems say brings its pod up."""
    run.replace("broken.yaml", "\uff1a", ":")
    run.replace(
        "broken.yaml", "  - name: GET_HOSTS_FROM\n    value: env\n", "    - name: GET_HOSTS_FROM\n      value: env\n"
    )
    await run.settle()
    assert run.phases()["redis-slave-broken"] == "Running"
    assert run.folder.state.problems == ()


async def test_edits_take_effect(run: Run) -> None:
    """A saved number of replicas is reached, and a saved file's object goes with its file."""
    run.replace("redis-slave-rc.yaml", "replicas: 2", "replicas: 4")
    (run.root / "redis-slave-pod.yaml").unlink()
    await run.settle()
    assert run.client.get(REPLICATION_CONTROLLERS, "default/redis-slave-rc").status.readyReplicas == 4
    assert "redis-slave-pod" not in run.phases()


async def test_a_pod_is_made_again(run: Run) -> None:
    """A field of a pod that cannot be changed makes a new pod."""
    before = run.client.get(PODS, "default/redis-slave-pod")
    run.replace("redis-slave-pod.yaml", "['sh']", "['bash']")
    await run.settle()
    after = run.client.get(PODS, "default/redis-slave-pod")
    assert after.metadata.uid != before.metadata.uid
    assert (after.spec.containers[0].command, after.status.phase) == (("bash",), "Running")


async def test_a_refused_field_has_its_place(run: Run) -> None:
    """A field that the API server refuses is shown where it stands; the Deployment goes on as it was."""
    run.replace("redis-slave-deployment.yaml", "replicas: 2", "replicas: -2")
    await run.settle()
    [problem] = [found for found in run.folder.state.problems if "deployment" in found.source]
    assert (problem.line, problem.column, problem.path) == (8, 13, "spec.replicas")
    assert problem.message == "Invalid value: -2: must be greater than or equal to 0"
    assert run.client.get(DEPLOYMENTS, "default/redis-slave-deployment").status.readyReplicas == 2
