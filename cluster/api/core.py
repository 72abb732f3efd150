"""The core group (v1): pods, nodes, services, configuration, storage, namespaces.

Written by `python -m tests.reference.generate` from the published schemas; do not edit by hand.
"""

from collections.abc import Mapping
from typing import Annotated

from msgspec import field

from cluster.api.meta import Condition, LabelSelector, ObjectMeta, Resource
from cluster.api.object import ListType, MapType, Object
from cluster.api.quantity import Quantity


class AWSElasticBlockStoreVolumeSource(Object, frozen=True, kw_only=True):
    fsType: str = ""
    partition: int | None = None
    readOnly: bool = False
    volumeID: str = field(default_factory=str)


class NodeSelectorRequirement(Object, frozen=True, kw_only=True):
    key: str = field(default_factory=str)
    operator: str = field(default_factory=str)
    values: tuple[str, ...] = ()


class NodeSelectorTerm(Object, frozen=True, kw_only=True):
    matchExpressions: tuple[NodeSelectorRequirement, ...] = ()
    matchFields: tuple[NodeSelectorRequirement, ...] = ()


class PreferredSchedulingTerm(Object, frozen=True, kw_only=True):
    preference: NodeSelectorTerm = field(default_factory=lambda: NodeSelectorTerm())
    weight: int = field(default_factory=int)


class NodeSelector(Object, frozen=True, kw_only=True):
    nodeSelectorTerms: tuple[NodeSelectorTerm, ...] = ()


class NodeAffinity(Object, frozen=True, kw_only=True):
    preferredDuringSchedulingIgnoredDuringExecution: tuple[PreferredSchedulingTerm, ...] = ()
    requiredDuringSchedulingIgnoredDuringExecution: NodeSelector | None = None


class PodAffinityTerm(Object, frozen=True, kw_only=True):
    labelSelector: LabelSelector | None = None
    matchLabelKeys: tuple[str, ...] = ()
    mismatchLabelKeys: tuple[str, ...] = ()
    namespaceSelector: LabelSelector | None = None
    namespaces: tuple[str, ...] = ()
    topologyKey: str = field(default_factory=str)


class WeightedPodAffinityTerm(Object, frozen=True, kw_only=True):
    podAffinityTerm: PodAffinityTerm = field(default_factory=lambda: PodAffinityTerm())
    weight: int = field(default_factory=int)


class PodAffinity(Object, frozen=True, kw_only=True):
    preferredDuringSchedulingIgnoredDuringExecution: tuple[WeightedPodAffinityTerm, ...] = ()
    requiredDuringSchedulingIgnoredDuringExecution: tuple[PodAffinityTerm, ...] = ()


class PodAntiAffinity(Object, frozen=True, kw_only=True):
    preferredDuringSchedulingIgnoredDuringExecution: tuple[WeightedPodAffinityTerm, ...] = ()
    requiredDuringSchedulingIgnoredDuringExecution: tuple[PodAffinityTerm, ...] = ()


class Affinity(Object, frozen=True, kw_only=True):
    nodeAffinity: NodeAffinity | None = None
    podAffinity: PodAffinity | None = None
    podAntiAffinity: PodAntiAffinity | None = None


class AppArmorProfile(Object, frozen=True, kw_only=True):
    localhostProfile: str = ""
    type: str = field(default_factory=str)


class AttachedVolume(Object, frozen=True, kw_only=True):
    devicePath: str = field(default_factory=str)
    name: str = field(default_factory=str)


class AzureDiskVolumeSource(Object, frozen=True, kw_only=True):
    cachingMode: str = ""
    diskName: str = field(default_factory=str)
    diskURI: str = field(default_factory=str)
    fsType: str = ""
    kind: str = ""
    readOnly: bool = False


class AzureFilePersistentVolumeSource(Object, frozen=True, kw_only=True):
    readOnly: bool = False
    secretName: str = field(default_factory=str)
    secretNamespace: str = ""
    shareName: str = field(default_factory=str)


class AzureFileVolumeSource(Object, frozen=True, kw_only=True):
    readOnly: bool = False
    secretName: str = field(default_factory=str)
    shareName: str = field(default_factory=str)


class ObjectReference(Object, frozen=True, kw_only=True):
    apiVersion: str = ""
    fieldPath: str = ""
    kind: str = ""
    name: str = ""
    namespace: str = ""
    resourceVersion: str = ""
    uid: str = ""


class Binding(Resource, frozen=True, kw_only=True):
    target: ObjectReference = field(default_factory=lambda: ObjectReference())


class SecretReference(Object, frozen=True, kw_only=True):
    name: str = ""
    namespace: str = ""


class CSIPersistentVolumeSource(Object, frozen=True, kw_only=True):
    controllerExpandSecretRef: SecretReference | None = None
    controllerPublishSecretRef: SecretReference | None = None
    driver: str = field(default_factory=str)
    fsType: str = ""
    nodeExpandSecretRef: SecretReference | None = None
    nodePublishSecretRef: SecretReference | None = None
    nodeStageSecretRef: SecretReference | None = None
    readOnly: bool = False
    volumeAttributes: Mapping[str, str] = {}
    volumeHandle: str = field(default_factory=str)


class LocalObjectReference(Object, frozen=True, kw_only=True):
    name: str = ""


class CSIVolumeSource(Object, frozen=True, kw_only=True):
    driver: str = field(default_factory=str)
    fsType: str = ""
    nodePublishSecretRef: LocalObjectReference | None = None
    readOnly: bool = False
    volumeAttributes: Mapping[str, str] = {}


class Capabilities(Object, frozen=True, kw_only=True):
    add: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()


class CephFSPersistentVolumeSource(Object, frozen=True, kw_only=True):
    monitors: tuple[str, ...] = ()
    path: str = ""
    readOnly: bool = False
    secretFile: str = ""
    secretRef: SecretReference | None = None
    user: str = ""


class CephFSVolumeSource(Object, frozen=True, kw_only=True):
    monitors: tuple[str, ...] = ()
    path: str = ""
    readOnly: bool = False
    secretFile: str = ""
    secretRef: LocalObjectReference | None = None
    user: str = ""


class CinderPersistentVolumeSource(Object, frozen=True, kw_only=True):
    fsType: str = ""
    readOnly: bool = False
    secretRef: SecretReference | None = None
    volumeID: str = field(default_factory=str)


class CinderVolumeSource(Object, frozen=True, kw_only=True):
    fsType: str = ""
    readOnly: bool = False
    secretRef: LocalObjectReference | None = None
    volumeID: str = field(default_factory=str)


class ClientIPConfig(Object, frozen=True, kw_only=True):
    timeoutSeconds: int | None = None


class ClusterTrustBundleProjection(Object, frozen=True, kw_only=True):
    labelSelector: LabelSelector | None = None
    name: str = ""
    optional: bool | None = None
    path: str = field(default_factory=str)
    signerName: str = ""


class ComponentCondition(Object, frozen=True, kw_only=True):
    error: str = ""
    message: str = ""
    status: str = field(default_factory=str)
    type: str = field(default_factory=str)


