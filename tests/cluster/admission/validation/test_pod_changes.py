"""What may be changed of a pod that exists."""

from typing import Any

import pytest

from cluster.admission import validation
from cluster.admission.validation.pod_changes import UPDATABLE
from cluster.admission.validation.pod_dump import lines
from cluster.api import codec, kinds
from cluster.api.core import Pod, PodSpec
from tests.cluster.admission.requests import created, pod, read, said

CHANGE = f"spec: Forbidden: pod updates may not change fields other than {UPDATABLE}\n"
RECORDED = """\
@@ -148,7 +148,7 @@
   "NodeSelector": null,
   "ServiceAccountName": "default",
   "AutomountServiceAccountToken": null,
-  "NodeName": "node-1",
+  "NodeName": "node-9",
   "SecurityContext": {
     "HostNetwork": false,
     "HostPID": false,
"""
GATED: dict[str, Any] = {"schedulingGates": [{"name": "a"}, {"name": "b"}], "nodeSelector": {"disk": "ssd"}}


def change(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """What validation says when fields of a pod's admitted spec are changed."""
    old = created(kinds.PODS, pod(**before))
    plain = codec.to_plain(old)
    plain["spec"] |= before | after
    new = read(kinds.PODS, plain)
    return said(validation.update(kinds.PODS, new, old))


def web(**fields: Any) -> list[dict[str, Any]]:
    """One container with these fields, as it is after admission."""
    value = created(kinds.PODS, pod(containers=[{"name": "web", "image": "nginx:1.27"}])).spec.containers
    return [{**codec.to_plain(value)[0], **fields}]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({}, {}, []),
        ({}, {"containers": web(image="nginx:2")}, []),
        ({}, {"containers": web(image=" nginx")},
         ['spec.containers[0].image: Invalid value: " nginx": must not have leading or trailing whitespace'] * 2),
        ({}, {"containers": [*web(), *web(name="more")]},
         ["spec.containers: Forbidden: pod updates may not add or remove containers"]),
        ({}, {"activeDeadlineSeconds": 60}, []),
        ({"activeDeadlineSeconds": 60}, {"activeDeadlineSeconds": 30}, []),
        ({"activeDeadlineSeconds": 30}, {"activeDeadlineSeconds": 60},
         ["spec.activeDeadlineSeconds: Invalid value: 60: must be less than or equal to previous value"]),
        ({}, {"activeDeadlineSeconds": -1},
         ["spec.activeDeadlineSeconds: Invalid value: -1: must be between 1 and 2147483647, inclusive",
          "spec.activeDeadlineSeconds: Invalid value: -1: must be between 0 and 2147483647, inclusive"]),
        ({"activeDeadlineSeconds": 30}, {"activeDeadlineSeconds": None},
         ["spec.activeDeadlineSeconds: Invalid value: null: must not update from a positive integer to nil value"]),
        ({"terminationGracePeriodSeconds": -5}, {"terminationGracePeriodSeconds": 1}, []),
        ({"tolerations": []}, {"tolerations": [{"operator": "Exists"}]},
         ["spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds"]),
        (GATED, {"schedulingGates": [{"name": "b"}]}, []),
        (GATED, {"schedulingGates": []}, []),
        (GATED, {"schedulingGates": [{"name": "a"}, {"name": "b"}, {"name": "late"}]},
         ["spec.schedulingGates[2].name: Forbidden: only deletion is allowed, but found new scheduling gate 'late'"]),
        (GATED, {"nodeSelector": {"disk": "ssd", "zone": "a"}}, []),
        (GATED, {"nodeSelector": {"zone": "a"}},
         [('spec.nodeSelector: Invalid value: {"zone":"a"}: '
           "only additions to spec.nodeSelector are allowed (no mutations or deletions)")]),
    ],
)  # fmt: skip
def test_changes(before: dict[str, Any], after: dict[str, Any], expected: list[str]) -> None:
    """Images, a shorter deadline, more tolerations and fewer gates pass; the rest is told apart."""
    assert change(before, after) == expected


def test_more_tolerations() -> None:
    """Tolerations may be added, and the seconds of those there are may change."""
    old = created(kinds.PODS, pod())
    given = codec.to_plain(old)["spec"]["tolerations"]
    assert change({}, {"tolerations": [{**given[0], "tolerationSeconds": 5}, *given[1:], {"operator": "Exists"}]}) == []


