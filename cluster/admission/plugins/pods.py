"""What every pod gets on admission, put together: resources, account, token, priority, tolerations, topology.

The plugins that change pods, in the order of the API server's chain. Mirrors LimitRanger, ServiceAccount,
Priority, DefaultTolerationSeconds, RuntimeClass and PodTopologyLabels. Invariant: the pods of one template
share one admitted spec object, as long as what the namespace and the cluster say of it stays the same.
"""

from collections.abc import Mapping
from typing import NamedTuple

from msgspec.structs import replace

from cluster.admission.plugins import (
    limit_ranger,
    mountable_secrets,
    priority,
    runtime_class,
    service_account,
    tolerations,
    topology,
)
from cluster.admission.plugins.limit_ranger import Defaulted
from cluster.admission.plugins.view import ApiView, asked_name
from cluster.admission.qos import qos_class
from cluster.admission.sharing import IdentityMemo, changed
from cluster.api.core import LimitRange, Pod, PodSpec, ServiceAccount
from cluster.api.kinds import NODES
from cluster.api.meta import ObjectMeta
from cluster.api.node import RuntimeClass
from cluster.api.scheduling import PriorityClass


class _Admitted(NamedTuple):
    """What admission makes of a spec, and what that depends on beside the spec."""

    account: ServiceAccount
    ranges: tuple[LimitRange, ...]
    priority: PriorityClass | None
    runtime: RuntimeClass | None
    spec: PodSpec
    note: str
    """What the LimitRanger's annotation says."""


_SPECS: IdentityMemo[_Admitted] = IdentityMemo()
_NOTED: IdentityMemo[Mapping[str, str]] = IdentityMemo()


def create(api: ApiView, pod: Pod) -> Pod:
    """The new pod as admitted; Forbidden without its service account or one of the classes it names."""
    meta, spec = pod.metadata, pod.spec
    account, ranges = service_account.of(api, pod), api.policies.limit_ranges.of(meta.namespace)
    chosen, runtime = priority.of(api, spec, meta), runtime_class.of(api, spec, meta)
    family = (api.seed, meta.namespace, meta.generateName or meta.name)
    known = _SPECS.get(spec, family)
    if (
        known is None
        or known.account is not account
        or known.ranges is not ranges
        or known.priority is not chosen
        or known.runtime is not runtime
    ):
        found, note = _admitted(api, pod, account, ranges, chosen, runtime)
        known = _SPECS.put(spec, _Admitted(account, ranges, chosen, runtime, found, note), family)
        _SPECS.put(found, known._replace(note=""), family)
    if ranges:
        pod = _defaulted(pod, known)
    metadata = _placed(api, pod) if spec.nodeName else pod.metadata
    return replace(pod, spec=known.spec, metadata=metadata)


def _admitted(
    api: ApiView, pod: Pod, account: ServiceAccount, ranges: tuple[LimitRange, ...], chosen: PriorityClass | None,
    runtime: RuntimeClass | None,
) -> Defaulted:  # fmt: skip
    meta = pod.metadata
    name, (spec, note) = asked_name(meta), limit_ranger.defaulted(pod.spec, ranges)
    spec = service_account.admitted(spec, account, (api.seed, meta.namespace, meta.generateName or meta.name))
    mountable_secrets.check(spec, account, name)
    spec = tolerations.admitted(priority.admitted(spec, chosen, name))
    return Defaulted(runtime_class.admitted(spec, runtime, name), note)


def _defaulted(pod: Pod, known: _Admitted) -> Pod:
    """The pod with the annotation and the quality of service that come with default resources."""
    meta, status = pod.metadata, changed(pod.status, qosClass=qos_class(known.spec))
    if known.note:
        notes = _NOTED.get(meta.annotations, known.note) or _NOTED.put(
            meta.annotations, {**meta.annotations, limit_ranger.ANNOTATION: known.note}, known.note
        )
        meta = changed(meta, annotations=notes)
    return changed(pod, metadata=meta, status=status)


def _placed(api: ApiView, pod: Pod) -> ObjectMeta:
    """The metadata with the labels of the node that the pod comes with, if there is such a node."""
    node = api.find(NODES, pod.spec.nodeName)
    if node is None:
        return pod.metadata
    return changed(pod.metadata, labels=topology.with_topology(pod.metadata.labels, node.metadata.labels))


def update(new: Pod, old: Pod) -> Pod:
    """The changed pod with what admission gave it, where the writer left that out."""
    spec = new.spec
    if spec is old.spec:
        return new
    return changed(new, spec=tolerations.admitted(priority.kept(spec, old.spec)))


def resized(api: ApiView, pod: Pod) -> Pod:
    """The pod of a resize with the resources that its namespace's ranges set where it has none."""
    found: Defaulted = limit_ranger.defaulted(pod.spec, api.policies.limit_ranges.of(pod.metadata.namespace))
    return changed(pod, spec=found.spec)
