"""What every pod gets on admission, put together: account, token, priority, tolerations, topology.

The plugins that concern pods, in the order of the API server's chain. Mirrors ServiceAccount,
Priority, DefaultTolerationSeconds and PodTopologyLabels. Invariant: the pods of one template share one admitted spec
object, as long as their service account stays the same object.
"""

from typing import NamedTuple

from cluster.admission.plugins import priority, service_account, tolerations, topology
from cluster.admission.plugins.view import ApiView, asked_name
from cluster.admission.sharing import IdentityMemo, changed
from cluster.api.core import Pod, PodSpec, ServiceAccount
from cluster.api.kinds import NODES
from cluster.api.meta import ObjectMeta


class _Admitted(NamedTuple):
    account: ServiceAccount
    spec: PodSpec


_SPECS: IdentityMemo[_Admitted] = IdentityMemo()


def create(api: ApiView, pod: Pod) -> Pod:
    """The new pod as admitted; Forbidden without its service account or with an unknown priority class."""
    meta, spec = pod.metadata, pod.spec
    account = service_account.of(api, pod)
    family = (api.seed, meta.namespace, meta.generateName or meta.name)
    known = _SPECS.get(spec, family)
    if known is None or known.account is not account:
        admitted = service_account.admitted(spec, account, (api.seed, *family))
        admitted = tolerations.admitted(priority.admitted(admitted, asked_name(meta)))
        known = _SPECS.put(spec, _Admitted(account, admitted), family)
        _SPECS.put(admitted, known, family)
    return changed(pod, spec=known.spec, metadata=_placed(api, pod))


def _placed(api: ApiView, pod: Pod) -> ObjectMeta:
    """The metadata with the labels of the node that the pod comes with, if it does."""
    node = api.find(NODES, pod.spec.nodeName) if pod.spec.nodeName else None
    if node is None:
        return pod.metadata
    return changed(pod.metadata, labels=topology.with_topology(pod.metadata.labels, node.metadata.labels))


def update(new: Pod, old: Pod) -> Pod:
    """The changed pod with what admission gave it, where the writer left that out."""
    spec = new.spec
    if spec is old.spec:
        return new
    return changed(new, spec=tolerations.admitted(priority.kept(spec, old.spec)))
