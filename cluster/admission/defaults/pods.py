"""Defaults of pods and of pod templates: what they share, and what only pods get.

On the data's way between decoding and admission. Mirrors SetDefaults_PodSpec (both) and
SetDefaults_Pod (pods only). Invariant: one spec object is defaulted once, however many pods share it.
"""

from msgspec.structs import replace

from cluster.admission.defaults.containers import container
from cluster.admission.defaults.volumes import volume
from cluster.admission.sharing import IdentityMemo, changed, each, merged
from cluster.api.core import Container, ContainerPort, Pod, PodSecurityContext, PodSpec, PodTemplateSpec

GRACE_SECONDS = 30
_NO_CONTEXT = PodSecurityContext()
_TEMPLATE_SPECS: IdentityMemo[PodSpec] = IdentityMemo()
_POD_SPECS: IdentityMemo[PodSpec] = IdentityMemo()


def pod(value: Pod) -> Pod:
    """The pod with its defaults."""
    spec = _POD_SPECS.get(value.spec)
    if spec is None:
        spec = _POD_SPECS.put(value.spec, _pod_spec(value.spec))
    return value if spec is value.spec else replace(value, spec=spec)


def template(value: PodTemplateSpec) -> PodTemplateSpec:
    """The template with the defaults that templates get."""
    spec = _TEMPLATE_SPECS.get(value.spec)
    if spec is None:
        spec = _TEMPLATE_SPECS.put(value.spec, template_spec(value.spec))
    return changed(value, spec=spec)


def template_spec(spec: PodSpec) -> PodSpec:
    """A pod spec with the defaults that pods and templates share."""
    grace = spec.terminationGracePeriodSeconds
    account = spec.serviceAccountName or spec.serviceAccount
    return changed(
        spec,
        volumes=each(spec.volumes, volume),
        initContainers=each(spec.initContainers, container),
        containers=each(spec.containers, container),
        ephemeralContainers=each(spec.ephemeralContainers, container),
        dnsPolicy=spec.dnsPolicy or "ClusterFirst",
        restartPolicy=spec.restartPolicy or "Always",
        schedulerName=spec.schedulerName or "default-scheduler",
        securityContext=_NO_CONTEXT if spec.securityContext is None else spec.securityContext,
        terminationGracePeriodSeconds=GRACE_SECONDS if grace is None else grace,
        serviceAccountName=account,
        serviceAccount=account,
    )


def _pod_spec(spec: PodSpec) -> PodSpec:
    spec = template_spec(spec)
    spec = changed(
        spec,
        containers=each(spec.containers, _requests),
        initContainers=each(spec.initContainers, _requests),
        enableServiceLinks=True if spec.enableServiceLinks is None else spec.enableServiceLinks,
    )
    if spec.hostNetwork:
        containers, first = each(spec.containers, _host_ports), each(spec.initContainers, _host_ports)
        spec = changed(spec, containers=containers, initContainers=first)
    return spec


def _requests(value: Container) -> Container:
    resources = value.resources
    if all(name in resources.requests for name in resources.limits):
        return value
    return changed(value, resources=changed(resources, requests=merged(resources.limits, resources.requests)))


def _host_ports(value: Container) -> Container:
    return changed(value, ports=each(value.ports, _host_port))


def _host_port(value: ContainerPort) -> ContainerPort:
    return value if value.hostPort else changed(value, hostPort=value.containerPort)
