"""Secrets that hold a service account's token."""

from base64 import b64decode

import pytest
from msgspec.structs import replace

from cluster.api.core import Secret, ServiceAccount
from cluster.api.kinds import SECRETS, SERVICE_ACCOUNTS
from cluster.api.meta import ObjectMeta
from cluster.apiserver import tokens
from cluster.controllers.root_ca import certificate
from cluster.controllers.service_account_tokens import TokensController
from tests.cluster.controllers.plane import NAMESPACE, USER, Plane, key

NAME, UID = "kubernetes.io/service-account.name", "kubernetes.io/service-account.uid"


@pytest.fixture
def plane() -> Plane:
    """A plane with the controller and the account bot."""
    made = Plane(TokensController)
    made.api.create(SERVICE_ACCOUNTS, ServiceAccount(metadata=ObjectMeta(name="bot", namespace=NAMESPACE)), actor=USER)
    return made


def create(plane: Plane, name: str, account: str = "bot", uid: str = "") -> None:
    """Create a Secret that is to hold a token."""
    annotations = {NAME: account, **({UID: uid} if uid else {})}
    meta = ObjectMeta(name=name, namespace=NAMESPACE, annotations=annotations)
    plane.api.create(SECRETS, Secret(metadata=meta, type="kubernetes.io/service-account-token"), actor=USER)
    plane.run()


def text(plane: Plane, name: str, item: str) -> str:
    """An item of a Secret's data."""
    return b64decode(plane.api.get(SECRETS, key(name)).data[item]).decode()


def test_a_secret_is_filled(plane: Plane) -> None:
    """Token, certificate, namespace and the account's uid; the token is good, and then nothing is written."""
    create(plane, "token")
    account = plane.api.get(SERVICE_ACCOUNTS, key("bot"))
    secret = plane.api.get(SECRETS, key("token"))
    assert secret.metadata.annotations == {NAME: "bot", UID: account.metadata.uid}
    assert text(plane, "token", "namespace") == NAMESPACE
    assert text(plane, "token", "ca.crt") == certificate(plane.api.seed)
    user, _ = tokens.authenticated(plane.api, text(plane, "token", "token"))
    assert user.name == f"system:serviceaccount:{NAMESPACE}:bot"
    assert plane.quiet()


def test_what_is_taken_out_is_put_back(plane: Plane) -> None:
    """A token that somebody removed is made anew, the same one."""
    create(plane, "token")
    secret = plane.api.get(SECRETS, key("token"))
    plane.api.update(SECRETS, replace(secret, data={}), actor=USER)
    plane.run()
    assert plane.api.get(SECRETS, key("token")).data == secret.data


def test_a_secret_of_nobody_is_deleted(plane: Plane) -> None:
    """An account that does not exist, or is another than the uid says, keeps no Secret."""
    create(plane, "lost", "gone")
    create(plane, "wrong", "bot", "1")
    assert [*plane.store.table(SECRETS)] == []


def test_secrets_go_with_their_account(plane: Plane) -> None:
    """With the account its token Secrets are deleted, and no others; also after a restart."""
    create(plane, "one")
    create(plane, "two")
    create(plane, "other", "default")
    meta = ObjectMeta(name="plain", namespace=NAMESPACE, annotations={NAME: "bot"})
    plane.api.create(SECRETS, Secret(metadata=meta), actor=USER)
    plane.restart(TokensController)
    plane.api.delete(SERVICE_ACCOUNTS, key("bot"), actor=USER)
    plane.run()
    assert sorted(plane.store.table(SECRETS)) == [key("other"), key("plain")]
    assert plane.quiet()
