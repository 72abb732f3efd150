"""A cluster with servers and Services, and questions to its network."""

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from cluster import manifests
from cluster.api import kinds
from cluster.api.cluster import DEFAULT, Timing
from cluster.api.core import Pod
from cluster.engine import Engine
from cluster.network import Call, Client, Failure, Reached, Sessions
from cluster.proxy import Proxy

AT_ONCE = replace(DEFAULT, timing=Timing(imagePull="0s", containerStart="0s", containerStop="0s", processes=True))
OUTSIDE = Client("192.0.2.1")
WEB = """
apiVersion: v1
kind: Service
metadata: {name: web, namespace: default}
spec: {selector: {app: web}, clusterIP: 10.96.0.80, ports: [{port: 80, targetPort: http}]}
"""


class Town:
    """An engine with three nodes, each in a zone of its own."""

    def __init__(self, text: str = "") -> None:
        self.engine = Engine(AT_ONCE)
        self.proxy = Proxy(self.engine.api, self.engine.config)
        self.engine.run_for(2_000)
        if text:
            self.apply(text)

    def apply(self, text: str) -> None:
        """Create objects, and let what follows from them happen."""
        for document in manifests.read(text).documents:
            self.engine.api.create(document.kind, document.object, actor="user")
        self.engine.run_for(2_000)

    def server(
        self, name: str, node: str, *, labels: Mapping[str, str] | None = None, told: str = "", **spec: Any
    ) -> None:
        """A pod of app=web on a node, whose port `http` is 8080; not ready if told so."""
        shown = ", ".join(f"{key}: {value}" for key, value in (labels or {"app": "web"}).items())
        ready = f"annotations: {{{told}}}," if told else ""
        more = "".join(f", {key}: {value}" for key, value in spec.items())
        self.apply(f"""
apiVersion: v1
kind: Pod
metadata: {{name: {name}, namespace: default, {ready} labels: {{{shown}}}}}
spec: {{nodeName: {node}, containers: [{{name: c, image: server, ports: [{{name: http, containerPort: 8080}}]}}]{more}}}
""")

    def change(self, name: str, **spec: Any) -> None:
        """Change a Service's spec."""
        service = self.engine.api.get(kinds.SERVICES, f"default/{name}")
        self.engine.api.update(kinds.SERVICES, replace(service, spec=replace(service.spec, **spec)), actor="user")
        self.engine.run_for(1_000)

    def pod(self, name: str) -> Pod:
        """A pod as stored."""
        return self.engine.api.get(kinds.PODS, f"default/{name}")

    def delete(self, kind: "kinds.Kind[Any]", name: str) -> None:
        """Delete an object of the default namespace, and let what follows happen."""
        self.engine.api.delete(kind, f"default/{name}", actor="user")
        self.engine.run_for(2_000)

    def call(
        self, address: str, port: int = 80, *, node: str = "node-1", source: str = "10.244.9.9", number: int = 0,
        client: Client | None = None, sessions: Sessions | None = None, protocol: str = "TCP",
        time: int | None = None,
    ) -> str | Failure:  # fmt: skip
        """The name of the pod that a connection reaches (or the address behind which none is), or the failure."""
        moment = self.engine.clock.now if time is None else time
        call = Call(client or Client(source, node), address, port, moment, protocol, number)
        found = self.proxy.connect(call, {} if sessions is None else sessions)
        return found if isinstance(found, Failure) else self.named(found, moment)

    def named(self, reached: Reached, time: int) -> str:
        """The pod at an address, with its port where that is not 8080."""
        pods = self.proxy.pods_at(reached.address, time)
        name = pods[-1].metadata.name if pods else reached.address
        return name if reached.port == 8080 else f"{name}:{reached.port}"

    def callers(self, address: str, count: int = 60, **how: Any) -> set[str | Failure]:
        """Everything that many connections reach."""
        return {self.call(address, number=number, **how) for number in range(count)}
