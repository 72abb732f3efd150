"""The pod security standards: which checks belong to which level in which version, and what they find.

Mirrors the registry of k8s.io/pod-security-admission/policy. Invariant: checks run in the order of their
names, those of the baseline first; a check of the restricted level may stand in for one of the baseline.
"""

from functools import cache
from typing import NamedTuple

from cluster.admission.plugins.pod_security import baseline, restricted
from cluster.admission.plugins.pod_security.check import Check, Finding
from cluster.admission.plugins.pod_security.policy import BASELINE, PRIVILEGED, Mode
from cluster.api.core import PodSpec
from cluster.api.meta import ObjectMeta


class Findings(NamedTuple):
    """What a pod violates."""

    found: tuple[Finding, ...] = ()

    @property
    def reasons(self) -> list[str]:
        """The rules, in short."""
        return [finding.reason for finding in self.found]

    @property
    def detail(self) -> str:
        """The rules, each with who breaks it and how."""
        return ", ".join(f"{found.reason} ({found.detail})" if found.detail else found.reason for found in self.found)


class Version(NamedTuple):
    """A check as it is from a minor version of Kubernetes on, and the baseline check that it replaces."""

    since: int
    check: Check
    replaces: str = ""


_BASELINE: dict[str, tuple[Version, ...]] = {
    "appArmorProfile": (Version(0, baseline.app_armor_profile),),
    "capabilities_baseline": (Version(0, baseline.capabilities),),
    "hostNamespaces": (Version(0, baseline.host_namespaces),),
    "hostPathVolumes": (Version(0, baseline.host_path_volumes),),
    "hostPorts": (Version(0, baseline.host_ports),),
    "hostProbesAndHostLifecycle": (Version(34, baseline.host_probes),),
    "privileged": (Version(0, baseline.privileged),),
    "procMount": (Version(0, baseline.proc_mount), Version(35, baseline.proc_mount_of_host_users)),
    "seLinuxOptions": (Version(0, baseline.selinux_options), Version(31, baseline.selinux_options_with_engine)),
    "seccompProfile_baseline": (Version(0, baseline.seccomp_annotations), Version(19, baseline.seccomp_profile)),
    "sysctls": tuple(Version(since, baseline.sysctls(allowed)) for since, allowed in baseline.SYSCTLS),
    "windowsHostProcess": (Version(0, baseline.windows_host_process),),
}
_RESTRICTED: dict[str, tuple[Version, ...]] = {
    "allowPrivilegeEscalation": (
        Version(8, restricted.privilege_escalation),
        Version(25, restricted.not_windows(restricted.privilege_escalation)),
    ),
    "capabilities_restricted": (
        Version(22, restricted.capabilities, "capabilities_baseline"),
        Version(25, restricted.not_windows(restricted.capabilities), "capabilities_baseline"),
    ),
    "procMount_restricted": (Version(35, baseline.proc_mount, "procMount"),),
    "restrictedVolumes": (Version(0, restricted.volumes, "hostPathVolumes"),),
    "runAsNonRoot": (
        Version(0, restricted.run_as_non_root),
        Version(35, restricted.of_host_users(restricted.run_as_non_root)),
    ),
    "runAsUser": (
        Version(23, restricted.run_as_user),
        Version(35, restricted.of_host_users(restricted.run_as_user)),
    ),
    "seccompProfile_restricted": (
        Version(19, restricted.seccomp_profile, "seccompProfile_baseline"),
        Version(25, restricted.not_windows(restricted.seccomp_profile), "seccompProfile_baseline"),
    ),
}


def evaluate(mode: Mode, meta: ObjectMeta, spec: PodSpec) -> Findings:
    """What a pod, or a template, violates of a level."""
    if mode.level == PRIVILEGED:
        return Findings()
    found = [check(meta, spec) for check in _checks(mode)]
    return Findings(tuple(finding for finding in found if finding is not None))


@cache
def _checks(mode: Mode) -> tuple[Check, ...]:
    basic = _in_force(_BASELINE, mode.minor)
    if mode.level == BASELINE:
        return tuple(version.check for version in basic.values())
    strict = _in_force(_RESTRICTED, mode.minor)
    replaced = {version.replaces for version in strict.values()}
    kept = [version.check for name, version in basic.items() if name not in replaced]
    return (*kept, *(version.check for version in strict.values()))


def _in_force(checks: dict[str, tuple[Version, ...]], minor: float) -> dict[str, Version]:
    found = {}
    for name, versions in checks.items():
        past = [version for version in versions if version.since <= minor]
        if past:
            found[name] = past[-1]
    return found
