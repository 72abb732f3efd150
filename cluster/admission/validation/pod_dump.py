"""Specs as the API server's own types print them: the text in which a refused change is shown.

Used where a change of a pod, a claim or a volume is refused. Mirrors the declarations of pkg/apis/core
(names and order of the fields) and encoding/json. Invariant: every field stands there, absent ones as
null, so that line numbers mean the same for every object.
"""

import json
from collections.abc import Mapping
from difflib import unified_diff
from typing import Any

from msgspec import Struct

from cluster.api import core
from cluster.api.core import PodSpec

_SECURITY = (
    "hostNetwork", "hostPID", "hostIPC", "shareProcessNamespace?", "hostUsers?", "seLinuxOptions=SELinuxOptions",
    "windowsOptions", "runAsUser", "runAsGroup", "runAsNonRoot", "supplementalGroups", "supplementalGroupsPolicy?",
    "fsGroup=FSGroup", "fsGroupChangePolicy?=FSGroupChangePolicy", "sysctls", "seccompProfile", "appArmorProfile",
    "seLinuxChangePolicy?=SELinuxChangePolicy",
)  # fmt: skip
_OF_THE_SPEC = ("hostNetwork", "hostPID", "hostIPC", "shareProcessNamespace", "hostUsers")
_LAYOUT = {
    core.PodSpec: """volumes initContainers containers ephemeralContainers restartPolicy terminationGracePeriodSeconds
        activeDeadlineSeconds dnsPolicy=DNSPolicy nodeSelector serviceAccountName automountServiceAccountToken nodeName
        securityContext imagePullSecrets hostname subdomain setHostnameAsFQDN affinity schedulerName tolerations hostAliases
        priorityClassName priority preemptionPolicy? dnsConfig=DNSConfig readinessGates runtimeClassName? overhead
        enableServiceLinks topologySpreadConstraints os=OS schedulingGates resourceClaims resources hostnameOverride?
        schedulingGroup""",
    core.Volume: """name hostPath emptyDir gcePersistentDisk=GCEPersistentDisk awsElasticBlockStore=AWSElasticBlockStore
        gitRepo secret nfs=NFS iscsi=ISCSI glusterfs persistentVolumeClaim rbd=RBD quobyte flexVolume cinder cephfs=CephFS
        flocker downwardAPI fc=FC azureFile configMap vsphereVolume azureDisk photonPersistentDisk projected portworxVolume
        scaleIO storageos=StorageOS csi=CSI ephemeral image""",
    core.HostPathVolumeSource: "path type",
    core.EmptyDirVolumeSource: "medium sizeLimit",
    core.SecretVolumeSource: "secretName items defaultMode optional",
    core.ConfigMapVolumeSource: "name items defaultMode optional",
    core.PersistentVolumeClaimVolumeSource: "claimName readOnly",
    core.DownwardAPIVolumeSource: "items defaultMode",
    core.DownwardAPIVolumeFile: "path fieldRef resourceFieldRef mode",
    core.ProjectedVolumeSource: "sources defaultMode",
    core.VolumeProjection: "secret downwardAPI configMap serviceAccountToken clusterTrustBundle podCertificate",
    core.SecretProjection: "name items optional",
    core.ConfigMapProjection: "name items optional",
    core.DownwardAPIProjection: "items",
    core.ServiceAccountTokenProjection: "audience expirationSeconds path",
    core.KeyToPath: "key path mode",
    core.ObjectFieldSelector: "apiVersion=APIVersion fieldPath",
    core.ResourceFieldSelector: "containerName resource divisor",
    core.Container: """name image command args workingDir ports envFrom env resources resizePolicy restartPolicy?
        restartPolicyRules volumeMounts volumeDevices livenessProbe readinessProbe startupProbe lifecycle
        terminationMessagePath terminationMessagePolicy imagePullPolicy securityContext stdin stdinOnce tty=TTY""",
    core.EphemeralContainer: """name image command args workingDir ports envFrom env resources resizePolicy
        restartPolicy? restartPolicyRules volumeMounts volumeDevices livenessProbe readinessProbe startupProbe lifecycle
        terminationMessagePath terminationMessagePolicy imagePullPolicy securityContext stdin stdinOnce tty=TTY
        targetContainerName""",
    core.ContainerPort: "name hostPort containerPort protocol hostIP",
    core.EnvVar: "name value valueFrom",
    core.EnvVarSource: "fieldRef resourceFieldRef configMapKeyRef secretKeyRef fileKeyRef",
    core.ConfigMapKeySelector: "name key optional",
    core.SecretKeySelector: "name key optional",
    core.EnvFromSource: "prefix configMapRef secretRef",
    core.ConfigMapEnvSource: "name optional",
    core.SecretEnvSource: "name optional",
    core.ResourceRequirements: "limits requests claims",
    core.ContainerResizePolicy: "resourceName restartPolicy",
    core.VolumeMount: "name readOnly recursiveReadOnly? mountPath subPath mountPropagation? subPathExpr",
    core.VolumeDevice: "name devicePath",
    core.Probe: """exec httpGet=HTTPGet tcpSocket=TCPSocket grpc=GRPC initialDelaySeconds timeoutSeconds periodSeconds
        successThreshold failureThreshold terminationGracePeriodSeconds""",
    core.Lifecycle: "postStart preStop stopSignal?",
    core.LifecycleHandler: "exec httpGet=HTTPGet tcpSocket=TCPSocket sleep",
    core.HTTPGetAction: "path port host scheme httpHeaders=HTTPHeaders",
    core.HTTPHeader: "name value",
    core.TCPSocketAction: "port host",
    core.GRPCAction: "port service?",
    core.SecurityContext: """capabilities privileged seLinuxOptions=SELinuxOptions windowsOptions runAsUser runAsGroup
        runAsNonRoot readOnlyRootFilesystem allowPrivilegeEscalation procMount? seccompProfile appArmorProfile""",
    core.SELinuxOptions: "user role type level",
    core.SeccompProfile: "type localhostProfile?",
    core.AppArmorProfile: "type localhostProfile?",
    core.Capabilities: "add drop",
    core.Sysctl: "name value",
    core.Toleration: "key operator value effect tolerationSeconds",
    core.HostAlias: "ip=IP hostnames",
    core.PodDNSConfig: "nameservers searches options",
    core.PodDNSConfigOption: "name value?",
    core.Affinity: "nodeAffinity podAffinity podAntiAffinity",
    core.NodeAffinity: """requiredDuringSchedulingIgnoredDuringExecution
        preferredDuringSchedulingIgnoredDuringExecution""",
    core.PodAffinity: "requiredDuringSchedulingIgnoredDuringExecution preferredDuringSchedulingIgnoredDuringExecution",
    core.PodAntiAffinity: """requiredDuringSchedulingIgnoredDuringExecution
        preferredDuringSchedulingIgnoredDuringExecution""",
    core.NodeSelectorTerm: "matchExpressions matchFields",
    core.NodeSelectorRequirement: "key operator values",
    core.PreferredSchedulingTerm: "weight preference",
    core.WeightedPodAffinityTerm: "weight podAffinityTerm",
    core.PodAffinityTerm: """labelSelector namespaces topologyKey namespaceSelector matchLabelKeys mismatchLabelKeys""",
    core.PersistentVolumeClaimSpec: """accessModes selector resources volumeName storageClassName volumeMode? dataSource
        dataSourceRef volumeAttributesClassName""",
    core.VolumeResourceRequirements: "limits requests",
    core.TypedLocalObjectReference: "apiGroup?=APIGroup kind name",
    core.TypedObjectReference: "apiGroup?=APIGroup kind name namespace?",
    core.PersistentVolumeSpec: """gcePersistentDisk=GCEPersistentDisk awsElasticBlockStore=AWSElasticBlockStore hostPath
        glusterfs nfs=NFS rbd=RBD quobyte iscsi=ISCSI flexVolume cinder cephfs=CephFS fc=FC flocker azureFile vsphereVolume
        azureDisk photonPersistentDisk portworxVolume scaleIO local storageos=StorageOS csi=CSI""",
    core.TopologySpreadConstraint: """maxSkew topologyKey whenUnsatisfiable labelSelector minDomains nodeAffinityPolicy?
        nodeTaintsPolicy? matchLabelKeys""",
}


