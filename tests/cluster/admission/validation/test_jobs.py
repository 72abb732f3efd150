"""The rules of Jobs and CronJobs."""

from typing import Any

import pytest
from msgspec.structs import replace

from cluster.admission import validation
from cluster.api import kinds
from cluster.api.batch import Job, JobCondition, JobStatus
from tests.cluster.admission.requests import changed, created, refused, refused_change, said

POD = {"restartPolicy": "Never", "containers": [{"name": "c", "image": "x:1"}]}


def job(**spec: Any) -> dict[str, Any]:
    """A Job with these fields of the spec."""
    return {"metadata": {"uid": "u-1"}, "spec": {"template": {"spec": POD}, **spec}}


def rules(*values: dict[str, Any]) -> dict[str, Any]:
    """A Job with these rules of failure."""
    return job(podFailurePolicy={"rules": list(values)})


EXIT: dict[str, Any] = {"operator": "In", "values": [1]}
INDEXED: dict[str, Any] = {"completionMode": "Indexed", "completions": 5, "parallelism": 5}
ACTIONS = 'valid values: ["Count" "FailIndex" "FailJob" "Ignore"]'


@pytest.mark.parametrize(
    ("plain", "expected"),
    [
        (job(), []),
        (job(completions=-1), ["spec.completions: Invalid value: -1: must be greater than or equal to 0"]),
        (job(template={"spec": {**POD, "restartPolicy": "Always"}}),
         ['spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"']),
        (job(backoffLimitPerIndex=1),
         ["spec.backoffLimitPerIndex: Invalid value: 1: requires indexed completion mode"]),
        (job(completionMode="Indexed", parallelism=2),
         ["spec.completions: Required value: when completion mode is Indexed"]),
        (job(**{**INDEXED, "parallelism": 100_001}),
         ["spec.parallelism: Invalid value: 100001: must be less than or equal to 100000 when completion mode is Indexed"]),
        (job(**INDEXED, maxFailedIndexes=6, backoffLimitPerIndex=0),
         ["spec.maxFailedIndexes: Invalid value: 6: must be less than or equal to completions"]),
        (job(**INDEXED, maxFailedIndexes=2),
         ["spec.backoffLimitPerIndex: Required value: when maxFailedIndexes is specified"]),
        (job(managedBy="me"),
         ['spec.managedBy: Invalid value: "me": must be a domain-prefixed path (such as "acme.io/foo")']),
        (job(podReplacementPolicy="Never"),
         ['spec.podReplacementPolicy: Unsupported value: "Never": supported values: "Failed", "TerminatingOrFailed"']),
        (job(successPolicy={"rules": [{"succeededCount": 1}]}),
         [('spec.successPolicy: Invalid value: {"Rules":[{"SucceededIndexes":null,"SucceededCount":1}]}: '
           "requires indexed completion mode")]),
        (job(**INDEXED, successPolicy={"rules": []}),
         [("spec.successPolicy.rules: Required value: "
           "at least one rules must be specified when the successPolicy is specified")]),
        (job(**INDEXED, successPolicy={"rules": [{"succeededIndexes": "0,2-9"}]}),
         [('spec.successPolicy.rules[0].succeededIndexes: Invalid value: "0,2-9": error parsing succeededIndexes: '
           'too large index: "9"')]),
        (job(**INDEXED, successPolicy={"rules": [{"succeededIndexes": "0-1", "succeededCount": 3}]}),
         [("spec.successPolicy.rules[0].succeededCount: Invalid value: 3: must be less than or equal to 2 "
           "(the number of indexes in the specified succeededIndexes field)")]),
        ({**job(**INDEXED), "metadata": {"name": "a.b", "uid": "u-1"}},
         ['metadata.name: Invalid value: "a.b": will not able to create pod with invalid DNS label: a.b-4']),
    ],
)  # fmt: skip
def test_jobs(plain: dict[str, Any], expected: list[str]) -> None:
    """Numbers that fit the mode, policies that fit both, and pods that end."""
    assert refused(kinds.JOBS, plain) == expected


