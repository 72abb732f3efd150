"""The rules of ReplicationControllers, ReplicaSets and Deployments."""

from typing import Any

import pytest

from cluster.api import kinds
from cluster.api.kinds import Kind
from tests.cluster.admission.requests import refused, refused_change

LABELS = {"app": "web"}
TEMPLATE = {"metadata": {"labels": LABELS}, "spec": {"containers": [{"name": "c", "image": "x:1"}]}}
MISMATCH = 'spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`'


def workload(**spec: Any) -> dict[str, Any]:
    """A ReplicaSet or Deployment with these fields of the spec."""
    return {"spec": {"selector": {"matchLabels": LABELS}, "template": TEMPLATE, **spec}}


def template(**spec: Any) -> dict[str, Any]:
    """The template, with these fields of its spec."""
    return {**TEMPLATE, "spec": {"containers": [{"name": "c", "image": "x:1"}], **spec}}


BOTH: list[tuple[dict[str, Any], list[str]]] = [
    ({}, []),
    ({"replicas": -1}, ["spec.replicas: Invalid value: -1: must be greater than or equal to 0"]),
    ({"minReadySeconds": -1}, ["spec.minReadySeconds: Invalid value: -1: must be greater than or equal to 0"]),
    ({"selector": {"matchLabels": {"app": "db"}}}, [MISMATCH]),
    ({"selector": {}}, ["spec.selector: Invalid value: {}: empty selector is invalid for deployment"]),
    ({"template": template(restartPolicy="Never")},
     ['spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"']),
    ({"template": template(activeDeadlineSeconds=5)},
     ["spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in ReplicaSet is not Supported"]),
    ({"template": template(containers=[])}, ["spec.template.spec.containers: Required value"]),
    ({"template": template(ephemeralContainers=[{"name": "d", "image": "x"}])},
     ["spec.template.spec.ephemeralContainers: Forbidden: ephemeral containers not allowed in pod template"]),
    ({"template": template(hostNetwork=True, containers=[{"name": "c", "image": "x", "ports": [{"containerPort": 80}]}])}, []),
    ({"template": template(containers=[{"name": "c", "image": " x "}])}, []),
]  # fmt: skip


@pytest.mark.parametrize("kind", [kinds.REPLICA_SETS, kinds.DEPLOYMENTS])
@pytest.mark.parametrize(("spec", "expected"), BOTH)
def test_what_both_ask(kind: Kind[Any], spec: dict[str, Any], expected: list[str]) -> None:
    """A selector that selects the template, and a template of pods that run for ever."""
    assert refused(kind, workload(**spec)) == expected


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({"revisionHistoryLimit": -1}, ["spec.revisionHistoryLimit: Invalid value: -1: must be greater than or equal to 0"]),
        ({"progressDeadlineSeconds": 5, "minReadySeconds": 5},
         ["spec.progressDeadlineSeconds: Invalid value: 5: must be greater than minReadySeconds"]),
        ({"strategy": {"type": "Recreate", "rollingUpdate": {}}},
         ["spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'"]),
        ({"strategy": {"type": "BlueGreen"}},
         [('spec.strategy: Unsupported value: {"Type":"BlueGreen","RollingUpdate":null}: '
          'supported values: "Recreate", "RollingUpdate"')]),
        ({"strategy": {"rollingUpdate": {"maxUnavailable": 0, "maxSurge": "0%"}}},
         ["spec.strategy.rollingUpdate.maxUnavailable: Invalid value: 0: may not be 0 when `maxSurge` is 0"]),
        ({"strategy": {"rollingUpdate": {"maxUnavailable": "120%"}}},
         ['spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "120%": must not be greater than 100%']),
        ({"strategy": {"rollingUpdate": {"maxSurge": -1}}},
         ["spec.strategy.rollingUpdate.maxSurge: Invalid value: -1: must be greater than or equal to 0"]),
        ({"strategy": {"rollingUpdate": {"maxSurge": "many"}}},
         [('spec.strategy.rollingUpdate.maxSurge: Invalid value: "many": a valid percent string must be a numeric string '
          "followed by an ending '%' (e.g. '1%', or '93%', regex used for validation is '[0-9]+%')")]),
    ],
)  # fmt: skip
def test_deployments(spec: dict[str, Any], expected: list[str]) -> None:
    """A strategy that can move, and limits that make sense."""
    assert refused(kinds.DEPLOYMENTS, workload(**spec)) == expected


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({"template": TEMPLATE}, []),
        ({"selector": {"app": "db"}, "template": TEMPLATE}, [MISMATCH]),
        ({"selector": {"app": "web"}}, ["spec.template: Required value"]),
        ({"template": {"spec": template()["spec"]}}, ["spec.selector: Required value"]),
        ({"template": TEMPLATE, "replicas": -2}, ["spec.replicas: Invalid value: -2: must be greater than or equal to 0"]),
        ({"template": template(activeDeadlineSeconds=5)},
         [("spec.template.spec.activeDeadlineSeconds: Forbidden: "
          "activeDeadlineSeconds in ReplicationController is not Supported")]),
    ],
)  # fmt: skip
def test_replication_controllers(spec: dict[str, Any], expected: list[str]) -> None:
    """The same for the controller of old, whose selector is a plain map."""
    assert refused(kinds.REPLICATION_CONTROLLERS, {"spec": spec}) == expected


@pytest.mark.parametrize("kind", [kinds.REPLICA_SETS, kinds.DEPLOYMENTS])
def test_the_selector_stays(kind: Kind[Any]) -> None:
    """A selector never changes, not even to one that matches."""
    both = {**TEMPLATE, "metadata": {"labels": {"app": "web", "tier": "front"}}}
    wider = {"matchLabels": {"app": "web", "tier": "front"}}
    assert refused_change(kind, workload(template=both), workload(template=both, selector=wider)) == [
        'spec.selector: Invalid value: {"matchLabels":{"app":"web","tier":"front"}}: field is immutable'
    ]
    assert refused_change(kind, workload(), workload(replicas=3)) == []


def test_a_controllers_selector_may_change() -> None:
    """A ReplicationController's selector may change as long as it matches."""
    both = {**TEMPLATE, "metadata": {"labels": {"app": "web", "tier": "front"}}}
    before, after = {"template": both, "selector": {"app": "web"}}, {"template": both, "selector": {"tier": "front"}}
    assert refused_change(kinds.REPLICATION_CONTROLLERS, {"spec": before}, {"spec": after}) == []
