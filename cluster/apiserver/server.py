"""The verbs. Requests come in as typed objects; what passes is written to the store.

On the data's way this is the one door: create goes name → prepare → default → admit → allocate →
validate → store, update likewise against the stored version. Mirrors the generic registry
(k8s.io/apiserver/pkg/registry/generic). Invariant: whatever is in the store went through here,
and a write that changes nothing is no write.
"""

import builtins
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar, cast

from msgspec import structs

from cluster import admission, ids
from cluster.admission import Warnings
from cluster.admission.validating_policies import Operation, ValidatingPolicies
from cluster.api import codec, conversion, kinds
from cluster.api.cluster import Cluster
from cluster.api.core import Namespace, Pod, ResourceQuota, Service
from cluster.api.errors import AlreadyExists, BadRequest, Conflict, Invalid, NotFound
from cluster.api.fields import FieldSelector
from cluster.api.kinds import Kind
from cluster.api.labels import EVERYTHING, Selector
from cluster.api.meta import ObjectMeta, Resource
from cluster.apiserver import binding, deletion, judging, patching, scaling, status
from cluster.apiserver.allocation import Allocator
from cluster.apiserver.decoding import Decoder
from cluster.apiserver.events import Recorder
from cluster.apiserver.patching import PatchType
from cluster.authorization import Rbac, User, escalation
from cluster.clock import Clock
from cluster.registry import Registry
from cluster.store import Store

T = TypeVar("T", bound=Resource)
NAME_TRIES = 8
ADMISSION = "kube-apiserver"
"""Who charges quotas."""


