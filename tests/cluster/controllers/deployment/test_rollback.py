"""kubectl rollout: what it changes and what it says, as the oracle's deploy-* scenarios recorded it."""

import pytest
from msgspec.structs import replace

from cluster.api.apps import Deployment
from cluster.controllers.deployment import rollback
from cluster.controllers.deployment.annotations import CHANGE_CAUSE, REVISION
from cluster.controllers.deployment.rollback import RolloutError
from cluster.controllers.deployment.templates import POD_TEMPLATE_HASH
from tests.cluster.controllers.deployment.rollouts import Rollouts, deployment


@pytest.fixture
def three() -> Rollouts:
    """A Deployment at its third revision, each with its change cause."""
    world = Rollouts(deployment(1))
    world.annotate({CHANGE_CAUSE: "version one"})
    world.run()
    for number, word in ((2, "two"), (3, "three")):
        world.set_image(f"web:{number}")
        world.annotate({CHANGE_CAUSE: f"version {word}"})
        world.roll(4)
    return world


def undo(world: Rollouts, to_revision: int = 0) -> str:
    """Undo, write it, and let it roll out."""
    changed, outcome = rollback.undo(world.web, world.sets, to_revision)
    world.change(changed)
    world.roll(4)
    return outcome


def test_undo_goes_back_and_its_revision_moves_to_the_end(three: Rollouts) -> None:
    """Revision 2 becomes 4, then 1 becomes 5, change causes with them (deploy-undo-history)."""
    assert rollback.history(three.sets) == [(1, "version one"), (2, "version two"), (3, "version three")]
    assert undo(three) == "rolled back"
    assert rollback.history(three.sets) == [(1, "version one"), (3, "version three"), (4, "version two")]
    assert three.web.spec.template.spec.containers[0].image == "web:2"
    assert POD_TEMPLATE_HASH not in three.web.spec.template.metadata.labels
    assert undo(three, 1) == "rolled back"
    assert rollback.history(three.sets) == [(3, "version three"), (4, "version two"), (5, "version one")]
    assert three.web.metadata.annotations == {CHANGE_CAUSE: "version one", REVISION: "5"}


def test_undo_to_the_present_is_skipped(three: Rollouts) -> None:
    """The Deployment is the same object, and the words say which revision it has."""
    changed, outcome = rollback.undo(three.web, three.sets, 3)
    assert changed is three.web
    assert outcome == "skipped rollback (current template already matches revision 3)"


@pytest.mark.parametrize(
    ("to_revision", "paused", "words"),
    [
        (9, False, "unable to find specified revision 9 in history"),
        (-1, False, "unable to find specified revision -1 in history"),
        (
            1, True,
            "you cannot rollback a paused deployment; resume it first with 'kubectl rollout resume' and try again",
        ),
    ],
)  # fmt: skip
def test_undo_that_cannot_be(three: Rollouts, to_revision: int, paused: bool, words: str) -> None:  # noqa: FBT001
    """Unknown revisions and paused Deployments are refused in kubectl's words."""
    wanted = replace(three.web, spec=replace(three.web.spec, paused=paused))
    with pytest.raises(RolloutError) as refused:
        rollback.undo(wanted, three.sets, to_revision)
    assert str(refused.value) == words


def test_undo_needs_a_revision_before() -> None:
    """A Deployment that never changed has nowhere to go back to (deploy-pause-resume)."""
    world = Rollouts(deployment(1))
    with pytest.raises(RolloutError, match=r'^no rollout history found for deployment "web"$'):
        rollback.undo(world.web, world.sets)


def test_restart_marks_the_template_and_rolls(three: Rollouts) -> None:
    """New pods of the same image come from a new revision (deploy-restart)."""
    changed, outcome = rollback.restart(three.web, "2026-01-01T01:00:00Z")
    assert outcome == "restarted"
    three.change(changed)
    three.roll(4)
    assert three.sizes() == {"1": 0, "2": 0, "3": 0, "4": 1}
    (pod,) = three.pods()
    assert pod.spec.containers[0].image == "web:3"
    assert pod.metadata.annotations == {"kubectl.kubernetes.io/restartedAt": "2026-01-01T01:00:00Z"}
    with pytest.raises(RolloutError, match=r"^failed to create patch for web: if restart has already been triggered"):
        rollback.restart(three.web, "2026-01-01T01:00:00Z")


