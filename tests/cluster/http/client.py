"""A client of the pure facade, as the tests use it: requests as values, answers as plain data."""

import json
from collections.abc import Mapping
from typing import Any

from cluster.authorization import OWNER, User
from cluster.engine import Engine
from cluster.http.messages import Request, Response
from cluster.http.rest import Answer, Rest
from cluster.http.watching import WatchStream

PODS = "/api/v1/namespaces/default/pods"
CONFIG_MAPS = "/api/v1/namespaces/default/configmaps"
DEPLOYMENTS = "/apis/apps/v1/namespaces/default/deployments"
MERGE = {"content-type": "application/merge-patch+json"}
TABLE = {"accept": "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"}
PARTIAL = {"accept": "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io"}
PARTIAL_LIST = {"accept": "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io"}


class Client:
    """A settled engine's API."""

    def __init__(self) -> None:
        self.engine = Engine()
        self.engine.run_for(2_000)
        self.rest = Rest(self.engine.api)
        self.store = self.engine.store

    def answer(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None, **query: str
    ) -> Answer:
        """The answer to one request; `body` is bytes or plain data."""
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        return self.rest.handle(
            Request(method, path, {name: (text,) for name, text in query.items()}, headers or {}, content, OWNER)
        )

    def refusal(self, user: User, method: str, path: str, body: Any = None, **query: str) -> str:
        """What a user is told when they may not make a request, "" if they may."""
        content = b"" if body is None else json.dumps(body).encode()
        asked = Request(method, path, {name: (text,) for name, text in query.items()}, {}, content, user)
        answered = self.rest.handle(asked)
        if not isinstance(answered, Response) or answered.status != 403:
            return ""
        return str(json.loads(answered.body)["message"])

    def response(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None, **query: str
    ) -> Response:
        """The answer to a request that is no watch."""
        answered = self.answer(method, path, body, headers, **query)
        assert isinstance(answered, Response)
        return answered

    def plain(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None, **query: str
    ) -> tuple[int, Any]:
        """The status and the document of an answer."""
        answered = self.response(method, path, body, headers, **query)
        is_text = answered.content_type.startswith("text/plain")
        return answered.status, answered.body.decode() if is_text else json.loads(answered.body)

    def watch(self, path: str, **query: str) -> WatchStream:
        """A watch."""
        answered = self.answer("GET", path, None, None, watch="true", **query)
        assert isinstance(answered, WatchStream)
        return answered


def lines(stream: WatchStream) -> list[tuple[str, Any]]:
    """What the watch has to send now: types and objects."""
    return [(row["type"], row["object"]) for row in map(json.loads, stream.poll())]


def config_map(name: str, **data: str) -> dict[str, Any]:
    """A ConfigMap's manifest."""
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}


def pod(name: str, **spec: Any) -> dict[str, Any]:
    """A Pod's manifest."""
    containers = [{"name": "main", "image": "nginx"}]
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": {"containers": containers, **spec}}


def deployment(name: str, replicas: int) -> dict[str, Any]:
    """A Deployment's manifest."""
    labels = {"app": name}
    template = {"metadata": {"labels": labels}, "spec": pod(name)["spec"]}
    spec = {"replicas": replicas, "selector": {"matchLabels": labels}, "template": template}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}, "spec": spec}
