"""The whole cluster in one object: a clock, a store, the API server, and every component, in a fixed order.

The top of the data's way inside the engine; above it are only those who pace it against a real
clock or show it. Invariant: one thread, and the same configuration and inputs give the same log,
whatever the slices it is run in.
"""

import hashlib
from collections.abc import Callable

from cluster.api import codec
from cluster.api.cluster import DEFAULT, Cluster
from cluster.apiserver import ApiServer
from cluster.bootstrap import bootstrap
from cluster.clock import EPOCH, Clock
from cluster.controllers import start_controllers
from cluster.kubelet import Kubelets
from cluster.network import Network
from cluster.proxy import Proxy
from cluster.scheduler import Scheduler
from cluster.store import Store

Stop = Callable[[], bool]


class Engine:
    """A cluster that runs when told to."""

    def __init__(self, config: Cluster = DEFAULT, epoch: str = EPOCH, store: Store | None = None) -> None:
        """Build the parts on an empty store, or on one that another engine has written."""
        self.config = config
        self.clock = Clock(epoch)
        self.store = store or Store()
        self.api = ApiServer(self.store, self.clock, config)
        bootstrap(self.api)
        self.controllers = start_controllers(self.api, config)
        self.scheduler = Scheduler(self.api, config)
        self.network: Network = Proxy(self.api, config)
        self.store.derived[Network] = self.network
        self.kubelets = Kubelets(self.api, config)

    def run_until(self, time: int, stop: Stop | None = None) -> bool:
        """Run to virtual `time` (ms); False if `stop`, asked after every item of work, cut it short."""
        return self.clock.run_until(time, stop)

    def run_for(self, duration: int, stop: Stop | None = None) -> bool:
        """Run for `duration` virtual ms; see `run_until`."""
        return self.clock.run_until(self.clock.now + duration, stop)

    def settle(self, quiet: int = 10_000, limit: int = 3_600_000) -> bool:
        """Run until nothing was written for `quiet` virtual ms; False if that took over `limit` ms."""
        end = self.clock.now + limit
        while self.clock.now < end:
            revision = self.store.revision
            self.run_for(quiet)
            if self.store.revision == revision:
                return True
        return False

    def fail_node(self, name: str) -> None:
        """Take a node down: its kubelet stops, and with it its heartbeats and its pods' progress."""
        self.kubelets.stop(name)

    def restore_node(self, name: str) -> None:
        """Bring a node back: its kubelet starts again from what the API server says."""
        self.kubelets.start(name)

    def log_digest(self) -> str:
        """A hash over every revision kept: what was written, by whom and why."""
        digest = hashlib.sha256()
        for name, entry in self.store.log():
            head = f"{entry.revision} {name} {entry.key} {entry.actor} {entry.cause} "
            digest.update(head.encode())
            digest.update(b"deleted" if entry.object is None else codec.encode(entry.object))
        return digest.hexdigest()
