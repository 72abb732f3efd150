"""What a namespace's labels say of pod security: a level and a version for each of the modes.

Mirrors k8s.io/pod-security-admission/api. Invariant: labels that cannot be read are told, and count as
the strictest for enforcing and as nothing for warning.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

from cluster.admission import field_error
from cluster.admission.sharing import IdentityMemo
from cluster.api.meta import StatusCause

PREFIX = "pod-security.kubernetes.io/"
PRIVILEGED, BASELINE, RESTRICTED = LEVELS = ("privileged", "baseline", "restricted")
LATEST = "latest"
_VERSION = re.compile(r"v1\.([0-9]|[1-9][0-9]*)", re.ASCII)


class Mode(NamedTuple):
    """A level in one version, written `restricted:latest`."""

    level: str = PRIVILEGED
    version: str = LATEST

    def __str__(self) -> str:
        return f"{self.level}:{self.version}"

    @property
    def minor(self) -> float:
        """The minor version of Kubernetes whose rules are meant."""
        return float("inf") if self.version == LATEST else int(self.version.partition(".")[2])


class Policy(NamedTuple):
    """What is refused and what is warned of. What would be audited is not kept: there is no audit log."""

    enforce: Mode = Mode()
    warn: Mode = Mode()

    @property
    def open(self) -> bool:
        """Whether everything is allowed without a word."""
        return self.enforce.level == PRIVILEGED and self.warn.level == PRIVILEGED


Read = tuple[Policy, tuple[StatusCause, ...]]
_READ: IdentityMemo[Read] = IdentityMemo()
_OPEN: Read = (Policy(), ())


def policy_of(labels: Mapping[str, str]) -> Read:
    """The policy of a namespace with these labels, and what is wrong with them."""
    if not labels:
        return _OPEN
    return _READ.get(labels) or _READ.put(labels, _read(labels))


def stricter(new: Mode, old: Mode) -> bool:
    """Whether pods that were allowed may not be any more."""
    if new == old or new.level == PRIVILEGED:
        return False
    return new.version != old.version or LEVELS.index(new.level) > LEVELS.index(old.level)


def _read(labels: Mapping[str, str]) -> Read:
    if not any(name.startswith(PREFIX) for name in labels):
        return _OPEN
    causes: list[StatusCause] = []
    enforce, _, warn = (_mode(labels, name, causes) for name in ("enforce", "audit", "warn"))
    if "warn" in _given(labels):
        return Policy(enforce, warn), tuple(causes)
    explicit = labels.get(f"{PREFIX}enforce") in LEVELS
    if explicit and LEVELS.index(enforce.level) > LEVELS.index(warn.level):
        version = warn.version if "warn-version" in _given(labels) else enforce.version
        warn = Mode(enforce.level, version)
    return Policy(enforce, warn), tuple(causes)


def _given(labels: Mapping[str, str]) -> set[str]:
    return {name.removeprefix(PREFIX) for name in labels if name.startswith(PREFIX)}


def _mode(labels: Mapping[str, str], name: str, causes: list[StatusCause]) -> Mode:
    level, version = labels.get(PREFIX + name, PRIVILEGED), labels.get(f"{PREFIX}{name}-version", LATEST)
    if level not in LEVELS:
        causes.append(_wrong(PREFIX + name, level, f"must be one of {', '.join(LEVELS)}"))
        level = RESTRICTED if name == "enforce" else PRIVILEGED
    if version != LATEST and not _VERSION.fullmatch(version):
        causes.append(_wrong(f"{PREFIX}{name}-version", version, 'must be "latest" or "v1.x"'))
        version = LATEST
    return Mode(level, version)


def _wrong(label: str, value: str, detail: str) -> StatusCause:
    return field_error.invalid(f"metadata.labels[{label}]", value, detail)