def test_pause_and_resume_only_once() -> None:
    """Each is refused where it is so already, and a paused Deployment is not restarted."""
    running = deployment(1)
    paused, outcome = rollback.pause(running)
    assert (paused.spec.paused, outcome) == (True, "paused")
    assert rollback.resume(paused) == (running, "resumed")
    with pytest.raises(RolloutError, match=r'^deployments\.apps "web" is already paused$'):
        rollback.pause(paused)
    with pytest.raises(RolloutError, match=r'^deployments\.apps "web" is not paused$'):
        rollback.resume(running)
    words = r'^deployments\.apps "web" can\'t restart paused deployment \(run rollout resume first\)$'
    with pytest.raises(RolloutError, match=words):
        rollback.restart(paused, "2026-01-01T01:00:00Z")


def test_history_is_a_table(three: Rollouts) -> None:
    """Revisions without a cause say so; no revisions, and that is said."""
    assert rollback.history_text(three.web, three.sets) == (
        "deployment.apps/web \nREVISION  CHANGE-CAUSE\n"
        "1         version one\n2         version two\n3         version three\n\n"
    )  # fmt: skip
    assert rollback.history_text(three.web, []) == "deployment.apps/web \nNo rollout history found.\n"
    world = Rollouts(deployment(1))
    assert rollback.history(world.sets) == [(1, "<none>")]


def test_a_revision_of_the_history_is_described_by_its_template(three: Rollouts) -> None:
    """Its change cause is among the annotations."""
    found = rollback.template_at(three.sets, 2)
    assert found.spec.containers[0].image == "web:2"
    assert found.metadata.annotations == {CHANGE_CAUSE: "version two"}
    with pytest.raises(RolloutError, match=r"^unable to find the specified revision$"):
        rollback.template_at(three.sets, 9)
    world = Rollouts(deployment(1))
    assert rollback.template_at(world.sets, 1) is world.sets[0].spec.template


def with_status(**fields: object) -> Deployment:
    """A Deployment of 3 with a status that has been observed."""
    wanted = deployment(3)
    return replace(wanted, status=replace(wanted.status, **fields))


@pytest.mark.parametrize(
    ("found", "line"),
    [
        (
            with_status(updatedReplicas=2, replicas=5),
            'Waiting for deployment "web" rollout to finish: 2 out of 3 new replicas have been updated...',
        ),
        (
            with_status(updatedReplicas=3, replicas=5),
            'Waiting for deployment "web" rollout to finish: 2 old replicas are pending termination...',
        ),
        (
            with_status(updatedReplicas=3, replicas=3, availableReplicas=1),
            'Waiting for deployment "web" rollout to finish: 1 of 3 updated replicas are available...',
        ),
        (with_status(updatedReplicas=3, replicas=3, availableReplicas=3), 'deployment "web" successfully rolled out'),
    ],
)
def test_status_says_what_is_waited_for(found: Deployment, line: str) -> None:
    """One line at a time, the last when all is done."""
    assert rollback.progress(found) == (line, line.endswith("rolled out"))


def test_status_waits_for_the_spec_to_be_seen() -> None:
    """Counts of an older spec say nothing."""
    found = deployment(3)
    found = replace(found, metadata=replace(found.metadata, generation=2))
    assert rollback.progress(found) == ("Waiting for deployment spec update to be observed...", False)


def test_status_ends_where_nothing_is_to_be_hoped_for(three: Rollouts) -> None:
    """A missed deadline, or another revision than the one asked for, is an error."""
    with pytest.raises(RolloutError, match=r"^desired revision \(2\) is different from the running revision \(3\)$"):
        rollback.progress(three.web, 2)
    three.set_spec(progressDeadlineSeconds=10)
    three.set_image("web:bad")
    three.run(30_000)
    with pytest.raises(RolloutError, match=r'^deployment "web" exceeded its progress deadline$'):
        rollback.progress(three.web)
