"""A pod spec, of a pod or of a template: its own fields, and the order of everything in it.

On the data's way the heart of validation. Mirrors ValidatePodSpec. Invariant: a spec object is
looked at once, however many pods and templates carry it.
"""

from cluster.admission import field_error as error
from cluster.admission.sharing import IdentityMemo
from cluster.admission.validation import addresses, scheduling, security
from cluster.admission.validation.checks import (
    MAX_INT32,
    Causes,
    dns_label,
    dns_subdomain,
    one_of,
    qualified_name,
    required_one_of,
)
from cluster.admission.validation.containers import (
    Surroundings,
    containers,
    ephemeral_containers,
    host_network_ports,
    init_containers,
    trimmed_image,
)
from cluster.admission.validation.resources import container_resources, pod_resources
from cluster.admission.validation.selectors import labels
from cluster.admission.validation.volumes import volumes
from cluster.api import names
from cluster.api.core import PodDNSConfig, PodSpec, ResourceRequirements
from cluster.api.meta import StatusCause

_DNS_POLICIES = ("ClusterFirstWithHostNet", "ClusterFirst", "Default", "None")
_KNOWN: IdentityMemo[list[StatusCause]] = IdentityMemo()


def pod_spec(field: str, spec: PodSpec, *, pod: bool = False, name: str = "") -> list[StatusCause]:
    """What is wrong with a spec at `field`; `pod` if it is a pod's own, whose name is `name`."""
    key = "pod" if pod else field
    known = _KNOWN.get(spec, key)
    if known is not None:
        return known
    causes = _checked(field, spec, pod=pod, name=name)
    if any(volume.ephemeral is not None for volume in spec.volumes):
        return causes  # the claims made for such volumes carry the pod's name
    return _KNOWN.put(spec, causes, key)


def _checked(field: str, spec: PodSpec, *, pod: bool, name: str) -> list[StatusCause]:
    usable, causes = volumes(f"{field}.volumes", spec.volumes, name)
    around = Surroundings(spec, usable, frozenset(claim.name for claim in spec.resourceClaims))
    causes += _claims(f"{field}.resourceClaims", spec)
    causes += containers(f"{field}.containers", around)
    causes += init_containers(f"{field}.initContainers", around)
    causes += ephemeral_containers(f"{field}.ephemeralContainers", around)
    if spec.resources is not None:
        causes += pod_resources(f"{field}.resources", spec.resources)
    causes += host_network_ports(f"{field}.containers", spec, pod=pod)
    causes += _policies(field, spec)
    causes += scheduling.affinity(f"{field}.affinity", spec.affinity)
    causes += _dns(f"{field}.dnsConfig", spec.dnsConfig, spec.dnsPolicy)
    causes += _gates(field, spec)
    causes += _names(field, spec)
    causes += scheduling.tolerations(f"{field}.tolerations", spec.tolerations)
    causes += _rest(field, spec)
    return causes + list(_only_pods(field, spec)) if pod else causes


def _claims(field: str, spec: PodSpec) -> Causes:
    seen: set[str] = set()
    for index, claim in enumerate(spec.resourceClaims):
        here = f"{field}[{index}]"
        if not claim.name:
            yield error.required(f"{here}.name")
        elif claim.name in seen:
            yield error.duplicate(f"{here}.name", claim.name)
        else:
            yield from dns_label(f"{here}.name", claim.name)
        seen.add(claim.name)
        given = [name for name in ("resourceClaimName", "resourceClaimTemplateName") if getattr(claim, name)]
        if len(given) != 1:
            shown = error.Fields(
                Name=claim.name,
                ResourceClaimName=claim.resourceClaimName or None,
                ResourceClaimTemplateName=claim.resourceClaimTemplateName or None,
            )
            few = "must specify one of: `resourceClaimName`, `resourceClaimTemplateName`"
            many = "at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified"
            yield error.invalid(here, shown, many if given else few)
        for name in given:
            yield from dns_subdomain(f"{here}.{name}", getattr(claim, name))


def _policies(field: str, spec: PodSpec) -> Causes:
    policies = ("Always", "OnFailure", "Never")
    yield from required_one_of(f"{field}.restartPolicy", spec.restartPolicy, policies)
    yield from required_one_of(f"{field}.dnsPolicy", spec.dnsPolicy, _DNS_POLICIES)
    yield from labels(f"{field}.nodeSelector", spec.nodeSelector)
    yield from security.pod_context(f"{field}.securityContext", spec.securityContext, spec)


