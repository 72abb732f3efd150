"""The checks of the baseline level: no way from a pod to its node that is known.

Mirrors the baseline checks of k8s.io/pod-security-admission/policy. Invariant: what a pod leaves out is
allowed.
"""

from cluster.admission import field_error
from cluster.admission.plugins.pod_security.check import (
    Check,
    Finding,
    containers_of,
    contexts,
    listed,
    plural,
    quoted,
    setters,
)
from cluster.api.core import LifecycleHandler, PodSpec, Probe, SELinuxOptions
from cluster.api.meta import ObjectMeta

CAPABILITIES = frozenset({
    "AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE", "SETFCAP",
    "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT",
})  # fmt: skip
_SYSCTLS_0 = frozenset({
    "kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.ping_group_range", "net.ipv4.tcp_syncookies",
})  # fmt: skip
_SYSCTLS_27 = _SYSCTLS_0 | {"net.ipv4.ip_local_reserved_ports"}
_SYSCTLS_29 = _SYSCTLS_27 | {
    "net.ipv4.tcp_keepalive_time", "net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_keepalive_intvl",
    "net.ipv4.tcp_keepalive_probes",
}  # fmt: skip
_SYSCTLS_32 = _SYSCTLS_29 | {"net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem"}
SYSCTLS = ((0, _SYSCTLS_0), (27, _SYSCTLS_27), (29, _SYSCTLS_29), (32, _SYSCTLS_32))
"""The settings of the kernel that are safe, by the minor version that allows them first."""
SELINUX_TYPES = frozenset({"", "container_t", "container_init_t", "container_kvm_t"})
APP_ARMOR = "container.apparmor.security.beta.kubernetes.io/"
SECCOMP_POD = "seccomp.security.alpha.kubernetes.io/pod"
SECCOMP_CONTAINER = "container.seccomp.security.alpha.kubernetes.io/"
SAFE_PROFILES = ("RuntimeDefault", "Localhost")


def app_armor_profile(meta: ObjectMeta, spec: PodSpec) -> Finding | None:
    """No AppArmor profile but the runtime's, or a local one."""
    own = spec.securityContext.appArmorProfile if spec.securityContext is not None else None
    of_pod = own is not None and own.type not in SAFE_PROFILES
    bad = {own.type} if own is not None and of_pod else set[str]()
    names = []
    for name, context in contexts(spec):
        if context.appArmorProfile is not None and context.appArmorProfile.type not in SAFE_PROFILES:
            names.append(name)
            bad.add(context.appArmorProfile.type)
    notes = sorted(
        f"{key}={field_error.quoted(value)}"
        for key, value in meta.annotations.items()
        if key.startswith(APP_ARMOR) and value not in ("", "runtime/default") and not value.startswith("localhost/")
    )
    who = " and ".join(filter(None, (setters(names, pod=of_pod), plural("annotation", notes) if notes else "")))
    if not who:
        return None
    values = [*sorted(bad), *notes]
    detail = f"{who} must not set AppArmor profile type to {quoted(values)}"
    return Finding(plural("forbidden AppArmor profile", values), detail)


def capabilities(_: ObjectMeta, spec: PodSpec) -> Finding | None:
    """No capabilities added but those a container has anyway."""
    names, bad = [], set()
    for name, context in contexts(spec):
        others = set(context.capabilities.add) - CAPABILITIES if context.capabilities is not None else set()
        if others:
            names.append(name)
            bad |= others
    if not names:
        return None
    detail = f"{listed(names)} must not include {quoted(sorted(bad))} in securityContext.capabilities.add"
    return Finding("non-default capabilities", detail)


def host_namespaces(_: ObjectMeta, spec: PodSpec) -> Finding | None:
    """Nothing of the node's network, processes and memory is shared."""
    found = [f"{name}=true" for name in ("hostNetwork", "hostPID", "hostIPC") if getattr(spec, name)]
    return Finding("host namespaces", ", ".join(found)) if found else None


def host_path_volumes(_: ObjectMeta, spec: PodSpec) -> Finding | None:
    """No files of the node."""
    names = [volume.name for volume in spec.volumes if volume.hostPath is not None]
    return Finding("hostPath volumes", listed(names, "volume")) if names else None


def host_ports(_: ObjectMeta, spec: PodSpec) -> Finding | None:
    """No ports of the node."""
    names, ports = [], set()
    for container in containers_of(spec):
        used = {str(port.hostPort) for port in container.ports if port.hostPort}
        if used:
            names.append(container.name)
            ports |= used
    if not names:
        return None
    detail = f"{listed(names)} {_use(names)} {plural('hostPort', ports)} {', '.join(sorted(ports))}"
    return Finding("hostPort", detail)


def host_probes(_: ObjectMeta, spec: PodSpec) -> Finding | None:
    """No probe or hook that calls another host."""
    names, hosts = set(), set()
    for container in containers_of(spec):
        hooks = container.lifecycle
        found = _hosts(container.livenessProbe) | _hosts(container.readinessProbe) | _hosts(container.startupProbe)
        if hooks is not None:
            found |= _hosts(hooks.postStart) | _hosts(hooks.preStop)
        if found:
            names.add(container.name)
            hosts |= found
    if not names:
        return None
    word = plural("probe or lifecycle host", hosts)
    detail = f"{listed(sorted(names))} {_use(sorted(names))} {word} {quoted(sorted(hosts))}"
    return Finding("probe or lifecycle host", detail)