class ComponentStatus(Resource, frozen=True, kw_only=True):
    conditions: Annotated[tuple[ComponentCondition, ...], ListType("map", ("type",), "merge", "type")] = ()


class ConfigMap(Resource, frozen=True, kw_only=True):
    binaryData: Mapping[str, str] = {}
    data: Mapping[str, str] = {}
    immutable: bool | None = None


class ConfigMapEnvSource(Object, frozen=True, kw_only=True):
    name: str = ""
    optional: bool | None = None


class ConfigMapKeySelector(Object, frozen=True, kw_only=True):
    key: str = field(default_factory=str)
    name: str = ""
    optional: bool | None = None


class ConfigMapNodeConfigSource(Object, frozen=True, kw_only=True):
    kubeletConfigKey: str = field(default_factory=str)
    name: str = field(default_factory=str)
    namespace: str = field(default_factory=str)
    resourceVersion: str = ""
    uid: str = ""


class KeyToPath(Object, frozen=True, kw_only=True):
    key: str = field(default_factory=str)
    mode: int | None = None
    path: str = field(default_factory=str)


class ConfigMapProjection(Object, frozen=True, kw_only=True):
    items: tuple[KeyToPath, ...] = ()
    name: str = ""
    optional: bool | None = None


class ConfigMapVolumeSource(Object, frozen=True, kw_only=True):
    defaultMode: int | None = None
    items: tuple[KeyToPath, ...] = ()
    name: str = ""
    optional: bool | None = None


class ObjectFieldSelector(Object, frozen=True, kw_only=True):
    apiVersion: str = ""
    fieldPath: str = field(default_factory=str)


class FileKeySelector(Object, frozen=True, kw_only=True):
    key: str = field(default_factory=str)
    optional: bool | None = None
    path: str = field(default_factory=str)
    volumeName: str = field(default_factory=str)


class ResourceFieldSelector(Object, frozen=True, kw_only=True):
    containerName: str = ""
    divisor: Quantity | None = None
    resource: str = field(default_factory=str)


class SecretKeySelector(Object, frozen=True, kw_only=True):
    key: str = field(default_factory=str)
    name: str = ""
    optional: bool | None = None


class EnvVarSource(Object, frozen=True, kw_only=True):
    configMapKeyRef: ConfigMapKeySelector | None = None
    fieldRef: ObjectFieldSelector | None = None
    fileKeyRef: FileKeySelector | None = None
    resourceFieldRef: ResourceFieldSelector | None = None
    secretKeyRef: SecretKeySelector | None = None


class EnvVar(Object, frozen=True, kw_only=True):
    name: str = field(default_factory=str)
    value: str = ""
    valueFrom: EnvVarSource | None = None


class SecretEnvSource(Object, frozen=True, kw_only=True):
    name: str = ""
    optional: bool | None = None


class EnvFromSource(Object, frozen=True, kw_only=True):
    configMapRef: ConfigMapEnvSource | None = None
    prefix: str = ""
    secretRef: SecretEnvSource | None = None


class ExecAction(Object, frozen=True, kw_only=True):
    command: tuple[str, ...] = ()


class HTTPHeader(Object, frozen=True, kw_only=True):
    name: str = field(default_factory=str)
    value: str = field(default_factory=str)


class HTTPGetAction(Object, frozen=True, kw_only=True):
    host: str = ""
    httpHeaders: tuple[HTTPHeader, ...] = ()
    path: str = ""
    port: int | str = field(default_factory=int)
    scheme: str = ""


class SleepAction(Object, frozen=True, kw_only=True):
    seconds: int = field(default_factory=int)


class TCPSocketAction(Object, frozen=True, kw_only=True):
    host: str = ""
    port: int | str = field(default_factory=int)


class LifecycleHandler(Object, frozen=True, kw_only=True):
    exec: ExecAction | None = None
    httpGet: HTTPGetAction | None = None
    sleep: SleepAction | None = None
    tcpSocket: TCPSocketAction | None = None


class Lifecycle(Object, frozen=True, kw_only=True):
    postStart: LifecycleHandler | None = None
    preStop: LifecycleHandler | None = None
    stopSignal: str = ""


class GRPCAction(Object, frozen=True, kw_only=True):
    port: int = field(default_factory=int)
    service: str | None = None


class Probe(Object, frozen=True, kw_only=True):
    exec: ExecAction | None = None
    failureThreshold: int = 0
    grpc: GRPCAction | None = None
    httpGet: HTTPGetAction | None = None
    initialDelaySeconds: int = 0
    periodSeconds: int = 0
    successThreshold: int = 0
    tcpSocket: TCPSocketAction | None = None
    terminationGracePeriodSeconds: int | None = None
    timeoutSeconds: int = 0


class ContainerPort(Object, frozen=True, kw_only=True):
    containerPort: int = field(default_factory=int)
    hostIP: str = ""
    hostPort: int = 0
    name: str = ""
    protocol: str = ""


class ContainerResizePolicy(Object, frozen=True, kw_only=True):
    resourceName: str = field(default_factory=str)
    restartPolicy: str = field(default_factory=str)


class ResourceClaim(Object, frozen=True, kw_only=True):
    name: str = field(default_factory=str)
    request: str = ""


class ResourceRequirements(Object, frozen=True, kw_only=True):
    claims: Annotated[tuple[ResourceClaim, ...], ListType("map", ("name",), "", "")] = ()
    limits: Mapping[str, Quantity] = {}
    requests: Mapping[str, Quantity] = {}


class ContainerRestartRuleOnExitCodes(Object, frozen=True, kw_only=True):
    operator: str = ""
    values: Annotated[tuple[int, ...], ListType("set", (), "", "")] = ()


class ContainerRestartRule(Object, frozen=True, kw_only=True):
    action: str = ""
    exitCodes: ContainerRestartRuleOnExitCodes | None = None


class SELinuxOptions(Object, frozen=True, kw_only=True):
    level: str = ""
    role: str = ""
    type: str = ""
    user: str = ""


class SeccompProfile(Object, frozen=True, kw_only=True):
    localhostProfile: str = ""
    type: str = field(default_factory=str)


class WindowsSecurityContextOptions(Object, frozen=True, kw_only=True):
    gmsaCredentialSpec: str = ""
    gmsaCredentialSpecName: str = ""
    hostProcess: bool | None = None
    runAsUserName: str = ""


class SecurityContext(Object, frozen=True, kw_only=True):
    allowPrivilegeEscalation: bool | None = None
    appArmorProfile: AppArmorProfile | None = None
    capabilities: Capabilities | None = None
    privileged: bool | None = None
    procMount: str = ""
    readOnlyRootFilesystem: bool | None = None
    runAsGroup: int | None = None
    runAsNonRoot: bool | None = None
    runAsUser: int | None = None
    seLinuxOptions: SELinuxOptions | None = None
    seccompProfile: SeccompProfile | None = None
    windowsOptions: WindowsSecurityContextOptions | None = None