def test_the_difference_is_shown() -> None:
    """A change that is not allowed is shown line by line, numbered as Kubernetes numbers them."""
    container = {
        "name": "web", "image": "nginx:1.26", "env": [{"name": "COLOUR", "value": "blue"}],
        "resources": {"requests": {"cpu": "10m"}},
    }  # fmt: skip
    old = created(kinds.PODS, pod(containers=[container], nodeName="node-1"))
    plain = codec.to_plain(old)
    plain["spec"]["nodeName"] = "node-9"
    assert said(validation.update(kinds.PODS, read(kinds.PODS, plain), old)) == [CHANGE + RECORDED]


def affinity(*terms: dict[str, Any]) -> dict[str, Any]:
    """A required node affinity with these terms."""
    required = {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": list(terms)}}
    return {"affinity": {"nodeAffinity": required}}


DISK = {"key": "disk", "operator": "In", "values": ["ssd"]}
ZONE = {"key": "zone", "operator": "Exists"}
TERMS = "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms"


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({}, affinity({"matchExpressions": [DISK]}), []),
        (affinity({"matchExpressions": [DISK]}), affinity({"matchExpressions": [DISK, ZONE]}), []),
        (affinity({"matchExpressions": [DISK]}), affinity({"matchExpressions": [ZONE]}),
         [(f'{TERMS}[0]: Invalid value: {{"MatchExpressions":[{{"Key":"zone","Operator":"Exists","Values":[]}}],'
           '"MatchFields":null}: only additions are allowed (no mutations or deletions)')]),
        (affinity({"matchExpressions": [DISK]}), affinity({"matchExpressions": [DISK]}, {"matchExpressions": [ZONE]}),
         [f"{TERMS}: Invalid value: "]),
    ],
)  # fmt: skip
def test_the_affinity_of_a_gated_pod(before: dict[str, Any], after: dict[str, Any], expected: list[str]) -> None:
    """While a pod is gated its node affinity may become narrower, never wider."""
    found = change({**GATED, **before}, after)
    assert len(found) == len(expected)
    for text, wanted in zip(found, expected, strict=True):
        assert text.startswith(wanted)


def test_a_pod_that_is_not_gated_keeps_its_affinity() -> None:
    """Without gates even a first affinity is refused."""
    (found,) = change({}, affinity({"matchExpressions": [DISK]}))
    assert found.startswith(CHANGE)


def test_dump_shows_every_field() -> None:
    """The dump is JSON with one line a value; rare types print the fields they have."""
    spec = codec.from_plain(PodSpec, {
        "containers": [{"name": "a", "image": "b", "resources": {"claims": [{"name": "gpu"}]}}],
        "affinity": {"podAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [
            {"topologyKey": "zone", "labelSelector": {"matchLabels": {"app": "x"}}}]}},
    })  # fmt: skip
    text = "".join(lines(spec))
    assert '"Claims": [\n          {\n            "Name": "gpu"\n' in text
    assert '"LabelSelector": {\n            "matchLabels": {\n              "app": "x"\n' in text
    assert '"Volumes": null,\n' in text
    assert '"SecurityContext": null,\n' in text


def test_status_changes() -> None:
    """The quality of service stays, and a container that has ended for good does not run again."""

    def with_status(**status: Any) -> Pod:
        return read(kinds.PODS, {**pod(restartPolicy="Never"), "status": {"qosClass": "Burstable", **status}})

    ended = {"containerStatuses": [{
        "name": "web", "image": "", "imageID": "", "ready": False, "restartCount": 0, "state": {"terminated": {"exitCode": 1}},
    }]}  # fmt: skip
    running = {"containerStatuses": [{**ended["containerStatuses"][0], "state": {"running": {}}}]}

    def change_status(old: Pod, new: Pod) -> list[str]:
        return said(validation.status_update(kinds.PODS, new, old))

    assert change_status(with_status(**running), with_status(**ended)) == []
    assert change_status(with_status(**ended), with_status(**running)) == [
        "status.containerStatuses[0].state: Forbidden: may not be transitioned to non-terminated state"
    ]
    assert change_status(with_status(), with_status(qosClass="BestEffort")) == [
        'status.qosClass: Invalid value: "BestEffort": field is immutable'
    ]
    assert change_status(with_status(), with_status(podIPs=[{"ip": "10.0.0"}])) == [
        'status.podIPs[0]: Invalid value: "10.0.0": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'
    ]
