"""LimitRanger: defaults for those who say nothing, and bounds for those who do."""

from collections.abc import Mapping
from typing import Any

import pytest

from cluster import admission
from cluster.admission.plugins import limit_ranger
from cluster.api import codec, kinds
from cluster.api.core import LimitRange, Pod
from cluster.api.errors import Forbidden
from tests.cluster.admission.requests import View, container, created, pod, read, view

NOTE = "kubernetes.io/limit-ranger"
DEFAULTS = {"type": "Container", "default": {"cpu": "200m", "memory": "128Mi"}, "defaultRequest": {"cpu": "50m"}}


def with_ranges(*items: Mapping[str, Any], api: View | None = None, name: str = "limits") -> View:
    """A namespace with one more range of these items."""
    api = api or view()
    api.put(read(kinds.LIMIT_RANGES, {"spec": {"limits": list(items)}}, name))
    return api


def asked(value: Pod) -> list[tuple[str, dict[str, str], dict[str, str]]]:
    """Every container's name, requests and limits."""
    spec = value.spec
    return [
        (found.name, dict(found.resources.requests), dict(found.resources.limits))
        for found in (*spec.containers, *spec.initContainers)
    ]


def refusal(api: View, plain: dict[str, Any]) -> str:
    """Why the namespace's ranges refuse the pod."""
    value = created(kinds.PODS, plain, api)
    with pytest.raises(Forbidden) as caught:
        admission.review_create(api, kinds.PODS, value, None)
    return caught.value.message


def test_defaults() -> None:
    """Each container gets the requests and limits it lacks, and the annotation tells which."""
    plain = pod(
        initContainers=[{"name": "first", "image": "x"}],
        containers=[
            {"name": "web", "image": "x"},
            {"name": "log", "image": "x", "resources": {"requests": {"cpu": "10m"}, "limits": {"memory": "64Mi"}}},
        ],
    )
    found = created(kinds.PODS, plain, with_ranges(DEFAULTS))
    full = {"cpu": "200m", "memory": "128Mi"}
    assert asked(found) == [
        ("web", {"cpu": "50m"}, full),
        ("log", {"cpu": "10m", "memory": "64Mi"}, {"cpu": "200m", "memory": "64Mi"}),
        ("first", {"cpu": "50m"}, full),
    ]
    assert found.metadata.annotations == {
        NOTE: "LimitRanger plugin set: cpu request for container web; cpu, memory limit for container web; "
        "cpu limit for container log; cpu request for init container first; "
        "cpu, memory limit for init container first"
    }


def test_quality_of_service_comes_after_the_defaults() -> None:
    """A pod that says nothing is not BestEffort where ranges give it requests, and Guaranteed if they are its limits."""
    equal = {
        "type": "Container",
        "default": {"cpu": "1", "memory": "1Gi"},
        "defaultRequest": {"cpu": "1", "memory": "1Gi"},
    }
    assert created(kinds.PODS, pod()).status.qosClass == "BestEffort"
    assert created(kinds.PODS, pod(), with_ranges(DEFAULTS)).status.qosClass == "Burstable"
    assert created(kinds.PODS, pod(), with_ranges(equal)).status.qosClass == "Guaranteed"


def test_the_first_range_by_name_wins_and_the_last_to_set_something_is_told() -> None:
    """Ranges are applied one after the other, each to what is still missing."""
    api = with_ranges({"type": "Container", "defaultRequest": {"cpu": "1"}}, name="a")
    with_ranges({"type": "Container", "defaultRequest": {"cpu": "2", "memory": "1Gi"}}, api=api, name="b")
    found = created(kinds.PODS, pod(), api)
    assert asked(found) == [("web", {"cpu": "1", "memory": "1Gi"}, {})]
    assert found.metadata.annotations == {NOTE: "LimitRanger plugin set: memory request for container web"}


def test_pods_of_one_template_share_what_they_are_given() -> None:
    """The defaulted spec and its annotations are one object for all, until a range changes."""
    api = with_ranges(DEFAULTS)
    value = admission.defaults.apply(kinds.PODS, admission.prepare_create(kinds.PODS, read(kinds.PODS, pod())))
    first, second = (admission.admit_create(api, kinds.PODS, value) for _ in range(2))
    assert first.spec is second.spec
    assert first.metadata.annotations is second.metadata.annotations
    with_ranges({"type": "Container", "defaultRequest": {"cpu": "1"}}, api=api)
    assert asked(admission.admit_create(api, kinds.PODS, value)) == [("web", {"cpu": "1"}, {})]
    api.store.delete(kinds.LIMIT_RANGES, "shop/limits", "tester")
    assert asked(admission.admit_create(api, kinds.PODS, value)) == [("web", {}, {})]


def test_ranges_of_other_namespaces_mean_nothing() -> None:
    """A range is for its own namespace."""
    api = view()
    api.put(read(kinds.LIMIT_RANGES, {"metadata": {"namespace": "other"}, "spec": {"limits": [DEFAULTS]}}))
    assert asked(created(kinds.PODS, pod(), api)) == [("web", {}, {})]


BOUNDS = {"type": "Container", "min": {"cpu": "100m"}, "max": {"cpu": "500m", "memory": "512Mi"}}


