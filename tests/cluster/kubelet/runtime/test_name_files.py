"""What containers read to find others by name, and how a resolver uses it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cluster.api import codec
from cluster.api.core import Pod, Service
from cluster.api.kinds import SERVICES
from cluster.kubelet.runtime import name_files
from cluster.kubelet.runtime.sockets import Resolver, host_of, resolver_of
from cluster.store import Store

CLUSTER = "search shop.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.96.0.10\noptions ndots:5\n"


def pod(**spec: Any) -> Pod:
    """A pod with an address."""
    plain = {
        "metadata": {"name": "web", "namespace": "shop"},
        "spec": {"containers": [], **spec},
        "status": {"podIP": "10.244.1.7"},
    }
    return codec.from_plain(Pod, plain)


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({}, CLUSTER),
        ({"dnsPolicy": "ClusterFirst", "hostNetwork": True}, "nameserver 172.18.0.1\n"),
        ({"dnsPolicy": "ClusterFirstWithHostNet", "hostNetwork": True}, CLUSTER),
        ({"dnsPolicy": "Default"}, "nameserver 172.18.0.1\n"),
        (
            {"dnsPolicy": "None", "dnsConfig": {"nameservers": ["192.0.2.1"], "searches": ["my.dns"], "options": [{"name": "ndots", "value": "2"}, {"name": "edns0"}]}},
            "search my.dns\nnameserver 192.0.2.1\noptions ndots:2 edns0\n",
        ),
        (
            {"dnsConfig": {"nameservers": ["10.96.0.10", "192.0.2.1"], "searches": ["cluster.local", "x.y"], "options": [{"name": "ndots", "value": "2"}]}},
            "search shop.svc.cluster.local svc.cluster.local cluster.local x.y\nnameserver 10.96.0.10\nnameserver 192.0.2.1\noptions ndots:2\n",
        ),
    ],
)  # fmt: skip
def test_the_resolver_follows_the_dns_policy(spec: dict[str, Any], expected: str) -> None:
    """The policy decides between the cluster's DNS, the node's and none; dnsConfig adds to it, each entry once."""
    assert name_files.resolver_file(Store(), pod(**spec)) == expected


def test_the_resolver_is_the_clusters_dns() -> None:
    """Its address is kube-dns's, or the tenth of the range that the API's Service starts."""
    store = Store()
    assert name_files.resolver(store) == "10.96.0.10"
    api = {"metadata": {"name": "kubernetes", "namespace": "default"}, "spec": {"clusterIP": "10.43.0.1"}}
    store.put(SERVICES, "default/kubernetes", codec.from_plain(Service, api), "test")
    assert name_files.resolver(store) == "10.43.0.10"
    dns = {"metadata": {"name": "kube-dns", "namespace": "kube-system"}, "spec": {"clusterIP": "10.43.0.53"}}
    store.put(SERVICES, "kube-system/kube-dns", codec.from_plain(Service, dns), "test")
    assert name_files.resolver(store) == "10.43.0.53"


def test_the_hosts_file_names_the_pod() -> None:
    """A pod has its own line, with its full name if it has a subdomain, and the aliases given; on the host's network none."""
    own = name_files.hosts(pod(subdomain="peers"), "web").splitlines()
    assert own[0] == "# Kubernetes-managed hosts file."
    assert own[-1] == "10.244.1.7\tweb.peers.shop.svc.cluster.local\tweb"
    aliased = name_files.hosts(pod(hostAliases=[{"ip": "192.0.2.1", "hostnames": ["one", "two"]}]), "web").splitlines()
    assert aliased[-4:] == ["10.244.1.7\tweb", "", "# Entries added by HostAliases.", "192.0.2.1\tone\ttwo"]
    host = name_files.hosts(pod(hostNetwork=True), "node-1")
    assert host.startswith("# Kubernetes-managed hosts file (host network).\n")
    assert "10.244.1.7" not in host
    contents = "\n".join(aliased).encode()
    assert (host_of(contents, "two"), host_of(contents, "web"), host_of(contents, "three")) == (
        "192.0.2.1",
        "10.244.1.7",
        "",
    )


def test_what_is_written_is_what_is_read() -> None:
    """A program finds in resolv.conf what the kubelet put there."""
    read = resolver_of(CLUSTER.encode())
    searches = ("shop.svc.cluster.local", "svc.cluster.local", "cluster.local")
    assert read == Resolver(("10.96.0.10",), searches, 5)
    assert resolver_of(b"") == Resolver()


@given(
    st.lists(st.sampled_from("abc"), min_size=1, max_size=6), st.integers(0, 6), st.lists(st.just("x.y"), max_size=2)
)
def test_the_search_list_comes_first_for_short_names(labels: list[str], ndots: int, searches: list[str]) -> None:
    """A name with fewer dots than ndots is tried with each domain first; a full name, with a dot at its end, alone."""
    name = ".".join(labels)
    resolver = Resolver((), tuple(searches), ndots)
    candidates = resolver.candidates(name)
    assert sorted(candidates) == sorted([name, *(f"{name}.{domain}" for domain in searches)])
    assert candidates.index(name) == (len(searches) if len(labels) - 1 < ndots else 0)
    assert resolver.candidates(f"{name}.") == [name]
