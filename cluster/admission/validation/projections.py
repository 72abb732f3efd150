"""Volumes made of what the cluster knows: ConfigMaps, Secrets, fields of the pod, tokens.

Part of the validation of volumes. Mirrors validateProjectedVolumeSource and the single sources.
Invariant: two files of one volume never have one path.
"""

from cluster.admission import field_error as error
from cluster.admission.validation.checks import Causes
from cluster.admission.validation.environment import VOLUME_FIELDS, field_selector, resource_selector
from cluster.admission.validation.paths import mode, not_reserved
from cluster.api.core import (
    ConfigMapVolumeSource,
    DownwardAPIVolumeFile,
    DownwardAPIVolumeSource,
    KeyToPath,
    ProjectedVolumeSource,
    SecretVolumeSource,
    ServiceAccountTokenProjection,
    VolumeProjection,
)

_DUPLICATE = "conflicting duplicate paths"
_KINDS = ("secret", "configMap", "downwardAPI", "serviceAccountToken", "clusterTrustBundle", "podCertificate")
_SHORTEST, _LONGEST = 600, 1 << 32


def config_map(field: str, source: ConfigMapVolumeSource) -> Causes:
    """The keys of a ConfigMap as files."""
    if not source.name:
        yield error.required(f"{field}.name")
    yield from _files(field, source)


def secret(field: str, source: SecretVolumeSource) -> Causes:
    """The keys of a Secret as files."""
    if not source.secretName:
        yield error.required(f"{field}.secretName")
    yield from _files(field, source)


def downward_api(field: str, source: DownwardAPIVolumeSource) -> Causes:
    """Fields of the pod as files."""
    yield from mode(f"{field}.defaultMode", source.defaultMode)
    for item in source.items:
        yield from _downward_file(field, item)


def projected(field: str, source: ProjectedVolumeSource) -> Causes:
    """Several sources in one directory."""
    yield from mode(f"{field}.defaultMode", source.defaultMode)
    taken: set[str] = set()
    for index, part in enumerate(source.sources):
        here = f"{field}.sources[{index}]"
        yield from _keys(field, here, part, taken)
        if part.downwardAPI is not None:
            for item in part.downwardAPI.items:
                yield from _downward_file(f"{here}.downwardAPI", item)
                yield from _take(field, item.path, item.path, taken)
        if part.serviceAccountToken is not None:
            yield from _token(field, f"{here}.serviceAccountToken", part.serviceAccountToken)
        if sum(getattr(part, name) is not None for name in _KINDS) > 1:
            yield error.forbidden(here, "may not specify more than 1 volume type per source")


def _keys(field: str, here: str, part: VolumeProjection, taken: set[str]) -> Causes:
    for name, reference in (("secret", part.secret), ("configMap", part.configMap)):
        if reference is None:
            continue
        if not reference.name:
            yield error.required(f"{here}.{name}.name")
        for number, item in enumerate(reference.items):
            yield from _key_to_path(f"{here}.{name}.items[{number}]", item)
            yield from _take(field, item.path, reference.name, taken)


def _take(field: str, path: str, shown: str, taken: set[str]) -> Causes:
    if path in taken:
        yield error.invalid(field, shown, _DUPLICATE)
    elif path:
        taken.add(path)


def _token(field: str, here: str, token: ServiceAccountTokenProjection) -> Causes:
    seconds = token.expirationSeconds or 0
    if seconds < _SHORTEST:
        yield error.invalid(f"{here}.expirationSeconds", seconds, "may not specify a duration less than 10 minutes")
    if seconds > _LONGEST:
        why = "may not specify a duration larger than 2^32 seconds"
        yield error.invalid(f"{here}.expirationSeconds", seconds, why)
    if token.path:
        yield from not_reserved(f"{field}.path", token.path)
    else:
        yield error.required(f"{field}.path")


def _files(field: str, source: ConfigMapVolumeSource | SecretVolumeSource) -> Causes:
    yield from mode(f"{field}.defaultMode", source.defaultMode)
    for index, item in enumerate(source.items):
        yield from _key_to_path(f"{field}.items[{index}]", item)


def _key_to_path(field: str, item: KeyToPath) -> Causes:
    for name in ("key", "path"):
        if not getattr(item, name):
            yield error.required(f"{field}.{name}")
    yield from not_reserved(f"{field}.path", item.path)
    yield from mode(f"{field}.mode", item.mode)


def _downward_file(field: str, item: DownwardAPIVolumeFile) -> Causes:
    if not item.path:
        yield error.required(f"{field}.path")
    yield from not_reserved(f"{field}.path", item.path)
    if item.fieldRef is not None:
        yield from field_selector(f"{field}.fieldRef", item.fieldRef, VOLUME_FIELDS)
        if item.resourceFieldRef is not None:
            why = "fieldRef and resourceFieldRef can not be specified simultaneously"
            yield error.invalid(field, "resource", why)
    elif item.resourceFieldRef is not None:
        yield from resource_selector(f"{field}.resourceFieldRef", item.resourceFieldRef, volume=True)
    else:
        yield error.required(field, "one of fieldRef and resourceFieldRef is required")
    yield from mode(f"{field}.mode", item.mode)
