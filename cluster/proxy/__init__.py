"""kube-proxy's part as a library: which endpoint answers whom at a Service's address."""

from cluster.proxy.proxy import Proxy

__all__ = ["Proxy"]
