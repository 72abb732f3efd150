"""The controller: changes of pods and Services become edits of slices, Service by Service.

Between the readers and the API server. Readers note which pods changed for which Service; a
reconcile looks at those alone, or at all of a Service's pods when the Service itself or a slice was
changed by somebody. Mirrors kube-controller-manager's endpointslice-controller. Invariant: what a
Service's slices say is read from the store, the placement is a cache that can be loaded again.
"""

from collections.abc import Iterable

from msgspec import Struct, field
from msgspec.structs import replace

from cluster.api.cluster import Cluster
from cluster.api.core import Service
from cluster.api.discovery import EndpointSlice
from cluster.api.kinds import ENDPOINT_SLICES, NAMESPACES, NODES, PODS, SERVICES
from cluster.api.meta import ObjectMeta, OwnerReference
from cluster.apiserver import ApiServer
from cluster.controllers.endpoint_slices.endpoint import endpoint, ports
from cluster.controllers.endpoint_slices.placement import Draft, Edit, Placement, Wanted
from cluster.controllers.service_pods import (
    BATCH,
    HEADLESS_LABEL,
    TRIGGER_TIME,
    ServicePods,
    has_selector,
    is_headless,
    trigger_annotations,
)
from cluster.controllers.trigger_times import TriggerTimes
from cluster.reconcile import Reader, WorkQueue, shared

ACTOR = "endpoint-slice-controller"
SERVICE_NAME = "kubernetes.io/service-name"
MANAGED_BY = "endpointslice.kubernetes.io/managed-by"
CONTROLLER = "endpointslice-controller.k8s.io"


PORTION = 100
"""How many pods one item of work looks at."""
SLICES = 2
"""How many slices one item of work writes."""


class Work(Struct):
    """A reconcile that is under way: the pods to look at and those looked at, what these want, and the edit."""

    whole: bool
    pods: list[str]
    looked: int = 0
    wanted: dict[str, Wanted] = field(default_factory=dict)
    edit: Edit | None = None
    trigger: str = ""


class Pending(Struct):
    """What is known of one Service between reconciles."""

    placement: Placement = field(default_factory=Placement)
    slices: dict[str, None] = field(default_factory=dict)
    pods: dict[str, None] = field(default_factory=dict)
    whole: bool = True
    work: Work | None = None
    triggers: TriggerTimes = field(default_factory=TriggerTimes)


