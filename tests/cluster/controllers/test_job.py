"""Jobs, with pods that the tests end by hand: counting, limits, indexes, policies, suspension."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from cluster.api import kinds
from cluster.api.batch import (
    Job,
    JobSpec,
    PodFailurePolicy,
    PodFailurePolicyOnExitCodesRequirement,
    PodFailurePolicyOnPodConditionsPattern,
    PodFailurePolicyRule,
    SuccessPolicy,
    SuccessPolicyRule,
    UncountedTerminatedPods,
)
from cluster.api.core import (
    ContainerState,
    ContainerStateTerminated,
    ContainerStatus,
    Pod,
    PodCondition,
)
from cluster.api.kinds import JOBS, PODS
from cluster.api.meta import LabelSelector, ObjectMeta
from cluster.controllers.job import JobController, indexes
from cluster.controllers.job.pods import FINALIZER, new_pod
from cluster.controllers.ttl_after_finished import TTLAfterFinishedController
from tests.cluster.controllers.workloads import KUBELET, USER, World, key, template

KEY = key("sum")


@pytest.fixture
def world() -> World:
    """A cluster with the Job controllers alone."""
    return World(JobController, TTLAfterFinishedController)


def run_job(world: World, *, restart: str = "Never", **spec: Any) -> Job:
    """Make a Job, and let its controller look at it."""
    made = template()
    made = replace(made, spec=replace(made.spec, restartPolicy=restart))
    given_spec = {
        "completions": 1, "parallelism": 1, "backoffLimit": 6, "completionMode": "NonIndexed", "manualSelector": True,
        "podReplacementPolicy": "TerminatingOrFailed", "suspend": False,
    }  # fmt: skip
    value = Job(
        metadata=ObjectMeta(name="sum", namespace=KEY.partition("/")[0]),
        spec=JobSpec(**{
            **given_spec, "selector": LabelSelector(matchLabels={"app": "web"}), "template": made, **spec,
        }),
    )  # fmt: skip
    world.api.create(JOBS, value, actor=USER)
    world.run()
    return job(world)


def job(world: World) -> Job:
    """The Job as it is now."""
    return world.api.get(JOBS, KEY)


def end(world: World, pod: Pod, code: int = 0, *, condition: str = "") -> None:
    """End a pod's container as a kubelet reports it, and let the controller look."""
    terminated = ContainerStateTerminated(exitCode=code, finishedAt=world.clock.timestamp())
    status = replace(
        pod.status, phase="Failed" if code else "Succeeded",
        containerStatuses=(ContainerStatus(name="web", state=ContainerState(terminated=terminated)),),
        conditions=(PodCondition(type=condition, status="True"),) if condition else (),
    )  # fmt: skip
    world.api.update_status(PODS, replace(world.api.get(PODS, kinds.key(pod)), status=status), actor=KUBELET)
    world.run()


def conditions(world: World) -> list[tuple[str, str, str]]:
    """The Job's conditions that are True: type, reason, message."""
    return [(each.type, each.reason, each.message) for each in job(world).status.conditions if each.status == "True"]


REACHED = "Reached expected number of succeeded pods"
DONE = [("SuccessCriteriaMet", "CompletionsReached", REACHED), ("Complete", "CompletionsReached", REACHED)]


def failed(reason: str, message: str) -> list[tuple[str, str, str]]:
    """The conditions of a Job that failed."""
    return [("FailureTarget", reason, message), ("Failed", reason, message)]


def test_a_job_runs_its_pod_to_completion(world: World) -> None:
    """The pod has the tracking finalizer while it runs and loses it when it is counted."""
    status = run_job(world).status
    [pod] = world.pods()
    assert pod.metadata.finalizers == (FINALIZER,)
    assert pod.metadata.generateName == "sum-"
    assert (status.active, status.ready, status.terminating, status.startTime != "") == (1, 0, 0, True)
    assert status.uncountedTerminatedPods == UncountedTerminatedPods()
    end(world, pod)
    status = job(world).status
    assert (status.active, status.succeeded, status.failed) == (0, 1, 0)
    assert status.completionTime == status.conditions[-1].lastTransitionTime
    assert conditions(world) == DONE
    assert world.api.get(PODS, kinds.key(pod)).metadata.finalizers == ()
    assert world.messages("Completed") == ["Job completed"]
    assert world.writes_nothing()