class VolumeDevice(Object, frozen=True, kw_only=True):
    devicePath: str = field(default_factory=str)
    name: str = field(default_factory=str)


class VolumeMount(Object, frozen=True, kw_only=True):
    mountPath: str = field(default_factory=str)
    mountPropagation: str = ""
    name: str = field(default_factory=str)
    readOnly: bool = False
    recursiveReadOnly: str = ""
    subPath: str = ""
    subPathExpr: str = ""


class Container(Object, frozen=True, kw_only=True):
    args: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    env: Annotated[tuple[EnvVar, ...], ListType("map", ("name",), "merge", "name")] = ()
    envFrom: tuple[EnvFromSource, ...] = ()
    image: str = ""
    imagePullPolicy: str = ""
    lifecycle: Lifecycle | None = None
    livenessProbe: Probe | None = None
    name: str = field(default_factory=str)
    ports: Annotated[tuple[ContainerPort, ...], ListType("map", ("containerPort", "protocol"), "merge", "containerPort")] = ()
    readinessProbe: Probe | None = None
    resizePolicy: tuple[ContainerResizePolicy, ...] = ()
    resources: ResourceRequirements = field(default_factory=lambda: ResourceRequirements())
    restartPolicy: str = ""
    restartPolicyRules: tuple[ContainerRestartRule, ...] = ()
    securityContext: SecurityContext | None = None
    startupProbe: Probe | None = None
    stdin: bool = False
    stdinOnce: bool = False
    terminationMessagePath: str = ""
    terminationMessagePolicy: str = ""
    tty: bool = False
    volumeDevices: Annotated[tuple[VolumeDevice, ...], ListType("map", ("devicePath",), "merge", "devicePath")] = ()
    volumeMounts: Annotated[tuple[VolumeMount, ...], ListType("map", ("mountPath",), "merge", "mountPath")] = ()
    workingDir: str = ""


class ContainerExtendedResourceRequest(Object, frozen=True, kw_only=True):
    containerName: str = field(default_factory=str)
    requestName: str = field(default_factory=str)
    resourceName: str = field(default_factory=str)


class ContainerImage(Object, frozen=True, kw_only=True):
    names: tuple[str, ...] = ()
    sizeBytes: int = 0


class ContainerStateRunning(Object, frozen=True, kw_only=True):
    startedAt: str = ""


class ContainerStateTerminated(Object, frozen=True, kw_only=True):
    containerID: str = ""
    exitCode: int = field(default_factory=int)
    finishedAt: str = ""
    message: str = ""
    reason: str = ""
    signal: int = 0
    startedAt: str = ""


class ContainerStateWaiting(Object, frozen=True, kw_only=True):
    message: str = ""
    reason: str = ""


class ContainerState(Object, frozen=True, kw_only=True):
    running: ContainerStateRunning | None = None
    terminated: ContainerStateTerminated | None = None
    waiting: ContainerStateWaiting | None = None


class ResourceHealth(Object, frozen=True, kw_only=True):
    health: str = ""
    message: str = ""
    resourceID: str = field(default_factory=str)


class ResourceStatus(Object, frozen=True, kw_only=True):
    name: str = field(default_factory=str)
    resources: Annotated[tuple[ResourceHealth, ...], ListType("map", ("resourceID",), "", "")] = ()


class LinuxContainerUser(Object, frozen=True, kw_only=True):
    gid: int = field(default_factory=int)
    supplementalGroups: tuple[int, ...] = ()
    uid: int = field(default_factory=int)


class ContainerUser(Object, frozen=True, kw_only=True):
    linux: LinuxContainerUser | None = None


class ImageVolumeStatus(Object, frozen=True, kw_only=True):
    imageRef: str = ""


class VolumeStatus(Object, frozen=True, kw_only=True):
    image: ImageVolumeStatus | None = None


class VolumeMountStatus(Object, frozen=True, kw_only=True):
    mountPath: str = field(default_factory=str)
    name: str = field(default_factory=str)
    readOnly: bool = False
    recursiveReadOnly: str = ""
    volumeStatus: VolumeStatus | None = None


class ContainerStatus(Object, frozen=True, kw_only=True):
    allocatedResources: Mapping[str, Quantity] = {}
    allocatedResourcesStatus: Annotated[tuple[ResourceStatus, ...], ListType("map", ("name",), "merge", "name")] = ()
    containerID: str = ""
    image: str = field(default_factory=str)
    imageID: str = field(default_factory=str)
    lastState: ContainerState = field(default_factory=lambda: ContainerState())
    name: str = field(default_factory=str)
    ready: bool = field(default_factory=bool)
    resources: ResourceRequirements | None = None
    restartCount: int = field(default_factory=int)
    started: bool | None = None
    state: ContainerState = field(default_factory=lambda: ContainerState())
    stopSignal: str = ""
    user: ContainerUser | None = None
    volumeMounts: Annotated[tuple[VolumeMountStatus, ...], ListType("map", ("mountPath",), "merge", "mountPath")] = ()


class DaemonEndpoint(Object, frozen=True, kw_only=True):
    Port: int = field(default_factory=int)


class DownwardAPIVolumeFile(Object, frozen=True, kw_only=True):
    fieldRef: ObjectFieldSelector | None = None
    mode: int | None = None
    path: str = field(default_factory=str)
    resourceFieldRef: ResourceFieldSelector | None = None


class DownwardAPIProjection(Object, frozen=True, kw_only=True):
    items: tuple[DownwardAPIVolumeFile, ...] = ()


class DownwardAPIVolumeSource(Object, frozen=True, kw_only=True):
    defaultMode: int | None = None
    items: tuple[DownwardAPIVolumeFile, ...] = ()


class EmptyDirVolumeSource(Object, frozen=True, kw_only=True):
    medium: str = ""
    sizeLimit: Quantity | None = None


class EndpointAddress(Object, frozen=True, kw_only=True):
    hostname: str = ""
    ip: str = field(default_factory=str)
    nodeName: str = ""
    targetRef: ObjectReference | None = None


class EndpointPort(Object, frozen=True, kw_only=True):
    appProtocol: str = ""
    name: str | None = None
    port: int = field(default_factory=int)
    protocol: str = ""


class EndpointSubset(Object, frozen=True, kw_only=True):
    addresses: tuple[EndpointAddress, ...] = ()
    notReadyAddresses: tuple[EndpointAddress, ...] = ()
    ports: tuple[EndpointPort, ...] = ()


class Endpoints(Resource, frozen=True, kw_only=True):
    subsets: tuple[EndpointSubset, ...] = ()


