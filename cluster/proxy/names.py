"""The names that the cluster's DNS knows: Services, their endpoints and ports, pods, and addresses backwards.

Pure but for the indexes it reads. Mirrors CoreDNS with its kubernetes plugin as kubeadm sets it up (`pods insecure`).
Invariant: a name is answered from the Services and endpoints of its time; names of other domains are not known.
"""

from collections.abc import Iterator
from ipaddress import AddressValueError, IPv4Address

from cluster.api.core import Service
from cluster.api.discovery import Endpoint
from cluster.api.kinds import NAMESPACES
from cluster.network import TCP, Answer, Record
from cluster.proxy.pods import PodIndex
from cluster.proxy.policy import Backend, is_ready
from cluster.proxy.services import ServiceIndex, own_addresses
from cluster.store import Store

DOMAIN = ("cluster", "local")
REVERSE = ("in-addr", "arpa")
LINKS = 8
"""So many aliases in a row are followed."""
_NO_DATA = Answer(exists=True)


class Names:
    """The zone `cluster.local`, and the addresses that lead into it."""

    def __init__(self, store: Store, services: ServiceIndex, pods: PodIndex) -> None:
        self._namespaces, self._services, self._pods = store.table(NAMESPACES), services, pods

    def lookup(self, name: str, kind: str, time: int) -> Answer:
        """The records of a kind (A, AAAA, CNAME, PTR, SRV) that a full name has at a time."""
        labels = tuple(name.rstrip(".").lower().split("."))
        if labels[-2:] == REVERSE:
            return self._backwards(labels[:-2], time) if kind == "PTR" else Answer()
        if labels[-2:] != DOMAIN:
            return Answer()
        match labels[:-2]:
            case () | ("svc",) | ("pod",):
                return _NO_DATA
            case (namespace, "svc" | "pod"):
                return Answer(exists=namespace in self._namespaces)
            case (dashed, namespace, "pod"):
                return self._pod(dashed, namespace, name, kind)
            case (service, namespace, "svc"):
                return self._service(f"{namespace}/{service}", name, kind, time)
            case (host, service, namespace, "svc") if not host.startswith("_"):
                return self._endpoint(f"{namespace}/{service}", host, name, kind, time)
            case (port, protocol, service, namespace, "svc"):
                return self._service(f"{namespace}/{service}", name, kind, time, (port[1:], protocol[1:].upper()))
        return Answer()

    def _service(self, key: str, name: str, kind: str, time: int, named: tuple[str, str] | None = None) -> Answer:
        """A Service's own name, or that of one of its ports."""
        service = self._services.get(key, time)
        if service is None:
            return Answer(about=key)
        if service.spec.type == "ExternalName":
            return self._alias(service, name, kind, time)
        ports = [port for port in service.spec.ports if named is None or (port.name, port.protocol or TCP) == named]
        if named is not None and not ports:
            return Answer(about=key)
        if not own_addresses(service):
            found = {port.name: self._ready(key, port.name, time) for port in ports} if ports else {}
            return self._headless(key, name, kind, found, self._any(key, time) if named is None else [])
        if kind == "SRV":
            target = f"{service.metadata.name}.{service.metadata.namespace}.svc.{'.'.join(DOMAIN)}"
            share = 100 // max(len(ports), 1)
            records = [Record(name, "SRV", f"0 {share} {port.port} {target}") for port in ports]
            return Answer(tuple(records), exists=True, about=key)
        return Answer(tuple(_addressed(name, kind, own_addresses(service))), exists=True, about=key)

    def _headless(
        self, key: str, name: str, kind: str, by_port: dict[str, list[Backend]], every: list[Endpoint]
    ) -> Answer:
        """The addresses of all ready endpoints, or where each of them has the ports."""
        backends = [each for found in by_port.values() for each in found]
        if not every and not backends:
            return Answer(about=key)
        if kind == "SRV":
            share = 100 // max(len(backends), 1)
            records = [
                Record(name, "SRV", f"0 {share} {each.port} {host_name(each.endpoint)}.{_full(key)}")
                for each in backends
            ]
            return Answer(tuple(records), exists=True, about=key)
        endpoints = every or [each.endpoint for each in backends]
        addresses = tuple(dict.fromkeys(each.addresses[0] for each in endpoints))
        return Answer(tuple(_addressed(name, kind, addresses)), exists=True, about=key)

    def _alias(self, service: Service, name: str, kind: str, time: int, depth: int = 0) -> Answer:
        """Another name, with what that has."""
        key, target = f"{service.metadata.namespace}/{service.metadata.name}", service.spec.externalName.rstrip(".")
        records = [Record(name, "CNAME", target)]
        if kind in ("A", "AAAA") and depth < LINKS:
            parts = tuple(target.split("."))
            following = self._services.get(f"{parts[1]}/{parts[0]}", time) if parts[2:] == ("svc", *DOMAIN) else None
            if following is not None and following.spec.type == "ExternalName":
                records += self._alias(following, target, kind, time, depth + 1).records
            else:
                records += self.lookup(target, kind, time).records
        return Answer(tuple(records), exists=True, about=key)

    def _endpoint(self, key: str, host: str, name: str, kind: str, time: int) -> Answer:
        """One endpoint of a Service, by its host name or by its address with dashes."""
        found = [each.addresses[0] for each in self._any(key, time) if host_name(each) == host]
        return Answer(tuple(_addressed(name, kind, tuple(found))), exists=bool(found), about=key)

    def _pod(self, dashed: str, namespace: str, name: str, kind: str) -> Answer:
        address = dashed.replace("-", ".")
        if namespace not in self._namespaces or not _is_address(address):
            return Answer()
        return Answer(tuple(_addressed(name, kind, (address,))), exists=True)

    def _backwards(self, labels: tuple[str, ...], time: int) -> Answer:
        """The names of an address: its Service's, or those that Services give to it as an endpoint."""
        address, name = ".".join(reversed(labels)), ".".join((*labels, *REVERSE))
        names = [
            _full(f"{each.metadata.namespace}/{each.metadata.name}")
            for each in self._services.at_address(address, time)
            if address in own_addresses(each)
        ]
        for pod in self._pods.at(address) if not names else ():
            for key in self._services.in_namespace(pod.metadata.namespace):
                names += [
                    f"{host_name(each)}.{_full(key)}" for each in self._any(key, time) if each.addresses[0] == address
                ]
        records = tuple(Record(name, "PTR", found) for found in dict.fromkeys(names))
        return Answer(records, exists=bool(records))

    def _ready(self, key: str, port: str, time: int) -> list[Backend]:
        return [each for each in self._services.backends(key, port, time) if is_ready(each.endpoint)]

    def _any(self, key: str, time: int) -> list[Endpoint]:
        """The ready endpoints, whatever ports they have."""
        if self._services.get(key, time) is None:
            return []
        endpoints = (endpoint for each in self._services.slices(key, time) for endpoint in each.endpoints)
        return [each for each in endpoints if each.addresses and is_ready(each)]


def host_name(endpoint: Endpoint) -> str:
    """What an endpoint is called below its Service's name."""
    return endpoint.hostname or endpoint.addresses[0].replace(".", "-").replace(":", "-")


def _full(key: str) -> str:
    namespace, _, name = key.partition("/")
    return f"{name}.{namespace}.svc.{'.'.join(DOMAIN)}"


def _addressed(name: str, kind: str, addresses: tuple[str, ...]) -> Iterator[Record]:
    for address in addresses:
        if ("AAAA" if ":" in address else "A") == kind:
            yield Record(name, kind, address)


def _is_address(text: str) -> bool:
    try:
        IPv4Address(text)
    except AddressValueError:
        return False
    return True