class ApiServer:
    """Create, read, change and delete objects of every kind in the registry."""

    def __init__(self, store: Store, clock: Clock, config: Cluster) -> None:
        self.store, self.clock, self.config = store, clock, config
        self.seed = config.seed
        self.policies = admission.Policies(store)
        self.registry = Registry(store, kinds.METRICS if config.addons.metrics else None)
        self.validating_policies = ValidatingPolicies(self)
        self.rbac = Rbac(store)
        self.user: User | None = None
        """Who makes the request from outside that is being answered; None while the cluster's components act."""
        self.events = Recorder(self)
        self.allocator = Allocator(store, config.seed, config)

    @property
    def now(self) -> str:
        """The time, as objects tell it."""
        return self.clock.timestamp()

    # Reading

    def find(self, kind: Kind[T], key: str) -> T | None:
        """The object of this key, or None."""
        return self.store.table(kind).get(key)

    def get(self, kind: Kind[T], key: str) -> T:
        """The object of this key; NotFound if there is none."""
        found = self.store.table(kind).get(key)
        if found is None:
            raise NotFound.of(kind.plural, key.rpartition("/")[2], kind.group)
        return found

    def list(
        self, kind: Kind[T], *, namespace: str = "", labels: Selector = EVERYTHING, fields: FieldSelector | None = None
    ) -> list[T]:
        """The objects that match, in the order of their keys, as etcd lists them."""
        start = f"{namespace}/" if namespace else ""
        return [
            found
            for key, found in sorted(self.store.table(kind).items(), key=lambda item: item[0])
            if key.startswith(start)
            and (labels is EVERYTHING or labels.matches(found.metadata.labels))
            and (fields is None or fields.matches(kind, found))
        ]

    # Writing

    def create(
        self, kind: Kind[T], value: T, *, actor: str, manager: str = "", dry_run: bool = False,
        warnings: Warnings | None = None,
    ) -> T:  # fmt: skip
        """Add an object and return it as stored; `manager` becomes the owner of its fields.

        `warnings` takes what the client is to be told. Raises AlreadyExists, Invalid, Forbidden, or NotFound (its namespace).
        """
        value = admission.defaults.apply(kind, self._named(kind, value))
        if manager:
            value = patching.track(kind, None, value, manager, self.clock.timestamp())
        value = admission.prepare_create(kind, value)
        value = admission.admit_create(self, kind, value)
        if self.user is not None and kind in escalation.GUARDED:
            escalation.check(self.rbac, self.user, value, None)
        value = self._allocated(value, None)
        causes = admission.validation.create(kind, value)
        if causes:
            raise Invalid.of(kind.kind, value.metadata.name or value.metadata.generateName, causes, kind.group)
        if self.validating_policies:
            judging.judge(self, kind, Operation.CREATE, value, None, actor, dry_run=dry_run, warnings=warnings)
        quotas = admission.review_create(self, kind, value, warnings)
        if warnings is not None:
            admission.advice.on_create(kind, value, warnings)
        key = kinds.key(value)
        if key in self.store.table(kind):
            raise AlreadyExists.of(kind.plural, value.metadata.name, kind.group)
        if not dry_run:
            if quotas:
                self._charge(quotas)
            self.store.put(kind, key, value, actor)
        return value

    def _named(self, kind: Kind[T], value: T) -> T:
        """The object with the metadata that only the server gives (`rest.FillObjectMetaSystemFields`)."""
        meta = value.metadata
        revision = self.store.revision + 1
        name = meta.name or (self._generated_name(kind, meta, revision) if meta.generateName else "")
        named = structs.replace(
            meta, name=name, uid=ids.uid(self.seed, revision), creationTimestamp=self.clock.timestamp(),
            resourceVersion="", selfLink="", deletionTimestamp="", deletionGracePeriodSeconds=None,
        )  # fmt: skip
        return structs.replace(value, metadata=named)

    def _generated_name(self, kind: Kind[T], meta: ObjectMeta, revision: int) -> str:
        prefix, table = meta.generateName[:58], self.store.table(kind)
        for attempt in range(NAME_TRIES):
            name = prefix + ids.suffix(self.seed, revision, attempt)
            if kinds.key_of(meta.namespace, name) not in table:
                return name
        raise AlreadyExists.of(kind.plural, meta.generateName, kind.group)

    def _allocated(self, value: T, old: T | None) -> T:
        """The object with what the server's pools give it: a Service its addresses and ports."""
        if isinstance(value, Service):
            return cast("T", self.allocator.allocate(value, old if isinstance(old, Service) else None))
        return value

    def update(
        self,
        kind: Kind[T],
        value: T,
        *,
        actor: str,
        manager: str = "",
        previous: T | None = None,
        dry_run: bool = False,
        warnings: Warnings | None = None,
    ) -> T:
        """Replace an object's metadata and spec; its status stays, where status is a subresource.

        `previous` is the version the writer looked at; otherwise `metadata.resourceVersion`, if
        set, is. `manager` becomes the owner of the fields that change. Raises NotFound, Conflict
        or Invalid.
        """
        key = kinds.key(value)
        old = self._current(kind, key, value, previous)
        meta = structs.replace(
            value.metadata, uid=value.metadata.uid or old.metadata.uid,
            creationTimestamp=old.metadata.creationTimestamp, resourceVersion="",
            deletionTimestamp=old.metadata.deletionTimestamp, selfLink="", generation=old.metadata.generation,
            deletionGracePeriodSeconds=old.metadata.deletionGracePeriodSeconds, generateName=old.metadata.generateName,
        )  # fmt: skip
        new = admission.prepare_update(kind, structs.replace(value, metadata=meta), old)
        new = admission.defaults.apply(kind, new)
        if manager:
            new = patching.track(kind, old, new, manager, self.clock.timestamp())
        new = admission.admit_update(self, kind, new, old)
        if self.user is not None and kind in escalation.GUARDED:
            escalation.check(self.rbac, self.user, new, old)
        new = self._allocated(new, old)
        causes = admission.validation.update(kind, new, old)
        if causes:
            raise Invalid.of(kind.kind, meta.name, causes, kind.group)
        if self.validating_policies:
            judging.judge(self, kind, Operation.UPDATE, new, old, actor, dry_run=dry_run, warnings=warnings)
        quotas = admission.review_update(self, kind, new, old, warnings)
        if warnings is not None:
            admission.advice.on_update(kind, new, old, warnings)
        if quotas and not dry_run:
            self._charge(quotas)
        return self._replace(kind, key, new, old, actor, dry_run=dry_run)

    def update_status(
        self,
        kind: Kind[T],
        value: T,
        *,
        actor: str,
        manager: str = "",
        previous: T | None = None,
        dry_run: bool = False,
    ) -> T:
        """Replace an object's status, and its labels and annotations; nothing else of it changes.

        Only what a `manager` writes is validated: components know what they do. Raises NotFound,
        Conflict or Invalid.
        """
        key = kinds.key(value)
        old = self._current(kind, key, value, previous)
        new = status.with_status(kind, old, value)
        if manager:
            causes = admission.validation.status_update(kind, new, old)
            if causes:
                raise Invalid.of(kind.kind, old.metadata.name, causes, kind.group)
            new = patching.track(kind, old, new, manager, self.clock.timestamp(), "status")
            if self.validating_policies:
                judging.judge(self, kind, Operation.UPDATE, new, old, actor, subresource="status", dry_run=dry_run)
        return self._replace(kind, key, new, old, actor, dry_run=dry_run)

    def update_pod_part(
        self, value: Pod, subresource: str, *, actor: str, manager: str = "", previous: Pod | None = None,
        dry_run: bool = False, warnings: Warnings | None = None,
    ) -> Pod:  # fmt: skip
        """The resize and ephemeralcontainers subresources: a pod's part that they are for, and nothing else. Raises as `update`."""
        key, part = kinds.key(value), admission.validation.POD_PARTS[subresource]
        old = self._current(kinds.PODS, key, value, previous)
        meta = old.metadata
        if manager:  # of all that is asked for, though only that part changes: the subresources reset no fields
            asked = structs.replace(value, metadata=meta)
            meta = patching.track(kinds.PODS, old, asked, manager, self.clock.timestamp(), subresource).metadata
        new = admission.defaults.apply(kinds.PODS, part.prepared(structs.replace(value, metadata=meta), old))
        new = admission.admit_pod_part(self, subresource, new)
        if new.spec != old.spec:
            new = structs.replace(new, metadata=structs.replace(new.metadata, generation=meta.generation + 1))
        causes = part.update(new, old)
        if causes:
            raise Invalid.of("Pod", meta.name, causes)
        quotas = admission.review_pod_part(self, subresource, new, old, warnings)
        if quotas and not dry_run:
            self._charge(quotas)
        return self._replace(kinds.PODS, key, new, old, actor, dry_run=dry_run)

    def patch(
        self, kind: Kind[T], key: str, patch: Any, patch_type: PatchType, *, actor: str, manager: str = "",
        force: bool = False, subresource: str = "", dry_run: bool = False, decoder: Decoder | None = None,
    ) -> T:  # fmt: skip
        """Change an object by a patch of one of the four types, as the version of `kind` has it; see `patching`.

        `decoder` reads what comes out of it, and takes what the client is to be told.
        """
        warnings = None if decoder is None else decoder.warnings
        if patch_type is PatchType.APPLY:
            return self.apply(
                kind, patch, manager=manager or actor, force=force, actor=actor, dry_run=dry_run, warnings=warnings
            )
        old: T = self.get(kind.stored, key)
        revision = self.store.table(kind.stored).revision(key)
        value: T = patching.patched(kind, conversion.from_stored(kind, old), patch, patch_type, decoder, revision)
        kind, value = kind.stored, conversion.to_stored(kind, value)
        if kinds.key(value) != key:
            was, now = key.rpartition("/")[2], value.metadata.name
            raise BadRequest(f"the name of the object ({now}) does not match the name on the URL ({was})")
        self._check_version(kind, key, value.metadata.resourceVersion)
        if subresource == "status":
            return self.update_status(kind, value, actor=actor, manager=manager, previous=old, dry_run=dry_run)
        if subresource in admission.validation.POD_PARTS:
            changed = self.update_pod_part(
                cast("Pod", value), subresource, actor=actor, manager=manager, previous=cast("Pod", old),
                dry_run=dry_run, warnings=warnings,
            )  # fmt: skip
            return cast("T", changed)
        return self.update(kind, value, actor=actor, manager=manager, previous=old, dry_run=dry_run, warnings=warnings)

    def apply(
        self,
        kind: Kind[T],
        plain: Mapping[str, Any],
        *,
        manager: str,
        actor: str,
        force: bool = False,
        dry_run: bool = False,
        warnings: Warnings | None = None,
    ) -> T:
        """Server-side apply: make the fields in `plain` so, and own them as `manager`.

        Creates the object if there is none. Fields are owned in the version that is kept. Raises
        ApplyConflict naming the other managers of fields that would change, unless `force`.
        """
        if kind.stored is not kind:
            value = conversion.to_stored(kind, patching.decoded(kind, plain))
            kind, plain = kind.stored, codec.to_wire(kind.stored, value)
        meta = plain.get("metadata") or {}
        old = self.find(kind, kinds.key_of(str(meta.get("namespace") or ""), str(meta.get("name") or "")))
        value = patching.applied(kind, old, plain, manager=manager, force=force, time=self.clock.timestamp())
        if old is None:
            return self.create(kind, value, actor=actor, dry_run=dry_run, warnings=warnings)
        return self.update(kind, value, actor=actor, previous=old, dry_run=dry_run, warnings=warnings)

    def delete(
        self, kind: Kind[T], key: str, *, actor: str, grace: int | None = None, propagation: str | None = None,
        uid: str = "", resource_version: str = "",
    ) -> T | None:  # fmt: skip
        """Delete an object: None if it is gone at once, else the object that is on its way out.

        `grace` is in seconds, `propagation` Background, Foreground or Orphan (the kind's own
        default if None), `uid` and `resource_version` are preconditions.
        """
        old = self.get(kind, key)
        deletion.check_preconditions(kind, old, uid, resource_version, self.store.table(kind).revision(key))
        admission.admit_delete(self, kind, old)
        if self.validating_policies:
            judging.judge(self, kind, Operation.DELETE, None, old, actor)
        marked = deletion.marked(kind, old, grace, propagation, self.clock)
        if marked is None:
            self.store.delete(kind, key, actor)
            return None
        return self._replace(kind, key, marked, old, actor)

    def delete_collection(
        self, kind: Kind[T], *, actor: str, namespace: str = "", labels: Selector = EVERYTHING,
        fields: FieldSelector | None = None, propagation: str | None = None, grace: int | None = None,
    ) -> builtins.list[T]:  # fmt: skip
        """Delete every object that matches; returns them as they were."""
        found = self.list(kind, namespace=namespace, labels=labels, fields=fields)
        for value in found:
            self.delete(kind, kinds.key(value), actor=actor, propagation=propagation, grace=grace)
        return found

    # Subresources

    def bind(self, key: str, node: str, *, actor: str) -> Pod:
        """The binding subresource: assign a pod to a node, as the scheduler does."""
        pod = self.get(kinds.PODS, key)
        new = binding.bound(pod, node, self.find(kinds.NODES, node), self.clock.timestamp())
        return self._replace(kinds.PODS, key, new, pod, actor)

    def scale(
        self, kind: Kind[T], key: str, replicas: int, *, actor: str, manager: str = "", resource_version: str = "",
        dry_run: bool = False,
    ) -> T:  # fmt: skip
        """The scale subresource: set `spec.replicas`."""
        old = self.get(kind, key)
        self._check_version(kind, key, resource_version)
        wanted = scaling.scaled(kind, old, replicas)
        return self.update(kind, wanted, actor=actor, manager=manager, previous=old, dry_run=dry_run)

    def finalize_namespace(self, name: str, finalizers: tuple[str, ...], *, actor: str) -> Namespace | None:
        """The finalize subresource: set `spec.finalizers`; None if the namespace is gone with the last."""
        old = self.get(kinds.NAMESPACES, name)
        new = structs.replace(old, spec=structs.replace(old.spec, finalizers=finalizers))
        written = self._replace(kinds.NAMESPACES, name, new, old, actor)
        return written if name in self.store.table(kinds.NAMESPACES) else None

    # The one place that writes

    def _charge(self, quotas: Sequence[ResourceQuota]) -> None:
        """Write what the quotas count from now on, with the request that is charged."""
        for quota in quotas:
            self.store.put(kinds.RESOURCE_QUOTAS, kinds.key(quota), quota, ADMISSION)

    def _current(self, kind: Kind[T], key: str, value: T, previous: T | None) -> T:
        old, meta = self.get(kind, key), value.metadata
        if previous is old:
            return old
        if previous is not None:
            raise Conflict.of(kind.plural, meta.name, group=kind.group)
        self._check_version(kind, key, meta.resourceVersion)
        if meta.uid and meta.uid != old.metadata.uid:
            raise Conflict.of(
                kind.plural, meta.name, _another_object(kind, key, meta.uid, old.metadata.uid), kind.group
            )
        return old

    def _check_version(self, kind: Kind[T], key: str, resource_version: str) -> None:
        if resource_version and resource_version != str(self.store.table(kind).revision(key)):
            raise Conflict.of(kind.plural, key.rpartition("/")[2], group=kind.group)

    def _replace(self, kind: Kind[T], key: str, new: T, old: T, actor: str, *, dry_run: bool = False) -> T:
        if dry_run:
            return new
        if new.metadata.deletionTimestamp and deletion.finished(new):
            self.store.delete(kind, key, actor)
            return new
        if new == old:
            return old
        self.store.put(kind, key, new, actor)
        return new


def _another_object(kind: Kind[Any], key: str, wanted: str, found: str) -> str:
    """What etcd's client says of a write that means an object of another uid."""
    path = f"/registry/{kind.plural}/{key}"
    why = f"Precondition failed: UID in precondition: {wanted}, UID in object meta: {found}"
    return f"StorageError: invalid object, Code: 4, Key: {path}, ResourceVersion: 0, AdditionalErrorMsg: {why}"