class EndpointSliceController:
    """Keeps the slices of every Service that has a selector."""

    def __init__(self, api: ApiServer, config: Cluster) -> None:  # noqa: ARG002 - every component is built alike
        self._api = api
        self._pods, self._nodes = api.store.table(PODS), api.store.table(NODES)
        self._slices = api.store.table(ENDPOINT_SLICES)
        self._selected = shared(api.store, api.clock, ServicePods)
        self._selected.tell(self._on_pod)
        self._services: dict[str, Pending] = {}
        self._left: dict[str, dict[str, None]] = {}
        """Slices that name a Service which is not there: orphans of one, which the next of its name deletes."""
        self._written: dict[str, EndpointSlice | None] = {}
        self._queue = WorkQueue(api.store, api.clock, self._reconcile, BATCH)
        Reader(api.store, api.clock, SERVICES, self._on_service)
        Reader(api.store, api.clock, ENDPOINT_SLICES, self._on_slice)

    def _pending(self, key: str) -> Pending:
        found = self._services.get(key)
        if found is None:
            found = self._services[key] = Pending(slices=self._left.pop(key, {}))
        return found

    def _leave(self, service: str, slices: Iterable[str]) -> None:
        """Remember the slices, of those given, that a Service has left behind."""
        found = {name: None for name in slices if name in self._slices}
        if found:
            self._left.setdefault(service, {}).update(found)

    def _on_service(self, key: str, old: Service | None, new: Service | None) -> None:
        if new is None:
            gone = self._services.pop(key, None)
            self._leave(key, gone.slices if gone is not None else ())
        elif old is None or old.spec is not new.spec or old.metadata.labels != new.metadata.labels:
            self._pending(key).whole = True
            self._queue.add(key)

    def _on_pod(self, service: str, key: str) -> None:
        self._pending(service).pods[key] = None
        self._queue.add(service)

    def _on_slice(self, key: str, old: EndpointSlice | None, new: EndpointSlice | None) -> None:
        if key in self._written and self._written[key] is new:
            del self._written[key]
            return  # the echo of a write of ours
        for found in (old, new):
            if found is not None and found.metadata.labels.get(MANAGED_BY) == CONTROLLER:
                service = f"{found.metadata.namespace}/{found.metadata.labels.get(SERVICE_NAME, '')}"
                if self._api.find(SERVICES, service) is None:
                    self._left.get(service, {}).pop(key, None)
                    self._leave(service, [key])
                    continue
                pending = self._pending(service)
                pending.whole = True
                if new is None:
                    pending.slices.pop(key, None)
                else:
                    pending.slices[key] = None
                self._queue.add(service)

    def _reconcile(self, key: str) -> int | None:
        """Look at the pods that changed, plan the edit, and carry it out: a portion at a time."""
        service, pending = self._api.find(SERVICES, key), self._services.get(key)
        if service is None or pending is None or not has_selector(service):
            return None
        namespace = self._api.find(NAMESPACES, service.metadata.namespace)
        if namespace is None or namespace.metadata.deletionTimestamp:
            return None
        work, pending.work = pending.work or self._begin(service, key, pending), None  # an error starts again
        if self._goes_on(service, pending, work):
            pending.work = work
            return 0
        pending.placement.forget(work.wanted)
        pending.pods.clear()
        pending.whole = False
        return None

    def _begin(self, service: Service, key: str, pending: Pending) -> Work:
        whole, pending.whole = pending.whole, True  # until this one has been carried out
        if not whole:
            return Work(whole=False, pods=list(pending.pods))
        self._load(service, key, pending)
        return Work(whole=True, pods=list(dict.fromkeys(self._selected.pods(key))))

    def _goes_on(self, service: Service, pending: Pending, work: Work) -> bool:
        """Do a portion of the work; whether there is more of it."""
        if work.looked < len(work.pods):
            portion = work.pods[work.looked : work.looked + PORTION]
            work.wanted.update(self._wanted(service, portion, pending))
            work.looked += PORTION
            if work.looked < len(work.pods):
                return True
        if work.edit is None:
            self._plan(service, pending, work)
        return self._carry_out(service, pending, work)

    def _plan(self, service: Service, pending: Pending, work: Work) -> None:
        if work.whole:
            for name in pending.placement.places:
                work.wanted.setdefault(name, None)
        work.edit = pending.placement.plan(work.wanted, self._read)
        if work.whole:
            work.edit.updated += self._relabelled(service, pending, work.edit)
        work.trigger = pending.triggers.take(service)

    def _load(self, service: Service, key: str, pending: Pending) -> None:
        """Read the Service's slices again, delete those of an earlier one; a pod that stands in two loses the second place."""
        for name in list(pending.slices):
            found = self._slices.get(name)
            if found is None or not _is_ours(found, key):
                del pending.slices[name]
            elif all(owner.uid != service.metadata.uid for owner in found.metadata.ownerReferences):
                self._api.delete(ENDPOINT_SLICES, name, actor=ACTOR)
                self._written[name] = None
                del pending.slices[name]
        twice = pending.placement.load((name, self._read(name)) for name in pending.slices)
        for name, positions in twice.items():
            found = self._read(name)
            kept = tuple(value for position, value in enumerate(found.endpoints) if position not in positions)
            self._write(pending, name, replace(found, endpoints=kept), moved=True)

    def _read(self, key: str) -> EndpointSlice:
        return self._api.get(ENDPOINT_SLICES, key)

    def _wanted(self, service: Service, pods: Iterable[str], pending: Pending) -> dict[str, Wanted]:
        """What each of the pods is to be in the slices (None: nothing); not those that are not in them anyhow."""
        wanted: dict[str, Wanted] = {}
        placed, triggers = pending.placement.places, pending.triggers
        selector, start = service.spec.selector.items(), len(service.metadata.namespace) + 1
        for key in pods:
            pod, name = self._pods.get(key), key[start:]
            triggers.look(key, pod)
            found = None
            if pod is not None and pod.status.podIPs and selector <= pod.metadata.labels.items():
                found = endpoint(pod, service, self._nodes.get(pod.spec.nodeName))
            if pod is not None and found is not None:
                wanted[name] = (ports(pod, service), found)
            elif name in placed:
                wanted[name] = None
        return wanted

    def _relabelled(self, service: Service, pending: Pending, edit: Edit) -> list[Draft]:
        """The slices not edited whose labels are no longer the Service's."""
        done = {draft.key for draft in edit.updated} | set(edit.deleted)
        labels = slice_labels(service)
        return [
            Draft(key, found.ports, list(found.endpoints))
            for key in pending.slices
            if key not in done and (found := self._read(key)).metadata.labels != labels
        ]

    def _carry_out(self, service: Service, pending: Pending, work: Work) -> bool:
        """Write some of the edit's slices; whether there are more."""
        edit, annotations, labels = work.edit, trigger_annotations(work.trigger), slice_labels(service)
        if edit is None:
            return False
        created, edit.created = edit.created[:SLICES], edit.created[SLICES:]
        for draft in created:
            self._create(service, pending, draft, ObjectMeta(labels=labels, annotations=annotations))
        if created:
            return True
        updated, edit.updated = edit.updated[:SLICES], edit.updated[SLICES:]
        for draft in updated:
            found = self._read(draft.key)
            others = {name: value for name, value in found.metadata.annotations.items() if name != TRIGGER_TIME}
            same = found.metadata.labels == labels
            meta = replace(
                found.metadata,
                labels=found.metadata.labels if same else labels,  # one mapping, validated once
                annotations={**others, **annotations} if others else annotations,
            )
            new = replace(found, metadata=meta, endpoints=tuple(draft.endpoints), ports=draft.ports)
            self._write(pending, draft.key, new, moved=draft.moved)
        if updated:
            return True
        for key in edit.deleted:
            self._api.delete(ENDPOINT_SLICES, key, actor=ACTOR)
            self._written[key] = None
            del pending.slices[key]
            pending.placement.note(key, None)
        return False

    def _create(self, service: Service, pending: Pending, draft: Draft, meta: ObjectMeta) -> None:
        owner = service.metadata
        reference = OwnerReference(
            apiVersion="v1", kind="Service", name=owner.name, uid=owner.uid, controller=True, blockOwnerDeletion=True
        )
        meta = replace(meta, namespace=owner.namespace, generateName=f"{owner.name}-", ownerReferences=(reference,))
        family = service.spec.ipFamilies[0] if service.spec.ipFamilies else "IPv4"
        new = EndpointSlice(metadata=meta, addressType=family, endpoints=tuple(draft.endpoints), ports=draft.ports)
        made = self._api.create(ENDPOINT_SLICES, new, actor=ACTOR)
        key = f"{made.metadata.namespace}/{made.metadata.name}"
        self._written[key] = made
        pending.slices[key] = None
        pending.placement.note(key, made)

    def _write(self, pending: Pending, key: str, new: EndpointSlice, *, moved: bool) -> None:
        old = self._read(key)
        written = self._api.update(ENDPOINT_SLICES, new, actor=ACTOR, previous=old)
        if written is not old:
            self._written[key] = written
            if moved:
                pending.placement.note(key, written)


def _is_ours(found: EndpointSlice | None, service: str) -> bool:
    if found is None or found.metadata.deletionTimestamp:
        return False
    meta = found.metadata
    named = f"{meta.namespace}/{meta.labels.get(SERVICE_NAME, '')}"
    return named == service and meta.labels.get(MANAGED_BY) == CONTROLLER


def slice_labels(service: Service) -> dict[str, str]:
    """The labels of a Service's slices: its own, and the controller's."""
    ours = {SERVICE_NAME: service.metadata.name, MANAGED_BY: CONTROLLER}
    if is_headless(service):
        ours[HEADLESS_LABEL] = ""
    reserved = (SERVICE_NAME, MANAGED_BY, HEADLESS_LABEL)
    own = {name: value for name, value in service.metadata.labels.items() if name not in reserved}
    return {**own, **ours}
