"""The rules of a pod's spec beyond the recorded ones, each with one pod that breaks it."""

from typing import Any

import pytest

from cluster.admission import validation
from cluster.admission.validation.pod_spec import pod_spec
from cluster.api import kinds, names
from tests.cluster.admission.requests import container, created, pod, read, refused

LABEL = names.is_dns1123_label("A_B")[0]
SUBDOMAIN = names.is_dns1123_subdomain("A_B")[0]
INT32 = "must be between 0 and 2147483647, inclusive"
MODE = "must be a number between 0 and 0777 (octal), both inclusive"
C = "spec.containers[0]"
INIT = "may not be set for init containers without restartPolicy=Always"
HANDLER = "may not specify more than 1 handler type"


def probe(**fields: Any) -> dict[str, Any]:
    """A probe that passes, with these fields besides."""
    return {"tcpSocket": {"port": 80}, **fields}


def volume(**source: Any) -> dict[str, Any]:
    """A pod with one volume of this source."""
    return pod(volumes=[{"name": "v", **source}])


@pytest.mark.parametrize(
    ("plain", "expected"),
    [
        (pod(hostname="A_B"), [f'spec.hostname: Invalid value: "A_B": {LABEL}']),
        (pod(subdomain="A_B"), [f'spec.subdomain: Invalid value: "A_B": {LABEL}']),
        (pod(nodeName="A_B"), [f'spec.nodeName: Invalid value: "A_B": {SUBDOMAIN}']),
        (pod(nodeSelector={"a": "b c"}), [f'spec.nodeSelector: Invalid value: "b c": {names.label_value("b c")[0]}']),
        (pod(hostAliases=[{"ip": "10.0.0", "hostnames": ["A_B"]}]),
         ['spec.hostAliases[0].ip: Invalid value: "10.0.0": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
          f'spec.hostAliases[0].hostnames[0]: Invalid value: "A_B": {SUBDOMAIN}']),
        (pod(readinessGates=[{"conditionType": "a b"}]),
         [f'spec.readinessGates[0].conditionType: Invalid value: "a b": {names.qualified_name("a b")[0]}']),
        (pod(os={"name": "plan9"}), ['spec.os: Unsupported value: "plan9": supported values: "linux", "windows"']),
        (pod(os={}), ["spec.os.name: Required value: cannot be empty"]),
        (pod(hostUsers=False, hostNetwork=True, hostPID=True),
         ["spec.hostNetwork: Forbidden: when `pod.Spec.HostUsers` is false",
          "spec.HostPID: Forbidden: when `pod.Spec.HostUsers` is false"]),
        (pod(overhead={"cpu": "-1"}),
         ['spec.overhead.limits[cpu]: Invalid value: "-1": must be greater than or equal to 0']),
        (pod(ephemeralContainers=[{"name": "debug", "image": "busybox"}]),
         ["spec.ephemeralContainers: Forbidden: cannot be set on create"]),
        (pod(resources={"requests": {"cpu": "2"}, "limits": {"cpu": "1"}}),
         ['spec.resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1']),
        (pod(resources={"limits": {"ephemeral-storage": "1Gi"}}),
         [('spec.resources.limits[ephemeral-storage]: Unsupported value: "ephemeral-storage": '
           'supported values: "cpu", "hugepages-", "memory"')]),
        (pod(resourceClaims=[{"name": "gpu"}]),
         [('spec.resourceClaims[0]: Invalid value: {"Name":"gpu","ResourceClaimName":null,"ResourceClaimTemplateName":null}: '
           "must specify one of: `resourceClaimName`, `resourceClaimTemplateName`")]),
        ({"metadata": {"annotations": {"controller.kubernetes.io/pod-deletion-cost": "1e3"}}, **pod()},
         [('metadata.annotations[controller.kubernetes.io/pod-deletion-cost]: Invalid value: "1e3": '
           "must be a 32bit integer")]),
        (pod(dnsPolicy="None"), ["spec.dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None"]),
        (pod(dnsPolicy="None", dnsConfig={}),
         ["spec.dnsConfig.nameservers: Required value: must provide at least one DNS nameserver when `dnsPolicy` is None"]),
        (pod(dnsConfig={"nameservers": ["1.1.1.1"] * 4}),
         [('spec.dnsConfig.nameservers: Invalid value: ["1.1.1.1","1.1.1.1","1.1.1.1","1.1.1.1"]: '
           "must not have more than 3 nameservers")]),
        (pod(dnsConfig={"searches": [".", "a_b.example."], "options": [{"value": "x"}]}),
         ["spec.dnsConfig.options[0]: Required value: must not be empty"]),
    ],
)  # fmt: skip
def test_specs(plain: dict[str, Any], expected: list[str]) -> None:
    """A pod's own fields."""
    assert refused(kinds.PODS, plain) == expected


