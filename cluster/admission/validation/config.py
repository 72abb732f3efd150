"""Namespaces, ConfigMaps, Secrets, ServiceAccounts, Events and Leases.

On the data's way six of the kinds' validations. Mirrors the functions of their names in
pkg/apis/core/validation and pkg/apis/coordination/validation. Invariant: what was declared
immutable stays as it is.
"""

import json
from base64 import b64decode

from cluster.admission import field_error as error
from cluster.admission.validation import metadata
from cluster.admission.validation.checks import (
    NOT_POSITIVE,
    Causes,
    dns_subdomain,
    invalid_each,
    nonnegative,
    qualified_name,
    unchanged,
)
from cluster.api import names
from cluster.api.coordination import Lease
from cluster.api.core import ConfigMap, Event, Namespace, Secret, ServiceAccount
from cluster.api.meta import StatusCause

SIZE_LIMIT = 1024 * 1024
ACCOUNT_ANNOTATION = "kubernetes.io/service-account.name"
_FROZEN = "field is immutable when `immutable` is set"
_REDACTED = "<secret contents redacted>"
_BEGINNINGS = {
    "{": "object",
    "[": "array",
    '"': "string",
    "t": "bool",
    "f": "bool",
    "n": "",
    **dict.fromkeys("-0123456789", "number"),
}
_JSON_KEYS = {"kubernetes.io/dockercfg": ".dockercfg", "kubernetes.io/dockerconfigjson": ".dockerconfigjson"}


def namespace(value: Namespace) -> list[StatusCause]:
    """What is wrong with a new namespace."""
    causes = metadata.create(value.metadata, names.is_dns1123_label, namespaced=False)
    for name in value.spec.finalizers:
        causes += qualified_name("spec.finalizers", name)
        causes += metadata.standard_finalizer("spec.finalizers", name)
    return causes


def config_map(value: ConfigMap) -> list[StatusCause]:
    """What is wrong with a new ConfigMap."""
    return metadata.create(value.metadata, names.is_dns1123_subdomain) + list(_config_data(value))


def config_map_update(new: ConfigMap, old: ConfigMap) -> list[StatusCause]:
    """What is wrong with a changed ConfigMap."""
    causes = metadata.update(new.metadata, old.metadata)
    causes += _frozen(new, old, ("data", "binaryData"))
    return causes + list(_config_data(new))


def _config_data(value: ConfigMap) -> Causes:
    for name, data in (("data", value.data), ("binaryData", value.binaryData)):
        for key in data:
            yield from invalid_each(f"{name}[{key}]", key, names.config_map_key(key))
            if name == "data" and key in value.binaryData:
                yield error.invalid(f"{name}[{key}]", key, "duplicate of key present in binaryData")
    size = sum(len(text.encode()) for text in value.data.values())
    size += sum(len(text) * 3 // 4 for text in value.binaryData.values())
    if size > SIZE_LIMIT:
        yield error.too_long("[]", SIZE_LIMIT)


def _frozen(new: ConfigMap | Secret, old: ConfigMap | Secret, fields: tuple[str, ...]) -> Causes:
    if not old.immutable:
        return
    if not new.immutable:
        yield error.forbidden("immutable", _FROZEN)
    for name in fields:
        if getattr(new, name) != getattr(old, name):
            yield error.forbidden(name, _FROZEN)


def secret(value: Secret) -> list[StatusCause]:
    """What is wrong with a new Secret."""
    return metadata.create(value.metadata, names.is_dns1123_subdomain) + _secret_data(value)


def secret_update(new: Secret, old: Secret) -> list[StatusCause]:
    """What is wrong with a changed Secret."""
    causes = metadata.update(new.metadata, old.metadata)
    causes += unchanged("type", new.type, old.type)
    causes += _frozen(new, old, ("data",))
    return causes + _secret_data(new)


def _secret_data(value: Secret) -> list[StatusCause]:
    causes: list[StatusCause] = []
    for key in value.data:
        causes += invalid_each(f"data[{key}]", key, names.config_map_key(key))
    if sum(len(text) * 3 // 4 for text in value.data.values()) > SIZE_LIMIT:
        causes.append(error.too_long("data", SIZE_LIMIT))
    return causes + list(_secret_type(value))


def _secret_type(value: Secret) -> Causes:
    data = value.data
    if value.type == "kubernetes.io/service-account-token":
        if not value.metadata.annotations.get(ACCOUNT_ANNOTATION):
            yield error.required(f"metadata.annotations[{ACCOUNT_ANNOTATION}]")
    elif value.type in _JSON_KEYS:
        yield from _json(_JSON_KEYS[value.type], value)
    elif value.type == "kubernetes.io/basic-auth":
        if "username" not in data and "password" not in data:
            yield error.required("data[username]")
            yield error.required("data[password]")
    elif value.type == "kubernetes.io/ssh-auth":
        if not data.get("ssh-privatekey"):
            yield error.required("data[ssh-privatekey]")
    elif value.type == "kubernetes.io/tls":
        for key in ("tls.crt", "tls.key"):
            if key not in data:
                yield error.required(f"data[{key}]")


def _json(key: str, value: Secret) -> Causes:
    if key not in value.data:
        yield error.required(f"data[{key}]")
        return
    why = _no_object(b64decode(value.data[key]).decode("utf-8", "replace"))
    if why:
        yield error.invalid(f"data[{key}]", _REDACTED, why)


def _no_object(text: str) -> str:
    """What Go says of a text that is no JSON object; nothing, if it is one."""
    first = text.lstrip(" \t\r\n")[:1]
    if first and first not in _BEGINNINGS:
        return f"invalid character '{first}' looking for beginning of value"
    try:
        found = json.loads(text)
    except ValueError:
        return "unexpected end of JSON input"
    if found is None or isinstance(found, dict):
        return ""
    return f"json: cannot unmarshal {_BEGINNINGS.get(first, 'number')} into Go value of type map[string]interface {{}}"


def service_account(value: ServiceAccount) -> list[StatusCause]:
    """What is wrong with a new ServiceAccount."""
    return metadata.create(value.metadata, names.is_dns1123_subdomain)


def event(value: Event) -> list[StatusCause]:
    """What is wrong with a new or changed Event."""
    own, about = value.metadata.namespace, value.involvedObject.namespace
    causes: list[StatusCause] = []
    if own != about and not (not about and own in ("default", "")):
        causes.append(error.invalid("involvedObject.namespace", about, "does not match event.namespace"))
    return causes + list(dns_subdomain("namespace", own))


def lease(value: Lease) -> list[StatusCause]:
    """What is wrong with a new Lease."""
    return metadata.create(value.metadata, names.is_dns1123_subdomain) + list(_lease_spec(value))


def lease_update(new: Lease, old: Lease) -> list[StatusCause]:
    """What is wrong with a changed Lease."""
    return metadata.update(new.metadata, old.metadata) + list(_lease_spec(new))


def _lease_spec(value: Lease) -> Causes:
    spec = value.spec
    if spec.leaseDurationSeconds is not None and spec.leaseDurationSeconds <= 0:
        yield error.invalid("spec.leaseDurationSeconds", spec.leaseDurationSeconds, NOT_POSITIVE)
    if spec.leaseTransitions is not None:
        yield from nonnegative("spec.leaseTransitions", spec.leaseTransitions)
    if spec.holderIdentity == "":
        yield error.invalid("spec.holderIdentity", "", "must not be empty")
