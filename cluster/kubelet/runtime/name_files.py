"""What a container reads to find others by name: /etc/hosts and /etc/resolv.conf.

Between the pod's spec and whoever looks a name up. Mirrors the kubelet's managed hosts file and dns.Configurer.
Invariant: both follow from the pod and the cluster's DNS address alone.
"""

from functools import lru_cache
from ipaddress import IPv4Address

from cluster.api import kinds
from cluster.api.core import Pod
from cluster.network import NODE_RESOLVER
from cluster.store import Store

DOMAIN = "cluster.local"
DNS_PLACE = 9
"""The cluster's DNS comes so many addresses after the API's Service."""
_FIRST_LINES = (
    "127.0.0.1\tlocalhost", "::1\tlocalhost ip6-localhost ip6-loopback", "fe00::\tip6-localnet", "fe00::\tip6-mcastprefix",
    "fe00::1\tip6-allnodes", "fe00::2\tip6-allrouters",
)  # fmt: skip
MOST_NAMESERVERS, MOST_SEARCHES = 3, 32


def hosts(pod: Pod, name: str) -> str:
    """The hosts file of a pod that calls itself `name`."""
    spec, address = pod.spec, pod.status.podIP
    if spec.hostNetwork:
        lines = ["# Kubernetes-managed hosts file (host network).", *_FIRST_LINES]
    else:
        full = f"{name}.{spec.subdomain}.{pod.metadata.namespace}.svc.{DOMAIN}\t" if spec.subdomain else ""
        lines = ["# Kubernetes-managed hosts file.", *_FIRST_LINES, f"{address}\t{full}{name}"]
    aliases = ["\t".join((alias.ip, *alias.hostnames)) for alias in spec.hostAliases]
    if aliases:
        lines += ["", "# Entries added by HostAliases.", *aliases]
    return "\n".join(lines) + "\n"


def resolver(store: Store) -> str:
    """The address of the cluster's DNS."""
    service = store.table(kinds.SERVICES).get("kube-system/kube-dns")
    if service is not None and service.spec.clusterIP:
        return service.spec.clusterIP
    first = store.table(kinds.SERVICES).get("default/kubernetes")
    return "10.96.0.10" if first is None else _after(first.spec.clusterIP)


@lru_cache(maxsize=16)
def _after(first: str) -> str:
    return str(IPv4Address(first) + DNS_PLACE)


def resolver_file(store: Store, pod: Pod) -> str:
    """The pod's /etc/resolv.conf, by its dnsPolicy and dnsConfig."""
    spec, policy = pod.spec, pod.spec.dnsPolicy or "ClusterFirst"
    servers, searches, options = [NODE_RESOLVER], list[str](), dict[str, str | None]()
    if policy == "None":
        servers = []
    elif policy == "ClusterFirstWithHostNet" or (policy == "ClusterFirst" and not spec.hostNetwork):
        servers = [resolver(store)]
        searches = [f"{pod.metadata.namespace}.svc.{DOMAIN}", f"svc.{DOMAIN}", DOMAIN]
        options = {"ndots": "5"}
    if spec.dnsConfig is not None:
        servers += spec.dnsConfig.nameservers
        searches += spec.dnsConfig.searches
        options |= {option.name: option.value or None for option in spec.dnsConfig.options}
    lines = [f"search {' '.join(dict.fromkeys(searches[:MOST_SEARCHES]))}"] if searches else []
    lines += [f"nameserver {server}" for server in list(dict.fromkeys(servers))[:MOST_NAMESERVERS]]
    if options:
        shown = (name if value is None else f"{name}:{value}" for name, value in options.items())
        lines.append(f"options {' '.join(shown)}")
    return "".join(f"{line}\n" for line in lines)