def test_runtime_class_names_in_templates() -> None:
    """A pod cannot name a class that is not there, but a template may, and so the name is looked at."""
    template = {"metadata": {"labels": {"app": "web"}}, **pod(runtimeClassName="A_B")}
    plain = {"spec": {"selector": {"matchLabels": {"app": "web"}}, "template": template}}
    wrong = f'spec.template.spec.runtimeClassName: Invalid value: "A_B": {SUBDOMAIN}'
    assert refused(kinds.REPLICA_SETS, plain) == [wrong]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"image": " nginx "}, [f'{C}.image: Invalid value: " nginx ": must not have leading or trailing whitespace']),
        ({"ports": [{"containerPort": 80, "hostPort": 70000}]},
         [f"{C}.ports[0].hostPort: Invalid value: 70000: must be between 1 and 65535, inclusive"]),
        ({"envFrom": [{"prefix": "A=B", "configMapRef": {"name": "c"}}]},
         [f'{C}.envFrom[0].prefix: Invalid value: "A=B": {names.environment_name("A=B")[0]}']),
        ({"envFrom": [{}]}, [f'{C}.envFrom: Invalid value: "": must specify one of: `configMapRef` or `secretRef`']),
        ({"envFrom": [{"configMapRef": {}, "secretRef": {"name": "s"}}]},
         [f"{C}.envFrom[0].configMapRef.name: Required value",
          f'{C}.envFrom: Invalid value: "": may not have more than one field specified at a time']),
        ({"env": [{"name": "A", "valueFrom": {"resourceFieldRef": {"resource": "limits.disk"}}}]},
         [(f'{C}.env[0].valueFrom.resourceFieldRef.resource: Unsupported value: "limits.disk": supported values: '
           '"limits.cpu", "limits.ephemeral-storage", "limits.memory", "requests.cpu", "requests.ephemeral-storage", '
           '"requests.memory"')]),
        ({"env": [{"name": "A", "valueFrom": {"resourceFieldRef": {"resource": "limits.cpu", "divisor": "1k"}}}]},
         [(f'{C}.env[0].valueFrom.resourceFieldRef.divisor: Invalid value: "limits.cpu": '
           "only divisor's values 1m and 1 are supported with the cpu resource")]),
        ({"env": [{"name": "A", "valueFrom": {"fieldRef": {"fieldPath": "metadata.labels['a b']"}}}]},
         [f'{C}.env[0].valueFrom.fieldRef: Invalid value: "a b": {names.qualified_name("a b")[0]}']),
        ({"env": [{"name": "A", "valueFrom": {"fieldRef": {"fieldPath": "metadata.annotations['Key']"}}}]}, []),
        ({"env": [{"name": "A", "valueFrom": {"fieldRef": {"fieldPath": "status.phase"}}}]},
         [(f'{C}.env[0].valueFrom.fieldRef.fieldPath: Unsupported value: "status.phase": supported values: '
           '"metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName", '
           '"status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs"')]),
        ({"env": [{"name": "A", "valueFrom": {"secretKeyRef": {"name": "s"}, "configMapKeyRef": {"name": "c", "key": "k"}}}]},
         [f"{C}.env[0].valueFrom.secretKeyRef.key: Required value",
          f'{C}.env[0].valueFrom: Invalid value: "": may not have more than one field specified at a time']),
        ({"livenessProbe": probe(successThreshold=2)}, [f"{C}.livenessProbe.successThreshold: Invalid value: 2: must be 1"]),
        ({"readinessProbe": probe(terminationGracePeriodSeconds=5)},
         [f"{C}.readinessProbe.terminationGracePeriodSeconds: Invalid value: 5: must not be set for readinessProbes"]),
        ({"startupProbe": probe(terminationGracePeriodSeconds=0)},
         [f"{C}.startupProbe.terminationGracePeriodSeconds: Invalid value: 0: must be greater than 0"]),
        ({"livenessProbe": {"httpGet": {"port": "--", "scheme": "FTP", "httpHeaders": [{"name": "a b", "value": ""}]}}},
         [*(f'{C}.livenessProbe.httpGet.port: Invalid value: "--": {message}' for message in names.port_name("--")),
          f'{C}.livenessProbe.httpGet.scheme: Unsupported value: "FTP": supported values: "HTTP", "HTTPS"',
          f'{C}.livenessProbe.httpGet.httpHeaders: Invalid value: "a b": {names.is_http_header_name("a b")[0]}']),
        ({"lifecycle": {"preStop": {"sleep": {"seconds": 31}}}},
         [(f"{C}.lifecycle.preStop.sleep: Invalid value: 31: "
           "must be non-negative and less than terminationGracePeriodSeconds (30)")]),
        ({"lifecycle": {"postStart": {"exec": {"command": ["a"]}, "tcpSocket": {"port": 1}}}},
         [f"{C}.lifecycle.postStart.tcpSocket: Forbidden: {HANDLER}"]),
        ({"restartPolicy": "Sometimes"},
         [f'{C}.restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "OnFailure", "Never"']),
        ({"restartPolicyRules": [{"action": "Restart"}]},
         [f"{C}.restartPolicy: Required value: must specify restartPolicy when restart rules are used"]),
        ({"resizePolicy": [{"resourceName": "disk", "restartPolicy": "Never"}]},
         [f'{C}.resizePolicy: Unsupported value: "disk": supported values: "cpu", "memory"',
          f'{C}.resizePolicy: Unsupported value: "Never": supported values: "NotRequired", "RestartContainer"']),
        ({"resources": {"limits": {"hugepages-2Mi": "3Mi"}}},
         [f'{C}.resources.limits[hugepages-2Mi]: Invalid value: "3Mi": 3Mi is not positive integer multiple of hugepages-2Mi',
          (f'{C}.resources.requests[hugepages-2Mi]: Invalid value: "3Mi": '
           "3Mi is not positive integer multiple of hugepages-2Mi"),
          f"{C}.resources: Forbidden: HugePages require cpu or memory"]),
        ({"resources": {"limits": {"example.com/gpu": "2"}, "requests": {"example.com/gpu": "1"}}},
         [f'{C}.resources.requests: Invalid value: "1": must be equal to example.com/gpu limit of 2']),
        ({"resources": {"limits": {"requests.example.com/gpu": "1"}}},
         [f'{C}.resources.{sort}[requests.example.com/gpu]: Invalid value: "requests.example.com/gpu": '
           "doesn't follow extended resource name standard" for sort in ("limits", "requests")]),
        ({"resources": {"claims": [{"name": "gpu"}]}},
         [f'{C}.resources.claims[0]: Not found: "gpu": must be one of the names in pod.spec.resourceClaims which is empty']),
    ],
)  # fmt: skip
def test_containers(fields: dict[str, Any], expected: list[str]) -> None:
    """What a container may say."""
    assert refused(kinds.PODS, container(**fields)) == expected


