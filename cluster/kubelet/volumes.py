"""ConfigMaps and Secrets that a pod cannot start without, and which of them are missing.

Mirrors the kubelet's volume plugins (configmap, secret, projected) and its making of a container's
environment. Invariant: an optional reference never keeps a pod waiting.
"""

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from cluster.api.core import ConfigMapVolumeSource, Container, KeyToPath, Volume
from cluster.api.kinds import CONFIG_MAPS, SECRETS, key_of
from cluster.kubelet.runtime.given import sources
from cluster.kubelet.runtime.objects import CONFIG_MAP, SECRET
from cluster.store import Store

ROOT_CA = "kube-root-ca.crt"


class Reference(Struct, frozen=True, gc=False):
    """What a volume or a variable needs: an object of this kind and name, and keys in it."""

    kind: str
    name: str
    keys: tuple[str, ...] = ()
    volume: str = ""


def volume_references(volumes: Sequence[Volume]) -> tuple[Reference, ...]:
    """What the volumes need."""
    return tuple(reference for volume in volumes for reference in _of_volume(volume))


def environment_references(container: Container) -> tuple[Reference, ...]:
    """What the container's environment needs."""
    found: list[Reference] = []
    for source in container.envFrom:
        for kind, part in ((CONFIG_MAP, source.configMapRef), (SECRET, source.secretRef)):
            if part is not None and not part.optional:
                found.append(Reference(kind, part.name))
    for variable in container.env:
        value = variable.valueFrom
        if value is None:
            continue
        for kind, key in ((CONFIG_MAP, value.configMapKeyRef), (SECRET, value.secretKeyRef)):
            if key is not None and not key.optional:
                found.append(Reference(kind, key.name, (key.key,)))
    return tuple(found)


def mounted_objects(volumes: Sequence[Volume], containers: Sequence[Container]) -> tuple[tuple[str, str], ...]:
    """The ConfigMaps and Secrets that volumes and variables show, by kind and name: whose changes count."""
    found = dict.fromkeys(pair for container in containers for pair in _shown(container))
    for volume in volumes:
        for source in sources(volume):
            if isinstance(source, ConfigMapVolumeSource):
                found[CONFIG_MAP, source.name] = None
            else:
                found[SECRET, source.secretName] = None
    found.pop((CONFIG_MAP, ROOT_CA), None)
    return tuple(found)


def _shown(container: Container) -> Iterator[tuple[str, str]]:
    values = [variable.valueFrom for variable in container.env if variable.valueFrom is not None]
    for kind, parts in (
        (CONFIG_MAP, [*(each.configMapRef for each in container.envFrom), *(each.configMapKeyRef for each in values)]),
        (SECRET, [*(each.secretRef for each in container.envFrom), *(each.secretKeyRef for each in values)]),
    ):
        yield from ((kind, part.name) for part in parts if part is not None)


def _of_volume(volume: Volume) -> Iterator[Reference]:
    if volume.configMap is not None and not volume.configMap.optional:
        yield Reference(CONFIG_MAP, volume.configMap.name, _keys(volume.configMap.items), volume.name)
    if volume.secret is not None and not volume.secret.optional:
        yield Reference(SECRET, volume.secret.secretName, _keys(volume.secret.items), volume.name)
    for source in volume.projected.sources if volume.projected is not None else ():
        # Every namespace of a real cluster is given this one; the simulated processes read no certificate.
        if source.configMap is not None and not source.configMap.optional and source.configMap.name != ROOT_CA:
            yield Reference(CONFIG_MAP, source.configMap.name, _keys(source.configMap.items), volume.name)
        if source.secret is not None and not source.secret.optional:
            yield Reference(SECRET, source.secret.name, _keys(source.secret.items), volume.name)


def _keys(items: Iterable[KeyToPath]) -> tuple[str, ...]:
    return tuple(item.key for item in items)


def table_key(reference: Reference, namespace: str) -> str:
    """The name under which pods wait for the object."""
    return f"{reference.kind} {key_of(namespace, reference.name)}"


def trouble(store: Store, namespace: str, reference: Reference) -> str:
    """Why the reference cannot be followed, in the kubelet's words; nothing if it can."""
    key = key_of(namespace, reference.name)
    if reference.kind == CONFIG_MAP:
        config_map = store.table(CONFIG_MAPS).get(key)
        names = None if config_map is None else (*config_map.data, *config_map.binaryData)
    else:
        secret = store.table(SECRETS).get(key)
        names = None if secret is None else tuple(secret.data)
    if names is None:
        return f'{reference.kind} "{reference.name}" not found'
    for wanted in reference.keys:
        if wanted not in names:
            return _missing_key(reference, namespace, wanted)
    return ""


def _missing_key(reference: Reference, namespace: str, wanted: str) -> str:
    if reference.volume:
        return f"references non-existent {'config' if reference.kind == CONFIG_MAP else 'secret'} key: {wanted}"
    kind = "ConfigMap" if reference.kind == CONFIG_MAP else "Secret"
    return f"couldn't find key {wanted} in {kind} {namespace}/{reference.name}"


def first_trouble(store: Store, namespace: str, references: Sequence[Reference]) -> tuple[Reference, str] | None:
    """The first reference that cannot be followed, and why."""
    for reference in references:
        why = trouble(store, namespace, reference)
        if why:
            return reference, why
    return None
