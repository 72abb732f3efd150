"""A pod's volumes: their names, their one source, and what each source needs.

Part of a pod spec's validation. Mirrors ValidateVolumes and validateVolumeSource; projected sources
are in `projections`. Invariant: only volumes without causes can be mounted.
"""

from collections.abc import Callable, Mapping
from typing import Any

from cluster.admission import field_error as error
from cluster.admission.validation.checks import Causes, dns_label, dns_subdomain, one_of, required_one_of
from cluster.admission.validation.claims import claim_spec
from cluster.admission.validation.paths import descending, no_backsteps
from cluster.admission.validation.projections import config_map, downward_api, projected, secret
from cluster.api import names, quantity
from cluster.api.core import (
    CSIVolumeSource,
    EmptyDirVolumeSource,
    EphemeralVolumeSource,
    FlexVolumeSource,
    GitRepoVolumeSource,
    HostPathVolumeSource,
    ImageVolumeSource,
    ISCSIVolumeSource,
    NFSVolumeSource,
    Volume,
)
from cluster.api.meta import StatusCause

PULL_POLICIES = ("Always", "IfNotPresent", "Never")
_HOST_PATH_TYPES = (
    "", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket",
)  # fmt: skip
_ORDER = (
    "emptyDir", "hostPath", "gitRepo", "gcePersistentDisk", "awsElasticBlockStore", "secret", "nfs", "iscsi", "glusterfs",
    "flocker", "persistentVolumeClaim", "rbd", "cinder", "cephfs", "quobyte", "downwardAPI", "fc", "flexVolume",
    "configMap", "azureFile", "vsphereVolume", "photonPersistentDisk", "portworxVolume", "azureDisk", "storageos",
    "projected", "scaleIO", "csi", "ephemeral", "image",
)  # fmt: skip
REQUIRED: Mapping[str, tuple[str, ...]] = {
    "awsElasticBlockStore": ("volumeID",),
    "azureDisk": ("diskName", "diskURI"),
    "azureFile": ("secretName", "shareName"),
    "cephfs": ("monitors",),
    "cinder": ("volumeID",),
    "gcePersistentDisk": ("pdName",),
    "glusterfs": ("endpoints", "path"),
    "persistentVolumeClaim": ("claimName",),
    "photonPersistentDisk": ("pdID",),
    "portworxVolume": ("volumeID",),
    "rbd": ("monitors", "image"),
    "scaleIO": ("gateway", "system", "volumeName"),
    "vsphereVolume": ("volumePath",),
}


def volumes(field: str, values: tuple[Volume, ...], pod: str = "") -> tuple[dict[str, Volume], list[StatusCause]]:
    """The volumes that can be mounted, by name, and what is wrong; `pod` is the pod's name, if it has one."""
    usable: dict[str, Volume] = {}
    causes: list[StatusCause] = []
    claims = {f"{pod}-{value.name}" for value in values if pod and value.ephemeral is not None}
    for index, value in enumerate(values):
        here = f"{field}[{index}]"
        wrong = [*_source(here, value, pod), *_name(f"{here}.name", value.name)]
        if value.name in usable:
            wrong.append(error.duplicate(f"{here}.name", value.name))
        causes += wrong
        if not wrong:
            usable[value.name] = value
        claim = value.persistentVolumeClaim
        if claim is not None and claim.claimName in claims:
            why = "must not reference a PVC that gets created for an ephemeral volume"
            causes.append(error.invalid(f"{here}.persistentVolumeClaim.claimName", claim.claimName, why))
    return usable, causes


def _name(field: str, name: str) -> Causes:
    if name:
        yield from dns_label(field, name)
    else:
        yield error.required(field)