@pytest.mark.parametrize(
    ("context", "expected"),
    [
        ({"runAsUser": -1}, [f"{C}.securityContext.runAsUser: Invalid value: -1: {INT32}"]),
        ({"procMount": "Unmasked"},
         [f'{C}.securityContext.procMount: Invalid value: "Unmasked": `hostUsers` must be false to use `Unmasked`']),
        ({"seccompProfile": {"type": "Localhost"}},
         [f"{C}.securityContext.seccompProfile.localhostProfile: Required value: must be set when seccomp type is Localhost"]),
        ({"seccompProfile": {"type": "Localhost", "localhostProfile": "/abs"}},
         [f'{C}.securityContext.seccompProfile.localhostProfile: Invalid value: "/abs": must be a relative path']),
        ({"seccompProfile": {"type": ""}},
         [f"{C}.securityContext.seccompProfile.type: Required value: type is required when seccompProfile is set"]),
        ({"appArmorProfile": {"type": "Odd"}},
         [(f'{C}.securityContext.appArmorProfile.type: Unsupported value: "Odd": supported values: "Localhost", '
           '"RuntimeDefault", "Unconfined"')]),
        ({"appArmorProfile": {"type": "Localhost", "localhostProfile": " x"}},
         [f'{C}.securityContext.appArmorProfile.localhostProfile: Invalid value: " x": must not be padded with whitespace']),
        ({"appArmorProfile": {"type": "Unconfined", "localhostProfile": "x"}},
         [(f'{C}.securityContext.appArmorProfile.localhostProfile: Invalid value: "x": '
           "can only be set when AppArmor type is Localhost")]),
        ({"allowPrivilegeEscalation": False, "privileged": True},
         [(f'{C}.securityContext: Invalid value: {{"Capabilities":null,"Privileged":true,"SELinuxOptions":null,'
           '"WindowsOptions":null,"RunAsUser":null,"RunAsGroup":null,"RunAsNonRoot":null,"ReadOnlyRootFilesystem":null,'
           '"AllowPrivilegeEscalation":false,"ProcMount":null,"SeccompProfile":null,"AppArmorProfile":null}: '
           "cannot set `allowPrivilegeEscalation` to false and `privileged` to true")]),
    ],
)  # fmt: skip
def test_container_security(context: dict[str, Any], expected: list[str]) -> None:
    """A container's security context."""
    assert refused(kinds.PODS, container(securityContext=context)) == expected