def test_parallelism_is_a_limit_and_completions_a_goal(world: World) -> None:
    """Never more at work than allowed, nor than are still needed."""
    run_job(world, completions=3, parallelism=2)
    assert len(world.pods()) == 2
    end(world, world.pods()[0])
    assert len(world.pods()) == 2
    end(world, world.pods()[0])
    assert len(world.pods()) == 1
    end(world, world.pods()[0])
    assert (job(world).status.succeeded, conditions(world)) == (3, DONE)


def test_a_work_queue_ends_with_its_pods(world: World) -> None:
    """Without completions no pod is made after the first success, and all have to end."""
    run_job(world, completions=None, parallelism=3)
    end(world, world.pods()[0])
    assert (len(world.pods()), conditions(world)) == (2, [])
    end(world, world.pods()[0])
    end(world, world.pods()[0])
    assert (job(world).status.succeeded, conditions(world)) == (3, DONE)


def test_failures_wait_longer_and_longer(world: World) -> None:
    """Ten seconds after the first failure, twenty after the second, and then no more pods."""
    run_job(world, backoffLimit=2)
    for wait in (10, 20):
        end(world, world.pods()[0], 1)
        world.run(wait * 1000 - 3000)
        assert world.pods() == []
        world.run(4000)
        assert len(world.pods()) == 1
    end(world, world.pods()[0], 1)
    assert conditions(world) == failed("BackoffLimitExceeded", "Job has reached the specified backoff limit")
    assert (job(world).status.failed, job(world).status.completionTime) == (3, "")
    assert world.messages("BackoffLimitExceeded") == ["Job has reached the specified backoff limit"]
    assert world.writes_nothing()


def test_restarts_count_where_containers_are_restarted_in_place(world: World) -> None:
    """With restartPolicy OnFailure the restarts of running pods are held against the limit."""
    run_job(world, restart="OnFailure", backoffLimit=2)
    [pod] = world.pods()
    restarted = ContainerStatus(name="web", restartCount=2)
    status = replace(pod.status, phase="Running", containerStatuses=(restarted,))
    world.api.update_status(PODS, replace(pod, status=status), actor=KUBELET)
    world.run()
    world.finish_deletions()
    world.run()
    assert conditions(world) == failed("BackoffLimitExceeded", "Job has reached the specified backoff limit")
    assert world.pods(active=False) == []


def test_a_deadline_ends_the_job(world: World) -> None:
    """Its pods are deleted; it has failed when they are gone."""
    run_job(world, activeDeadlineSeconds=30)
    world.api.bind(kinds.key(world.pods()[0]), "node-1", actor=USER)
    world.set_ready(*world.pods())
    world.run(27_500)
    assert conditions(world) == []
    world.run(1_000)
    interim = [("FailureTarget", "DeadlineExceeded", "Job was active longer than specified deadline")]
    assert conditions(world) == interim
    world.finish_deletions()
    world.run()
    assert conditions(world) == failed(*interim[0][1:])
    assert job(world).status.failed == 1


def test_a_suspended_job_has_no_pods(world: World) -> None:
    """Suspended it has none and no start time; resumed it begins anew; what is deleted does not count."""
    run_job(world, suspend=True, parallelism=2, completions=2)
    assert (world.pods(), conditions(world)) == ([], [("Suspended", "JobSuspended", "Job suspended")])
    assert job(world).status.startTime == ""
    for suspended, pods in ((False, 2), (True, 0), (False, 2)):
        owner = job(world)
        world.api.update(JOBS, replace(owner, spec=replace(owner.spec, suspend=suspended)), actor=USER)
        world.run()
        world.finish_deletions()
        world.run()
        assert len(world.pods(active=False)) == pods
    held = job(world).status.conditions[0]
    assert (held.type, held.status, held.reason, held.message) == ("Suspended", "False", "JobResumed", "Job resumed")
    assert (job(world).status.failed, world.messages("Resumed")) == (0, ["Job resumed"])
    assert [event.count for event in world.events("Suspended")] == [2]