@pytest.mark.parametrize(
    ("plain", "expected"),
    [
        (rules({"action": "FailJob", "onExitCodes": EXIT}), []),
        (rules({"onExitCodes": EXIT}), [f"action: Required value: {ACTIONS}"]),
        (rules({"action": "Stop", "onExitCodes": EXIT}),
         ['action: Unsupported value: "Stop": supported values: "Count", "FailIndex", "FailJob", "Ignore"']),
        (rules({"action": "FailIndex", "onExitCodes": EXIT}),
         ['action: Invalid value: "FailIndex": requires the backoffLimitPerIndex to be set']),
        (rules({"action": "Count", "onExitCodes": {"operator": "In", "values": [0, 2, 1, 2]}}),
         ["onExitCodes.values[0]: Invalid value: 0: must not be 0 for the In operator",
          "onExitCodes.values[3]: Duplicate value: 2", "onExitCodes.values: Invalid value: [0,2,1,2]: must be ordered"]),
        (rules({"action": "Count", "onExitCodes": {**EXIT, "containerName": "d"}}),
         [('onExitCodes.containerName: Invalid value: "d": '
           "must be one of the container or initContainer names in the pod template")]),
    ],
)  # fmt: skip
def test_failure_rules(plain: dict[str, Any], expected: list[str]) -> None:
    """A rule has one thing to do about one thing that happens."""
    field = "spec.podFailurePolicy.rules[0]."
    assert [cause.removeprefix(field) for cause in refused(kinds.JOBS, plain)] == expected


def test_a_rule_is_about_one_thing() -> None:
    """Exit codes or conditions, and not both; a condition is meant to be true unless it says otherwise."""
    nothing = refused(kinds.JOBS, rules({"action": "Count"}))
    assert nothing == [
        ("spec.podFailurePolicy.rules[0]: Invalid value: "
         "specifying one of OnExitCodes and OnPodConditions is required")
    ]  # fmt: skip
    condition = {"action": "Ignore", "onPodConditions": [{"type": "DisruptionTarget"}]}
    assert refused(kinds.JOBS, rules(condition)) == []
    assert refused(kinds.JOBS, rules({**condition, "onExitCodes": EXIT})) == [
        "spec.podFailurePolicy.rules[0]: Invalid value: specifying both OnExitCodes and OnPodConditions is not supported"
    ]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (job(), job(completions=1, parallelism=3, backoffLimit=2), []),
        (job(), job(completions=2), ["spec.completions: Invalid value: 2: field is immutable"]),
        (job(**INDEXED), job(**{**INDEXED, "completions": 6, "parallelism": 6}), []),
        (job(**INDEXED), job(**{**INDEXED, "completions": 6}),
         ["spec.completions: Invalid value: 6: can only be modified in tandem with spec.parallelism"]),
        (job(), job(completionMode="Indexed", completions=1),
         ['spec.completionMode: Invalid value: "Indexed": field is immutable']),
    ],
)  # fmt: skip
def test_changes(before: dict[str, Any], after: dict[str, Any], expected: list[str]) -> None:
    """How many pods run at once may change, how many have to succeed only with it, the mode never."""
    old = created(kinds.JOBS, before)
    kept = {"selector": {"matchLabels": dict(old.spec.selector.matchLabels)}} if old.spec.selector else {}
    template = {"metadata": {"labels": dict(old.spec.template.metadata.labels)}, "spec": POD}
    plain = {**after, "spec": {**after["spec"], **kept, "template": template}}
    assert said(validation.update(kinds.JOBS, changed(kinds.JOBS, old, plain), old)) == expected


def test_the_template_stays() -> None:
    """The pods of a running Job stay as they are; of one that waits, where they may run and what they ask for."""
    for suspended in (False, True):
        old = created(kinds.JOBS, job(suspend=suspended))
        spec = old.spec.template.spec
        elsewhere = replace(spec, nodeSelector={"disk": "ssd"})
        new = replace(old, spec=replace(old.spec, template=replace(old.spec.template, spec=elsewhere)))
        found = said(validation.update(kinds.JOBS, new, old))
        assert [cause.partition(":")[0] for cause in found] == ([] if suspended else ["spec.template"])
        image = replace(spec, containers=(replace(spec.containers[0], image="y:1"),))
        new = replace(old, spec=replace(old.spec, template=replace(old.spec.template, spec=image)))
        (cause,) = said(validation.update(kinds.JOBS, new, old))
        assert cause.startswith('spec.template: Invalid value: {"labels":{"batch.kubernetes.io/controller-uid":"u-1",')
        assert '"Spec":{"Volumes":null,"InitContainers":null,"Containers":[{"Name":"c","Image":"y:1",' in cause
        assert cause.endswith("}: field is immutable")