@pytest.mark.parametrize(
    ("context", "spec", "expected"),
    [
        ({"fsGroup": -1}, {}, [f"spec.securityContext.fsGroup: Invalid value: -1: {INT32}"]),
        ({"supplementalGroups": [1, 2**31]}, {},
         [f"spec.securityContext.supplementalGroups[1]: Invalid value: 2147483648: {INT32}"]),
        ({"fsGroupChangePolicy": "Never"}, {},
         ['spec.securityContext.fsGroupChangePolicy: Unsupported value: "Never": supported values: "Always", "OnRootMismatch"']),
        ({}, {"shareProcessNamespace": True, "hostPID": True},
         [("spec.securityContext.shareProcessNamespace: Invalid value: true: "
           "ShareProcessNamespace and HostPID cannot both be enabled")]),
        ({"sysctls": [{"name": "net.core.x", "value": "1"}, {"name": "", "value": ""}]}, {"hostNetwork": True},
         [('spec.securityContext.sysctls[0].name: Invalid value: "net.core.x": '
           "may not be specified when 'hostNetwork' is true"),
          "spec.securityContext.sysctls[1].name: Required value"]),
        ({"sysctls": [{"name": "a", "value": "1"}] * 2}, {}, ['spec.securityContext.sysctls[1].name: Duplicate value: "a"']),
    ],
)  # fmt: skip
def test_pod_security(context: dict[str, Any], spec: dict[str, Any], expected: list[str]) -> None:
    """A pod's security context."""
    assert refused(kinds.PODS, pod(securityContext=context, **spec)) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ({"emptyDir": {"sizeLimit": "-1Gi"}},
         ["spec.volumes[0].emptyDir.sizeLimit: Forbidden: SizeLimit field must be a valid resource quantity"]),
        ({"hostPath": {"path": ""}}, ["spec.volumes[0].hostPath.path: Required value"]),
        ({"configMap": {"name": "c", "defaultMode": 512, "items": [{"key": "", "path": "/abs"}]}},
         [f"spec.volumes[0].configMap.defaultMode: Invalid value: 512: {MODE}",
          "spec.volumes[0].configMap.items[0].key: Required value",
          'spec.volumes[0].configMap.items[0].path: Invalid value: "/abs": must be a relative path']),
        ({"secret": {}}, ["spec.volumes[0].secret.secretName: Required value"]),
        ({"persistentVolumeClaim": {"claimName": ""}}, ["spec.volumes[0].persistentVolumeClaim.claimName: Required value"]),
        ({"nfs": {"server": "s", "path": "x"}},
         ['spec.volumes[0].nfs.path: Invalid value: "x": must be an absolute path']),
        ({"iscsi": {"targetPortal": "t", "iqn": "x", "lun": 256, "chapAuthSession": True}},
         ['spec.volumes[0].iscsi.iqn: Invalid value: "x": must be valid format starting with iqn, eui, or naa',
          "spec.volumes[0].iscsi.lun: Invalid value: 256: must be between 0 and 255, inclusive",
          "spec.volumes[0].iscsi.secretRef: Required value"]),
        ({"flexVolume": {"driver": "d", "options": {"kubernetes.io/x": ""}}},
         [('spec.volumes[0].flexVolume.options[kubernetes.io/x]: Invalid value: "kubernetes.io/x": '
           "kubernetes.io and k8s.io namespaces are reserved")]),
        ({"csi": {"driver": ""}}, ["spec.volumes[0].csi.driver: Required value"]),
        ({"csi": {"driver": "d" * 64}}, ["spec.volumes[0].csi.driver: Too long: may not be more than 63 bytes"]),
        ({"gitRepo": {"repository": "", "directory": "/x"}},
         ["spec.volumes[0].gitRepo.repository: Required value",
          'spec.volumes[0].gitRepo.directory: Invalid value: "/x": must be a relative path']),
        ({"ephemeral": {}}, ["spec.volumes[0].ephemeral.volumeClaimTemplate: Required value"]),
        ({"ephemeral": {"volumeClaimTemplate": {"spec": {}}}},
         [("spec.volumes[0].ephemeral.volumeClaimTemplate.spec.accessModes: Required value: "
           "at least 1 access mode is required"),
          "spec.volumes[0].ephemeral.volumeClaimTemplate.spec.resources[storage]: Required value"]),
        ({"image": {"pullPolicy": "Maybe"}},
         ["spec.volumes[0].image.reference: Required value",
          ('spec.volumes[0].image.pullPolicy: Unsupported value: "Maybe": '
           'supported values: "Always", "IfNotPresent", "Never"')]),
        ({"rbd": {}}, ["spec.volumes[0].rbd.monitors: Required value", "spec.volumes[0].rbd.image: Required value"]),
        ({"projected": {"sources": [{"secret": {"name": "s", "items": [{"key": "k", "path": "p"}]},
                                     "configMap": {"name": "c", "items": [{"key": "k", "path": "p"}]}}]}},
         ['spec.volumes[0].projected: Invalid value: "c": conflicting duplicate paths',
          "spec.volumes[0].projected.sources[0]: Forbidden: may not specify more than 1 volume type per source"]),
        ({"projected": {"sources": [{"serviceAccountToken": {"path": "..data", "expirationSeconds": 2**33}}]}},
         [("spec.volumes[0].projected.sources[0].serviceAccountToken.expirationSeconds: Invalid value: 8589934592: "
           "may not specify a duration larger than 2^32 seconds"),
          "spec.volumes[0].projected.path: Invalid value: \"..data\": must not start with '..'"]),
        ({"downwardAPI": {"items": [{"path": "p", "resourceFieldRef": {"resource": "limits.cpu"}}]}},
         ["spec.volumes[0].downwardAPI.resourceFieldRef.containerName: Required value"]),
    ],
)  # fmt: skip
def test_volumes(source: dict[str, Any], expected: list[str]) -> None:
    """What each source of a volume needs."""
    assert refused(kinds.PODS, volume(**source)) == expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"volumeMounts": [{"name": "v", "mountPath": "/a", "subPath": "../b"}]},
         [f"{C}.volumeMounts.subPath: Invalid value: \"../b\": must not contain '..'"]),
        ({"volumeMounts": [{"name": "v", "mountPath": "/a", "subPath": "b", "subPathExpr": "c"}]},
         [f'{C}.volumeMounts[0].subPathExpr: Invalid value: "c": subPathExpr and subPath are mutually exclusive']),
        ({"volumeMounts": [{"name": "v", "mountPath": "/a", "mountPropagation": "Bidirectional"}]},
         [(f"{C}.volumeMounts.mountPropagation: Forbidden: "
           "Bidirectional mount propagation is available only to privileged containers")]),
        ({"volumeMounts": [{"name": "v", "mountPath": "/a", "recursiveReadOnly": "Enabled"}]},
         [f"{C}.volumeMounts.recursiveReadOnly: Forbidden: may only be specified when readOnly is true"]),
        ({"volumeDevices": [{"name": "v", "devicePath": "/dev/../x"}]},
         [(f'{C}.volumeDevices[0].name: Invalid value: "v": '
           "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode"),
          f"{C}.volumeDevices[0].devicePath: Invalid value: \"/dev/../x\": can not contain backsteps ('..')"]),
        ({"volumeDevices": [{"name": "none", "devicePath": ""}]},
         [f'{C}.volumeDevices[0].name: Not found: "none"', f"{C}.volumeDevices[0].devicePath: Required value"]),
    ],
)  # fmt: skip
def test_mounts(fields: dict[str, Any], expected: list[str]) -> None:
    """How a container may see volumes."""
    plain = container(**fields)
    plain["spec"] |= {"volumes": [{"name": "v", "emptyDir": {}}], "automountServiceAccountToken": False}
    assert refused(kinds.PODS, plain) == expected