def test_indexed_pods_have_numbers(world: World) -> None:
    """In labels, annotations, host name and environment; a number that fails is tried again."""
    run_job(world, completionMode="Indexed", completions=3, parallelism=2)
    first, second = world.pods()
    assert [pod.metadata.labels[indexes.INDEX] for pod in (first, second)] == ["0", "1"]
    assert (first.spec.hostname, first.metadata.generateName) == ("sum-0", "sum-0-")
    [variable] = first.spec.containers[0].env
    assert variable.name == "JOB_COMPLETION_INDEX"
    end(world, second)
    assert job(world).status.completedIndexes == "1"
    assert [indexes.index_of(pod) for pod in world.pods()] == [0, 2]
    end(world, first, 1)
    world.run(12_000)
    assert sorted(indexes.index_of(pod) for pod in world.pods()) == [0, 2]
    for pod in world.pods():
        end(world, pod)
    assert (job(world).status.completedIndexes, job(world).status.succeeded, conditions(world)) == ("0-2", 3, DONE)


def test_an_index_may_fail_alone(world: World) -> None:
    """With backoffLimitPerIndex the others go on; in the end the Job has failed for its failed indexes."""
    run_job(
        world, completionMode="Indexed", completions=2, parallelism=2, backoffLimitPerIndex=1, backoffLimit=2**31 - 1
    )
    for failures in ("0", "1"):
        [pod] = [pod for pod in world.pods() if indexes.index_of(pod) == 0]
        assert pod.metadata.annotations[indexes.FAILURES] == failures
        end(world, pod, 1)
        world.run(12_000)
    assert job(world).status.failedIndexes == "0"
    [other] = world.pods()
    end(world, other)
    assert conditions(world) == failed("FailedIndexes", "Job has failed indexes")
    assert (job(world).status.completedIndexes, job(world).status.failed) == ("1", 2)


def test_an_index_is_counted_when_its_next_pod_is_made(world: World) -> None:
    """Until then the failed pod is held: the next one reads its failures there; ignored ones are counted apart."""
    policy = PodFailurePolicy(rules=(rule("Ignore", 9),))
    run_job(
        world, completionMode="Indexed", completions=1, backoffLimitPerIndex=1, backoffLimit=2**31 - 1,
        podFailurePolicy=policy, podReplacementPolicy="Failed",
    )  # fmt: skip
    assert job(world).status.failedIndexes == ""
    told = []
    for code, counted in ((9, 0), (1, 1)):
        [pod] = world.pods()
        end(world, pod, code)
        status = job(world).status
        held = world.api.get(PODS, kinds.key(pod)).metadata.finalizers
        assert (status.failed, status.active, held) == (0, 0, (FINALIZER,))
        world.run(22_000)
        assert (job(world).status.failed, world.api.get(PODS, kinds.key(pod)).metadata.finalizers) == (counted, ())
        [pod] = world.pods()
        told.append((pod.metadata.annotations[indexes.FAILURES], pod.metadata.annotations.get(indexes.IGNORED)))
    assert told == [("0", "1"), ("1", "1")]
    end(world, world.pods()[0], 1)
    assert (job(world).status.failed, job(world).status.failedIndexes) == (2, "0")
    assert conditions(world) == failed("FailedIndexes", "Job has failed indexes")


def test_an_indexed_job_shrinks_from_its_end(world: World) -> None:
    """Pods whose number is beyond the new completions go, and are not counted."""
    run_job(world, completionMode="Indexed", completions=3, parallelism=3)
    world.set_ready(*world.pods()[1:])
    owner = job(world)
    world.api.update(JOBS, replace(owner, spec=replace(owner.spec, completions=1, parallelism=1)), actor=USER)
    world.run()
    world.finish_deletions()
    world.run()
    assert [indexes.index_of(pod) for pod in world.pods(active=False)] == [0]
    assert (job(world).status.active, job(world).status.failed) == (1, 0)


