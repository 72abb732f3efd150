"""Where one goes from an object that owns nothing."""

from typing import Any

import pytest

from cluster.api import kinds
from cluster.engine import Engine
from ktui.model.listings import Listing
from ktui.model.mirror import Mirror
from ktui.model.relations import leads_to
from ktui.model.selection import Selection, of_item
from tests.ktui import engines


@pytest.fixture
def world() -> tuple[Engine, Mirror]:
    """A Deployment of three pods with its Service, and another pair."""
    engine = engines.started()
    engines.apply(engine, engines.deployment(), engines.service())
    engines.apply(engine, engines.deployment("db", replicas=1), engines.service("db"))
    return engine, engines.mirrored(engine)


def made(world: tuple[Engine, Mirror], kind: kinds.Kind[Any], name: str, **fields: Any) -> Selection:
    """Make an object, and let the mirror hear of it."""
    engine, mirror = world
    document = {"apiVersion": kind.api_version, "kind": kind.kind, "metadata": {"name": name}, **fields}
    engines.apply(engine, document)
    engines.drain(mirror)
    return Selection(kind, f"default/{name}" if kind.namespaced else name)


def names(listing: Listing | None) -> list[str]:
    """The names of the objects in a listing."""
    assert listing is not None
    found = [of_item(item, kinds.STATIC) for _, item in listing.table.shown()]
    return [target.name for target in found if target is not None]


def test_a_claim_leads_to_its_volume_and_back(world: tuple[Engine, Mirror]) -> None:
    """Once they are bound; before that there is nowhere to go."""
    engine, mirror = world
    spec = {"accessModes": ["ReadWriteOnce"], "storageClassName": ""}
    claim: dict[str, Any] = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "data"},
             "spec": {**spec, "resources": {"requests": {"storage": "1Gi"}}}}  # fmt: skip
    engines.apply(engine, claim)
    engines.drain(mirror)
    target, other = Selection(kinds.PERSISTENT_VOLUME_CLAIMS, "default/data"), Selection(kinds.PERSISTENT_VOLUMES, "pv")
    assert leads_to(mirror, target) is None
    volume = {"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": "pv"},
              "spec": {**spec, "capacity": {"storage": "1Gi"}, "hostPath": {"path": "/tmp"},
                       "claimRef": {"kind": "PersistentVolumeClaim", "namespace": "default", "name": "data"}}}  # fmt: skip
    engines.apply(engine, {**claim, "spec": {**claim["spec"], "volumeName": "pv"}}, volume)
    engines.drain(mirror)
    for start, end in ((target, other), (other, target)):
        listing = leads_to(mirror, start)
        assert listing is not None
        assert [of_item(item, kinds.STATIC) for _, item in listing.table.shown()] == [end]


def test_an_autoscaler_leads_to_what_it_scales(world: tuple[Engine, Mirror]) -> None:
    """If that is there."""
    for name, there in (("web", True), ("gone", False)):
        target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": name}
        spec = {"scaleTargetRef": target, "maxReplicas": 3}
        listing = leads_to(world[1], made(world, kinds.HORIZONTAL_POD_AUTOSCALERS, name, spec=spec))
        assert (listing is not None) == there
        assert not there or names(listing) == ["web"]


def test_an_ingress_leads_to_its_services(world: tuple[Engine, Mirror]) -> None:
    """Those of its rules and its default; one of nothing but absent Services leads nowhere."""

    def backend(name: str) -> dict[str, Any]:
        return {"service": {"name": name, "port": {"number": 80}}}

    path = {"path": "/", "pathType": "Prefix", "backend": backend("web")}
    spec = {"defaultBackend": backend("db"), "rules": [{"http": {"paths": [path]}}, {"host": "a.example"}]}
    assert names(leads_to(world[1], made(world, kinds.INGRESSES, "shop", spec=spec))) == ["db", "web"]
    nowhere = made(world, kinds.INGRESSES, "nowhere", spec={"defaultBackend": backend("gone")})
    assert leads_to(world[1], nowhere) is None


def test_policies_lead_to_the_pods_they_select(world: tuple[Engine, Mirror]) -> None:
    """An empty selector selects every pod of the namespace, and the list stays live."""
    engine, mirror = world
    db = {"matchLabels": {"app": "db"}}
    budget = made(world, kinds.POD_DISRUPTION_BUDGETS, "db", spec={"minAvailable": 1, "selector": db})
    listing = leads_to(mirror, budget)
    assert [name.split("-")[0] for name in names(listing)] == ["db"]
    every = made(world, kinds.NETWORK_POLICIES, "all", spec={"podSelector": {}, "policyTypes": ["Ingress"]})
    assert len(names(leads_to(mirror, every))) == 4
    engines.apply(engine, engines.deployment("db", replicas=2))
    engines.drain(mirror)
    assert len(names(listing)) == 2
    assert leads_to(mirror, Selection(kinds.CONFIG_MAPS, "default/kube-root-ca.crt")) is None
