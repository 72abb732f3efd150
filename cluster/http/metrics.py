"""metrics.k8s.io: what nodes and pods use, for `kubectl top`, in clusters with the metrics addon.

A corner of the facade beside `answered`. Mirrors the metrics server: only containers that have run for a whole
window are told of. Invariant: a node's use is that of its pods and of the node itself.
"""

from collections.abc import Iterator

from cluster.api import kinds, labels, quantity
from cluster.api.core import Node, Pod
from cluster.api.errors import MethodNotAllowed, NotFound
from cluster.api.meta import ObjectMeta, Resource
from cluster.api.metrics import ContainerMetrics, NodeMetrics, PodMetrics
from cluster.apiserver import ApiServer
from cluster.http import reading
from cluster.http.messages import Request, Response, answer
from cluster.http.paths import Target
from cluster.usage import NODE_ITSELF, NOTHING, Usage, measured


def handle(api: ApiServer, request: Request, named: Target) -> Response:
    """GET of the metrics of nodes or pods, one or all that match."""
    if request.method != "GET" or request.flag("watch"):
        raise MethodNotAllowed("the server does not allow this method on the requested resource")
    if named.name:
        found = next(_metrics(api, named, labels.EVERYTHING), None)
        if found is None:
            raise NotFound.of(named.kind.plural, named.name, named.kind.group)
        return answer(reading.shown(api, request, named.kind, found, None))
    rows = [(value, 0) for value in _metrics(api, named, reading.label_selector(request))]
    return answer(reading.in_form(api, request, named.kind, rows, {}))


def _metrics(api: ApiServer, named: Target, wanted: labels.Selector) -> Iterator[Resource]:
    about = kinds.NODES if named.kind is kinds.NODE_METRICS else kinds.PODS
    found = api.list(about, namespace=named.namespace, labels=wanted)
    used = _by_node(api) if about is kinds.NODES else {}
    for value in found:
        if named.name and value.metadata.name != named.name:
            continue
        if isinstance(value, Node):
            yield _of_node(api, value, used.get(value.metadata.name, NOTHING) + NODE_ITSELF)
        elif isinstance(value, Pod):
            yield from _of_pod(api, value)


def _by_node(api: ApiServer) -> dict[str, Usage]:
    used: dict[str, Usage] = {}
    for pod in api.store.table(kinds.PODS).values():
        for _, use in measured(pod, api.clock):
            used[pod.spec.nodeName] = used.get(pod.spec.nodeName, NOTHING) + use
    return used


def _of_pod(api: ApiServer, pod: Pod) -> Iterator[PodMetrics]:
    told = tuple(ContainerMetrics(name=name, usage=_amounts(use)) for name, use in measured(pod, api.clock))
    if told:
        yield PodMetrics(metadata=_meta(api, pod), containers=told, timestamp=api.clock.timestamp(), window="15s")


def _of_node(api: ApiServer, node: Node, use: Usage) -> NodeMetrics:
    return NodeMetrics(metadata=_meta(api, node), usage=_amounts(use), timestamp=api.clock.timestamp(), window="15s")


def _meta(api: ApiServer, about: Resource) -> ObjectMeta:
    meta = about.metadata
    return ObjectMeta(
        name=meta.name, namespace=meta.namespace, labels=meta.labels, creationTimestamp=api.clock.timestamp()
    )


def _amounts(use: Usage) -> dict[str, quantity.Quantity]:
    return {"cpu": quantity.parse(f"{use.cpu}m"), "memory": quantity.parse(f"{use.memory >> 10}Ki")}