def ended(*types: str) -> tuple[JobCondition, ...]:
    """Conditions of these types that hold."""
    return tuple(JobCondition(type=name, status="True") for name in types)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (JobStatus(), JobStatus(active=1, startTime="2026-01-01T00:00:00Z"), []),
        (JobStatus(), JobStatus(active=-1), ["status.active: Invalid value: -1: must be greater than or equal to 0"]),
        (JobStatus(failed=2), JobStatus(failed=1), ["status.failed: Invalid value: 1: cannot decrease the failed counter"]),
        (JobStatus(), JobStatus(ready=1), ["status.ready: Invalid value: 1: cannot set more ready pods than active"]),
        (JobStatus(), JobStatus(conditions=ended("Complete", "SuccessCriteriaMet")),
         ["status.completionTime: Required value: completionTime is required for Complete jobs",
          "status.startTime: Required value: startTime is required for finished job"]),
        (JobStatus(conditions=ended("FailureTarget")), JobStatus(),
         ["status.conditions: Invalid value: cannot disable the terminal FailureTarget=True condition"]),
        (JobStatus(startTime="2026-01-01T00:00:00Z"), JobStatus(),
         ["status.startTime: Required value: startTime cannot be removed for unsuspended job"]),
        (JobStatus(), JobStatus(completedIndexes="0"),
         [('status.completedIndexes: Invalid value: "0": '
           "cannot set non-empty completedIndexes when non-indexed completion mode")]),
    ],
)  # fmt: skip
def test_status(before: JobStatus, after: JobStatus, expected: list[str]) -> None:
    """Counts do not go back, and what has ended stays so."""
    old: Job = replace(created(kinds.JOBS, job()), status=before)
    assert said(validation.status_update(kinds.JOBS, replace(old, status=after), old)) == expected


def cron(**spec: Any) -> dict[str, Any]:
    """A CronJob with these fields of the spec."""
    return {"spec": {"schedule": "* * * * *", "jobTemplate": {"spec": {"template": {"spec": POD}}}, **spec}}


@pytest.mark.parametrize(
    ("plain", "expected"),
    [
        (cron(timeZone="Europe/Berlin"), []),
        (cron(schedule=""), ["spec.schedule: Required value"]),
        (cron(schedule="CRON_TZ=UTC 0 0 * * *"),
         [('spec.schedule: Invalid value: "CRON_TZ=UTC 0 0 * * *": '
           "cannot use TZ or CRON_TZ in schedule, use timeZone field instead")]),
        (cron(timeZone="Local"),
         [('spec.timeZone: Invalid value: "Local": '
           "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones")]),
        (cron(timeZone="../etc"), ['spec.timeZone: Invalid value: "../etc": unknown time zone ../etc']),
        (cron(failedJobsHistoryLimit=-1),
         ["spec.failedJobsHistoryLimit: Invalid value: -1: must be greater than or equal to 0"]),
        ({**cron(), "metadata": {"name": "n" * 53}},
         [f'metadata.name: Invalid value: "{"n" * 53}": must be no more than 52 characters']),
        (cron(jobTemplate={"spec": {"template": {"spec": POD}, "manualSelector": True, "selector": {}}}),
         ["spec.jobTemplate.spec.selector: Invalid value: {}: `selector` will be auto-generated",
          'spec.jobTemplate.spec.manualSelector: Unsupported value: true: supported values: "nil", "false"']),
    ],
)  # fmt: skip
def test_cron_jobs(plain: dict[str, Any], expected: list[str]) -> None:
    """A schedule and a zone that can be read, and a name that leaves room for the Jobs'."""
    assert refused(kinds.CRON_JOBS, plain) == expected


def test_a_long_name_may_stay() -> None:
    """A name that was accepted once does not keep a CronJob from being changed."""
    plain = {**cron(), "metadata": {"name": "n" * 53}}
    assert refused_change(kinds.CRON_JOBS, plain, {**plain, "spec": {**plain["spec"], "suspend": True}}) == []
