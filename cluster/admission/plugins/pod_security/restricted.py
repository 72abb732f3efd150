"""The checks of the restricted level: a pod says that it needs nothing, and asks for nothing else.

Mirrors the restricted checks of k8s.io/pod-security-admission/policy. Invariant: beside what the baseline
refuses, they refuse what a pod leaves out.
"""

from cluster.admission.plugins.pod_security.baseline import SAFE_PROFILES
from cluster.admission.plugins.pod_security.baseline import seccomp_profile as explicit_seccomp_profile
from cluster.admission.plugins.pod_security.check import Check, Finding, contexts, listed, plural, quoted, setters
from cluster.api.core import PodSpec, Volume
from cluster.api.meta import ObjectMeta

VOLUMES = (
    "configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "image", "persistentVolumeClaim", "projected", "secret",
)  # fmt: skip


def not_windows(check: Check) -> Check:
    """The check, for pods that do not say they are Windows pods."""

    def checked(meta: ObjectMeta, spec: PodSpec) -> Finding | None:
        return None if spec.os is not None and spec.os.name == "windows" else check(meta, spec)

    return checked


def of_host_users(check: Check) -> Check:
    """The check, for pods without a user namespace of their own."""

    def checked(meta: ObjectMeta, spec: PodSpec) -> Finding | None:
        return None if spec.hostUsers is False else check(meta, spec)

    return checked


def privilege_escalation(_: ObjectMeta, spec: PodSpec) -> Finding | None:
    """Every container says that its processes gain no rights."""
    names = [name for name, context in contexts(spec) if context.allowPrivilegeEscalation is not False]
    detail = f"{listed(names)} must set securityContext.allowPrivilegeEscalation=false"
    return Finding("allowPrivilegeEscalation != false", detail) if names else None


def capabilities(_: ObjectMeta, spec: PodSpec) -> Finding | None:
    """Every container drops ALL capabilities, and adds none but one."""
    keeping, adding, added = [], [], set()
    for name, context in contexts(spec):
        given = context.capabilities
        if given is None or "ALL" not in given.drop:
            keeping.append(name)
        others = set(given.add) - {"NET_BIND_SERVICE"} if given is not None else set()
        if others:
            adding.append(name)
            added |= others
    told = []
    if keeping:
        told.append(f'{listed(keeping)} must set securityContext.capabilities.drop=["ALL"]')
    if adding:
        told.append(f"{listed(adding)} must not include {quoted(sorted(added))} in securityContext.capabilities.add")
    return Finding("unrestricted capabilities", "; ".join(told)) if told else None


def volumes(_: ObjectMeta, spec: PodSpec) -> Finding | None:
    """No volumes that the pod's author does not own."""
    bad = {volume.name: _source(volume) for volume in spec.volumes if not _allowed(volume)}
    if not bad:
        return None
    names, sources = list(bad), sorted(set(bad.values()))
    use = "uses" if len(names) == 1 else "use"
    detail = f"{listed(names, 'volume')} {use} {plural('restricted volume type', sources)} {quoted(sources)}"
    return Finding("restricted volume types", detail)


def _allowed(volume: Volume) -> bool:
    return any(getattr(volume, source) is not None for source in VOLUMES)


def _source(volume: Volume) -> str:
    given = (name for name in volume.__struct_fields__ if name != "name" and getattr(volume, name) is not None)
    return next(given, "unknown")


def run_as_non_root(_: ObjectMeta, spec: PodSpec) -> Finding | None:
    """Every container, or the pod for them, says that it does not run as root."""
    own = spec.securityContext.runAsNonRoot if spec.securityContext is not None else None
    wrong = [name for name, context in contexts(spec) if context.runAsNonRoot is False]
    silent = [name for name, context in contexts(spec) if context.runAsNonRoot is None and not own]
    who = setters(wrong, pod=own is False)
    if who:
        return Finding("runAsNonRoot != true", f"{who} must not set securityContext.runAsNonRoot=false")
    detail = f"pod or {listed(silent)} must set securityContext.runAsNonRoot=true"
    return Finding("runAsNonRoot != true", detail) if silent else None


def run_as_user(_: ObjectMeta, spec: PodSpec) -> Finding | None:
    """Nobody asks to be root."""
    own = spec.securityContext.runAsUser if spec.securityContext is not None else None
    who = setters([name for name, context in contexts(spec) if context.runAsUser == 0], pod=own == 0)
    return Finding("runAsUser=0", f"{who} must not set runAsUser=0") if who else None


def seccomp_profile(meta: ObjectMeta, spec: PodSpec) -> Finding | None:
    """Every container, or the pod for them, has a seccomp profile that is the runtime's, or a local one."""
    explicit = explicit_seccomp_profile(meta, spec)
    if explicit is not None:
        return explicit
    own = spec.securityContext.seccompProfile if spec.securityContext is not None else None
    given = own is not None and own.type in SAFE_PROFILES
    silent = [name for name, context in contexts(spec) if context.seccompProfile is None and not given]
    detail = f'pod or {listed(silent)} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"'
    return Finding("seccompProfile", detail) if silent else None
