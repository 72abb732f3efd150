"""Completion indexes: numbers of an Indexed Job's pods, and the text in which its status tells them.

Pure; used where pods are counted and made. Mirrors pkg/controller/job/indexed_job_utils.go. Invariant:
`parsed(text_of(x)) == x`.
"""

from collections.abc import Iterable

from cluster.api.batch import Job
from cluster.api.core import Pod

INDEX = "batch.kubernetes.io/job-completion-index"
"""The annotation and label with a pod's number."""
FAILURES = "batch.kubernetes.io/job-index-failure-count"
"""The annotation with how often its index had failed before a pod was made."""
IGNORED = "batch.kubernetes.io/job-index-ignored-failure-count"
"""The annotation with how many of its index's failures were not held against it."""
RANGE = 2


def is_indexed(job: Job) -> bool:
    """Whether the Job's pods have numbers."""
    return job.spec.completionMode == "Indexed"


def index_of(pod: Pod) -> int:
    """The pod's number; -1 if it has none."""
    return _number(pod, INDEX, -1)


def failures_of(pod: Pod) -> int:
    """How often the pod's index had failed before it, as far as that is held against it."""
    return _number(pod, FAILURES, 0)


def ignored_of(pod: Pod) -> int:
    """How often the pod's index had failed before it without that being held against it."""
    return _number(pod, IGNORED, 0)


def _number(pod: Pod, annotation: str, otherwise: int) -> int:
    text = pod.metadata.annotations.get(annotation, "")
    return int(text) if text.isascii() and text.isdecimal() else otherwise


def parsed(text: str) -> set[int]:
    """The numbers in a text such as `1,3-5`."""
    found: set[int] = set()
    for part in filter(None, text.split(",")):
        first, _, last = part.partition("-")
        found.update(range(int(first), int(last or first) + 1))
    return found


def text_of(numbers: Iterable[int]) -> str:
    """Numbers as `1,3-5`: a range where more than two follow each other, as the real controller writes."""
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and runs[-1][1] == number - 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ",".join(_run(first, last) for first, last in runs)


def _run(first: int, last: int) -> str:
    if first == last:
        return str(first)
    return f"{first},{last}" if last - first < RANGE else f"{first}-{last}"
