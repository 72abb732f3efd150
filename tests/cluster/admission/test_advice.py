"""What clients are warned of."""

from typing import Any

import pytest
from msgspec.structs import replace

from cluster.admission import advice
from cluster.admission.warnings import Warnings
from cluster.api import kinds
from cluster.api.kinds import Kind
from tests.cluster.admission.requests import changed, created, pod

POD = {"containers": [{"name": "c", "image": "x:1"}]}
OS = 'deprecated since v1.14; use "kubernetes.io/os" instead'
SURPRISING = "which can result in surprising behavior; a DNS label is recommended: [must not contain dots]"


def told(kind: Kind[Any], plain: dict[str, Any]) -> list[str]:
    """What is said of a new object."""
    return list(advice.texts(kind, created(kind, plain), None))


def one(**fields: Any) -> dict[str, Any]:
    """A pod of one container with these fields."""
    return pod(containers=[{"name": "web", "image": "x:1", **fields}])


ENV = [{"name": "A", "value": "1"}, {"name": "A", "value": "2"}, {"name": "A", "value": "$(A)3"}]
PORTS = [{"containerPort": 80}, {"containerPort": 80, "hostPort": 8080}, {"containerPort": 80, "name": "again"}]
TERM = {"matchExpressions": [{"key": "beta.kubernetes.io/os", "operator": "Exists"}]}
REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
ZONE = 'failure-domain.beta.kubernetes.io/zone is deprecated since v1.17; use "topology.kubernetes.io/zone" instead'


@pytest.mark.parametrize(
    ("plain", "expected"),
    [
        (pod(), []),
        ({**pod(), "metadata": {"name": "a.b"}}, [f"metadata.name: this is used in the Pod's hostname, {SURPRISING}"]),
        (pod(nodeSelector={"beta.kubernetes.io/os": "linux"}), [f"spec.nodeSelector[beta.kubernetes.io/os]: {OS}"]),
        (pod(affinity={"nodeAffinity": {REQUIRED: {"nodeSelectorTerms": [TERM]}}}),
         [(f"spec.affinity.nodeAffinity.{REQUIRED}.nodeSelectorTerms[0].matchExpressions[0].key: "
           f"beta.kubernetes.io/os is {OS}")]),
        (pod(affinity={"podAffinity": {REQUIRED: [{"topologyKey": "zone"}]}}),
         [(f"spec.affinity.podAffinity.{REQUIRED}[0].labelSelector: "
           "a null labelSelector results in matching no pod")]),
        (pod(topologySpreadConstraints=[{"maxSkew": 1, "topologyKey": "failure-domain.beta.kubernetes.io/zone",
                                         "whenUnsatisfiable": "DoNotSchedule"}]),
         [f"spec.topologySpreadConstraints[0].topologyKey: {ZONE}",
          "spec.topologySpreadConstraints[0].labelSelector: a null labelSelector results in matching no pod"]),
        (one(env=ENV),
         ['spec.containers[0].env[1]: hides previous definition of "A", which may be dropped when using apply']),
        (one(ports=PORTS),
         ["spec.containers[0].ports[1]: overlapping port definition with spec.containers[0].ports[0]",
          "spec.containers[0].ports[2]: duplicate port definition with spec.containers[0].ports[0]",
          "spec.containers[0].ports[2]: overlapping port definition with spec.containers[0].ports[1]"]),
        (one(ports=[{"containerPort": 80, "hostIP": "10.0.0.1"}]),
         [("spec.containers[0].ports[0]: hostIP set without hostPort: "
           "{Name: HostPort:0 ContainerPort:80 Protocol:TCP HostIP:10.0.0.1}")]),
        (one(resources={"limits": {"memory": "100m"}}),
         [('spec.containers[0].resources.limits[memory]: fractional byte value "100m" is invalid, must be an integer'),
          ('spec.containers[0].resources.requests[memory]: '
           'fractional byte value "100m" is invalid, must be an integer')]),
        (pod(imagePullSecrets=[{"name": "a"}, {"name": "a"}, {}]),
         ['spec.imagePullSecrets[1].name: duplicate name "a"', 'spec.imagePullSecrets[2].name: invalid empty name ""']),
        (pod(hostAliases=[{"ip": "10.0.0.1"}, {"ip": "10.0.0.1"}]), ['spec.hostAliases[1].ip: duplicate ip "10.0.0.1"']),
        (pod(volumes=[{"name": "v", "rbd": {"monitors": ["m"], "image": "i"}}]),
         ["spec.volumes[0].rbd: deprecated in v1.28, non-functional in v1.31+"]),
        ({**pod(), "metadata": {"annotations": {"seccomp.security.alpha.kubernetes.io/pod": "x"}}},
         [("metadata.annotations[seccomp.security.alpha.kubernetes.io/pod]: "
           'non-functional in v1.27+; use the "seccompProfile" field instead')]),
        (pod(terminationGracePeriodSeconds=-1),
         [("spec.terminationGracePeriodSeconds: must be >= 0; "
           "negative values are invalid and will be treated as 1")]),
    ],
)  # fmt: skip
def test_pods(plain: dict[str, Any], expected: list[str]) -> None:
    """Old names, things said twice, and what does nothing."""
    assert told(kinds.PODS, plain) == expected


TEMPLATE = {"metadata": {"labels": {"a": "b"}}, "spec": {**POD, "nodeSelector": {"beta.kubernetes.io/os": "linux"}}}
WORKLOAD = {"spec": {"selector": {"matchLabels": {"a": "b"}}, "template": TEMPLATE}}
SAID = f"template.spec.nodeSelector[beta.kubernetes.io/os]: {OS}"


