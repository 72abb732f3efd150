"""The tokens controller: a Secret of the type service-account-token holds its account's token, and goes with it.

Between the readers of Secrets and accounts and the API server. Mirrors kube-controller-manager's
serviceaccount-token-controller. Invariant: such a Secret either has token, ca.crt and namespace of an account
that exists, or is deleted; other Secrets are never looked at.
"""

from base64 import b64encode

from msgspec.structs import replace

from cluster.api.cluster import Cluster
from cluster.api.core import Secret, ServiceAccount
from cluster.api.kinds import SECRETS, SERVICE_ACCOUNTS
from cluster.apiserver import ApiServer, tokens
from cluster.controllers.root_ca import certificate
from cluster.reconcile import Reader, WorkQueue

ACTOR = "tokens-controller"
TYPE = "kubernetes.io/service-account-token"
NAME, UID = "kubernetes.io/service-account.name", "kubernetes.io/service-account.uid"


class TokensController:
    """Keeps the Secrets that hold tokens."""

    def __init__(self, api: ApiServer, config: Cluster) -> None:
        self._api, self._seed = api, config.seed
        self._secrets: dict[str, set[str]] = {}
        self._queue = WorkQueue(api.store, api.clock, self._reconcile, 0)
        Reader(api.store, api.clock, SERVICE_ACCOUNTS, self._on_account)
        Reader(api.store, api.clock, SECRETS, self._on_secret)

    def _on_account(self, key: str, _: ServiceAccount | None, new: ServiceAccount | None) -> None:
        if new is None:
            for secret in sorted(self._secrets.get(key, ())):
                self._queue.add(secret)

    def _on_secret(self, key: str, old: Secret | None, new: Secret | None) -> None:
        for secret in (old, new):
            if secret is not None and secret.type == TYPE:
                account = _account_key(secret)
                if secret is new:
                    self._secrets.setdefault(account, set()).add(key)
                else:
                    self._secrets.get(account, set()).discard(key)
        if new is not None and new.type == TYPE:
            self._queue.add(key)

    def _reconcile(self, key: str) -> None:
        secret = self._api.find(SECRETS, key)
        if secret is None or secret.type != TYPE:
            return
        account = self._api.find(SERVICE_ACCOUNTS, _account_key(secret))
        wanted_uid = secret.metadata.annotations.get(UID)
        if account is None or (wanted_uid and wanted_uid != account.metadata.uid):
            if not secret.metadata.deletionTimestamp:
                self._api.delete(SECRETS, key, actor=ACTOR, uid=secret.metadata.uid)
            return
        new = self._filled(secret, account)
        if new != secret:
            self._api.update(SECRETS, new, actor=ACTOR, previous=secret)

    def _filled(self, secret: Secret, account: ServiceAccount) -> Secret:
        """The Secret with all that it is to hold; a token that is there stays."""
        meta = secret.metadata
        data = {**secret.data, "ca.crt": _encoded(certificate(self._seed)), "namespace": _encoded(meta.namespace)}
        if not data.get("token"):
            data["token"] = _encoded(tokens.of_secret(self._seed, account, secret))
        annotations = {**meta.annotations, NAME: account.metadata.name, UID: account.metadata.uid}
        return replace(secret, metadata=replace(meta, annotations=annotations), data=data)


def _account_key(secret: Secret) -> str:
    return f"{secret.metadata.namespace}/{secret.metadata.annotations.get(NAME, '')}"


def _encoded(text: str) -> str:
    return b64encode(text.encode()).decode()
