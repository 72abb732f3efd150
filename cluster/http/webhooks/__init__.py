"""Admission webhooks: asking programs beside the cluster about a request from outside, before its verb.

The one place where answering a request means I/O, which is why it is not in the engine: what the cluster's own
components write is not asked about. Mirrors k8s.io/apiserver's admission webhooks. Invariant: without a
configuration nothing is done, and only programs on this machine are called.
"""

from cluster.http.webhooks.admission import Admission, Admitted
from cluster.http.webhooks.calls import call

__all__ = ["Admission", "Admitted", "call"]
