"""Refusals as a real Kubernetes recorded them: every file it refused is refused in the same words."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from cluster.admission import validation
from cluster.api import kinds
from cluster.api.core import Service
from cluster.apiserver.service_fields import settled
from tests.cluster.admission.requests import created, said

SCENARIOS = Path(__file__).parents[3] / "oracle" / "scenarios"
REFUSED = {
    "hpa-no-metrics": ["bad.yaml"],
    "job-cronjob": ["bad.yaml"],
    "job-validation": ["always.yaml", "selector.yaml", "numbers.yaml", "indexed.yaml", "manual.yaml"],
    "limits-defaults": ["bad.yaml"],
    "misc-ingress-netpol": ["bad-ingress.yaml", "bad-policy.yaml"],
    "pdb-kinds": ["bad.yaml"],
    "gc-finalizers": ["bad.yaml"],
    "pod-generate-name": ["noname.yaml"],
    "rs-validation": ["noselector.yaml", "mismatch.yaml", "operator.yaml", "good.yaml"],
    "sched-gates": ["bad.yaml", "pod.yaml"],
    "sched-host-port": ["bad.yaml", "others.yaml"],
    "sched-topology-spread": ["bad.yaml"],
    "svc-fixed-clusterip": ["garbage.yaml", "two.yaml", "external.yaml"],
    "svc-multiport-named": ["noname.yaml", "twice.yaml", "svc.yaml"],
    "svc-validation": ["ports.yaml", "noports.yaml", "name.yaml", "type.yaml", "headless.yaml", "noportsheadless.yaml"],
    "valid-pod-fields": [
        "no-containers.yaml", "no-image.yaml", "no-name.yaml", "twins.yaml", "bad-ports.yaml", "bad-env.yaml",
        "bad-policies.yaml", "bad-probes.yaml", "bad-volumes.yaml",
    ],
    "valid-quantities": ["above-limit.yaml", "negative.yaml", "fractions.yaml", "claim.yaml", "claim-bare.yaml"],
    "valid-services": [
        "no-ports.yaml", "unnamed-ports.yaml", "cluster-node-port.yaml", "external.yaml", "external-bad.yaml", "odd.yaml",
    ],
    "vol-emptydir-hostpath": ["bad.yaml", "pod.yaml"],
    "vol-projected-downward": ["bad.yaml", "pod.yaml"],
}  # fmt: skip
_ADDRESS = re.compile(r"\d+\.\d+\.\d+\.\d+")


def recorded(scenario: str, file: str) -> set[str]:
    """What kubectl printed when it created the file: the causes alone."""
    steps = json.loads((SCENARIOS / f"{scenario}.expected.json").read_text())
    step = next(item for item in steps if item.get("what") in (f"kubectl create -f {file}", f"kubectl apply -f {file}"))
    lines = [line.removeprefix("* ") for line in step["stderr"] if not line.startswith("Warning: ")]
    heads = [re.sub(r"^The \w+ \".*?\" is invalid:\s?", "", line) for line in lines]
    return {_ADDRESS.sub("ADDRESS", line) for line in heads if line}


def causes(document: dict[str, Any]) -> list[str]:
    """What validation says of a manifest's object, a Service after its fields have been settled."""
    kind = kinds.by_api_version(document["apiVersion"], document["kind"])
    assert kind is not None
    plain = {name: value for name, value in document.items() if name not in ("apiVersion", "kind")}
    nameless = "name" not in plain["metadata"]
    value = created(
        kind, {**plain, "metadata": {**plain["metadata"], "uid": "UID", **({"name": ""} if nameless else {})}}
    )
    return said(validation.create(kind, settled(value, None) if isinstance(value, Service) else value))


@pytest.mark.parametrize(
    ("scenario", "file"), [(scenario, file) for scenario, files in REFUSED.items() for file in files]
)
def test_recorded_refusals(scenario: str, file: str) -> None:
    """The causes are the recorded ones, no more and no fewer (and none where Kubernetes took the file)."""
    text = yaml.safe_load((SCENARIOS / f"{scenario}.yaml").read_text())["files"][file]
    found = [cause for document in yaml.safe_load_all(text) for cause in causes(document)]
    assert {_ADDRESS.sub("ADDRESS", cause) for cause in found} == recorded(scenario, file)
