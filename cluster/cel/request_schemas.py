"""What expressions of admission know of a request and of its namespace, as schemas.

Data for `scope`. Mirrors BuildRequestType and BuildNamespaceType of apiserver's admission/plugin/cel. Invariant:
what is not listed cannot be spoken of.
"""

from collections.abc import Mapping

from cluster.schema.pruning import Schema

_TEXT: Schema = {"type": "string"}
_TEXTS: Schema = {"type": "array", "items": _TEXT}
_NUMBER: Schema = {"type": "integer"}
_TIME: Schema = {"type": "string", "format": "date-time"}
_MAP: Schema = {"type": "object", "additionalProperties": _TEXT}


def _object(fields: Mapping[str, Schema]) -> Schema:
    return {"type": "object", "properties": fields}


_KIND = _object({"group": _TEXT, "version": _TEXT, "kind": _TEXT})
_RESOURCE = _object({"group": _TEXT, "version": _TEXT, "resource": _TEXT})
_USER = _object({
    "username": _TEXT, "uid": _TEXT, "groups": _TEXTS, "extra": {"type": "object", "additionalProperties": _TEXTS},
})  # fmt: skip
REQUEST = _object({
    "kind": _KIND, "resource": _RESOURCE, "subResource": _TEXT, "requestKind": _KIND, "requestResource": _RESOURCE,
    "requestSubResource": _TEXT, "name": _TEXT, "namespace": _TEXT, "operation": _TEXT, "userInfo": _USER,
    "dryRun": {"type": "boolean"}, "options": {"x-kubernetes-int-or-string": True},
})  # fmt: skip
_CONDITION = _object({"status": _TEXT, "type": _TEXT, "lastTransitionTime": _TIME, "message": _TEXT, "reason": _TEXT})
_META = _object({
    "name": _TEXT, "generateName": _TEXT, "namespace": _TEXT, "labels": _MAP, "annotations": _MAP, "UID": _TEXT,
    "creationTimestamp": _TIME, "deletionGracePeriodSeconds": _NUMBER, "deletionTimestamp": _TIME,
    "generation": _NUMBER, "resourceVersion": _TEXT, "finalizers": _TEXTS,
})  # fmt: skip
NAMESPACE = _object({
    "metadata": _META, "spec": _object({"finalizers": _TEXTS}),
    "status": _object({"conditions": {"type": "array", "items": _CONDITION}, "phase": _TEXT}),
})  # fmt: skip