class EphemeralContainer(Object, frozen=True, kw_only=True):
    args: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    env: Annotated[tuple[EnvVar, ...], ListType("map", ("name",), "merge", "name")] = ()
    envFrom: tuple[EnvFromSource, ...] = ()
    image: str = ""
    imagePullPolicy: str = ""
    lifecycle: Lifecycle | None = None
    livenessProbe: Probe | None = None
    name: str = field(default_factory=str)
    ports: Annotated[tuple[ContainerPort, ...], ListType("map", ("containerPort", "protocol"), "merge", "containerPort")] = ()
    readinessProbe: Probe | None = None
    resizePolicy: tuple[ContainerResizePolicy, ...] = ()
    resources: ResourceRequirements = field(default_factory=lambda: ResourceRequirements())
    restartPolicy: str = ""
    restartPolicyRules: tuple[ContainerRestartRule, ...] = ()
    securityContext: SecurityContext | None = None
    startupProbe: Probe | None = None
    stdin: bool = False
    stdinOnce: bool = False
    targetContainerName: str = ""
    terminationMessagePath: str = ""
    terminationMessagePolicy: str = ""
    tty: bool = False
    volumeDevices: Annotated[tuple[VolumeDevice, ...], ListType("map", ("devicePath",), "merge", "devicePath")] = ()
    volumeMounts: Annotated[tuple[VolumeMount, ...], ListType("map", ("mountPath",), "merge", "mountPath")] = ()
    workingDir: str = ""


class TypedLocalObjectReference(Object, frozen=True, kw_only=True):
    apiGroup: str = ""
    kind: str = field(default_factory=str)
    name: str = field(default_factory=str)


class TypedObjectReference(Object, frozen=True, kw_only=True):
    apiGroup: str = ""
    kind: str = field(default_factory=str)
    name: str = field(default_factory=str)
    namespace: str = ""


class VolumeResourceRequirements(Object, frozen=True, kw_only=True):
    limits: Mapping[str, Quantity] = {}
    requests: Mapping[str, Quantity] = {}


class PersistentVolumeClaimSpec(Object, frozen=True, kw_only=True):
    accessModes: tuple[str, ...] = ()
    dataSource: TypedLocalObjectReference | None = None
    dataSourceRef: TypedObjectReference | None = None
    resources: VolumeResourceRequirements = field(default_factory=lambda: VolumeResourceRequirements())
    selector: LabelSelector | None = None
    storageClassName: str | None = None
    volumeAttributesClassName: str | None = None
    volumeMode: str = ""
    volumeName: str = ""


class PersistentVolumeClaimTemplate(Object, frozen=True, kw_only=True):
    metadata: ObjectMeta = field(default_factory=lambda: ObjectMeta())
    spec: PersistentVolumeClaimSpec = field(default_factory=lambda: PersistentVolumeClaimSpec())


class EphemeralVolumeSource(Object, frozen=True, kw_only=True):
    volumeClaimTemplate: PersistentVolumeClaimTemplate | None = None


class EventSeries(Object, frozen=True, kw_only=True):
    count: int = 0
    lastObservedTime: str = ""


class EventSource(Object, frozen=True, kw_only=True):
    component: str = ""
    host: str = ""


class Event(Resource, frozen=True, kw_only=True):
    action: str = ""
    count: int = 0
    eventTime: str = ""
    firstTimestamp: str = ""
    involvedObject: ObjectReference = field(default_factory=lambda: ObjectReference())
    lastTimestamp: str = ""
    message: str = ""
    reason: str = ""
    related: ObjectReference | None = None
    reportingComponent: str = ""
    reportingInstance: str = ""
    series: EventSeries | None = None
    source: EventSource = field(default_factory=lambda: EventSource())
    type: str = ""


class FCVolumeSource(Object, frozen=True, kw_only=True):
    fsType: str = ""
    lun: int = 0
    readOnly: bool = False
    targetWWNs: tuple[str, ...] = ()
    wwids: tuple[str, ...] = ()


class FlexPersistentVolumeSource(Object, frozen=True, kw_only=True):
    driver: str = field(default_factory=str)
    fsType: str = ""
    options: Mapping[str, str] = {}
    readOnly: bool = False
    secretRef: SecretReference | None = None


class FlexVolumeSource(Object, frozen=True, kw_only=True):
    driver: str = field(default_factory=str)
    fsType: str = ""
    options: Mapping[str, str] = {}
    readOnly: bool = False
    secretRef: LocalObjectReference | None = None


class FlockerVolumeSource(Object, frozen=True, kw_only=True):
    datasetName: str = ""
    datasetUUID: str = ""


class GCEPersistentDiskVolumeSource(Object, frozen=True, kw_only=True):
    fsType: str = ""
    partition: int | None = None
    pdName: str = field(default_factory=str)
    readOnly: bool = False


class GitRepoVolumeSource(Object, frozen=True, kw_only=True):
    directory: str = ""
    repository: str = field(default_factory=str)
    revision: str = ""


class GlusterfsPersistentVolumeSource(Object, frozen=True, kw_only=True):
    endpoints: str = field(default_factory=str)
    endpointsNamespace: str = ""
    path: str = field(default_factory=str)
    readOnly: bool = False


class GlusterfsVolumeSource(Object, frozen=True, kw_only=True):
    endpoints: str = field(default_factory=str)
    path: str = field(default_factory=str)
    readOnly: bool = False


class HostAlias(Object, frozen=True, kw_only=True):
    hostnames: tuple[str, ...] = ()
    ip: str = field(default_factory=str)


class HostIP(Object, frozen=True, kw_only=True):
    ip: str = field(default_factory=str)


class HostPathVolumeSource(Object, frozen=True, kw_only=True):
    path: str = field(default_factory=str)
    type: str | None = None


class ISCSIPersistentVolumeSource(Object, frozen=True, kw_only=True):
    chapAuthDiscovery: bool = False
    chapAuthSession: bool = False
    fsType: str = ""
    initiatorName: str = ""
    iqn: str = field(default_factory=str)
    iscsiInterface: str = ""
    lun: int = field(default_factory=int)
    portals: tuple[str, ...] = ()
    readOnly: bool = False
    secretRef: SecretReference | None = None
    targetPortal: str = field(default_factory=str)


class ISCSIVolumeSource(Object, frozen=True, kw_only=True):
    chapAuthDiscovery: bool = False
    chapAuthSession: bool = False
    fsType: str = ""
    initiatorName: str = ""
    iqn: str = field(default_factory=str)
    iscsiInterface: str = ""
    lun: int = field(default_factory=int)
    portals: tuple[str, ...] = ()
    readOnly: bool = False
    secretRef: LocalObjectReference | None = None
    targetPortal: str = field(default_factory=str)


class ImageVolumeSource(Object, frozen=True, kw_only=True):
    pullPolicy: str = ""
    reference: str = ""


class LimitRangeItem(Object, frozen=True, kw_only=True):
    default: Mapping[str, Quantity] = {}
    defaultRequest: Mapping[str, Quantity] = {}
    max: Mapping[str, Quantity] = {}
    maxLimitRequestRatio: Mapping[str, Quantity] = {}
    min: Mapping[str, Quantity] = {}
    type: str = field(default_factory=str)


class LimitRangeSpec(Object, frozen=True, kw_only=True):
    limits: tuple[LimitRangeItem, ...] = ()


class LimitRange(Resource, frozen=True, kw_only=True):
    spec: LimitRangeSpec = field(default_factory=lambda: LimitRangeSpec())


