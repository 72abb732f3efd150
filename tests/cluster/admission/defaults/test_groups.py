"""Defaults of the kinds beside pods, services and the workloads that repeat them."""

from typing import Any

import pytest

from cluster.admission import defaults
from cluster.api import codec, kinds
from cluster.api.kinds import Kind
from tests.cluster.admission.requests import read

TEMPLATE = {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "c", "image": "x:1"}]}}


def defaulted(kind: Kind[Any], plain: dict[str, Any]) -> dict[str, Any]:
    """The object after defaults, as plain data."""
    found: dict[str, Any] = codec.to_plain(defaults.apply(kind, read(kind, plain)))
    return found


def test_stateful_set() -> None:
    """One replica in order, that keeps its claims; claims are pending file systems."""
    found = defaulted(kinds.STATEFUL_SETS, {"spec": {"template": TEMPLATE, "volumeClaimTemplates": [{}]}})["spec"]
    (claim,) = found.pop("volumeClaimTemplates")
    assert (claim["spec"]["volumeMode"], claim["status"]) == ("Filesystem", {"phase": "Pending"})
    del found["template"]
    assert found == {
        "replicas": 1, "revisionHistoryLimit": 10, "podManagementPolicy": "OrderedReady",
        "persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Retain", "whenScaled": "Retain"},
        "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 0}},
    }  # fmt: skip


def test_a_strategy_that_waits() -> None:
    """A StatefulSet that is renewed on deletion has no partition."""
    spec = {"template": TEMPLATE, "updateStrategy": {"type": "OnDelete"}}
    assert defaulted(kinds.STATEFUL_SETS, {"spec": spec})["spec"]["updateStrategy"] == {"type": "OnDelete"}


def test_daemon_set() -> None:
    """One pod at a time, none more than there should be."""
    found = defaulted(kinds.DAEMON_SETS, {"spec": {"template": TEMPLATE}})["spec"]
    assert found["updateStrategy"] == {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 0, "maxUnavailable": 1}}
    assert found["revisionHistoryLimit"] == 10


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, {"completions": 1, "parallelism": 1, "backoffLimit": 6, "podReplacementPolicy": "TerminatingOrFailed"}),
        ({"parallelism": 3}, {"parallelism": 3, "backoffLimit": 6, "podReplacementPolicy": "TerminatingOrFailed"}),
        ({"backoffLimitPerIndex": 1},
         {"completions": 1, "parallelism": 1, "backoffLimit": 2147483647, "podReplacementPolicy": "TerminatingOrFailed",
          "backoffLimitPerIndex": 1}),
        ({"podFailurePolicy": {"rules": [{"action": "Count", "onPodConditions": [{"type": "X"}]}]}},
         {"completions": 1, "parallelism": 1, "backoffLimit": 6, "podReplacementPolicy": "Failed",
          "podFailurePolicy": {"rules": [{"action": "Count", "onPodConditions": [{"type": "X", "status": "True"}]}]}}),
    ],
)  # fmt: skip
def test_job(given: dict[str, Any], expected: dict[str, Any]) -> None:
    """One pod that has to succeed, unless pods work off a queue, and six tries."""
    found = defaulted(kinds.JOBS, {"spec": {"template": TEMPLATE, **given}})
    assert found["metadata"]["labels"] == {"app": "web"}
    del found["spec"]["template"]
    common = {"completionMode": "NonIndexed", "suspend": False, "manualSelector": False}
    assert found["spec"] == {**common, **expected}


def test_cron_job() -> None:
    """Runs beside one another, and a short history; its Jobs are defaulted when they are made."""
    found = defaulted(kinds.CRON_JOBS, {"spec": {"jobTemplate": {"spec": {"template": TEMPLATE}}}})["spec"]
    job = found.pop("jobTemplate")["spec"]
    assert found == {
        "concurrencyPolicy": "Allow", "suspend": False, "successfulJobsHistoryLimit": 3, "failedJobsHistoryLimit": 1,
        "schedule": "",
    }  # fmt: skip
    assert "completions" not in job
    assert job["template"]["spec"]["dnsPolicy"] == "ClusterFirst"


