"""Who issues the tokens of service accounts: what others need to verify them by themselves.

A corner of the facade beside `health`. Mirrors kube-apiserver's service account issuer discovery (OpenID
Connect). Invariant: a token that the cluster makes is verified by what is told here.
"""

from cluster.api import codec
from cluster.apiserver import ApiServer
from cluster.apiserver.jwt import ALGORITHM
from cluster.apiserver.signing_key import signing_key
from cluster.apiserver.tokens import ISSUER
from cluster.http.messages import JSON, Request, Response

CONFIGURATION, KEYS = "/.well-known/openid-configuration", "/openid/v1/jwks"
PATHS = (CONFIGURATION, KEYS)
KEY_SET = "application/jwk-set+json"
_KEPT = (("Cache-Control", "public, max-age=3600"),)


def document(request: Request, api: ApiServer) -> Response | None:
    """The issuer's configuration or its keys, or None for another path."""
    if request.method != "GET":
        return None
    if request.path == CONFIGURATION:
        told = {
            "issuer": ISSUER, "jwks_uri": f"https://{request.headers.get('host', '')}{KEYS}",
            "response_types_supported": ["id_token"], "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": [ALGORITHM],
        }  # fmt: skip
        return Response(200, codec.encode(told), JSON, _KEPT)
    if request.path == KEYS:
        return Response(200, codec.encode({"keys": [signing_key(api.seed).document]}), KEY_SET, _KEPT)
    return None