@pytest.mark.parametrize(
    ("kind", "plain", "expected"),
    [
        (kinds.DEPLOYMENTS, WORKLOAD, [f"spec.{SAID}"]),
        (kinds.DAEMON_SETS, WORKLOAD, [f"spec.{SAID}"]),
        (kinds.STATEFUL_SETS, {"spec": {**WORKLOAD["spec"], "revisionHistoryLimit": -1}},
         [f"spec.{SAID}",
          ("spec.revisionHistoryLimit: a negative value retains all historical revisions; "
           "a value >= 0 is recommended")]),
        (kinds.JOBS, {"spec": {"template": TEMPLATE}}, [f"spec.{SAID}"]),
        (kinds.CRON_JOBS, {"spec": {"jobTemplate": {"spec": {"template": TEMPLATE}}}}, [f"spec.jobTemplate.spec.{SAID}"]),
        (kinds.POD_TEMPLATES, {"template": TEMPLATE}, [SAID]),
        (kinds.JOBS, {"metadata": {"name": "a.b"}, "spec": {"template": {"spec": POD}}},
         [f"metadata.name: this is used in Pod names and hostnames, {SURPRISING}"]),
    ],
)  # fmt: skip
def test_workloads(kind: Kind[Any], plain: dict[str, Any], expected: list[str]) -> None:
    """What is unwise in a pod is so in a template, named from the object's root."""
    assert told(kind, plain) == expected


def test_changes() -> None:
    """A change of the spec is commented on as a new object is, but for its name; other changes are not."""
    old = created(kinds.DEPLOYMENTS, {**WORKLOAD, "metadata": {"name": "a.b"}})
    scaled = replace(old, metadata=replace(old.metadata, generation=2))
    assert advice.texts(kinds.DEPLOYMENTS, scaled, old) == (f"spec.{SAID}",)
    assert advice.texts(kinds.DEPLOYMENTS, old, old) == ()
    bad = created(kinds.PODS, pod(nodeSelector={"beta.kubernetes.io/os": "linux"}))
    assert advice.texts(kinds.PODS, bad, bad) == ()


BETA = "volume.beta.kubernetes.io/storage-class"
EXPRESSION = {"key": "beta.kubernetes.io/os", "values": ["linux"]}


@pytest.mark.parametrize(
    ("kind", "plain", "expected"),
    [
        (kinds.PERSISTENT_VOLUME_CLAIMS, {"metadata": {"annotations": {BETA: "x"}}},
         [f'metadata.annotations[{BETA}]: deprecated since v1.8; use "storageClassName" attribute instead']),
        (kinds.PERSISTENT_VOLUME_CLAIMS, {"spec": {"resources": {"requests": {"storage": "500m"}}}},
         [('spec.resources.requests[storage]: fractional byte value "500m" is invalid, must be an integer')]),
        (kinds.PERSISTENT_VOLUMES, {"spec": {"persistentVolumeReclaimPolicy": "Recycle"}},
         [("spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. "
           "Instead, the recommended approach is to use dynamic provisioning.")]),
        (kinds.STORAGE_CLASSES, {"allowedTopologies": [{"matchLabelExpressions": [EXPRESSION]}]},
         [f"allowedTopologies[0].matchLabelExpressions[0].key: beta.kubernetes.io/os is {OS}"]),
        (kinds.SERVICES, {"spec": {"clusterIP": "None", "sessionAffinity": "ClientIP"}},
         ["spec.SessionAffinity is ignored for headless services"]),
        (kinds.SERVICES, {"spec": {"loadBalancerIP": "010.1.2.3", "loadBalancerSourceRanges": ["10.0.0.1/8"]}},
         [('spec.loadBalancerIP: non-standard IP address "010.1.2.3" will be considered invalid in a future '
           'Kubernetes release: use "10.1.2.3"'),
          ('spec.loadBalancerSourceRanges[0]: non-standard CIDR value "10.0.0.1/8" will be considered invalid in a '
           'future Kubernetes release: use "10.0.0.0/8"')]),
        (kinds.SERVICES, {"spec": {"loadBalancerIP": "2001:DB8::1", "loadBalancerSourceRanges": ["2001:DB8::/64"]}},
         ['spec.loadBalancerIP: IPv6 address "2001:DB8::1" should be in RFC 5952 canonical format ("2001:db8::1")',
          ('spec.loadBalancerSourceRanges[0]: IPv6 CIDR value "2001:DB8::/64" should be in RFC 5952 canonical format '
           '("2001:db8::/64")')]),
        (kinds.INGRESSES, {"metadata": {"annotations": {"kubernetes.io/ingress.class": "x"}}},
         ["annotation \"kubernetes.io/ingress.class\" is deprecated, please use 'spec.ingressClassName' instead"]),
        (kinds.NODES, {"spec": {"externalID": "x"}},
         ["spec.externalID: this field is deprecated, and is unused by Kubernetes"]),
        (kinds.SECRETS, {"type": "kubernetes.io/tls", "stringData": {"tls.crt": "x", "tls.key": "y"}},
         ["tls: failed to find any PEM data in certificate input"]),
        (kinds.CONFIG_MAPS, {"data": {"a": "b"}}, []),
    ],
)  # fmt: skip
def test_other_kinds(kind: Kind[Any], plain: dict[str, Any], expected: list[str]) -> None:
    """Each kind has a few things of its own."""
    assert told(kind, plain) == expected


def test_one_collector_takes_both() -> None:
    """Advice goes where the request's other warnings go, each text once."""
    warnings = Warnings()
    old = created(kinds.SECRETS, {"type": "kubernetes.io/tls"})
    advice.on_create(kinds.SECRETS, old, warnings)
    advice.on_update(kinds.SECRETS, changed(kinds.SECRETS, old, {"type": "kubernetes.io/tls"}), old, warnings)
    assert warnings.texts == ("tls: failed to find any PEM data in certificate input",)