class PortStatus(Object, frozen=True, kw_only=True):
    error: str = ""
    port: int = field(default_factory=int)
    protocol: str = field(default_factory=str)


class LoadBalancerIngress(Object, frozen=True, kw_only=True):
    hostname: str = ""
    ip: str = ""
    ipMode: str = ""
    ports: tuple[PortStatus, ...] = ()


class LoadBalancerStatus(Object, frozen=True, kw_only=True):
    ingress: tuple[LoadBalancerIngress, ...] = ()


class LocalVolumeSource(Object, frozen=True, kw_only=True):
    fsType: str = ""
    path: str = field(default_factory=str)


class ModifyVolumeStatus(Object, frozen=True, kw_only=True):
    status: str = field(default_factory=str)
    targetVolumeAttributesClassName: str = ""


class NFSVolumeSource(Object, frozen=True, kw_only=True):
    path: str = field(default_factory=str)
    readOnly: bool = False
    server: str = field(default_factory=str)


class NamespaceSpec(Object, frozen=True, kw_only=True):
    finalizers: tuple[str, ...] = ()


class NamespaceCondition(Object, frozen=True, kw_only=True):
    lastTransitionTime: str = ""
    message: str = ""
    reason: str = ""
    status: str = field(default_factory=str)
    type: str = field(default_factory=str)


class NamespaceStatus(Object, frozen=True, kw_only=True):
    conditions: Annotated[tuple[NamespaceCondition, ...], ListType("map", ("type",), "merge", "type")] = ()
    phase: str = ""


class Namespace(Resource, frozen=True, kw_only=True):
    spec: NamespaceSpec = field(default_factory=lambda: NamespaceSpec())
    status: NamespaceStatus = field(default_factory=lambda: NamespaceStatus())


class NodeConfigSource(Object, frozen=True, kw_only=True):
    configMap: ConfigMapNodeConfigSource | None = None


class Taint(Object, frozen=True, kw_only=True):
    effect: str = field(default_factory=str)
    key: str = field(default_factory=str)
    timeAdded: str = ""
    value: str = ""


class NodeSpec(Object, frozen=True, kw_only=True):
    configSource: NodeConfigSource | None = None
    externalID: str = ""
    podCIDR: str = ""
    podCIDRs: Annotated[tuple[str, ...], ListType("set", (), "merge", "")] = ()
    providerID: str = ""
    taints: tuple[Taint, ...] = ()
    unschedulable: bool = False


class NodeAddress(Object, frozen=True, kw_only=True):
    address: str = field(default_factory=str)
    type: str = field(default_factory=str)


class NodeCondition(Object, frozen=True, kw_only=True):
    lastHeartbeatTime: str = ""
    lastTransitionTime: str = ""
    message: str = ""
    reason: str = ""
    status: str = field(default_factory=str)
    type: str = field(default_factory=str)


class NodeConfigStatus(Object, frozen=True, kw_only=True):
    active: NodeConfigSource | None = None
    assigned: NodeConfigSource | None = None
    error: str = ""
    lastKnownGood: NodeConfigSource | None = None


class NodeDaemonEndpoints(Object, frozen=True, kw_only=True):
    kubeletEndpoint: DaemonEndpoint = field(default_factory=lambda: DaemonEndpoint())


class NodeFeatures(Object, frozen=True, kw_only=True):
    supplementalGroupsPolicy: bool = False


class NodeSwapStatus(Object, frozen=True, kw_only=True):
    capacity: int = 0


class NodeSystemInfo(Object, frozen=True, kw_only=True):
    architecture: str = field(default_factory=str)
    bootID: str = field(default_factory=str)
    containerRuntimeVersion: str = field(default_factory=str)
    kernelVersion: str = field(default_factory=str)
    kubeProxyVersion: str = field(default_factory=str)
    kubeletVersion: str = field(default_factory=str)
    machineID: str = field(default_factory=str)
    operatingSystem: str = field(default_factory=str)
    osImage: str = field(default_factory=str)
    swap: NodeSwapStatus | None = None
    systemUUID: str = field(default_factory=str)


class NodeRuntimeHandlerFeatures(Object, frozen=True, kw_only=True):
    recursiveReadOnlyMounts: bool = False
    userNamespaces: bool = False


class NodeRuntimeHandler(Object, frozen=True, kw_only=True):
    features: NodeRuntimeHandlerFeatures | None = None
    name: str = ""


class NodeStatus(Object, frozen=True, kw_only=True):
    addresses: Annotated[tuple[NodeAddress, ...], ListType("map", ("type",), "merge", "type")] = ()
    allocatable: Mapping[str, Quantity] = {}
    capacity: Mapping[str, Quantity] = {}
    conditions: Annotated[tuple[NodeCondition, ...], ListType("map", ("type",), "merge", "type")] = ()
    config: NodeConfigStatus | None = None
    daemonEndpoints: NodeDaemonEndpoints = field(default_factory=lambda: NodeDaemonEndpoints())
    declaredFeatures: tuple[str, ...] = ()
    features: NodeFeatures | None = None
    images: tuple[ContainerImage, ...] = ()
    nodeInfo: NodeSystemInfo = field(default_factory=lambda: NodeSystemInfo())
    phase: str = ""
    runtimeHandlers: tuple[NodeRuntimeHandler, ...] = ()
    volumesAttached: tuple[AttachedVolume, ...] = ()
    volumesInUse: tuple[str, ...] = ()


class Node(Resource, frozen=True, kw_only=True):
    spec: NodeSpec = field(default_factory=lambda: NodeSpec())
    status: NodeStatus = field(default_factory=lambda: NodeStatus())


class NodeAllocatableResourceClaimStatus(Object, frozen=True, kw_only=True):
    containers: Annotated[tuple[str, ...], ListType("set", (), "", "")] = ()
    resourceClaimName: str = field(default_factory=str)
    resources: Mapping[str, Quantity] = {}


class VolumeNodeAffinity(Object, frozen=True, kw_only=True):
    required: NodeSelector | None = None


class PhotonPersistentDiskVolumeSource(Object, frozen=True, kw_only=True):
    fsType: str = ""
    pdID: str = field(default_factory=str)


class PortworxVolumeSource(Object, frozen=True, kw_only=True):
    fsType: str = ""
    readOnly: bool = False
    volumeID: str = field(default_factory=str)


class QuobyteVolumeSource(Object, frozen=True, kw_only=True):
    group: str = ""
    readOnly: bool = False
    registry: str = field(default_factory=str)
    tenant: str = ""
    user: str = ""
    volume: str = field(default_factory=str)


class RBDPersistentVolumeSource(Object, frozen=True, kw_only=True):
    fsType: str = ""
    image: str = field(default_factory=str)
    keyring: str = ""
    monitors: tuple[str, ...] = ()
    pool: str = ""
    readOnly: bool = False
    secretRef: SecretReference | None = None
    user: str = ""


