"""What every namespace has: its default service account and the cluster's certificate."""

from msgspec.structs import replace

from cluster.api.core import Namespace
from cluster.api.kinds import CONFIG_MAPS, NAMESPACES, SERVICE_ACCOUNTS
from cluster.api.meta import ObjectMeta
from cluster.controllers.root_ca import RootCertificatePublisher
from cluster.controllers.service_account import ServiceAccountController
from tests.cluster.controllers.plane import USER, Plane, key


def plane() -> Plane:
    """A control plane with both controllers, and one more namespace."""
    world = Plane(ServiceAccountController, RootCertificatePublisher)
    world.api.create(NAMESPACES, Namespace(metadata=ObjectMeta(name="new")), actor=USER)
    world.run(100)
    return world


def test_default_account() -> None:
    """Every namespace has the account `default`, and gets it again when it is deleted."""
    world = plane()
    accounts = world.store.table(SERVICE_ACCOUNTS)
    assert sorted(accounts) == ["new/default", "shop/default"]
    world.api.delete(SERVICE_ACCOUNTS, "new/default", actor=USER)
    world.run(100)
    assert sorted(accounts) == ["new/default", "shop/default"]
    assert world.quiet()


def test_certificate() -> None:
    """Every namespace has the certificate; deleted or changed it is put right."""
    world = plane()
    found = world.api.get(CONFIG_MAPS, key("kube-root-ca.crt"))
    assert list(found.data) == ["ca.crt"]
    assert found.data["ca.crt"].startswith("-----BEGIN CERTIFICATE-----\n")
    assert list(found.metadata.annotations) == ["kubernetes.io/description"]
    world.api.update(CONFIG_MAPS, replace(found, data={}), actor=USER)
    world.api.delete(CONFIG_MAPS, "new/kube-root-ca.crt", actor=USER)
    world.run(100)
    assert [each.data for each in world.store.table(CONFIG_MAPS).values()] == [found.data, found.data]
    assert world.quiet()


def test_not_while_terminating() -> None:
    """A namespace that is being deleted gets neither again."""
    world = plane()
    world.api.delete(NAMESPACES, "new", actor=USER)
    world.api.delete(SERVICE_ACCOUNTS, "new/default", actor=USER)
    world.api.delete(CONFIG_MAPS, "new/kube-root-ca.crt", actor=USER)
    world.run(100)
    assert sorted(world.store.table(SERVICE_ACCOUNTS)) == ["shop/default"]
    assert sorted(world.store.table(CONFIG_MAPS)) == ["shop/kube-root-ca.crt"]


def test_rebuilt_controllers_go_on() -> None:
    """Started again they write nothing, or what is missing."""
    world = plane()
    world.restart(ServiceAccountController, RootCertificatePublisher)
    assert world.quiet()
    world.api.delete(SERVICE_ACCOUNTS, "new/default", actor=USER)
    world.restart(ServiceAccountController, RootCertificatePublisher)
    world.run(100)
    assert "new/default" in world.store.table(SERVICE_ACCOUNTS)