def _dns(field: str, config: PodDNSConfig | None, policy: str) -> Causes:
    if policy == "None":
        if config is None:
            yield error.required(field, "must provide `dnsConfig` when `dnsPolicy` is None")
            return
        if not config.nameservers:
            why = "must provide at least one DNS nameserver when `dnsPolicy` is None"
            yield error.required(f"{field}.nameservers", why)
            return
    if config is None:
        return
    if len(config.nameservers) > 3:
        yield error.invalid(f"{field}.nameservers", config.nameservers, "must not have more than 3 nameservers")
    for index, server in enumerate(config.nameservers):
        yield from addresses.valid_ip(f"{field}.nameservers[{index}]", server)
    if len(config.searches) > 32:
        yield error.invalid(f"{field}.searches", config.searches, "must not have more than 32 search paths")
    if len(" ".join(config.searches)) > 2048:
        why = "must not have more than 2048 characters (including spaces) in the search list"
        yield error.invalid(f"{field}.searches", config.searches, why)
    for index, search in enumerate(config.searches):
        if search != ".":
            plain = search.removesuffix(".").replace("_", "-")
            yield from dns_subdomain(f"{field}.searches[{index}]", plain)
    for index, option in enumerate(config.options):
        if not option.name:
            yield error.required(f"{field}.options[{index}]", "must not be empty")


def _gates(field: str, spec: PodSpec) -> Causes:
    for index, gate in enumerate(spec.readinessGates):
        yield from qualified_name(f"{field}.readinessGates[{index}].conditionType", gate.conditionType)
    yield from scheduling.gates(f"{field}.schedulingGates", spec.schedulingGates)
    yield from scheduling.spread_constraints(f"{field}.topologySpreadConstraints", spec.topologySpreadConstraints)
    if spec.hostUsers is False:
        for name in ("hostNetwork", "hostPID", "hostIPC"):
            if getattr(spec, name):
                shown = name if name == "hostNetwork" else f"H{name[1:]}"
                yield error.forbidden(f"{field}.{shown}", "when `pod.Spec.HostUsers` is false")


def _names(field: str, spec: PodSpec) -> Causes:
    for name in ("serviceAccountName", "nodeName"):
        value = getattr(spec, name)
        if value:
            yield from dns_subdomain(f"{field}.{name}", value)
    deadline = spec.activeDeadlineSeconds
    if deadline is not None and not 1 <= deadline <= MAX_INT32:
        yield error.invalid(f"{field}.activeDeadlineSeconds", deadline, names.in_range(1, MAX_INT32))
    for name in ("hostname", "subdomain"):
        value = getattr(spec, name)
        if value:
            yield from dns_label(f"{field}.{name}", value)


def _rest(field: str, spec: PodSpec) -> Causes:
    for index, alias in enumerate(spec.hostAliases):
        here = f"{field}.hostAliases[{index}]"
        yield from addresses.valid_ip(f"{here}.ip", alias.ip)
        for number, hostname in enumerate(alias.hostnames):
            yield from dns_subdomain(f"{here}.hostnames[{number}]", hostname)
    for name in ("priorityClassName", "runtimeClassName"):
        value = getattr(spec, name)
        if value:
            yield from dns_subdomain(f"{field}.{name}", value)
    if spec.preemptionPolicy:
        yield from one_of(f"{field}.preemptionPolicy", spec.preemptionPolicy, ("PreemptLowerPriority", "Never"))
    if spec.overhead:
        yield from container_resources(f"{field}.overhead", ResourceRequirements(limits=spec.overhead))
    if spec.os is not None:
        if not spec.os.name:
            yield error.required(f"{field}.os.name", "cannot be empty")
        yield from one_of(f"{field}.os", spec.os.name or "linux", ("linux", "windows"))


def _only_pods(field: str, spec: PodSpec) -> Causes:
    if not spec.serviceAccountName:
        for index, volume in enumerate(spec.volumes):
            for number, source in enumerate(volume.projected.sources if volume.projected is not None else ()):
                if source.serviceAccountToken is not None:
                    here = f"{field}.volumes[{index}].projected.sources[{number}].serviceAccountToken"
                    yield error.forbidden(here, "must not be specified when serviceAccountName is not set")
    for kind, values in (("containers", spec.containers), ("initContainers", spec.initContainers)):
        for index, value in enumerate(values):
            yield from trimmed_image(f"{field}.{kind}[{index}]", value)