class ScaleIOPersistentVolumeSource(Object, frozen=True, kw_only=True):
    fsType: str = ""
    gateway: str = field(default_factory=str)
    protectionDomain: str = ""
    readOnly: bool = False
    secretRef: SecretReference | None = None
    sslEnabled: bool = False
    storageMode: str = ""
    storagePool: str = ""
    system: str = field(default_factory=str)
    volumeName: str = ""


class StorageOSPersistentVolumeSource(Object, frozen=True, kw_only=True):
    fsType: str = ""
    readOnly: bool = False
    secretRef: ObjectReference | None = None
    volumeName: str = ""
    volumeNamespace: str = ""


class VsphereVirtualDiskVolumeSource(Object, frozen=True, kw_only=True):
    fsType: str = ""
    storagePolicyID: str = ""
    storagePolicyName: str = ""
    volumePath: str = field(default_factory=str)


class PersistentVolumeSpec(Object, frozen=True, kw_only=True):
    accessModes: tuple[str, ...] = ()
    awsElasticBlockStore: AWSElasticBlockStoreVolumeSource | None = None
    azureDisk: AzureDiskVolumeSource | None = None
    azureFile: AzureFilePersistentVolumeSource | None = None
    capacity: Mapping[str, Quantity] = {}
    cephfs: CephFSPersistentVolumeSource | None = None
    cinder: CinderPersistentVolumeSource | None = None
    claimRef: ObjectReference | None = None
    csi: CSIPersistentVolumeSource | None = None
    fc: FCVolumeSource | None = None
    flexVolume: FlexPersistentVolumeSource | None = None
    flocker: FlockerVolumeSource | None = None
    gcePersistentDisk: GCEPersistentDiskVolumeSource | None = None
    glusterfs: GlusterfsPersistentVolumeSource | None = None
    hostPath: HostPathVolumeSource | None = None
    iscsi: ISCSIPersistentVolumeSource | None = None
    local: LocalVolumeSource | None = None
    mountOptions: tuple[str, ...] = ()
    nfs: NFSVolumeSource | None = None
    nodeAffinity: VolumeNodeAffinity | None = None
    persistentVolumeReclaimPolicy: str = ""
    photonPersistentDisk: PhotonPersistentDiskVolumeSource | None = None
    portworxVolume: PortworxVolumeSource | None = None
    quobyte: QuobyteVolumeSource | None = None
    rbd: RBDPersistentVolumeSource | None = None
    scaleIO: ScaleIOPersistentVolumeSource | None = None
    storageClassName: str = ""
    storageos: StorageOSPersistentVolumeSource | None = None
    volumeAttributesClassName: str = ""
    volumeMode: str = ""
    vsphereVolume: VsphereVirtualDiskVolumeSource | None = None


class PersistentVolumeStatus(Object, frozen=True, kw_only=True):
    lastPhaseTransitionTime: str = ""
    message: str = ""
    phase: str = ""
    reason: str = ""


class PersistentVolume(Resource, frozen=True, kw_only=True):
    spec: PersistentVolumeSpec = field(default_factory=lambda: PersistentVolumeSpec())
    status: PersistentVolumeStatus = field(default_factory=lambda: PersistentVolumeStatus())


class PersistentVolumeClaimCondition(Object, frozen=True, kw_only=True):
    lastProbeTime: str = ""
    lastTransitionTime: str = ""
    message: str = ""
    reason: str = ""
    status: str = field(default_factory=str)
    type: str = field(default_factory=str)


class PersistentVolumeClaimStatus(Object, frozen=True, kw_only=True):
    accessModes: tuple[str, ...] = ()
    allocatedResourceStatuses: Mapping[str, str] = {}
    allocatedResources: Mapping[str, Quantity] = {}
    capacity: Mapping[str, Quantity] = {}
    conditions: Annotated[tuple[PersistentVolumeClaimCondition, ...], ListType("map", ("type",), "merge", "type")] = ()
    currentVolumeAttributesClassName: str = ""
    modifyVolumeStatus: ModifyVolumeStatus | None = None
    phase: str = ""


class PersistentVolumeClaim(Resource, frozen=True, kw_only=True):
    spec: PersistentVolumeClaimSpec = field(default_factory=lambda: PersistentVolumeClaimSpec())
    status: PersistentVolumeClaimStatus = field(default_factory=lambda: PersistentVolumeClaimStatus())


class PersistentVolumeClaimVolumeSource(Object, frozen=True, kw_only=True):
    claimName: str = field(default_factory=str)
    readOnly: bool = False


class PodDNSConfigOption(Object, frozen=True, kw_only=True):
    name: str = ""
    value: str = ""


class PodDNSConfig(Object, frozen=True, kw_only=True):
    nameservers: tuple[str, ...] = ()
    options: tuple[PodDNSConfigOption, ...] = ()
    searches: tuple[str, ...] = ()


class PodOS(Object, frozen=True, kw_only=True):
    name: str = field(default_factory=str)


class PodReadinessGate(Object, frozen=True, kw_only=True):
    conditionType: str = field(default_factory=str)


class PodResourceClaim(Object, frozen=True, kw_only=True):
    name: str = field(default_factory=str)
    resourceClaimName: str = ""
    resourceClaimTemplateName: str = ""


class PodSchedulingGate(Object, frozen=True, kw_only=True):
    name: str = field(default_factory=str)


class PodSchedulingGroup(Object, frozen=True, kw_only=True):
    podGroupName: str = ""


class Sysctl(Object, frozen=True, kw_only=True):
    name: str = field(default_factory=str)
    value: str = field(default_factory=str)


class PodSecurityContext(Object, frozen=True, kw_only=True):
    appArmorProfile: AppArmorProfile | None = None
    fsGroup: int | None = None
    fsGroupChangePolicy: str = ""
    runAsGroup: int | None = None
    runAsNonRoot: bool | None = None
    runAsUser: int | None = None
    seLinuxChangePolicy: str = ""
    seLinuxOptions: SELinuxOptions | None = None
    seccompProfile: SeccompProfile | None = None
    supplementalGroups: tuple[int, ...] = ()
    supplementalGroupsPolicy: str = ""
    sysctls: tuple[Sysctl, ...] = ()
    windowsOptions: WindowsSecurityContextOptions | None = None


class Toleration(Object, frozen=True, kw_only=True):
    effect: str = ""
    key: str = ""
    operator: str = ""
    tolerationSeconds: int | None = None
    value: str = ""


class TopologySpreadConstraint(Object, frozen=True, kw_only=True):
    labelSelector: LabelSelector | None = None
    matchLabelKeys: tuple[str, ...] = ()
    maxSkew: int = field(default_factory=int)
    minDomains: int | None = None
    nodeAffinityPolicy: str = ""
    nodeTaintsPolicy: str = ""
    topologyKey: str = field(default_factory=str)
    whenUnsatisfiable: str = field(default_factory=str)


class PodCertificateProjection(Object, frozen=True, kw_only=True):
    certificateChainPath: str = ""
    credentialBundlePath: str = ""
    keyPath: str = ""
    keyType: str = ""
    maxExpirationSeconds: int | None = None
    signerName: str = ""
    userAnnotations: Mapping[str, str] = {}


