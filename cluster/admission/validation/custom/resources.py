"""What is wrong with a custom resource: its metadata, what its schema says, and its numbers of replicas.

The part of validation that works by a schema. Mirrors apiextensions' registry/customresource. Invariant:
what was wrong before a change, and did not change, is let through.
"""

from collections.abc import Mapping
from typing import Any

from cluster.admission import field_error as error
from cluster.admission.custom.resources import at, version_of
from cluster.admission.validation import metadata
from cluster.admission.validation.custom import cel_rules, schema_faults, structure_faults
from cluster.api import names
from cluster.api.custom import CustomResource
from cluster.api.kinds import Kind
from cluster.api.meta import ObjectMeta, StatusCause

Causes = list[StatusCause]
MAX_REPLICAS = 2**31 - 1


def create(kind: Kind[Any], value: CustomResource) -> Causes:
    """What is wrong with a new resource."""
    causes = _metadata(kind, value.metadata)
    rules, data = version_of(kind).schema, _whole(kind, value)
    causes += schema_faults.check(rules, data)
    causes += _scale(kind, value.content)
    causes += structure_faults.check(rules, data)
    return causes + cel_rules.check(rules, data, None, causes)


def update(kind: Kind[Any], new: CustomResource, old: CustomResource) -> Causes:
    """What is wrong with a change; what was wrong before and did not change is let through."""
    found = metadata.update(new.metadata, old.metadata)
    causes = [cause for cause in found if not cause.field.startswith("metadata.finalizers[")]
    rules, data, before = version_of(kind).schema, _whole(kind, new), _whole(kind, old)
    causes += _new_faults(rules, data, before)
    causes += _scale(kind, new.content)
    causes += structure_faults.embedded(rules, data)
    if not structure_faults.lists(rules, before):
        causes += structure_faults.lists(rules, data)
    return causes + cel_rules.check(rules, data, before, causes)


def status_update(kind: Kind[Any], new: CustomResource, old: CustomResource) -> Causes:
    """What is wrong with a change of the status."""
    rules = version_of(kind).schema
    causes = metadata.update(new.metadata, old.metadata)
    data, before = {"status": new.content.get("status")}, {"status": old.content.get("status")}
    if data["status"] is not None:
        causes += _new_faults({"properties": rules.get("properties", {})}, data, before)
    causes += _scale(kind, new.content, spec=False)
    if not structure_faults.lists(rules, before):
        causes += structure_faults.lists(rules, data)
    return causes + cel_rules.check(rules, _whole(kind, new), _whole(kind, old), causes)


def _metadata(kind: Kind[Any], meta: ObjectMeta) -> Causes:
    """What is wrong with new metadata; finalizers may have any name here."""
    found = metadata.create(meta, names.is_dns1123_subdomain, namespaced=kind.namespaced)
    return [cause for cause in found if not cause.field.startswith("metadata.finalizers[")]


def _new_faults(rules: Mapping[str, Any], data: Mapping[str, Any], before: Mapping[str, Any]) -> Causes:
    """The schema's faults in what changed (ratcheting): the others were there, and their fields are as they were."""
    faults = schema_faults.check(rules, data)
    if not faults:
        return []
    known = set(schema_faults.check(rules, before))
    return [fault for fault in faults if fault not in known]


def _whole(kind: Kind[Any], value: CustomResource) -> dict[str, Any]:
    """The whole document, as the schema sees it; of its metadata only what a schema may speak of."""
    meta = {"name": value.metadata.name, "generateName": value.metadata.generateName}
    named = {name: text for name, text in meta.items() if text}
    return {"apiVersion": kind.api_version, "kind": kind.kind, "metadata": named, **value.content}


def _scale(kind: Kind[Any], content: Mapping[str, Any], *, spec: bool = True) -> Causes:
    """The numbers of replicas that the scale subresource shows."""
    offered = version_of(kind).declared.subresources
    if offered is None or offered.scale is None:
        return []
    causes = []
    paths = [offered.scale.specReplicasPath] if spec else []
    for path in [*paths, offered.scale.statusReplicasPath]:
        value = at(path, content)
        if value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, int):
            shown = schema_faults.go_type(value)
            why = f"{path} accessor error: {error.shown(value)} is of the type {shown}, expected int64"
            causes.append(error.invalid(path, 0, why))
        elif value < 0:
            causes.append(error.invalid(path, value, "should be a non-negative integer"))
        elif value > MAX_REPLICAS:
            causes.append(error.invalid(path, value, f"should be less than or equal to {MAX_REPLICAS}"))
    return causes
