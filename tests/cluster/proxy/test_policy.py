"""Which endpoints may answer, whatever a Service's endpoints are like."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from cluster.api.core import Service, ServiceSpec
from cluster.api.discovery import Endpoint, EndpointConditions, EndpointHints, ForNode, ForZone
from cluster.api.meta import ObjectMeta
from cluster.network import Call, Client, Failure, Sessions
from cluster.proxy.balancing import pick
from cluster.proxy.policy import Backend, Place, is_ready, serves_to_the_last, usable

NODES = ("node-1", "node-2", "node-3")
ZONES = {"node-1": "a", "node-2": "a", "node-3": "b"}
flag = st.sampled_from((None, True, False))
policy = st.sampled_from(("", "Cluster", "Local"))


@st.composite
def endpoints(draw: st.DrawFn) -> list[Backend]:
    """Some endpoints on three nodes, with all sorts of conditions and hints."""
    found = []
    for number in range(draw(st.integers(0, 8))):
        hints = draw(
            st.one_of(
                st.none(),
                st.builds(
                    EndpointHints,
                    forZones=st.sampled_from(((), (ForZone(name="a"),), (ForZone(name="b"),))),
                    forNodes=st.sampled_from(((), (ForNode(name="node-1"),), (ForNode(name="node-3"),))),
                ),
            )
        )
        conditions = draw(st.builds(EndpointConditions, ready=flag, serving=flag, terminating=flag))
        node = draw(st.sampled_from(NODES))
        address = f"10.244.0.{number + 2}"
        endpoint = Endpoint(addresses=(address,), conditions=conditions, nodeName=node, zone=ZONES[node], hints=hints)
        found.append(Backend(endpoint, 8080))
    return found


def service(internal: str = "", external: str = "", affinity: str = "") -> Service:
    """A Service with policies."""
    spec = ServiceSpec(internalTrafficPolicy=internal, externalTrafficPolicy=external, sessionAffinity=affinity)
    return Service(metadata=ObjectMeta(name="web", namespace="default"), spec=spec)


@given(endpoints(), policy, policy, st.sampled_from(NODES), st.tuples(st.booleans(), st.booleans()))
def test_only_those_answer_that_should(
    backends: list[Backend], internal: str, external: str, node: str, answers: tuple[bool, bool]
) -> None:
    """Ready ones answer; else those that serve while they terminate; under Local, of the node alone; or nobody does."""
    called_outside, inside = answers
    found = usable(
        service(internal, external), backends, Place(node, ZONES[node]), external=called_outside, inside=inside
    )
    local = (external == "Local" and not inside) if called_outside else internal == "Local"
    able = [each for each in backends if is_ready(each.endpoint) or serves_to_the_last(each.endpoint)]
    near = [each for each in able if not local or each.endpoint.nodeName == node]
    if isinstance(found, Failure):
        assert not near
        assert found is (Failure.DROPPED if able else Failure.REFUSED)
        return
    assert found
    ready = any(is_ready(each.endpoint) for each in near)
    for each in found:
        assert each in near
        assert is_ready(each.endpoint) or not ready
    if not ready:
        assert list(found) == near
    elif not any(each.endpoint.hints for each in near):
        assert list(found) == [each for each in near if is_ready(each.endpoint)]


@given(endpoints(), st.sampled_from(NODES))
def test_a_hint_counts_only_if_everyone_has_one(backends: list[Backend], node: str) -> None:
    """One ready endpoint without hints, and all answer; hints never leave a client without anybody."""
    place = Place(node, ZONES[node])
    found = usable(service(), backends, place, external=False, inside=True)
    ready = [each for each in backends if is_ready(each.endpoint)]
    if not ready or isinstance(found, Failure):
        assert not ready
        return
    if any(each.endpoint.hints is None for each in ready):
        assert list(found) == ready
    for each in found if len(found) < len(ready) else ():
        hints = each.endpoint.hints
        assert hints is not None
        assert ForNode(name=node) in hints.forNodes or ForZone(name=place.zone) in hints.forZones


@given(st.integers(1, 6), st.integers(0, 2**32))
def test_all_endpoints_have_their_share(count: int, seed: int) -> None:
    """Many connections reach every endpoint, none of them much more often than the others."""
    backends = [Backend(Endpoint(addresses=(f"10.244.0.{number}",)), 80) for number in range(count)]
    calls = [Call(Client("10.244.1.2", "node-1"), "10.96.0.80", 80, time, "TCP") for time in range(300)]
    met = Counter(pick(service(), "", backends, call, {}, seed).address for call in calls)
    assert len(met) == count
    assert max(met.values()) < 2.5 * 300 / count


@given(st.lists(st.integers(0, 10_800_000), min_size=1, max_size=20), st.integers(2, 6), st.integers(0, 99))
def test_affinity_sticks_until_the_timeout(pauses: list[int], count: int, seed: int) -> None:
    """However often a client comes back within three hours of the last time, it meets the same endpoint."""
    backends = [Backend(Endpoint(addresses=(f"10.244.0.{number}",)), 80) for number in range(count)]
    sessions: Sessions = {}
    now, met = 0, set()
    for pause in pauses:
        now += pause
        call = Call(Client("10.244.1.2", "node-1"), "10.96.0.80", 80, now, "TCP")
        met.add(pick(service(affinity="ClientIP"), "", backends, call, sessions, seed))
    assert len(met) == 1