def test_init_containers_and_sidecars() -> None:
    """A container that ends has no probes; one that goes on has them as any other."""
    first = {"name": "first", "image": "x:1", "livenessProbe": probe(), "lifecycle": {"preStop": {}}}
    assert refused(kinds.PODS, pod(initContainers=[first])) == [
        f"spec.initContainers[0].lifecycle: Forbidden: {INIT}", f"spec.initContainers[0].livenessProbe: Forbidden: {INIT}",
    ]  # fmt: skip
    sidecar = {**first, "restartPolicy": "Always"}
    assert refused(kinds.PODS, pod(initContainers=[sidecar])) == [
        "spec.initContainers[0].lifecycle.preStop: Required value: must specify a handler type"
    ]


def test_claims_of_ephemeral_volumes() -> None:
    """The claim made for a volume has the pod's name in it, and nothing else may use that claim."""
    claim = {"spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}}
    volumes = [
        {"name": "made", "ephemeral": {"volumeClaimTemplate": claim}},
        {"name": "used", "persistentVolumeClaim": {"claimName": "web-made"}},
    ]
    assert refused(kinds.PODS, pod(volumes=volumes)) == [
        (
            'spec.volumes[1].persistentVolumeClaim.claimName: Invalid value: "web-made": '
            "must not reference a PVC that gets created for an ephemeral volume"
        )
    ]
    assert refused(kinds.PODS, {"metadata": {"name": "db"}, **pod(volumes=volumes)}) == []


def test_ephemeral_containers() -> None:
    """A container added for debugging has no ports and probes, and aims at one that is there."""
    debug = {"name": "web", "image": "x", "ports": [{"containerPort": 1}], "targetContainerName": "none"}
    spec = created(kinds.PODS, pod(ephemeralContainers=[debug])).spec
    told = [f"{cause.field}: {cause.message}" for cause in pod_spec("spec", spec, pod=True)]
    assert told == [
        'spec.ephemeralContainers[0].name: Duplicate value: "web"',
        'spec.ephemeralContainers[0].targetContainerName: Not found: "none"',
        "spec.ephemeralContainers[0].ports: Forbidden: cannot be set for an Ephemeral Container",
    ]


def test_a_token_needs_an_account() -> None:
    """A pod that nobody gave an account cannot ask for a token."""
    source = {"projected": {"sources": [{"serviceAccountToken": {"path": "t", "expirationSeconds": 3600}}]}}
    spec = read(kinds.PODS, volume(**source)).spec
    told = [cause.field for cause in pod_spec("spec", spec, pod=True) if "serviceAccountToken" in cause.field]
    assert told == ["spec.volumes[0].projected.sources[0].serviceAccountToken"]


def test_a_spec_is_looked_at_once() -> None:
    """The answer about a spec is remembered, apart for pods and for templates."""
    spec = created(kinds.PODS, pod()).spec
    assert pod_spec("spec", spec, pod=True) is pod_spec("spec", spec, pod=True)
    assert pod_spec("spec", spec, pod=True) is not pod_spec("spec.template.spec", spec)
    assert validation.create(kinds.PODS, created(kinds.PODS, pod())) == []