def test_a_pod_that_is_deleted_is_replaced_after_ten_seconds(world: World) -> None:
    """From the deletion on, not from the end of its grace; also if nothing is left of it."""
    run_job(world)
    [pod] = world.pods()
    world.api.bind(kinds.key(pod), "node-1", actor=USER)
    world.set_ready(world.api.get(PODS, kinds.key(pod)))
    world.run(60_000)
    world.api.delete(PODS, kinds.key(pod), grace=30, actor=USER)
    world.run(8_000)
    assert (world.pods(), job(world).status.failed, job(world).status.terminating) == ([], 1, 1)
    world.run(3_000)
    [pod] = world.pods()
    world.api.delete(PODS, kinds.key(pod), grace=0, actor=USER)
    world.run(18_000)
    assert world.pods() == []
    world.run(3_000)
    assert len(world.pods()) == 1


def test_a_success_policy_ends_the_job_early(world: World) -> None:
    """When its indexes are done the other pods go."""
    policy = SuccessPolicy(rules=(SuccessPolicyRule(succeededIndexes="0-1", succeededCount=1),))
    run_job(world, completionMode="Indexed", completions=3, parallelism=3, successPolicy=policy)
    end(world, world.pods()[1])
    world.finish_deletions()
    world.run()
    reason = ("SuccessPolicy", "Matched rules at index 0")
    assert conditions(world) == [("SuccessCriteriaMet", *reason), ("Complete", *reason)]
    assert (job(world).status.succeeded, job(world).status.failed) == (1, 0)


def test_pods_that_go_with_a_failed_job_have_failed(world: World) -> None:
    """At once, whatever replaces them; the Job has failed when they are gone."""
    run_job(world, completions=2, parallelism=2, backoffLimit=0, podReplacementPolicy="Failed")
    one, two = world.pods()
    world.api.bind(kinds.key(two), "node-1", actor=USER)
    end(world, one, 1)
    status = job(world).status
    assert (status.active, status.failed, status.terminating) == (0, 2, 1)
    assert [each.type for each in status.conditions] == ["FailureTarget"]
    world.finish_deletions()
    world.run()
    assert conditions(world) == failed("BackoffLimitExceeded", "Job has reached the specified backoff limit")


def test_the_end_is_announced_before_it_is_counted(world: World) -> None:
    """SuccessCriteriaMet is written with the pod still uncounted, Complete with its count."""
    run_job(world)
    first = world.store.revision
    end(world, world.pods()[0])
    seen = [
        ([each.type for each in entry.object.status.conditions], entry.object.status.succeeded)
        for name, entry in world.store.log()
        if entry.revision > first and isinstance(entry.object, Job)
    ]
    assert seen == [(["SuccessCriteriaMet"], 0), (["SuccessCriteriaMet", "Complete"], 1)]


def test_more_successes_than_wanted_are_told(world: World) -> None:
    """A pod that somebody made for the Job is counted like its own."""
    owner = run_job(world)
    world.api.create(PODS, new_pod(owner), actor=USER)
    for pod in world.pods():
        status = replace(pod.status, phase="Succeeded")
        world.api.update_status(PODS, replace(pod, status=status), actor=KUBELET)
    world.run()
    assert (job(world).status.succeeded, conditions(world)) == (2, DONE)
    assert world.messages("TooManySucceededPods") == ["Too many succeeded pods running after completion count reached"]


def rule(action: str, *codes: int, condition: str = "") -> PodFailurePolicyRule:
    """A rule of a podFailurePolicy, on exit codes or on a condition."""
    if condition:
        return PodFailurePolicyRule(
            action=action, onPodConditions=(PodFailurePolicyOnPodConditionsPattern(type=condition),)
        )
    return PodFailurePolicyRule(
        action=action, onExitCodes=PodFailurePolicyOnExitCodesRequirement(operator="In", values=codes)
    )


