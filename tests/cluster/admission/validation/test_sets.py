"""The rules of StatefulSets, DaemonSets, ControllerRevisions and PodTemplates."""

from typing import Any

import pytest

from cluster.api import kinds
from tests.cluster.admission.requests import refused, refused_change

LABELS = {"app": "db"}
POD = {"containers": [{"name": "c", "image": "x:1"}]}
TEMPLATE = {"metadata": {"labels": LABELS}, "spec": POD}
CLAIM = {
    "metadata": {"name": "data"},
    "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
}


def made(**spec: Any) -> dict[str, Any]:
    """A set with these fields of the spec."""
    return {"spec": {"selector": {"matchLabels": LABELS}, "template": TEMPLATE, **spec}}


NOT_BELOW = "must be greater than or equal to 0"


@pytest.mark.parametrize(
    ("plain", "expected"),
    [
        (made(serviceName="db"), []),
        (made(replicas=-1), [f"spec.replicas: Invalid value: -1: {NOT_BELOW}"]),
        (made(ordinals={"start": -1}), [f"spec.ordinals.start: Invalid value: -1: {NOT_BELOW}"]),
        (made(podManagementPolicy="Any"),
         ["spec.podManagementPolicy: Invalid value: \"Any\": must be 'OrderedReady' or 'Parallel'"]),
        (made(updateStrategy={"type": "OnDelete", "rollingUpdate": {"partition": 1}}),
         [('spec.updateStrategy.rollingUpdate: Invalid value: {"Partition":1,"MaxUnavailable":null}: '
           "only allowed for updateStrategy 'RollingUpdate'")]),
        (made(updateStrategy={"type": "Fast"}),
         [('spec.updateStrategy: Invalid value: {"Type":"Fast","RollingUpdate":null}: '
           "must be 'RollingUpdate' or 'OnDelete'")]),
        (made(updateStrategy={"rollingUpdate": {"partition": -1}}),
         [f"spec.updateStrategy.rollingUpdate.partition: Invalid value: -1: {NOT_BELOW}"]),
        (made(persistentVolumeClaimRetentionPolicy={"whenDeleted": "Keep"}),
         [('spec.persistentVolumeClaimRetentionPolicy.whenDeleted: Unsupported value: "Keep": '
           'supported values: "Delete", "Retain"')]),
        (made(selector={}), ["spec.selector: Invalid value: {}: empty selector is invalid for statefulset"]),
        (made(selector={"matchLabels": {"app": "x"}}),
         ['spec.template.metadata.labels: Invalid value: {"app":"db"}: `selector` does not match template `labels`']),
        (made(template={**TEMPLATE, "spec": {**POD, "restartPolicy": "Never"}}),
         ['spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"']),
    ],
)  # fmt: skip
def test_stateful_sets(plain: dict[str, Any], expected: list[str]) -> None:
    """An order, a strategy, and pods that the set selects and that run for ever."""
    assert refused(kinds.STATEFUL_SETS, plain) == expected


def test_claims_are_volumes() -> None:
    """A container may mount what the set claims for its pods, and nothing that it does not."""
    mounts = [{"name": "data", "mountPath": "/data"}]
    template = {**TEMPLATE, "spec": {"containers": [{"name": "c", "image": "x:1", "volumeMounts": mounts}]}}
    assert refused(kinds.STATEFUL_SETS, made(template=template, volumeClaimTemplates=[CLAIM])) == []
    assert refused(kinds.STATEFUL_SETS, made(template=template)) == [
        'spec.template.spec.containers[0].volumeMounts[0].name: Not found: "data"'
    ]


def test_what_of_a_stateful_set_may_change() -> None:
    """Replicas, template and strategy may, what its pods are known by may not."""
    changed = made(replicas=3, updateStrategy={"type": "OnDelete"}, minReadySeconds=3)
    assert refused_change(kinds.STATEFUL_SETS, made(), changed) == []
    assert refused_change(kinds.STATEFUL_SETS, made(), made(serviceName="other")) == [
        (
            "spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', "
            "'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' "
            "are forbidden"
        )
    ]


@pytest.mark.parametrize(
    ("plain", "expected"),
    [
        (made(), []),
        (made(selector={}), ["spec.selector: Invalid value: {}: empty selector is invalid for daemonset"]),
        (made(minReadySeconds=-1), [f"spec.minReadySeconds: Invalid value: -1: {NOT_BELOW}"]),
        (made(revisionHistoryLimit=-1), [f"spec.revisionHistoryLimit: Invalid value: -1: {NOT_BELOW}"]),
        (made(updateStrategy={"type": "Fast"}),
         ['spec.updateStrategy.type: Unsupported value: "Fast": supported values: "RollingUpdate", "OnDelete"']),
        (made(updateStrategy={"rollingUpdate": {"maxUnavailable": 0}}),
         ["spec.updateStrategy.rollingUpdate.maxUnavailable: Required value: cannot be 0 when maxSurge is 0"]),
        (made(updateStrategy={"rollingUpdate": {"maxSurge": "10%"}}),
         [('spec.updateStrategy.rollingUpdate.maxSurge: Invalid value: "10%": '
           "may not be set when maxUnavailable is non-zero")]),
        (made(updateStrategy={"rollingUpdate": {"maxUnavailable": "120%"}}),
         ['spec.updateStrategy.rollingUpdate.maxUnavailable: Invalid value: "120%": must not be greater than 100%']),
        (made(template={**TEMPLATE, "spec": {**POD, "activeDeadlineSeconds": 5}}),
         ["spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in DaemonSet is not Supported"]),
    ],
)  # fmt: skip
def test_daemon_sets(plain: dict[str, Any], expected: list[str]) -> None:
    """Pods that the set selects, and a strategy that can move."""
    assert refused(kinds.DAEMON_SETS, plain) == expected


def test_the_selector_of_a_daemon_set_stays() -> None:
    """A selector never changes."""
    both = {**TEMPLATE, "metadata": {"labels": {"app": "db", "tier": "back"}}}
    assert refused_change(kinds.DAEMON_SETS, made(template=both), made(template=both, selector={"matchLabels": {"tier": "back"}})) == [
        'spec.selector: Invalid value: {"matchLabels":{"tier":"back"}}: field is immutable'
    ]  # fmt: skip


def test_revisions_keep_their_data() -> None:
    """A revision has data, which never changes, and a number."""
    good = {"data": {"spec": {}}, "revision": 1}
    assert refused(kinds.CONTROLLER_REVISIONS, good) == []
    assert refused(kinds.CONTROLLER_REVISIONS, {"revision": -1}) == [
        "data: Required value: data is mandatory",
        f"revision: Invalid value: -1: {NOT_BELOW}",
    ]
    assert refused_change(kinds.CONTROLLER_REVISIONS, good, {"data": {"spec": {"a": 1}}, "revision": 2}) == [
        'data: Invalid value: {"spec":{"a":1}}: field is immutable'
    ]


def test_pod_templates() -> None:
    """A template is judged as a controller's is."""
    assert refused(kinds.POD_TEMPLATES, {"template": TEMPLATE}) == []
    assert refused(kinds.POD_TEMPLATES, {"template": {"spec": {}}}) == ["template.spec.containers: Required value"]
