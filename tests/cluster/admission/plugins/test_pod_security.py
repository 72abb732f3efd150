"""Pod security: what each level refuses, in which words, and who is only warned."""

from typing import Any

import pytest

from cluster import admission
from cluster.admission import Warnings
from cluster.admission.plugins.pod_security.policy import Mode, Policy, policy_of, stricter
from cluster.admission.plugins.pod_security.standards import evaluate
from cluster.api import kinds
from cluster.api.core import Pod
from cluster.api.errors import Forbidden, Invalid
from tests.cluster.admission.requests import View, container, created, pod, read, view

PREFIX = "pod-security.kubernetes.io/"
SAFE: dict[str, Any] = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "runAsNonRoot": True,
    "seccompProfile": {"type": "RuntimeDefault"},
}
BARE = (
    'allowPrivilegeEscalation != false (container "web" must set securityContext.allowPrivilegeEscalation=false), '
    'unrestricted capabilities (container "web" must set securityContext.capabilities.drop=["ALL"]), '
    'runAsNonRoot != true (pod or container "web" must set securityContext.runAsNonRoot=true), '
    'seccompProfile (pod or container "web" must set securityContext.seccompProfile.type to '
    '"RuntimeDefault" or "Localhost")'
)


def namespace(**modes: str) -> View:
    """An API server whose namespace has these labels of pod security; `enforce_version` and the like, too."""
    labels = {PREFIX + name.replace("_", "-"): value for name, value in modes.items()}
    api = view()
    api.put(read(kinds.NAMESPACES, {"metadata": {"labels": labels}}, "shop"))
    return api


def told(api: View, plain: dict[str, Any]) -> tuple[str, ...]:
    """What a client is told of a pod: why it is refused, or warnings."""
    warnings = Warnings()
    try:
        admission.review_create(api, kinds.PODS, created(kinds.PODS, plain, api), warnings)
    except Forbidden as error:
        assert not warnings.texts
        return (error.message,)
    return warnings.texts


def violations(level: str, plain: dict[str, Any], version: str = "latest") -> str:
    """What a pod violates of a level."""
    value: Pod = read(kinds.PODS, plain)
    return evaluate(Mode(level, version), value.metadata, value.spec).detail


def test_enforced() -> None:
    """A pod that violates the enforced level is refused, with everything it violates."""
    assert told(namespace(enforce="restricted"), pod()) == (
        f'pods "web" is forbidden: violates PodSecurity "restricted:latest": {BARE}',
    )
    assert told(namespace(enforce="restricted", enforce_version="v1.30"), pod())[0].startswith(
        'pods "web" is forbidden: violates PodSecurity "restricted:v1.30": '
    )
    assert told(namespace(enforce="restricted"), container(securityContext=SAFE)) == ()


def test_warned() -> None:
    """A pod that violates the level of warnings is made, and its client told; without labels nothing is said."""
    assert told(namespace(warn="restricted"), pod()) == (f'would violate PodSecurity "restricted:latest": {BARE}',)
    assert told(namespace(enforce="baseline", warn="restricted"), pod()) == (
        f'would violate PodSecurity "restricted:latest": {BARE}',
    )
    assert told(namespace(audit="restricted"), pod()) == ()
    assert told(view(), pod()) == ()


@pytest.mark.parametrize(
    ("labels", "policy"),
    [
        ({}, Policy()),
        ({"enforce": "baseline"}, Policy(Mode("baseline"), Mode("baseline"))),
        ({"enforce": "baseline", "warn": "privileged"}, Policy(Mode("baseline"), Mode())),
        (
            {"enforce": "restricted", "enforce-version": "v1.25"},
            Policy(Mode("restricted", "v1.25"), Mode("restricted", "v1.25")),
        ),
        (
            {"enforce": "restricted", "enforce-version": "v1.25", "warn-version": "v1.26"},
            Policy(Mode("restricted", "v1.25"), Mode("restricted", "v1.26")),
        ),
    ],
)
def test_policies(labels: dict[str, str], policy: Policy) -> None:
    """Warnings follow what is enforced, unless labels say otherwise."""
    assert policy_of({PREFIX + name: value for name, value in labels.items()}) == (policy, ())