def test_autoscaler() -> None:
    """One replica at least, by 80% of the CPU; a behaviour is completed if there is one."""
    found = defaulted(kinds.HORIZONTAL_POD_AUTOSCALERS, {"spec": {}})["spec"]
    assert found["minReplicas"] == 1
    target = {"type": "Utilization", "averageUtilization": 80}
    assert found["metrics"] == [{"type": "Resource", "resource": {"name": "cpu", "target": target}}]
    assert "behavior" not in found
    behavior = {"scaleDown": {"stabilizationWindowSeconds": 60}}
    percent = {"type": "Percent", "value": 100, "periodSeconds": 15}
    assert defaulted(kinds.HORIZONTAL_POD_AUTOSCALERS, {"spec": {"behavior": behavior}})["spec"]["behavior"] == {
        "scaleDown": {"stabilizationWindowSeconds": 60, "selectPolicy": "Max", "policies": [percent]},
        "scaleUp": {"stabilizationWindowSeconds": 0, "selectPolicy": "Max",
                    "policies": [{"type": "Pods", "value": 4, "periodSeconds": 15}, percent]},
    }  # fmt: skip


def test_volumes_and_classes() -> None:
    """A volume is kept when its claim goes, one that was made for a claim is not."""
    volume = defaulted(kinds.PERSISTENT_VOLUMES, {"spec": {"hostPath": {"path": "/x"}}})
    assert volume["spec"] == {
        "hostPath": {"path": "/x", "type": ""}, "persistentVolumeReclaimPolicy": "Retain", "volumeMode": "Filesystem",
    }  # fmt: skip
    assert volume["status"] == {"phase": "Pending"}
    storage = defaulted(kinds.STORAGE_CLASSES, {"provisioner": "x"})
    assert (storage["reclaimPolicy"], storage["volumeBindingMode"]) == ("Delete", "Immediate")
    driver = defaulted(kinds.CSI_DRIVERS, {})["spec"]
    assert (driver["attachRequired"], driver["volumeLifecycleModes"]) == (True, ["Persistent"])


def test_network_policy() -> None:
    """A policy is about what comes in, and about what goes out if it says so; ports are TCP."""
    found = defaulted(kinds.NETWORK_POLICIES, {"spec": {"ingress": [{"ports": [{"port": 80}]}]}})["spec"]
    assert (found["policyTypes"], found["ingress"]) == (["Ingress"], [{"ports": [{"port": 80, "protocol": "TCP"}]}])
    assert defaulted(kinds.NETWORK_POLICIES, {"spec": {"egress": [{}]}})["spec"]["policyTypes"] == ["Ingress", "Egress"]


def test_limit_range() -> None:
    """A container's limit is the most it may have, its request the limit, or the least."""
    item = {"type": "Container", "max": {"cpu": "1"}, "min": {"cpu": "100m", "memory": "1Mi"}}
    found = defaulted(kinds.LIMIT_RANGES, {"spec": {"limits": [item, {**item, "type": "Pod"}]}})["spec"]["limits"]
    assert found[0]["default"] == {"cpu": "1"}
    assert found[0]["defaultRequest"] == {"cpu": "1", "memory": "1Mi"}
    assert found[1] == {**item, "type": "Pod"}


def test_webhooks_and_policies() -> None:
    """What does not say whom it is about is about everybody."""
    hook = {"name": "a", "clientConfig": {"service": {"name": "s", "namespace": "n"}}, "rules": [{}]}
    (found,) = defaulted(kinds.MUTATING_WEBHOOK_CONFIGURATIONS, {"webhooks": [hook]})["webhooks"]
    assert found["clientConfig"]["service"]["port"] == 443
    assert found["rules"] == [{"scope": "*"}]
    assert (found["failurePolicy"], found["matchPolicy"], found["reinvocationPolicy"], found["timeoutSeconds"]) == (
        "Fail", "Equivalent", "Never", 10,
    )  # fmt: skip
    (found,) = defaulted(kinds.VALIDATING_WEBHOOK_CONFIGURATIONS, {"webhooks": [hook]})["webhooks"]
    assert "reinvocationPolicy" not in found
    binding = {"spec": {"paramRef": {"name": "p"}, "matchResources": {}}}
    spec = defaulted(kinds.VALIDATING_ADMISSION_POLICY_BINDINGS, binding)["spec"]
    assert spec["paramRef"]["parameterNotFoundAction"] == "Deny"
    assert spec["matchResources"] == {"matchPolicy": "Equivalent", "namespaceSelector": {}, "objectSelector": {}}
    assert defaulted(kinds.VALIDATING_ADMISSION_POLICIES, {"spec": {}})["spec"] == {"failurePolicy": "Fail"}