def _source(field: str, value: Volume, pod: str) -> Causes:
    found = False
    for name in _ORDER:
        source = getattr(value, name)
        if source is None:
            continue
        if found:
            yield error.forbidden(f"{field}.{name}", "may not specify more than 1 volume type")
            continue
        found = True
        for needed in REQUIRED.get(name, ()):
            if not getattr(source, needed):
                yield error.required(f"{field}.{name}.{needed}")
        rule = RULES.get(name)
        if rule is not None:
            yield from rule(f"{field}.{name}", source)
    if value.ephemeral is not None and pod and value.name:
        claim = f"{pod}-{value.name}"
        for message in names.is_dns1123_subdomain(claim):
            yield error.invalid(f"{field}.name", value.name, f"PVC name {error.quoted(claim)}: {message}")
    if not found:
        yield error.required(field, "must specify a volume type")


def _empty_dir(field: str, source: EmptyDirVolumeSource) -> Causes:
    if source.sizeLimit is not None and quantity.nano(source.sizeLimit) < 0:
        yield error.forbidden(f"{field}.sizeLimit", "SizeLimit field must be a valid resource quantity")


def _host_path(field: str, source: HostPathVolumeSource) -> Causes:
    if not source.path:
        yield error.required(f"{field}.path")
        return
    yield from no_backsteps(f"{field}.path", source.path)
    yield from one_of(f"{field}.type", source.type or "", _HOST_PATH_TYPES)


def _git_repo(field: str, source: GitRepoVolumeSource) -> Causes:
    if not source.repository:
        yield error.required(f"{field}.repository")
    yield from descending(f"{field}.directory", source.directory)


def _nfs(field: str, source: NFSVolumeSource) -> Causes:
    for name in ("server", "path"):
        if not getattr(source, name):
            yield error.required(f"{field}.{name}")
    if not source.path.startswith("/"):
        yield error.invalid(f"{field}.path", source.path, "must be an absolute path")


def _iscsi(field: str, source: ISCSIVolumeSource) -> Causes:
    for name in ("targetPortal", "iqn"):
        if not getattr(source, name):
            yield error.required(f"{field}.{name}")
    if source.iqn and not source.iqn.startswith(("iqn", "eui", "naa")):
        yield error.invalid(f"{field}.iqn", source.iqn, "must be valid format starting with iqn, eui, or naa")
    if not 0 <= source.lun <= 255:
        yield error.invalid(f"{field}.lun", source.lun, names.in_range(0, 255))
    if (source.chapAuthDiscovery or source.chapAuthSession) and source.secretRef is None:
        yield error.required(f"{field}.secretRef")


def _flex(field: str, source: FlexVolumeSource) -> Causes:
    if not source.driver:
        yield error.required(f"{field}.driver")
    for key in source.options:
        if f".{key.partition('/')[0].lower()}".endswith((".kubernetes.io", ".k8s.io")):
            why = "kubernetes.io and k8s.io namespaces are reserved"
            yield error.invalid(f"{field}.options[{key}]", key, why)


def _csi(field: str, source: CSIVolumeSource) -> Causes:
    if not source.driver:
        yield error.required(f"{field}.driver")
    elif len(source.driver) > 63:
        yield error.too_long(f"{field}.driver", 63)
    else:
        yield from dns_subdomain(f"{field}.driver", source.driver.lower())
    if source.nodePublishSecretRef is not None and not source.nodePublishSecretRef.name:
        yield error.required(f"{field}.nodePublishSecretRef.name")


def _ephemeral(field: str, source: EphemeralVolumeSource) -> Causes:
    template = source.volumeClaimTemplate
    if template is None:
        yield error.required(f"{field}.volumeClaimTemplate")
        return
    yield from claim_spec(f"{field}.volumeClaimTemplate.spec", template.spec)


def _image(field: str, source: ImageVolumeSource) -> Causes:
    if not source.reference:
        yield error.required(f"{field}.reference")
    yield from required_one_of(f"{field}.pullPolicy", source.pullPolicy, PULL_POLICIES)


RULES: Mapping[str, Callable[[str, Any], Causes]] = {
    "configMap": config_map,
    "csi": _csi,
    "downwardAPI": downward_api,
    "emptyDir": _empty_dir,
    "ephemeral": _ephemeral,
    "flexVolume": _flex,
    "gitRepo": _git_repo,
    "hostPath": _host_path,
    "image": _image,
    "iscsi": _iscsi,
    "nfs": _nfs,
    "projected": projected,
    "secret": secret,
}