def test_labels_of_namespaces() -> None:
    """Labels have to be understood when they are written; old ones that are not do not stand in the way."""
    bad = read(kinds.NAMESPACES, {"metadata": {"labels": {f"{PREFIX}enforce": "high", f"{PREFIX}warn-version": "1"}}})
    with pytest.raises(Invalid) as caught:
        admission.review_create(view(), kinds.NAMESPACES, bad, None)
    assert caught.value.message == (
        f'Namespace "web" is invalid: [metadata.labels[{PREFIX}enforce]: Invalid value: "high": '
        "must be one of privileged, baseline, restricted, "
        f'metadata.labels[{PREFIX}warn-version]: Invalid value: "1": must be "latest" or "v1.x"]'
    )
    with pytest.raises(Invalid):
        admission.review_update(view(), kinds.NAMESPACES, bad, read(kinds.NAMESPACES, {}), None)
    labels = {**bad.metadata.labels, "team": "a"}
    assert (
        admission.review_update(
            view(), kinds.NAMESPACES, read(kinds.NAMESPACES, {"metadata": {"labels": labels}}), bad, None
        )
        == ()
    )
    assert policy_of(bad.metadata.labels)[0].enforce == Mode("restricted")


def test_templates_warn() -> None:
    """A workload's template is never refused; its client is told what will be, at every write of the object."""
    template = {"metadata": {"labels": {"app": "web"}}, **pod()}
    api, expected = namespace(enforce="restricted"), (f'would violate PodSecurity "restricted:latest": {BARE}',)
    for kind, spec in (
        (kinds.DEPLOYMENTS, {"template": template}),
        (kinds.JOBS, {"template": template}),
        (kinds.CRON_JOBS, {"jobTemplate": {"spec": {"template": template}}}),
    ):
        value: Any = read(kind, {"spec": spec})
        made, changed = Warnings(), Warnings()
        admission.review_create(api, kind, value, made)
        admission.review_update(api, kind, value, value, changed)
        assert made.texts == changed.texts == expected


def test_updates_of_pods() -> None:
    """A pod is looked at again when an image changes, and not for its labels."""
    api = namespace()
    old = created(kinds.PODS, pod(), api)
    labelled = created(kinds.PODS, {"metadata": {"labels": {"a": "b"}}, **pod()}, api)
    changed = created(kinds.PODS, container(image="nginx:2"), api)
    strict = namespace(enforce="restricted")
    assert admission.review_update(strict, kinds.PODS, labelled, old, None) == ()
    with pytest.raises(Forbidden):
        admission.review_update(strict, kinds.PODS, changed, old, None)


def test_existing_pods() -> None:
    """A stricter level warns of the pods there are, grouped by what they violate."""
    api = namespace()
    for name in ("b", "a", "c"):
        api.put(read(kinds.PODS, pod(), name))
    api.put(read(kinds.PODS, pod(hostNetwork=True, hostPID=True), "d"))
    old = read(kinds.NAMESPACES, {}, "shop")
    new = read(kinds.NAMESPACES, {"metadata": {"labels": {f"{PREFIX}enforce": "restricted"}}}, "shop")
    warnings = Warnings()
    admission.review_update(api, kinds.NAMESPACES, new, old, warnings)
    rules = "allowPrivilegeEscalation != false, unrestricted capabilities, runAsNonRoot != true, seccompProfile"
    assert warnings.texts == (
        'existing pods in namespace "shop" violate the new PodSecurity enforce level "restricted:latest"',
        f"a (and 2 other pods): {rules}",
        f"d: host namespaces, {rules}",
    )
    relaxed = Warnings()
    admission.review_update(api, kinds.NAMESPACES, old, new, relaxed)
    assert relaxed.texts == ()


@pytest.mark.parametrize(
    ("new", "old", "expected"),
    [
        (Mode("restricted"), Mode("baseline"), True),
        (Mode("baseline"), Mode("restricted"), False),
        (Mode("baseline", "v1.30"), Mode("restricted"), True),
        (Mode("privileged", "v1.30"), Mode("restricted"), False),
        (Mode("baseline"), Mode("baseline"), False),
    ],
)
def test_stricter(new: Mode, old: Mode, expected: bool) -> None:  # noqa: FBT001
    """A lower level of the same version needs no look at pods; another version does."""
    assert stricter(new, old) is expected


def secured(**context: Any) -> dict[str, Any]:
    """A pod whose container has this security context."""
    return container(securityContext=context)


