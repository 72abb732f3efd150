"""Whose requests policies are asked about: users' and controllers', not those by which nodes tell what is."""

from typing import Any

from cluster.apiserver.judging import requester
from cluster.authorization import OWNER, User
from tests.cluster.admission.validating_policies.test_validating_policies import bind, binding, policy, rule
from tests.cluster.http.client import DEPLOYMENTS, PODS, Client, deployment

BINDING = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings/everywhere"


def phases(client: Client) -> list[str]:
    """The phases of all pods."""
    items: list[dict[str, Any]] = client.plain("GET", PODS)[1]["items"]
    return [item["status"]["phase"] for item in items]


def test_every_request_has_a_name_but_those_of_nodes() -> None:
    """Controllers have the service accounts that a real control plane gives them; the app is the owner."""
    jane = User("jane")
    assert requester(jane, "kubelet") is jane
    assert requester(None, "kubelet") is None
    assert requester(None, "ktui") is OWNER
    controller = requester(None, "job-controller")
    assert controller is not None
    assert controller.name == "system:serviceaccount:kube-system:job-controller"
    assert "system:serviceaccounts:kube-system" in controller.groups


def test_controllers_are_refused_and_try_again() -> None:
    """Pods that a policy forbids come once it does not."""
    client = Client()
    bind(client, policy({"expression": "false", "message": "no pods today"}, rules=[rule("pods", "", "CREATE")]))
    client.plain("POST", DEPLOYMENTS, deployment("web", 2))
    client.engine.run_for(30_000)
    assert phases(client) == []
    told = [event["message"] for event in client.plain("GET", "/api/v1/namespaces/default/events")[1]["items"]]
    assert any("denied request: no pods today" in message for message in told)
    client.plain("DELETE", BINDING)
    client.engine.run_for(120_000)
    assert phases(client) == ["Running", "Running"]


def test_a_policy_may_tell_controllers_from_users() -> None:
    """By the name of who asks."""
    client = Client()
    only = {"expression": "request.userInfo.username == 'system:serviceaccount:kube-system:replicaset-controller'"}
    bind(client, policy(only, rules=[rule("pods", "", "CREATE")]), binding())
    client.plain("POST", DEPLOYMENTS, deployment("web", 1))
    client.engine.run_for(30_000)
    assert phases(client) == ["Running"]
    bare = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "bare"},
        "spec": {"containers": [{"name": "a", "image": "b"}]},
    }
    assert client.plain("POST", PODS, bare)[0] == 422


def test_nodes_are_not_asked_for_leave() -> None:
    """Whatever a policy says of statuses, pods come to run."""
    client = Client()
    every = [rule("pods/status", "", "UPDATE"), rule("nodes", "", "*"), rule("leases", "coordination.k8s.io", "*")]
    bind(client, policy({"expression": "false"}, rules=every))
    client.plain("POST", DEPLOYMENTS, deployment("web", 1))
    client.engine.run_for(30_000)
    assert phases(client) == ["Running"]
