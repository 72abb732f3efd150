"""Quotas under random lives: never more than is allowed, and what is counted is what there is."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from cluster.admission.plugins.quota.charges import charge, concerns
from cluster.admission.plugins.quota.scopes import in_scope
from cluster.api import codec, kinds, quantity
from cluster.api.core import ResourceQuota
from cluster.api.errors import ApiError
from cluster.api.kinds import Kind
from cluster.controllers.resource_quota import ResourceQuotaController
from tests.cluster.controllers.plane import NAMESPACE, USER, Plane, key

COUNTED: tuple[Kind[Any], ...] = (kinds.PODS, kinds.SERVICES, kinds.SECRETS)
QUOTAS = {
    "all": {"hard": {"pods": "3", "count/pods": "4", "requests.cpu": "500m", "services": "2", "secrets": "1"}},
    "ports": {"hard": {"services.nodeports": "2"}},
    "short": {"hard": {"pods": "1", "limits.memory": "64Mi"}, "scopes": ["Terminating"]},
}
NAMES = st.sampled_from("abcde")
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("pod"), NAMES, st.sampled_from(["50m", "200m", "400m"]), st.booleans()),
        st.tuples(st.just("service"), NAMES, st.sampled_from(["ClusterIP", "NodePort"])),
        st.tuples(st.just("secret"), NAMES),
        st.tuples(st.just("finish"), NAMES),
        st.tuples(st.just("resize"), NAMES, st.sampled_from(["20m", "300m"])),
        st.tuples(st.just("delete"), st.sampled_from(COUNTED), NAMES, st.sampled_from([0, 30])),
        st.tuples(st.just("pass"), st.sampled_from([1, 10, 1_000, 90_000])),
    ),
    max_size=30,
)


def pod(name: str, cpu: str, *, short: bool) -> dict[str, Any]:
    """A pod, as plain data."""
    resources = {"requests": {"cpu": cpu}, "limits": {"memory": "48Mi"}}
    spec = {"containers": [{"name": "web", "image": "x", "resources": resources}], "nodeName": "node-a"}
    return {
        "metadata": {"name": name, "namespace": NAMESPACE},
        "spec": {**spec, **({"activeDeadlineSeconds": 60} if short else {})},
    }


def step(plane: Plane, what: str, *how: Any) -> None:
    """Do one thing, allowed or not."""
    api = plane.api
    match what, how:
        case "pod", (name, cpu, short):
            api.create(kinds.PODS, codec.from_plain(kinds.PODS.type, pod(name, cpu, short=short)), actor=USER)
        case "service", (name, sort):
            plane.service(name, type=sort)
        case "secret", (name,):
            meta = {"name": name, "namespace": NAMESPACE}
            api.create(kinds.SECRETS, codec.from_plain(kinds.SECRETS.type, {"metadata": meta}), actor=USER)
        case "finish", (name,):
            plane.state(name, phase="Succeeded", ready=False)
        case "resize", (name, cpu):
            plain = codec.to_plain(api.get(kinds.PODS, key(name)))
            plain["spec"]["containers"][0]["resources"]["requests"]["cpu"] = cpu
            api.update_pod_part(codec.from_plain(kinds.PODS.type, plain), "resize", actor=USER)
        case "delete", (kind, name, grace):
            api.delete(kind, key(name), actor=USER, grace=grace)
        case "pass", (duration,):
            plane.run(duration)


def recount(plane: Plane, quota: ResourceQuota) -> dict[str, int]:
    """What there is of what the quota counts, looked at one by one, in 10^-9."""
    totals = dict.fromkeys(quota.spec.hard, 0)
    for kind in COUNTED:
        for found in plane.api.list(kind, namespace=NAMESPACE):
            charged = charge(kind, found, plane.api.now)
            if in_scope(quota.spec, charged):
                for name, amount in charged.amounts:
                    if name in totals and concerns(kind, name):
                        totals[name] += quantity.nano(amount)
    return totals


def quotas(plane: Plane) -> list[ResourceQuota]:
    """The quotas as they are."""
    return plane.api.list(kinds.RESOURCE_QUOTAS, namespace=NAMESPACE)


@settings(max_examples=60, deadline=None)
@given(STEPS)
def test_used_is_what_there_is(steps: list[tuple[Any, ...]]) -> None:
    """No step takes more than a quota allows; once quiet, every status equals a recount and nothing is written."""
    plane = Plane(ResourceQuotaController)
    for name, spec in QUOTAS.items():
        plain = {"metadata": {"name": name, "namespace": NAMESPACE}, "spec": spec}
        plane.api.create(kinds.RESOURCE_QUOTAS, codec.from_plain(ResourceQuota, plain), actor=USER)
    plane.run()
    for what, *how in steps:
        try:
            step(plane, what, *how)
        except ApiError:
            continue
        for quota in quotas(plane):
            counted = recount(plane, quota)
            assert all(counted[name] <= quantity.nano(amount) for name, amount in quota.spec.hard.items())
            assert all(quantity.compare(quota.status.used[name], quota.spec.hard[name]) <= 0 for name in counted)
    plane.run(120_000)
    for quota in quotas(plane):
        assert {name: quantity.nano(amount) for name, amount in quota.status.used.items()} == recount(plane, quota)
    assert plane.quiet()
