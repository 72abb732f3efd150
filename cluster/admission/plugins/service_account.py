"""A pod's identity: its service account, and the volume with its token in every container.

One of the pod plugins. Mirrors the ServiceAccount plugin. Invariant: the volume's name depends on
what the pod asks for, not on when, so that the pods of one template mount one and the same.
"""

from cluster import ids
from cluster.admission.plugins.view import ApiView, asked_name
from cluster.admission.sharing import changed, each
from cluster.api import kinds
from cluster.api.core import (
    ConfigMapProjection,
    Container,
    DownwardAPIProjection,
    DownwardAPIVolumeFile,
    KeyToPath,
    ObjectFieldSelector,
    Pod,
    PodSpec,
    ProjectedVolumeSource,
    ServiceAccount,
    ServiceAccountTokenProjection,
    Volume,
    VolumeMount,
    VolumeProjection,
)
from cluster.api.errors import Forbidden

DEFAULT = "default"
MOUNT_PATH = "/var/run/secrets/kubernetes.io/serviceaccount"
VOLUME_PREFIX = "kube-api-access-"
TOKEN_SECONDS = 3607
_SOURCES = (
    VolumeProjection(serviceAccountToken=ServiceAccountTokenProjection(path="token", expirationSeconds=TOKEN_SECONDS)),
    VolumeProjection(
        configMap=ConfigMapProjection(name="kube-root-ca.crt", items=(KeyToPath(key="ca.crt", path="ca.crt"),))
    ),
    VolumeProjection(
        downwardAPI=DownwardAPIProjection(
            items=(
                DownwardAPIVolumeFile(
                    path="namespace", fieldRef=ObjectFieldSelector(apiVersion="v1", fieldPath="metadata.namespace")
                ),
            )
        )
    ),
)
_TOKEN_SOURCE = ProjectedVolumeSource(defaultMode=0o644, sources=_SOURCES)


def of(api: ApiView, pod: Pod) -> ServiceAccount:
    """The account the pod runs as; Forbidden if there is none of that name."""
    meta, name = pod.metadata, pod.spec.serviceAccountName or DEFAULT
    found = api.find(kinds.SERVICE_ACCOUNTS, f"{meta.namespace}/{name}")
    if found is None:
        why = f'error looking up service account {meta.namespace}/{name}: serviceaccount "{name}" not found'
        raise Forbidden.of("pods", asked_name(meta), why)
    return found


def admitted(spec: PodSpec, account: ServiceAccount, family: tuple[object, ...]) -> PodSpec:
    """The spec with its account's name, pull secrets and token; `family` (seed first) names the pods that share it."""
    name = account.metadata.name
    secrets = spec.imagePullSecrets or account.imagePullSecrets
    named = changed(spec, serviceAccountName=name, serviceAccount=name, imagePullSecrets=secrets)
    return _with_token(named, family) if _automounts(spec, account) else named


def _automounts(spec: PodSpec, account: ServiceAccount) -> bool:
    for wanted in (spec.automountServiceAccountToken, account.automountServiceAccountToken):
        if wanted is not None:
            return wanted
    return True


def _with_token(spec: PodSpec, family: tuple[object, ...]) -> PodSpec:
    present = next((volume.name for volume in spec.volumes if volume.name.startswith(VOLUME_PREFIX)), "")
    name = present or VOLUME_PREFIX + ids.suffix(int(str(family[0])), *family[1:], repr(spec))
    mount = VolumeMount(name=name, readOnly=True, mountPath=MOUNT_PATH)

    def mounted(container: Container) -> Container:
        if any(existing.mountPath == MOUNT_PATH for existing in container.volumeMounts):
            return container
        return changed(container, volumeMounts=(*container.volumeMounts, mount))

    containers, first = each(spec.containers, mounted), each(spec.initContainers, mounted)
    if containers is spec.containers and first is spec.initContainers:
        return spec
    volumes = spec.volumes if present else (*spec.volumes, Volume(name=name, projected=_TOKEN_SOURCE))
    return changed(spec, containers=containers, initContainers=first, volumes=volumes)