def lines(spec: Struct) -> list[str]:
    """The spec as indented JSON, line by line, each with its end."""
    plain = printed(spec) if isinstance(spec, PodSpec) else _plain(spec)
    return (json.dumps(plain, indent=2, ensure_ascii=False) + "\n").splitlines(keepends=True)


def difference(new: Struct, old: Struct) -> str:
    """What was changed of a spec, as a unified diff without its head."""
    return "".join(list(unified_diff(lines(old), lines(new), n=3))[2:])


def printed(spec: PodSpec) -> dict[str, Any]:
    """The spec as the API server's own type is encoded."""
    plain: dict[str, Any] = _plain(spec)
    if spec.securityContext is None:
        return plain
    context = {}
    for entry in _SECURITY:
        name, shown, pointer = _entry(entry)
        holder: Struct = spec if name in _OF_THE_SPEC else spec.securityContext
        context[shown] = _value(getattr(holder, name), pointer=pointer)
    return plain | {"SecurityContext": context}


def _plain(value: Struct) -> dict[str, Any]:
    layout = _LAYOUT.get(type(value))
    if layout is None:
        # meta/v1 types print as in the API, the rare sources with their fields in the order of the alphabet
        names = [name for name in value.__struct_fields__ if getattr(value, name)]
        keep = type(value).__module__ != core.__name__
        return {(name if keep else name[0].upper() + name[1:]): _value(getattr(value, name)) for name in names}
    entries = map(_entry, layout.split())
    return {shown: _value(getattr(value, name), pointer=pointer) for name, shown, pointer in entries}


def _entry(text: str) -> tuple[str, str, bool]:
    """A field's name, its name in Go, and whether an empty text there is a null."""
    name, _, shown = text.partition("=")
    pointer, name = name.endswith("?"), name.removesuffix("?")
    return name, shown or name[0].upper() + name[1:], pointer


def _value(value: Any, *, pointer: bool = False) -> Any:
    if isinstance(value, Struct):
        return _plain(value)
    if isinstance(value, tuple):
        return [_value(item) for item in value] or None
    if isinstance(value, Mapping):
        return {key: _value(value[key]) for key in sorted(value)} or None
    if isinstance(value, str):
        return None if pointer and not value else str(value)
    return value
