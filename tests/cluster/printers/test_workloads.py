"""Rows of workloads, their revisions and templates."""

from typing import Any

import pytest

from cluster.api import kinds
from tests.cluster.printers.rows import AGE, TEMPLATE, row_of

_SELECTOR = {"matchLabels": {"app": "web"}, "matchExpressions": [{"key": "t", "operator": "In", "values": ["b", "a"]}]}
_IMAGES = ("web,log", "nginx:1.27,fluentd")
_DETAILS = (*_IMAGES, "app=web,t in (a,b)")


def test_deployments_and_replica_sets() -> None:
    """Counts come from the status; containers, images and selector are the wide columns."""
    spec = {"replicas": 3, "selector": _SELECTOR, "template": TEMPLATE}
    status = {"readyReplicas": 2, "updatedReplicas": 1, "availableReplicas": 2}
    assert row_of(kinds.DEPLOYMENTS, spec=spec, status=status) == ("x", "2/3", "1", "2", AGE, *_DETAILS)
    cells = row_of(kinds.REPLICA_SETS, spec=spec, status={"replicas": 3, "readyReplicas": 2})
    assert cells == ("x", "3", "3", "2", AGE, *_DETAILS)
    controller = {"replicas": 1, "selector": {"app": "web"}, "template": TEMPLATE}
    cells = row_of(kinds.REPLICATION_CONTROLLERS, spec=controller, status={"replicas": 1})
    assert cells == ("x", "1", "1", "0", AGE, *_IMAGES, "app=web")


def test_an_invalid_selector_is_shown_as_an_error() -> None:
    """A selector that cannot be read does not stop the table."""
    selector = {"matchExpressions": [{"key": "a", "operator": "Is"}]}
    assert row_of(kinds.REPLICA_SETS, spec={"selector": selector})[-1] == "<error>"


def test_stateful_and_daemon_sets() -> None:
    """A StatefulSet tells its ready pods of those wanted; a DaemonSet one number for each question."""
    spec = {"replicas": 3, "template": TEMPLATE}
    assert row_of(kinds.STATEFUL_SETS, spec=spec, status={"readyReplicas": 1}) == ("x", "1/3", AGE, *_IMAGES)
    status = {
        "desiredNumberScheduled": 5, "currentNumberScheduled": 4, "numberReady": 3, "updatedNumberScheduled": 2,
        "numberAvailable": 1,
    }  # fmt: skip
    template = {"spec": {**TEMPLATE["spec"], "nodeSelector": {"disk": "ssd"}}}
    cells = row_of(kinds.DAEMON_SETS, spec={"selector": _SELECTOR, "template": template}, status=status)
    assert cells == ("x", "5", "4", "3", "2", "1", "disk=ssd", AGE, *_DETAILS)
    assert row_of(kinds.DAEMON_SETS)[6] == "<none>"


def test_revisions_and_templates() -> None:
    """A revision names its controller with the group of its kind; a template shows its containers and labels."""
    owner = {"apiVersion": "apps/v1", "kind": "StatefulSet", "name": "web", "uid": "u", "controller": True}
    cells = row_of(kinds.CONTROLLER_REVISIONS, {"ownerReferences": [owner]}, revision=7)
    assert cells == ("x", "statefulset.apps/web", "7", AGE)
    assert row_of(kinds.CONTROLLER_REVISIONS, {"ownerReferences": [{**owner, "controller": False}]})[1] == "<none>"
    core = {**owner, "apiVersion": "v1", "kind": "Pod"}
    assert row_of(kinds.CONTROLLER_REVISIONS, {"ownerReferences": [core]})[1] == "pod/web"
    template = {**TEMPLATE, "metadata": {"labels": {"app": "web"}}}
    assert row_of(kinds.POD_TEMPLATES, template=template) == ("x", *_IMAGES, "app=web")


@pytest.mark.parametrize(
    ("conditions", "word"),
    [
        ((), "Running"),
        (("SuccessCriteriaMet",), "SuccessCriteriaMet"),
        (("SuccessCriteriaMet", "Complete"), "Complete"),
        (("FailureTarget",), "FailureTarget"),
        (("FailureTarget", "Failed"), "Failed"),
        (("Suspended",), "Suspended"),
    ],
)
def test_job_status(conditions: tuple[str, ...], word: str) -> None:
    """A finished state goes before the reason it is about to finish for."""
    status = {"conditions": [{"type": item, "status": "True"} for item in conditions]}
    assert row_of(kinds.JOBS, status=status)[1] == word


def test_a_job_that_was_suspended_and_one_that_is_deleted() -> None:
    """A condition that is false counts for nothing; a deleted Job is Terminating unless it finished."""
    meta = {"deletionTimestamp": "2026-01-01T01:00:00Z"}
    resumed = {"conditions": [{"type": "Suspended", "status": "False"}]}
    assert row_of(kinds.JOBS, status=resumed)[1] == "Running"
    assert row_of(kinds.JOBS, meta, status=resumed)[1] == "Terminating"
    done = {"conditions": [{"type": "Complete", "status": "True"}]}
    assert row_of(kinds.JOBS, meta, status=done)[1] == "Complete"


@pytest.mark.parametrize(
    ("spec", "text"),
    [
        ({"completions": 3}, "1/3"),
        ({"completions": 3, "parallelism": 2}, "1/3"),
        ({"parallelism": 4}, "1/1 of 4"),
        ({"parallelism": 1}, "1/1"),
        ({}, "1/1"),
    ],
)
def test_job_completions(spec: dict[str, Any], text: str) -> None:
    """Without a number of completions one success is enough, of however many run at a time."""
    assert row_of(kinds.JOBS, spec=spec, status={"succeeded": 1})[2] == text


def test_job_duration() -> None:
    """A Job lasts from its start until it completes, or until now; one that did not start has no duration."""
    assert row_of(kinds.JOBS)[3] == ""
    assert row_of(kinds.JOBS, status={"startTime": "2026-01-01T01:59:50Z"})[3] == "10s"
    status = {"startTime": "2026-01-01T01:00:00Z", "completionTime": "2026-01-01T01:00:03Z"}
    spec = {"selector": _SELECTOR, "template": TEMPLATE, "completions": 1}
    assert row_of(kinds.JOBS, spec=spec, status=status) == ("x", "Running", "0/1", "3s", AGE, *_DETAILS)


def test_cron_jobs() -> None:
    """The time zone, the suspension and the last time are each named when they are absent."""
    spec = {
        "schedule": "*/5 * * * *",
        "timeZone": "Etc/UTC",
        "suspend": False,
        "jobTemplate": {"spec": {"template": TEMPLATE}},
    }
    status = {"active": [{"name": "a"}, {"name": "b"}], "lastScheduleTime": "2026-01-01T01:59:00Z"}
    cells = row_of(kinds.CRON_JOBS, spec=spec, status=status)
    assert cells == ("x", "*/5 * * * *", "Etc/UTC", "False", "2", "60s", AGE, *_IMAGES, "<none>")
    assert row_of(kinds.CRON_JOBS, spec={"schedule": "@hourly"})[2:6] == ("<none>", "<unset>", "0", "<none>")
