"""kubectl rollout on StatefulSets and DaemonSets: where it goes back to, and what it says."""

import pytest
from msgspec.structs import replace

from cluster.api.apps import ControllerRevision, DaemonSet, DaemonSetSpec, StatefulSet, StatefulSetSpec
from cluster.api.core import Container, PodSpec, PodTemplateSpec
from cluster.api.meta import ObjectMeta
from cluster.controllers import set_rollout
from cluster.controllers.deployment.rollback import RESTARTED_AT, RolloutError
from cluster.controllers.history import template_data

NOON = "2026-01-01T12:00:00Z"


def template(image: str) -> PodTemplateSpec:
    """A template of one image."""
    return PodTemplateSpec(spec=PodSpec(containers=(Container(name="main", image=image),)))


def revision(number: int, image: str) -> ControllerRevision:
    """A revision that kept the template of an image."""
    return ControllerRevision(
        metadata=ObjectMeta(name=f"db-{number}"), revision=number, data=template_data(template(image))
    )


REVISIONS = [revision(7, "db:3"), revision(2, "db:1"), revision(5, "db:2")]
OWNER = StatefulSet(metadata=ObjectMeta(name="db"), spec=StatefulSetSpec(template=template("db:3")))
LOG = DaemonSet(metadata=ObjectMeta(name="log"), spec=DaemonSetSpec(template=template("log:1")))


@pytest.mark.parametrize(("to_revision", "image"), [(0, "db:2"), (5, "db:2"), (2, "db:1")])
def test_undo_goes_back_to_a_revision(to_revision: int, image: str) -> None:
    """The one before the newest by number, whatever the order of the list, or the one named."""
    changed, outcome = set_rollout.undo(OWNER, REVISIONS, to_revision)
    assert outcome == "rolled back"
    assert changed == replace(OWNER, spec=replace(OWNER.spec, template=template(image)))


def test_undo_to_the_present_is_skipped() -> None:
    """The object is the same, and the words say which revision it has."""
    changed, outcome = set_rollout.undo(OWNER, REVISIONS, 7)
    assert changed is OWNER
    assert outcome == "skipped rollback (current template already matches revision 7)"


@pytest.mark.parametrize(
    ("revisions", "to_revision", "words"),
    [
        ([], 0, "no last revision to roll back to"),
        (REVISIONS[:1], 0, "no last revision to roll back to"),
        (REVISIONS, 9, "unable to find specified revision 9 in history"),
    ],
)
def test_undo_is_refused(revisions: list[ControllerRevision], to_revision: int, words: str) -> None:
    """One revision is no history, and a number has to be one of it."""
    with pytest.raises(RolloutError, match=f"^{words}$"):
        set_rollout.undo(OWNER, revisions, to_revision)


def test_a_restart_marks_the_template() -> None:
    """The annotation makes the template another one; twice in a second it would not, which is refused."""
    changed, outcome = set_rollout.restart(LOG, NOON)
    assert outcome == "restarted"
    assert changed.spec.template.metadata.annotations == {RESTARTED_AT: NOON}
    assert changed.spec.template.spec is LOG.spec.template.spec
    with pytest.raises(RolloutError, match=r"^failed to create patch for log: if restart"):
        set_rollout.restart(changed, NOON)
