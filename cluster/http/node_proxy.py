"""nodes/proxy: what a kubelet says of itself over HTTP: its health, its pods, and what they use.

A corner of the facade beside `proxying`. Mirrors the kubelet's server, which the API server passes requests on to.
Invariant: it answers for the pods of its node, from the store, and changes nothing.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from cluster.api import codec, kinds
from cluster.api.core import Node, Pod
from cluster.api.errors import ServiceUnavailable
from cluster.apiserver import ApiServer
from cluster.http.messages import Request, Response, answer
from cluster.http.paths import Target
from cluster.usage import NODE_ITSELF, NOTHING, Usage, measured

KUBELET_PORT = "10250"
TEXT = "text/plain; charset=utf-8"


def handle(api: ApiServer, request: Request, name: str, port: str, named: Target) -> Response:
    """Any method on nodes/NAME[:PORT]/proxy/PATH. NotFound or ServiceUnavailable if nobody answers."""
    node = api.get(kinds.NODES, name)
    where = f"{_address(node)}:{port or KUBELET_PORT}"
    if not _answers(node):
        raise ServiceUnavailable(f"error trying to reach service: dial tcp {where}: i/o timeout")
    if port not in ("", KUBELET_PORT):
        raise ServiceUnavailable(f"error trying to reach service: dial tcp {where}: connect: connection refused")
    found = _PAGES.get(named.path.strip("/"))
    if found is None:
        return Response(404, b"404 page not found\n", TEXT)
    if request.method not in ("GET", "HEAD"):
        return Response(405, b"405: Method Not Allowed", TEXT)
    return found(api, node)


def _address(node: Node) -> str:
    return next((each.address for each in node.status.addresses if each.type == "InternalIP"), node.metadata.name)


def _answers(node: Node) -> bool:
    """Whether its kubelet was heard of lately."""
    return all(each.status != "Unknown" for each in node.status.conditions if each.type == "Ready")


def _health(_: ApiServer, _node: Node) -> Response:
    return Response(200, b"ok", TEXT)


def _on(api: ApiServer, node: Node) -> list[Pod]:
    pods = api.store.table(kinds.PODS).values()
    return sorted((pod for pod in pods if pod.spec.nodeName == node.metadata.name), key=kinds.key)


def _pods(api: ApiServer, node: Node) -> Response:
    items = [codec.to_wire(kinds.PODS, pod) for pod in _on(api, node)]
    return answer({"kind": "PodList", "apiVersion": "v1", "metadata": {}, "items": items})


def _summary(api: ApiServer, node: Node) -> Response:
    pods = [dict(_of_pod(api, pod)) for pod in _on(api, node) if pod.status.phase == "Running"]
    used = sum((use for pod in _on(api, node) for _, use in measured(pod, api.clock)), NODE_ITSELF)
    whole = {"nodeName": node.metadata.name, "startTime": node.metadata.creationTimestamp, **_used(api, used)}
    return answer({"node": whole, "pods": pods})


def _of_pod(api: ApiServer, pod: Pod) -> Iterator[tuple[str, Any]]:
    meta, uses = pod.metadata, dict(measured(pod, api.clock))
    yield "podRef", {"name": meta.name, "namespace": meta.namespace, "uid": meta.uid}
    yield "startTime", pod.status.startTime
    started = {each.name: each.state.running for each in pod.status.containerStatuses}
    yield "containers", [
        {"name": name, "startTime": running.startedAt, **_used(api, use)}
        for name, use in uses.items() if (running := started.get(name)) is not None
    ]  # fmt: skip
    yield from _used(api, sum(uses.values(), NOTHING)).items()


def _used(api: ApiServer, use: Usage) -> dict[str, Any]:
    now = api.clock.timestamp()
    return {
        "cpu": {"time": now, "usageNanoCores": use.cpu * 1_000_000},
        "memory": {"time": now, "usageBytes": use.memory, "workingSetBytes": use.memory},
    }


_PAGES: Mapping[str, Callable[[ApiServer, Node], Response]] = {
    "healthz": _health, "pods": _pods, "runningpods": _pods, "stats/summary": _summary,
}  # fmt: skip
