"""The parts of descriptions that have rules of their own."""

import pytest

from cluster.api.apps import Deployment, DeploymentSpec, ReplicaSet, ReplicaSetSpec
from cluster.api.core import (
    Container,
    ExecAction,
    HTTPGetAction,
    PodSpec,
    PodTemplateSpec,
    Probe,
    TCPSocketAction,
)
from cluster.api.meta import ObjectMeta
from ktui.model.describe.generic import label
from ktui.model.describe.probes import probe_text
from ktui.model.describe.workloads import generations

_TIMES = "delay=0s timeout=1s period=10s #success=1 #failure=3"


def _probe(**action: HTTPGetAction | TCPSocketAction | ExecAction) -> str:
    return probe_text(Probe(timeoutSeconds=1, periodSeconds=10, successThreshold=1, failureThreshold=3, **action))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("action", "url"),
    [
        (HTTPGetAction(port=8080, path="/healthz", scheme="HTTP"), "http://:8080/healthz"),
        (HTTPGetAction(port="web", path="ready", scheme="HTTPS", host="web.example"), "https://web.example:web/ready"),
        (HTTPGetAction(port=80, path="/a b?c", scheme="HTTP", host="fd00::1"), "http://[fd00::1]:80/a%20b%3Fc"),
        (HTTPGetAction(port=80, scheme="HTTP"), "http://:80"),
    ],
)
def test_http_probes(action: HTTPGetAction, url: str) -> None:
    """An HTTP probe is told as the address it asks."""
    assert _probe(httpGet=action) == f"http-get {url} {_TIMES}"


def test_other_probes() -> None:
    """A probe is told by what it does, and one that does nothing is unknown."""
    assert _probe(exec=ExecAction(command=("cat", "/ready"))) == f"exec [cat /ready] {_TIMES}"
    assert _probe(tcpSocket=TCPSocketAction(port="web")) == f"tcp-socket :web {_TIMES}"
    assert _probe() == f"unknown {_TIMES}"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("apiVersion", "API Version"), ("uid", "UID"), ("creationTimestamp", "Creation Timestamp"), ("podIPs", "Pod I Ps"),
        ("fieldsV1", "fieldsV1"), ("example.com/x", "example.com/x"), ("HTTPGet", "HTTPGet"), ("clusterIP", "Cluster IP"),
    ],
)  # fmt: skip
def test_field_names_in_words(name: str, words: str) -> None:
    """A field's name is split where its case changes; one with other characters stays as it is."""
    assert label(name) == words


def _template(image: str, hash_label: str = "") -> PodTemplateSpec:
    labels = {"app": "web", **({"pod-template-hash": hash_label} if hash_label else {})}
    return PodTemplateSpec(
        metadata=ObjectMeta(labels=labels), spec=PodSpec(containers=(Container(name="c", image=image),))
    )


def test_generations_of_a_deployment() -> None:
    """The new ReplicaSet is the oldest with the Deployment's template, its hash aside; the others are old, by age."""
    deployment = Deployment(spec=DeploymentSpec(template=_template("b")))
    sets = [
        ReplicaSet(
            metadata=ObjectMeta(name=name, creationTimestamp=time), spec=ReplicaSetSpec(template=_template(image, name))
        )
        for name, time, image in (("d", "4", "b"), ("c", "3", "b"), ("b", "2", "x"), ("a", "2", "y"))
    ]
    new, old = generations(deployment, sets)
    assert new is not None
    assert (new.metadata.name, [item.metadata.name for item in old]) == ("c", ["a", "b", "d"])
    assert generations(Deployment(spec=DeploymentSpec(template=_template("z"))), sets[:1]) == (None, sets[:1])