@pytest.mark.parametrize(
    ("resources", "told"),
    [
        (
            {"requests": {"cpu": "50m"}, "limits": {"cpu": "500m", "memory": "1Gi"}},
            (
                "[minimum cpu usage per Container is 100m, but request is 50m, "
                "maximum memory usage per Container is 512Mi, but limit is 1Gi]"
            ),
        ),
        (
            {},
            (
                "[minimum cpu usage per Container is 100m.  No request is specified, "
                "maximum cpu usage per Container is 500m.  No limit is specified, "
                "maximum memory usage per Container is 512Mi.  No limit is specified]"
            ),
        ),
        (
            {"requests": {"cpu": "1"}, "limits": {"cpu": "500m", "memory": "1Mi"}},
            "maximum cpu usage per Container is 500m, but request is 1",
        ),
        (
            {"requests": {"cpu": "100m"}, "limits": {"cpu": "50m", "memory": "1Mi"}},
            "minimum cpu usage per Container is 100m, but limit is 50m",
        ),
    ],
)
def test_bounds_of_containers(resources: dict[str, Any], told: str) -> None:
    """Everything that is out of range is told at once, in brackets if it is more than one."""
    found = refusal(with_ranges(BOUNDS), container(resources=resources))
    assert found == f'pods "web" is forbidden: {told}'


def test_equal_faults_are_told_once() -> None:
    """Two containers with one fault are one message; init containers are judged, too."""
    plain = pod(initContainers=[{"name": "first", "image": "x"}])
    told = refusal(with_ranges({"type": "Container", "max": {"cpu": "1"}}), plain)
    assert told == 'pods "web" is forbidden: maximum cpu usage per Container is 1.  No limit is specified'


@pytest.mark.parametrize(
    ("resources", "told"),
    [
        ({}, "but no request is specified or request is 0"),
        ({"requests": {"cpu": "0"}, "limits": {"cpu": "1"}}, "but no request is specified or request is 0"),
        ({"requests": {"cpu": "1"}}, "but no limit is specified or limit is 0"),
        ({"requests": {"cpu": "100m"}, "limits": {"cpu": "250m"}}, "but provided ratio is 2.500000"),
    ],
)
def test_ratio(resources: dict[str, Any], told: str) -> None:
    """A limit may be so many times the request, and both have to be there."""
    found = refusal(
        with_ranges({"type": "Container", "maxLimitRequestRatio": {"cpu": "2"}}), container(resources=resources)
    )
    assert found == f'pods "web" is forbidden: cpu max limit to request ratio per Container is 2, {told}'


def test_bounds_of_pods() -> None:
    """A pod counts for its containers together, or for a larger init container."""
    one = {"image": "x", "resources": {"requests": {"cpu": "300m"}, "limits": {"cpu": "300m"}}}
    big = {"name": "init", "image": "x", "resources": {"requests": {"cpu": "2"}, "limits": {"cpu": "2"}}}
    api = with_ranges({"type": "Pod", "max": {"cpu": "500m"}})
    told = "maximum cpu usage per Pod is 500m, but limit is"
    found = refusal(api, pod(containers=[{"name": "a", **one}, {"name": "b", **one}]))
    assert found == f'pods "web" is forbidden: {told} 600m'
    found = refusal(api, pod(initContainers=[big], containers=[{"name": "a", **one}]))
    assert found == f'pods "web" is forbidden: {told} 2'
    fits = created(kinds.PODS, pod(containers=[{"name": "a", **one}]), api)
    assert admission.review_create(api, kinds.PODS, fits, None) == ()


@pytest.mark.parametrize(
    ("storage", "told"),
    [
        ("1Gi", "minimum storage usage per PersistentVolumeClaim is 2Gi, but request is 1Gi"),
        ("9Gi", "maximum storage usage per PersistentVolumeClaim is 4Gi, but request is 9Gi"),
    ],
)
def test_bounds_of_claims(storage: str, told: str) -> None:
    """A claim asks for storage within the range, when it is made and when it grows."""
    api = with_ranges({"type": "PersistentVolumeClaim", "min": {"storage": "2Gi"}, "max": {"storage": "4Gi"}})
    fits, wrong = (
        created(kinds.PERSISTENT_VOLUME_CLAIMS, {"spec": {"resources": {"requests": {"storage": size}}}}, api)
        for size in ("3Gi", storage)
    )
    with pytest.raises(Forbidden) as caught:
        admission.review_create(api, kinds.PERSISTENT_VOLUME_CLAIMS, wrong, None)
    assert caught.value.message == f'persistentvolumeclaims "web" is forbidden: {told}'
    with pytest.raises(Forbidden):
        admission.review_update(api, kinds.PERSISTENT_VOLUME_CLAIMS, wrong, fits, None)
    assert admission.review_create(api, kinds.PERSISTENT_VOLUME_CLAIMS, fits, None) == ()


def test_defaulting_twice_is_defaulting_once() -> None:
    """A spec that has its defaults comes back as it is, with nothing to tell."""
    range_ = codec.from_plain(LimitRange, {"spec": {"limits": [DEFAULTS]}})
    once = limit_ranger.defaulted(read(kinds.PODS, pod()).spec, [range_])
    assert limit_ranger.defaulted(once.spec, [range_]) == (once.spec, "")
