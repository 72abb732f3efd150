"""The issuer's documents: whoever trusts them can verify a token without asking the cluster."""

import json
from base64 import urlsafe_b64decode
from hashlib import sha256

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from cluster.authorization import User
from tests.cluster.http.client import Client


def read(text: str) -> bytes:
    """Base64 for URLs, without padding."""
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def test_a_token_is_verified_by_the_published_key() -> None:
    """With another library; the key's name is the hash of its public half, as Kubernetes makes it."""
    client = Client()
    asked = {"spec": {"audiences": ["elsewhere"]}}
    made = client.plain("POST", "/api/v1/namespaces/default/serviceaccounts/default/token", asked)[1]
    head, claims, signature = made["status"]["token"].split(".")
    keys = client.response("GET", "/openid/v1/jwks")
    assert keys.content_type == "application/jwk-set+json"
    assert ("Cache-Control", "public, max-age=3600") in keys.headers
    (key,) = json.loads(keys.body)["keys"]
    assert (key["kty"], key["use"], key["alg"], key["e"]) == ("RSA", "sig", "RS256", "AQAB")
    assert json.loads(read(head)) == {"alg": "RS256", "kid": key["kid"]}
    public = RSAPublicNumbers(65537, int.from_bytes(read(key["n"]))).public_key()
    assert public.key_size == 2048
    encoded = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert read(key["kid"]) == sha256(encoded).digest()
    public.verify(read(signature), f"{head}.{claims}".encode(), PKCS1v15(), hashes.SHA256())
    with pytest.raises(InvalidSignature):
        public.verify(read(signature), f"{head}.{claims}x".encode(), PKCS1v15(), hashes.SHA256())


def test_the_configuration_leads_to_the_keys() -> None:
    """The issuer is the one that tokens name, and the keys are at the server's own address."""
    client = Client()
    status, told = client.plain("GET", "/.well-known/openid-configuration", headers={"host": "127.0.0.1:6443"})
    assert (status, told) == (200, {
        "issuer": "https://kubernetes.default.svc.cluster.local", "jwks_uri": "https://127.0.0.1:6443/openid/v1/jwks",
        "response_types_supported": ["id_token"], "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
    })  # fmt: skip


def test_service_accounts_may_read_them() -> None:
    """By the role that is bound to all of them; others need a right of their own."""
    client = Client()
    for path in ("/openid/v1/jwks", "/.well-known/openid-configuration"):
        assert not client.refusal(User("system:serviceaccount:a:b", ("system:serviceaccounts",)), "GET", path)
        assert client.refusal(User("jane", ("system:authenticated",)), "GET", path).endswith(
            f'cannot get path "{path}"'
        )
