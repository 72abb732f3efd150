"""Who makes a request, by its Authorization header.

Between the socket and the facade. Mirrors k8s.io/apiserver's bearer token authenticators and anonymous access.
Invariant: a token that is nobody's is refused; who brings none is anonymous.
"""

import hmac

from cluster.api.errors import Unauthorized
from cluster.apiserver import ApiServer, tokens
from cluster.authorization import ANONYMOUS, OWNER, User


def user(api: ApiServer, owner_token: str, authorization: str) -> User:
    """The user of a request; Unauthorized if its token is not valid."""
    scheme, _, given = authorization.partition(" ")
    token = given.strip()
    if scheme.lower() != "bearer" or not token:
        return ANONYMOUS
    if hmac.compare_digest(token.encode(), owner_token.encode()):
        return OWNER
    try:
        return tokens.authenticated(api, token)[0]
    except Unauthorized as error:
        raise Unauthorized("Unauthorized") from error