@pytest.mark.parametrize(
    ("plain", "expected"),
    [
        (pod(), ""),
        (pod(hostNetwork=True, hostIPC=True), "host namespaces (hostNetwork=true, hostIPC=true)"),
        (
            pod(volumes=[{"name": "a", "hostPath": {"path": "/"}}, {"name": "b", "hostPath": {"path": "/"}}]),
            'hostPath volumes (volumes "a", "b")',
        ),
        (
            container(ports=[{"containerPort": 80, "hostPort": 8080}, {"containerPort": 81, "hostPort": 443}]),
            'hostPort (container "web" uses hostPorts 443, 8080)',
        ),
        (secured(privileged=True), 'privileged (container "web" must not set securityContext.privileged=true)'),
        (
            secured(capabilities={"add": ["SYS_ADMIN", "CHOWN", "NET_RAW"]}),
            (
                'non-default capabilities (container "web" must not include "NET_RAW", "SYS_ADMIN" in '
                "securityContext.capabilities.add)"
            ),
        ),
        (
            secured(procMount="Unmasked"),
            'procMount (container "web" must not set securityContext.procMount to "Unmasked")',
        ),
        (
            secured(seccompProfile={"type": "Unconfined"}),
            'seccompProfile (container "web" must not set securityContext.seccompProfile.type to "Unconfined")',
        ),
        (
            pod(securityContext={"seLinuxOptions": {"type": "x_t", "user": "u", "role": "r"}}),
            (
                'seLinuxOptions (pod set forbidden securityContext.seLinuxOptions: type "x_t"; user may not be set; '
                "role may not be set)"
            ),
        ),
        (
            pod(securityContext={"sysctls": [{"name": "kernel.msgmax", "value": "1"}]}),
            "forbidden sysctls (kernel.msgmax)",
        ),
        (
            pod(securityContext={"windowsOptions": {"hostProcess": True}}),
            "hostProcess (pod must not set securityContext.windowsOptions.hostProcess=true)",
        ),
        (
            secured(appArmorProfile={"type": "Unconfined"}),
            'forbidden AppArmor profile (container "web" must not set AppArmor profile type to "Unconfined")',
        ),
        (
            {
                "metadata": {"annotations": {"container.apparmor.security.beta.kubernetes.io/web": "unconfined"}},
                **pod(),
            },
            (
                "forbidden AppArmor profile (annotation must not set AppArmor profile type to "
                '"container.apparmor.security.beta.kubernetes.io/web="unconfined"")'
            ),
        ),
        (
            container(livenessProbe={"httpGet": {"port": 80, "host": "10.0.0.1"}}),
            'probe or lifecycle host (container "web" uses probe or lifecycle host "10.0.0.1")',
        ),
    ],
)
def test_baseline(plain: dict[str, Any], expected: str) -> None:
    """Each check of the baseline, in its words; what a pod leaves out is fine."""
    assert violations("baseline", plain) == expected


@pytest.mark.parametrize(
    ("plain", "expected"),
    [
        (secured(**SAFE), ""),
        (
            secured(**{**SAFE, "capabilities": {"drop": ["ALL"], "add": ["CHOWN", "NET_BIND_SERVICE"]}}),
            'unrestricted capabilities (container "web" must not include "CHOWN" in securityContext.capabilities.add)',
        ),
        (
            secured(**{**SAFE, "runAsNonRoot": False}),
            'runAsNonRoot != true (container "web" must not set securityContext.runAsNonRoot=false)',
        ),
        (secured(**SAFE, runAsUser=0), 'runAsUser=0 (container "web" must not set runAsUser=0)'),
        (
            {"spec": {**secured(**SAFE)["spec"], "volumes": [{"name": "v", "hostPath": {"path": "/"}}]}},
            'restricted volume types (volume "v" uses restricted volume type "hostPath")',
        ),
        (
            {"spec": {**secured(**SAFE)["spec"], "volumes": [{"name": "v", "nfs": {"server": "s", "path": "/"}}]}},
            'restricted volume types (volume "v" uses restricted volume type "nfs")',
        ),
    ],
)
def test_restricted(plain: dict[str, Any], expected: str) -> None:
    """Each check of the restricted level beside those for what is left out."""
    assert violations("restricted", plain) == expected


@pytest.mark.parametrize(
    ("plain", "version", "expected"),
    [
        (pod(hostUsers=False), "v1.34", "runAsNonRoot != true"),
        (pod(hostUsers=False), "v1.35", ""),
        (pod(os={"name": "windows"}), "v1.24", "allowPrivilegeEscalation != false"),
        (pod(os={"name": "windows"}), "v1.25", ""),
        (pod(), "v1.7", ""),
    ],
)
def test_versions(plain: dict[str, Any], version: str, expected: str) -> None:
    """A version has the rules it had: of a rule that was added or relaxed later nothing is told."""
    reason = expected or ("allowPrivilegeEscalation" if version != "v1.35" else "runAsNonRoot")
    assert (reason in violations("restricted", plain, version)) is bool(expected)