class SecretProjection(Object, frozen=True, kw_only=True):
    items: tuple[KeyToPath, ...] = ()
    name: str = ""
    optional: bool | None = None


class ServiceAccountTokenProjection(Object, frozen=True, kw_only=True):
    audience: str = ""
    expirationSeconds: int | None = None
    path: str = field(default_factory=str)


class VolumeProjection(Object, frozen=True, kw_only=True):
    clusterTrustBundle: ClusterTrustBundleProjection | None = None
    configMap: ConfigMapProjection | None = None
    downwardAPI: DownwardAPIProjection | None = None
    podCertificate: PodCertificateProjection | None = None
    secret: SecretProjection | None = None
    serviceAccountToken: ServiceAccountTokenProjection | None = None


class ProjectedVolumeSource(Object, frozen=True, kw_only=True):
    defaultMode: int | None = None
    sources: tuple[VolumeProjection, ...] = ()


class RBDVolumeSource(Object, frozen=True, kw_only=True):
    fsType: str = ""
    image: str = field(default_factory=str)
    keyring: str = ""
    monitors: tuple[str, ...] = ()
    pool: str = ""
    readOnly: bool = False
    secretRef: LocalObjectReference | None = None
    user: str = ""


class ScaleIOVolumeSource(Object, frozen=True, kw_only=True):
    fsType: str = ""
    gateway: str = field(default_factory=str)
    protectionDomain: str = ""
    readOnly: bool = False
    secretRef: LocalObjectReference | None = None
    sslEnabled: bool = False
    storageMode: str = ""
    storagePool: str = ""
    system: str = field(default_factory=str)
    volumeName: str = ""


class SecretVolumeSource(Object, frozen=True, kw_only=True):
    defaultMode: int | None = None
    items: tuple[KeyToPath, ...] = ()
    optional: bool | None = None
    secretName: str = ""


class StorageOSVolumeSource(Object, frozen=True, kw_only=True):
    fsType: str = ""
    readOnly: bool = False
    secretRef: LocalObjectReference | None = None
    volumeName: str = ""
    volumeNamespace: str = ""


class Volume(Object, frozen=True, kw_only=True):
    awsElasticBlockStore: AWSElasticBlockStoreVolumeSource | None = None
    azureDisk: AzureDiskVolumeSource | None = None
    azureFile: AzureFileVolumeSource | None = None
    cephfs: CephFSVolumeSource | None = None
    cinder: CinderVolumeSource | None = None
    configMap: ConfigMapVolumeSource | None = None
    csi: CSIVolumeSource | None = None
    downwardAPI: DownwardAPIVolumeSource | None = None
    emptyDir: EmptyDirVolumeSource | None = None
    ephemeral: EphemeralVolumeSource | None = None
    fc: FCVolumeSource | None = None
    flexVolume: FlexVolumeSource | None = None
    flocker: FlockerVolumeSource | None = None
    gcePersistentDisk: GCEPersistentDiskVolumeSource | None = None
    gitRepo: GitRepoVolumeSource | None = None
    glusterfs: GlusterfsVolumeSource | None = None
    hostPath: HostPathVolumeSource | None = None
    image: ImageVolumeSource | None = None
    iscsi: ISCSIVolumeSource | None = None
    name: str = field(default_factory=str)
    nfs: NFSVolumeSource | None = None
    persistentVolumeClaim: PersistentVolumeClaimVolumeSource | None = None
    photonPersistentDisk: PhotonPersistentDiskVolumeSource | None = None
    portworxVolume: PortworxVolumeSource | None = None
    projected: ProjectedVolumeSource | None = None
    quobyte: QuobyteVolumeSource | None = None
    rbd: RBDVolumeSource | None = None
    scaleIO: ScaleIOVolumeSource | None = None
    secret: SecretVolumeSource | None = None
    storageos: StorageOSVolumeSource | None = None
    vsphereVolume: VsphereVirtualDiskVolumeSource | None = None


class PodSpec(Object, frozen=True, kw_only=True):
    activeDeadlineSeconds: int | None = None
    affinity: Affinity | None = None
    automountServiceAccountToken: bool | None = None
    containers: Annotated[tuple[Container, ...], ListType("map", ("name",), "merge", "name")] = ()
    dnsConfig: PodDNSConfig | None = None
    dnsPolicy: str = ""
    enableServiceLinks: bool | None = None
    ephemeralContainers: Annotated[tuple[EphemeralContainer, ...], ListType("map", ("name",), "merge", "name")] = ()
    hostAliases: Annotated[tuple[HostAlias, ...], ListType("map", ("ip",), "merge", "ip")] = ()
    hostIPC: bool = False
    hostNetwork: bool = False
    hostPID: bool = False
    hostUsers: bool | None = None
    hostname: str = ""
    hostnameOverride: str = ""
    imagePullSecrets: Annotated[tuple[LocalObjectReference, ...], ListType("map", ("name",), "merge", "name")] = ()
    initContainers: Annotated[tuple[Container, ...], ListType("map", ("name",), "merge", "name")] = ()
    nodeName: str = ""
    nodeSelector: Annotated[Mapping[str, str], MapType("atomic", "")] = {}
    os: PodOS | None = None
    overhead: Mapping[str, Quantity] = {}
    preemptionPolicy: str = ""
    priority: int | None = None
    priorityClassName: str = ""
    readinessGates: tuple[PodReadinessGate, ...] = ()
    resourceClaims: Annotated[tuple[PodResourceClaim, ...], ListType("map", ("name",), "merge,retainKeys", "name")] = ()
    resources: ResourceRequirements | None = None
    restartPolicy: str = ""
    runtimeClassName: str = ""
    schedulerName: str = ""
    schedulingGates: Annotated[tuple[PodSchedulingGate, ...], ListType("map", ("name",), "merge", "name")] = ()
    schedulingGroup: PodSchedulingGroup | None = None
    securityContext: PodSecurityContext | None = None
    serviceAccount: str = ""
    serviceAccountName: str = ""
    setHostnameAsFQDN: bool | None = None
    shareProcessNamespace: bool | None = None
    subdomain: str = ""
    terminationGracePeriodSeconds: int | None = None
    tolerations: tuple[Toleration, ...] = ()
    topologySpreadConstraints: Annotated[tuple[TopologySpreadConstraint, ...], ListType("map", ("topologyKey", "whenUnsatisfiable"), "merge", "topologyKey")] = ()
    volumes: Annotated[tuple[Volume, ...], ListType("map", ("name",), "merge,retainKeys", "name")] = ()


class PodCondition(Object, frozen=True, kw_only=True):
    lastProbeTime: str = ""
    lastTransitionTime: str = ""
    message: str = ""
    observedGeneration: int = 0
    reason: str = ""
    status: str = field(default_factory=str)
    type: str = field(default_factory=str)


class PodExtendedResourceClaimStatus(Object, frozen=True, kw_only=True):
    requestMappings: tuple[ContainerExtendedResourceRequest, ...] = ()
    resourceClaimName: str = field(default_factory=str)


