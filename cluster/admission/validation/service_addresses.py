"""The cluster addresses and IP families of a Service, and how they may change.

Part of the validation of Services. Mirrors ValidateServiceClusterIPsRelatedFields and the upgrade
and downgrade rules. Invariant: `clusterIP` is the first of `clusterIPs`, and the first never moves.
"""

from cluster.admission import field_error as error
from cluster.admission.validation.addresses import dual_stack, is_ipv6, valid_ip
from cluster.admission.validation.checks import Causes, one_of
from cluster.api.core import ServiceSpec
from cluster.api.meta import StatusCause

NONE = "None"
FAMILIES = ("IPv4", "IPv6")
_POLICIES = ("PreferDualStack", "RequireDualStack", "SingleStack")
_IPS, _FAMILIES, _POLICY = "spec.clusterIPs", "spec.ipFamilies", "spec.ipFamilyPolicy"
_MOVED = "may not change once set"


def is_headless(spec: ServiceSpec) -> bool:
    """Whether the Service has no address by wish."""
    return spec.clusterIPs == (NONE,)


def cluster_ips(spec: ServiceSpec) -> list[StatusCause]:
    """What is wrong with a Service's addresses and families."""
    if spec.type == "ExternalName":
        return []
    causes = list(_same(spec))
    for index, family in enumerate(spec.ipFamilies):
        causes += one_of(f"{_FAMILIES}[{index}]", family, FAMILIES)
        if family in spec.ipFamilies[:index]:
            causes.append(error.duplicate(f"{_FAMILIES}[{index}]", family))
    if spec.ipFamilyPolicy:
        causes += one_of(_POLICY, spec.ipFamilyPolicy, _POLICIES)
    wrong = list(_each(spec))
    causes += wrong
    if len(spec.clusterIPs) > 2:
        causes.append(error.invalid(_IPS, spec.clusterIPs, "may only hold up to 2 values"))
    return causes if wrong else causes + list(_families(spec))


def _same(spec: ServiceSpec) -> Causes:
    if not spec.clusterIP:
        if spec.clusterIPs:
            yield error.invalid(_IPS, spec.clusterIPs, "must be empty when `clusterIP` is not specified")
    elif not spec.clusterIPs:
        yield error.required(_IPS)
    elif spec.clusterIPs[0] != spec.clusterIP:
        yield error.invalid(_IPS, spec.clusterIPs, "first value must match `clusterIP`")


def _each(spec: ServiceSpec) -> Causes:
    for index, address in enumerate(spec.clusterIPs):
        if index == 0 and address == NONE:
            if len(spec.clusterIPs) > 1:
                yield error.invalid(_IPS, spec.clusterIPs, "'None' must be the first and only value")
            continue
        yield from valid_ip(f"{_IPS}[{index}]", address)


def _families(spec: ServiceSpec) -> Causes:
    if len(spec.clusterIPs) > 1 and not dual_stack(spec.clusterIPs):
        yield error.invalid(_IPS, spec.clusterIPs, "may specify no more than one IP for each IP family")
    if is_headless(spec):
        return
    for index, (address, family) in enumerate(zip(spec.clusterIPs, spec.ipFamilies, strict=False)):
        if family in FAMILIES and (family == "IPv6") != is_ipv6(address):
            why = f"expected an {family} value as indicated by `ipFamilies[{index}]`"
            yield error.invalid(f"{_IPS}[{index}]", address, why)


def moved(new: ServiceSpec, old: ServiceSpec) -> list[StatusCause]:
    """What is wrong with a change of a Service's addresses and families."""
    if "ExternalName" in (new.type, old.type):
        return []
    headless, before = is_headless(new), is_headless(old)
    causes: list[StatusCause] = []
    if not (headless and before):
        causes += _changed(_IPS, new.clusterIPs, old.clusterIPs, new)
    if not headless and not before:
        causes += _changed(_FAMILIES, new.ipFamilies, old.ipFamilies, new)
    return causes


def _changed(field: str, new: tuple[str, ...], old: tuple[str, ...], spec: ServiceSpec) -> Causes:
    """Values may come and go behind the first; what is taken away needs the policy to say so."""
    one = "clusterIP" if field == _IPS else "ipFamily"
    if len(new) == len(old):
        for index, (after, before) in enumerate(zip(new, old, strict=True)):
            if after != before:
                yield error.invalid(f"{field}[{index if field == _IPS else 0}]", new, _MOVED)
        return
    if len(new) < len(old) and not new:
        yield error.invalid(f"{field}[0]", new or None, f"primary {one} can not be unset")
    if new and old and new[0] != old[0]:
        yield error.invalid(f"{field}[0]", new, _MOVED)
    if len(new) < len(old) and len(new) == 1 and spec.ipFamilyPolicy != "SingleStack":
        why = f"must be set to 'SingleStack' when releasing the secondary {one}"
        yield error.invalid(_POLICY, spec.ipFamilyPolicy or None, why)
