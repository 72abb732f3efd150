"""The metrics API: there with its addon only, and its figures add up."""

from itertools import pairwise

import pytest
from msgspec.structs import replace

from cluster.api import kinds
from cluster.api.cluster import DEFAULT, Addons
from cluster.engine import Engine
from cluster.usage import usage
from tests.cluster.http.client import PODS, TABLE, Client, pod

ROOT = "/apis/metrics.k8s.io/v1beta1"


class Measured(Client):
    """A cluster with the metrics addon, and a pod that is told what to use."""

    def __init__(self) -> None:
        super().__init__()
        self.engine = Engine(replace(DEFAULT, addons=Addons(metrics=True)))
        self.engine.run_for(2_000)
        self.rest = type(self.rest)(self.engine.api)
        self.store = self.engine.store
        told = pod("told", containers=[{"name": "a", "image": "x"}, {"name": "b", "image": "x"}])
        told["metadata"]["annotations"] = {
            "sim.ktui.dev/cpu-use": "250m", "sim.ktui.dev/memory-use.b": "128Mi", "sim.ktui.dev/cpu-use.b": "rubbish",
        }  # fmt: skip
        told["metadata"]["labels"] = {"app": "told"}
        assert self.plain("POST", PODS, told)[0] == 201
        self.engine.run_for(60_000)


@pytest.fixture(scope="module")
def client() -> Client:
    """Such a cluster, a minute later."""
    return Measured()


def test_a_cluster_without_the_addon_has_no_metrics() -> None:
    """Neither in discovery nor at its path."""
    plain = Client()
    assert plain.plain("GET", f"{ROOT}/nodes")[0] == 404
    assert "metrics.k8s.io" not in [group["name"] for group in plain.plain("GET", "/apis")[1]["groups"]]


def test_a_pod_uses_what_it_is_told_to(client: Client) -> None:
    """Annotations for all containers or one; what is no quantity, or absent, leaves a little."""
    _, told = client.plain("GET", f"{ROOT}/namespaces/default/pods/told")
    assert (told["kind"], told["window"]) == ("PodMetrics", "15s")
    assert {row["name"]: row["usage"] for row in told["containers"]} == {
        "a": {"cpu": "250m", "memory": "16Mi"}, "b": {"cpu": "5m", "memory": "128Mi"},
    }  # fmt: skip
    _, found = client.plain("GET", f"{ROOT}/pods", None, None, labelSelector="app=told")
    assert [item["metadata"]["name"] for item in found["items"]] == ["told"]
    assert client.plain("GET", f"{ROOT}/pods", None, None, labelSelector="app=other")[1]["items"] == []
    assert client.plain("GET", f"{ROOT}/namespaces/default/pods/none")[0] == 404
    assert client.plain("DELETE", f"{ROOT}/namespaces/default/pods/told")[0] == 405


def test_a_node_uses_what_its_pods_do_and_something_itself(client: Client) -> None:
    """The pod's 255m and the node's own; a Table says the same."""
    name = client.plain("GET", f"{PODS}/told")[1]["spec"]["nodeName"]
    _, node = client.plain("GET", f"{ROOT}/nodes/{name}")
    assert node["usage"] == {"cpu": "335m", "memory": "464Mi"}
    _, table = client.plain("GET", f"{ROOT}/nodes", None, TABLE)
    assert [column["name"] for column in table["columnDefinitions"]] == ["Name", "cpu", "memory", "Window"]
    assert [name, "335m", "464Mi", "15s"] in [row["cells"] for row in table["rows"]]
    _, pods = client.plain("GET", f"{ROOT}/namespaces/default/pods", None, TABLE)
    assert [row["cells"] for row in pods["rows"]] == [["told", "255m", "144Mi", "15s"]]


def test_a_container_without_words_uses_a_part_of_its_request(client: Client) -> None:
    """Between a fifth and three fifths of what is requested, never in jumps, and the same each time it is asked."""
    requests = {"cpu": "1", "memory": "1Gi"}
    client.plain(
        "POST", PODS, pod("busy", containers=[{"name": "main", "image": "x", "resources": {"requests": requests}}])
    )
    found = client.engine.api.get(kinds.PODS, "default/busy")
    used = [usage(found, found.spec.containers[0], now) for now in range(0, 600_000, 1_000)]
    assert all(200 <= use.cpu <= 600 and 0.199 <= use.memory / 2**30 <= 0.6 for use in used)
    assert max(abs(one.cpu - next_.cpu) for one, next_ in pairwise(used)) <= 7
    assert len({use.cpu for use in used}) > 50


def test_a_pod_is_told_of_once_it_has_run_for_a_window(client: Client) -> None:
    """As with the metrics server: nothing at first."""
    client.plain("POST", PODS, pod("new"))
    client.engine.run_for(5_000)
    assert client.plain("GET", f"{ROOT}/namespaces/default/pods/new")[0] == 404
    client.engine.run_for(20_000)
    assert client.plain("GET", f"{ROOT}/namespaces/default/pods/new")[0] == 200