class PodIP(Object, frozen=True, kw_only=True):
    ip: str = field(default_factory=str)


class PodResourceClaimStatus(Object, frozen=True, kw_only=True):
    name: str = field(default_factory=str)
    resourceClaimName: str = ""


class PodStatus(Object, frozen=True, kw_only=True):
    allocatedResources: Mapping[str, Quantity] = {}
    conditions: Annotated[tuple[PodCondition, ...], ListType("map", ("type",), "merge", "type")] = ()
    containerStatuses: tuple[ContainerStatus, ...] = ()
    ephemeralContainerStatuses: tuple[ContainerStatus, ...] = ()
    extendedResourceClaimStatus: PodExtendedResourceClaimStatus | None = None
    hostIP: str = ""
    hostIPs: Annotated[tuple[HostIP, ...], ListType("atomic", (), "merge", "ip")] = ()
    initContainerStatuses: tuple[ContainerStatus, ...] = ()
    message: str = ""
    nodeAllocatableResourceClaimStatuses: tuple[NodeAllocatableResourceClaimStatus, ...] = ()
    nominatedNodeName: str = ""
    observedGeneration: int = 0
    phase: str = ""
    podIP: str = ""
    podIPs: Annotated[tuple[PodIP, ...], ListType("map", ("ip",), "merge", "ip")] = ()
    qosClass: str = ""
    reason: str = ""
    resize: str = ""
    resourceClaimStatuses: Annotated[tuple[PodResourceClaimStatus, ...], ListType("map", ("name",), "merge,retainKeys", "name")] = ()
    resources: ResourceRequirements | None = None
    startTime: str = ""


class Pod(Resource, frozen=True, kw_only=True):
    spec: PodSpec = field(default_factory=lambda: PodSpec())
    status: PodStatus = field(default_factory=lambda: PodStatus())


class PodTemplateSpec(Object, frozen=True, kw_only=True):
    metadata: ObjectMeta = field(default_factory=lambda: ObjectMeta())
    spec: PodSpec = field(default_factory=lambda: PodSpec())


class PodTemplate(Resource, frozen=True, kw_only=True):
    template: PodTemplateSpec = field(default_factory=lambda: PodTemplateSpec())


class ReplicationControllerSpec(Object, frozen=True, kw_only=True):
    minReadySeconds: int = 0
    replicas: int | None = None
    selector: Annotated[Mapping[str, str], MapType("atomic", "")] = {}
    template: PodTemplateSpec | None = None


class ReplicationControllerCondition(Object, frozen=True, kw_only=True):
    lastTransitionTime: str = ""
    message: str = ""
    reason: str = ""
    status: str = field(default_factory=str)
    type: str = field(default_factory=str)


class ReplicationControllerStatus(Object, frozen=True, kw_only=True):
    availableReplicas: int = 0
    conditions: Annotated[tuple[ReplicationControllerCondition, ...], ListType("map", ("type",), "merge", "type")] = ()
    fullyLabeledReplicas: int = 0
    observedGeneration: int = 0
    readyReplicas: int = 0
    replicas: int = field(default_factory=int)


class ReplicationController(Resource, frozen=True, kw_only=True):
    spec: ReplicationControllerSpec = field(default_factory=lambda: ReplicationControllerSpec())
    status: ReplicationControllerStatus = field(default_factory=lambda: ReplicationControllerStatus())


class ScopedResourceSelectorRequirement(Object, frozen=True, kw_only=True):
    operator: str = field(default_factory=str)
    scopeName: str = field(default_factory=str)
    values: tuple[str, ...] = ()


class ScopeSelector(Object, frozen=True, kw_only=True):
    matchExpressions: tuple[ScopedResourceSelectorRequirement, ...] = ()


class ResourceQuotaSpec(Object, frozen=True, kw_only=True):
    hard: Mapping[str, Quantity] = {}
    scopeSelector: ScopeSelector | None = None
    scopes: tuple[str, ...] = ()


class ResourceQuotaStatus(Object, frozen=True, kw_only=True):
    hard: Mapping[str, Quantity] = {}
    used: Mapping[str, Quantity] = {}


class ResourceQuota(Resource, frozen=True, kw_only=True):
    spec: ResourceQuotaSpec = field(default_factory=lambda: ResourceQuotaSpec())
    status: ResourceQuotaStatus = field(default_factory=lambda: ResourceQuotaStatus())


class Secret(Resource, frozen=True, kw_only=True):
    data: Mapping[str, str] = {}
    immutable: bool | None = None
    stringData: Mapping[str, str] = {}
    type: str = ""


class ServicePort(Object, frozen=True, kw_only=True):
    appProtocol: str = ""
    name: str = ""
    nodePort: int = 0
    port: int = field(default_factory=int)
    protocol: str = ""
    targetPort: int | str | None = None


class SessionAffinityConfig(Object, frozen=True, kw_only=True):
    clientIP: ClientIPConfig | None = None


class ServiceSpec(Object, frozen=True, kw_only=True):
    allocateLoadBalancerNodePorts: bool | None = None
    clusterIP: str = ""
    clusterIPs: tuple[str, ...] = ()
    externalIPs: tuple[str, ...] = ()
    externalName: str = ""
    externalTrafficPolicy: str = ""
    healthCheckNodePort: int = 0
    internalTrafficPolicy: str = ""
    ipFamilies: tuple[str, ...] = ()
    ipFamilyPolicy: str = ""
    loadBalancerClass: str = ""
    loadBalancerIP: str = ""
    loadBalancerSourceRanges: tuple[str, ...] = ()
    ports: Annotated[tuple[ServicePort, ...], ListType("map", ("port", "protocol"), "merge", "port")] = ()
    publishNotReadyAddresses: bool = False
    selector: Annotated[Mapping[str, str], MapType("atomic", "")] = {}
    sessionAffinity: str = ""
    sessionAffinityConfig: SessionAffinityConfig | None = None
    trafficDistribution: str = ""
    type: str = ""


class ServiceStatus(Object, frozen=True, kw_only=True):
    conditions: Annotated[tuple[Condition, ...], ListType("map", ("type",), "merge", "type")] = ()
    loadBalancer: LoadBalancerStatus = field(default_factory=lambda: LoadBalancerStatus())


class Service(Resource, frozen=True, kw_only=True):
    spec: ServiceSpec = field(default_factory=lambda: ServiceSpec())
    status: ServiceStatus = field(default_factory=lambda: ServiceStatus())


class ServiceAccount(Resource, frozen=True, kw_only=True):
    automountServiceAccountToken: bool | None = None
    imagePullSecrets: tuple[LocalObjectReference, ...] = ()
    secrets: Annotated[tuple[ObjectReference, ...], ListType("map", ("name",), "merge", "name")] = ()


class TopologySelectorLabelRequirement(Object, frozen=True, kw_only=True):
    key: str = field(default_factory=str)
    values: tuple[str, ...] = ()


class TopologySelectorTerm(Object, frozen=True, kw_only=True):
    matchLabelExpressions: tuple[TopologySelectorLabelRequirement, ...] = ()
