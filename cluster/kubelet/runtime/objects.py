"""ConfigMaps and Secrets as they were when a process started, or when the kubelet last looked.

Between the store and the environment and volumes of containers. Invariant: an object that is used and has changed is
known as it was before (`contents.VERSIONS`); any other has always been what it is.
"""

from base64 import b64decode
from collections.abc import Mapping
from typing import TypeVar

from cluster.api import kinds
from cluster.api.core import ConfigMap, Secret
from cluster.api.kinds import Kind, key_of
from cluster.api.meta import Resource
from cluster.kubelet.runtime.contents import version_name, versions
from cluster.store import Store

T = TypeVar("T", bound=Resource)
CONFIG_MAP, SECRET = "configmap", "secret"


def config_map_at(store: Store, key: str, at: int | None = None) -> ConfigMap | None:
    """A ConfigMap as it was at a time (Unix ms), or is now."""
    return _at(store, kinds.CONFIG_MAPS, version_name(CONFIG_MAP, key), key, at)


def secret_at(store: Store, key: str, at: int | None = None) -> Secret | None:
    """A Secret as it was at a time (Unix ms), or is now."""
    return _at(store, kinds.SECRETS, version_name(SECRET, key), key, at)


def _at(store: Store, kind: Kind[T], name: str, key: str, at: int | None) -> T | None:
    known = versions(store, name)
    if not known:
        return store.table(kind).get(key)
    found = [version.held for version in known if at is None or version.at <= at]
    held = found[-1] if found else known[0].held
    return held if isinstance(held, kind.type) else None


def entries(
    store: Store, namespace: str, *, config_map: str = "", secret: str = "", at: int | None = None
) -> Mapping[str, bytes] | None:
    """The entries of a ConfigMap or a Secret at a time, or None if there is no such object."""
    if config_map:
        found = config_map_at(store, key_of(namespace, config_map), at)
        if found is None:
            return None
        binary = {name: b64decode(text) for name, text in found.binaryData.items()}
        return {**{name: text.encode() for name, text in found.data.items()}, **binary}
    held = secret_at(store, key_of(namespace, secret), at)
    return None if held is None else {name: b64decode(text) for name, text in held.data.items()}