def _hosts(action: Probe | LifecycleHandler | None) -> set[str]:
    if action is None:
        return set()
    return {called.host for called in (action.httpGet, action.tcpSocket) if called is not None and called.host}


def _use(names: list[str]) -> str:
    return "uses" if len(names) == 1 else "use"


def privileged(_: ObjectMeta, spec: PodSpec) -> Finding | None:
    """No container with every right of the node."""
    names = [name for name, context in contexts(spec) if context.privileged]
    detail = f"{listed(names)} must not set securityContext.privileged=true"
    return Finding("privileged", detail) if names else None


def proc_mount(_: ObjectMeta, spec: PodSpec) -> Finding | None:
    """No bare view of /proc."""
    bad = {name: context.procMount for name, context in contexts(spec) if context.procMount not in ("", "Default")}
    if not bad:
        return None
    detail = f"{listed(list(bad))} must not set securityContext.procMount to {quoted(sorted(set(bad.values())))}"
    return Finding("procMount", detail)


def proc_mount_of_host_users(meta: ObjectMeta, spec: PodSpec) -> Finding | None:
    """As `proc_mount`, for pods without a user namespace of their own."""
    return None if spec.hostUsers is False else proc_mount(meta, spec)


def selinux_options(_: ObjectMeta, spec: PodSpec) -> Finding | None:
    """No SELinux user or role, and no type but a container's."""
    return _selinux(spec, SELINUX_TYPES)


def selinux_options_with_engine(_: ObjectMeta, spec: PodSpec) -> Finding | None:
    """As `selinux_options`, with one type more."""
    return _selinux(spec, SELINUX_TYPES | {"container_engine_t"})


def _selinux(spec: PodSpec, types: frozenset[str]) -> Finding | None:
    def wrong(options: SELinuxOptions) -> bool:
        return options.type not in types or bool(options.user or options.role)

    own = spec.securityContext.seLinuxOptions if spec.securityContext is not None else None
    bad = [own] if own is not None and wrong(own) else []
    of_pod, names = bool(bad), []
    for name, context in contexts(spec):
        if context.seLinuxOptions is not None and wrong(context.seLinuxOptions):
            names.append(name)
            bad.append(context.seLinuxOptions)
    if not bad:
        return None
    others = sorted({options.type for options in bad} - types)
    told = [listed(others, "type")] if others else []
    told += [f"{part} may not be set" for part in ("user", "role") if any(getattr(each, part) for each in bad)]
    who = setters(names, pod=of_pod)
    return Finding("seLinuxOptions", f"{who} set forbidden securityContext.seLinuxOptions: {'; '.join(told)}")


def seccomp_annotations(meta: ObjectMeta, spec: PodSpec) -> Finding | None:
    """No seccomp profile in annotations but the runtime's, or a local one."""
    keys = [SECCOMP_POD, *(SECCOMP_CONTAINER + container.name for container in containers_of(spec))]
    bad = sorted(
        {
            f"{key}={field_error.quoted(value)}"
            for key in keys
            if (value := meta.annotations.get(key)) is not None
            and value not in ("runtime/default", "docker/default")
            and not value.startswith("localhost/")
        }
    )
    return Finding("seccompProfile", f"forbidden {plural('annotation', bad)} {', '.join(bad)}") if bad else None


def seccomp_profile(_: ObjectMeta, spec: PodSpec) -> Finding | None:
    """No seccomp profile but the runtime's, or a local one."""
    own = spec.securityContext.seccompProfile if spec.securityContext is not None else None
    of_pod = own is not None and own.type not in SAFE_PROFILES
    bad = {own.type} if own is not None and of_pod else set[str]()
    names = []
    for name, context in contexts(spec):
        if context.seccompProfile is not None and context.seccompProfile.type not in SAFE_PROFILES:
            names.append(name)
            bad.add(context.seccompProfile.type)
    who = setters(names, pod=of_pod)
    detail = f"{who} must not set securityContext.seccompProfile.type to {quoted(sorted(bad))}"
    return Finding("seccompProfile", detail) if who else None


def sysctls(allowed: frozenset[str]) -> Check:
    """The check for settings of the kernel other than those allowed."""

    def check(_: ObjectMeta, spec: PodSpec) -> Finding | None:
        given = spec.securityContext.sysctls if spec.securityContext is not None else ()
        names = [setting.name for setting in given if setting.name not in allowed]
        return Finding("forbidden sysctls", ", ".join(names)) if names else None

    return check


def windows_host_process(_: ObjectMeta, spec: PodSpec) -> Finding | None:
    """No processes of a Windows node."""
    own = spec.securityContext.windowsOptions if spec.securityContext is not None else None
    names = [
        name for name, context in contexts(spec)
        if context.windowsOptions is not None and context.windowsOptions.hostProcess
    ]  # fmt: skip
    who = setters(names, pod=own is not None and bool(own.hostProcess))
    return (
        Finding("hostProcess", f"{who} must not set securityContext.windowsOptions.hostProcess=true") if who else None
    )
