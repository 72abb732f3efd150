"""Security contexts of pods and containers.

Part of a pod spec's validation. Mirrors ValidateSecurityContext and validatePodSpecSecurityContext
for Linux. Invariant: profiles of seccomp and AppArmor name a file exactly when they are local.
"""

import re
from collections.abc import Iterable

from cluster.admission import field_error as error
from cluster.admission.validation.checks import MAX_INT32, Causes, one_of
from cluster.admission.validation.paths import descending
from cluster.api import names
from cluster.api.core import AppArmorProfile, PodSecurityContext, PodSpec, SeccompProfile, SecurityContext, Sysctl

PROFILES = ("Localhost", "RuntimeDefault", "Unconfined")
_SEGMENT = "[a-z0-9]([-_a-z0-9]*[a-z0-9])?"
_SYSCTL = rf"^({_SEGMENT}[\./])*{_SEGMENT}$"
_SYSCTL_LENGTH = 253


def container_context(field: str, context: SecurityContext | None, *, host_users: bool = True) -> Causes:
    """A container's security context."""
    if context is None:
        return
    yield from _ids(field, (("runAsUser", context.runAsUser), ("runAsGroup", context.runAsGroup)))
    if context.procMount:
        yield from one_of(f"{field}.procMount", context.procMount, ("Default", "Unmasked"))
        if host_users and context.procMount == "Unmasked":
            yield error.invalid(f"{field}.procMount", context.procMount, "`hostUsers` must be false to use `Unmasked`")
    yield from _seccomp(f"{field}.seccompProfile", context.seccompProfile)
    if context.allowPrivilegeEscalation is False:
        if context.privileged:
            why = "cannot set `allowPrivilegeEscalation` to false and `privileged` to true"
            yield error.invalid(field, _shown(context), why)
        if context.capabilities is not None and "CAP_SYS_ADMIN" in context.capabilities.add:
            why = "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN"
            yield error.invalid(field, _shown(context), why)
    yield from _app_armor(f"{field}.appArmorProfile", context.appArmorProfile)


def pod_context(field: str, context: PodSecurityContext | None, spec: PodSpec) -> Causes:
    """A pod's security context."""
    if context is None:
        return
    ids = (("fsGroup", context.fsGroup), ("runAsUser", context.runAsUser), ("runAsGroup", context.runAsGroup))
    yield from _ids(field, ids)
    groups = ((f"supplementalGroups[{index}]", group) for index, group in enumerate(context.supplementalGroups))
    yield from _ids(field, groups)
    if spec.shareProcessNamespace and spec.hostPID:
        why = "ShareProcessNamespace and HostPID cannot both be enabled"
        yield error.invalid(f"{field}.shareProcessNamespace", value=True, detail=why)
    yield from _sysctls(f"{field}.sysctls", context.sysctls, spec)
    if context.fsGroupChangePolicy:
        yield from one_of(f"{field}.fsGroupChangePolicy", context.fsGroupChangePolicy, ("Always", "OnRootMismatch"))
    yield from _seccomp(f"{field}.seccompProfile", context.seccompProfile)
    yield from _app_armor(f"{field}.appArmorProfile", context.appArmorProfile)
    if context.supplementalGroupsPolicy:
        yield from one_of(f"{field}.supplementalGroupsPolicy", context.supplementalGroupsPolicy, ("Merge", "Strict"))
    if context.seLinuxChangePolicy:
        choices = ("MountOption", "Recursive")
        yield from one_of(f"{field}.seLinuxChangePolicy", context.seLinuxChangePolicy, choices)


def _ids(field: str, values: Iterable[tuple[str, int | None]]) -> Causes:
    for name, value in values:
        if value is not None and not 0 <= value <= MAX_INT32:
            yield error.invalid(f"{field}.{name}", value, names.in_range(0, MAX_INT32))


def _sysctls(field: str, values: tuple[Sysctl, ...], spec: PodSpec) -> Causes:
    seen: set[str] = set()
    for index, value in enumerate(values):
        here, name = f"{field}[{index}].name", value.name
        if not name:
            yield error.required(here)
        elif len(name) > _SYSCTL_LENGTH or not re.match(_SYSCTL, name, re.ASCII):
            why = f"must have at most {_SYSCTL_LENGTH} characters and match regex {_SYSCTL}"
            yield error.invalid(here, name, why)
        elif name in seen:
            yield error.duplicate(here, name)
        if spec.hostNetwork and name.startswith("net."):
            yield error.invalid(here, name, "may not be specified when 'hostNetwork' is true")
        elif spec.hostIPC and name.startswith(("kernel.shm", "kernel.msg", "kernel.sem", "fs.mqueue.")):
            yield error.invalid(here, name, "may not be specified when 'hostIPC' is true")
        seen.add(name)


def _seccomp(field: str, profile: SeccompProfile | None) -> Causes:
    if profile is None:
        return
    if profile.type:
        yield from one_of(f"{field}.type", profile.type, PROFILES)
    else:
        yield error.required(f"{field}.type", "type is required when seccompProfile is set")
    if profile.type != "Localhost":
        if profile.localhostProfile:
            why = "can only be set when seccomp type is Localhost"
            shown = error.Fields(Type=profile.type, LocalhostProfile=profile.localhostProfile)
            yield error.invalid(f"{field}.localhostProfile", shown, why)
    elif profile.localhostProfile:
        yield from descending(f"{field}.localhostProfile", profile.localhostProfile)
    else:
        yield error.required(f"{field}.localhostProfile", "must be set when seccomp type is Localhost")


def _app_armor(field: str, profile: AppArmorProfile | None) -> Causes:
    if profile is None:
        return
    here, local = f"{field}.localhostProfile", profile.localhostProfile
    if profile.type == "Localhost":
        if not local.strip():
            yield error.required(here, "must be set when AppArmor type is Localhost")
        elif local.strip() != local:
            yield error.invalid(here, local, "must not be padded with whitespace")
        elif len(local) > 4095:
            yield error.too_long(here, 4095)
    elif profile.type in PROFILES:
        if local:
            yield error.invalid(here, local, "can only be set when AppArmor type is Localhost")
    elif profile.type:
        yield error.not_supported(f"{field}.type", profile.type, PROFILES)
    else:
        yield error.required(f"{field}.type", "type is required when appArmorProfile is set")


def _shown(context: SecurityContext) -> error.Fields:
    """The context as the API server's own type prints it."""
    added = context.capabilities
    capabilities = None if added is None else error.Fields(Add=added.add or None, Drop=added.drop or None)
    return error.Fields(
        Capabilities=capabilities,
        Privileged=context.privileged,
        SELinuxOptions=None,
        WindowsOptions=None,
        RunAsUser=context.runAsUser,
        RunAsGroup=context.runAsGroup,
        RunAsNonRoot=context.runAsNonRoot,
        ReadOnlyRootFilesystem=context.readOnlyRootFilesystem,
        AllowPrivilegeEscalation=context.allowPrivilegeEscalation,
        ProcMount=context.procMount or None,
        SeccompProfile=None,
        AppArmorProfile=None,
    )
