"""Patches that cannot be carried out, though nothing is wrong with the request's form.

Invariant: such an error has no reason, only its words, as the real API server answers it.
"""

from cluster.api.errors import ApiError, Invalid


class Refused(ApiError):
    """The patch and the object do not go together; the message says where."""

    code, reason = 500, ""


def unprocessable() -> Invalid:
    """What the API server says of a patch that fails while it is carried out, whatever the cause."""
    return Invalid("the server rejected our request due to an error in our request")