def test_a_failure_policy_decides_what_counts(world: World) -> None:
    """Ignored failures are not counted; one that fails the Job does so at once and says why."""
    policy = PodFailurePolicy(rules=(rule("Ignore", condition="DisruptionTarget"), rule("FailJob", 42, 43)))
    run_job(world, podFailurePolicy=policy, podReplacementPolicy="Failed", backoffLimit=0)
    end(world, world.pods()[0], 137, condition="DisruptionTarget")
    assert (job(world).status.failed, conditions(world)) == (0, [])
    world.run(12_000)
    [pod] = world.pods()
    end(world, pod, 42)
    why = f"Container web for pod {kinds.key(pod)} failed with exit code 42 matching FailJob rule at index 1"
    assert conditions(world) == failed("PodFailurePolicy", why)


def test_a_finished_job_goes_after_its_ttl(world: World) -> None:
    """Not before, and a Job that is not finished does not."""
    run_job(world, ttlSecondsAfterFinished=60)
    world.run(120_000)
    end(world, world.pods()[0])
    world.run(55_000)
    assert world.api.find(JOBS, KEY) is not None
    world.run(5_000)
    gone = world.api.find(JOBS, KEY)
    assert gone is None or gone.metadata.deletionTimestamp


def test_pods_of_a_job_that_is_gone_lose_their_finalizer(world: World) -> None:
    """Nobody will count them; also when the controller learns of it only after a restart."""
    run_job(world, parallelism=2, completions=2)
    world.api.delete(JOBS, KEY, propagation="Background", actor=USER)
    later = world.restarted()
    later.run()
    assert [pod.metadata.finalizers for pod in later.pods()] == [(), ()]


@pytest.mark.parametrize("rebuilt", [False, True])
def test_pods_that_are_orphaned_lose_their_finalizer(world: World, *, rebuilt: bool) -> None:
    """The garbage collector takes the reference to the Job away; then the pods can be deleted."""
    run_job(world, parallelism=2, completions=2)
    for pod in world.pods():
        orphan = replace(pod, metadata=replace(pod.metadata, ownerReferences=()))
        world.api.update(PODS, orphan, actor="garbage-collector")
    world.store.delete(JOBS, KEY, "garbage-collector")
    later = world.restarted() if rebuilt else world
    later.run()
    assert [pod.metadata.finalizers for pod in later.pods()] == [(), ()]


def test_every_pod_is_counted_once_wherever_the_controller_stops(world: World) -> None:
    """Rebuilt after every write of a life with a success and a failure, the counts are the same."""
    run_job(world, completions=2, parallelism=2)
    one, two = world.pods()
    for pod, code in ((one, 0), (two, 1)):
        terminated = ContainerStateTerminated(exitCode=code, finishedAt=world.clock.timestamp())
        status = replace(
            pod.status, phase="Failed" if code else "Succeeded",
            containerStatuses=(ContainerStatus(name="web", state=ContainerState(terminated=terminated)),),
        )  # fmt: skip
        world.api.update_status(PODS, replace(pod, status=status), actor=KUBELET)
    for _ in range(12):
        world = world.restarted()
        world.run(26)
    assert (job(world).status.succeeded, job(world).status.failed) == (1, 1)
    assert job(world).status.uncountedTerminatedPods == UncountedTerminatedPods()


@given(st.sets(st.integers(0, 60)))
def test_indexes_are_told_and_read_back(numbers: set[int]) -> None:
    """A text of ranges means the numbers it was made from."""
    assert indexes.parsed(indexes.text_of(numbers)) == numbers


def test_ranges_are_of_three_and_more() -> None:
    """Two neighbours are told one by one."""
    assert indexes.text_of({0, 1, 3, 5, 6, 7}) == "0,1,3,5-7"


def test_a_pod_without_a_number_has_none() -> None:
    """Neither does one whose annotation is no number."""
    assert [indexes.index_of(Pod(metadata=ObjectMeta(annotations=told))) for told in ({}, {indexes.INDEX: "x"})] == [
        -1,
        -1,
    ]
