"""What can go wrong with a request, as one small tree with Kubernetes' codes, reasons and words.

Raised wherever it is found; turned into a `Status` or a message in one place (`ApiError.status`).
Mirrors k8s.io/apimachinery/pkg/api/errors. Invariant: the message is complete by itself.
"""

from collections.abc import Sequence
from typing import ClassVar

from cluster.api.meta import Status, StatusCause, StatusDetails


class ApiError(Exception):
    """A request that the API server refused: an HTTP code, a machine's reason and a message."""

    code: ClassVar[int] = 500
    reason: ClassVar[str] = "InternalError"

    def __init__(self, message: str, details: StatusDetails | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.details = details

    def status(self) -> Status:
        """The body that the REST API answers with."""
        return Status(
            kind="Status", apiVersion="v1", status="Failure", message=self.message, reason=self.reason,
            details=self.details, code=self.code,
        )  # fmt: skip


class BadRequest(ApiError):
    """The request cannot be understood."""

    code, reason = 400, "BadRequest"


class Unauthorized(ApiError):
    """Nobody known made the request."""

    code, reason = 401, "Unauthorized"


class Forbidden(ApiError):
    """The user, a quota or an admission plugin does not allow it."""

    code, reason = 403, "Forbidden"

    @classmethod
    def of(cls, resource: str, name: str, why: str, group: str = "") -> "Forbidden":
        """`pods "x" is forbidden: why` (`NewForbidden`); `resource` is the plural."""
        qualified = f"{resource}.{group}" if group else resource
        head = f'{qualified} "{name}" is forbidden' if name else f"{qualified} is forbidden"
        return cls(f"{head}: {why}", StatusDetails(name=name, group=group, kind=resource))


class NotFound(ApiError):
    """There is no such object."""

    code, reason = 404, "NotFound"

    @classmethod
    def of(cls, resource: str, name: str, group: str = "") -> "NotFound":
        """`pods "x" not found` (`NewNotFound`)."""
        qualified = f"{resource}.{group}" if group else resource
        return cls(f'{qualified} "{name}" not found', StatusDetails(name=name, group=group, kind=resource))


class MethodNotAllowed(ApiError):
    """The resource has no such verb."""

    code, reason = 405, "MethodNotAllowed"


class AlreadyExists(ApiError):
    """An object of this name exists."""

    code, reason = 409, "AlreadyExists"

    @classmethod
    def of(cls, resource: str, name: str, group: str = "") -> "AlreadyExists":
        """`pods "x" already exists` (`NewAlreadyExists`)."""
        qualified = f"{resource}.{group}" if group else resource
        return cls(f'{qualified} "{name}" already exists', StatusDetails(name=name, group=group, kind=resource))


class Conflict(ApiError):
    """The object has changed since it was read, or another manager owns the field."""

    code, reason = 409, "Conflict"

    @classmethod
    def of(cls, resource: str, name: str, why: str = "", group: str = "") -> "Conflict":
        """`Operation cannot be fulfilled on pods "x": why` (`NewConflict`)."""
        qualified = f"{resource}.{group}" if group else resource
        text = why or "the object has been modified; please apply your changes to the latest version and try again"
        details = StatusDetails(name=name, group=group, kind=resource)
        return cls(f'Operation cannot be fulfilled on {qualified} "{name}": {text}', details)


class ApplyConflict(Conflict):
    """Server-side apply met fields that other managers own; `details.causes` names each."""


class Expired(ApiError):
    """The history asked for is gone (410 Gone)."""

    code, reason = 410, "Expired"


class Invalid(ApiError):
    """The object was understood and breaks rules; every rule broken is a cause."""

    code, reason = 422, "Invalid"

    @classmethod
    def of(cls, kind: str, name: str, causes: Sequence[StatusCause], group: str = "") -> "Invalid":
        """`Pod "x" is invalid: field: rule` (`NewInvalid`); several rules stand in brackets."""
        texts = [f"{cause.field}: {cause.message}" for cause in causes]
        listed = list(dict.fromkeys(texts))
        why = listed[0] if len(listed) == 1 else f"[{', '.join(listed)}]"
        qualified = f"{kind}.{group}" if group else kind
        details = StatusDetails(name=name, group=group, kind=kind, causes=tuple(causes))
        return cls(f'{qualified} "{name}" is invalid: {why}', details)


class UnsupportedMediaType(ApiError):
    """The body or patch type is not one the resource takes."""

    code, reason = 415, "UnsupportedMediaType"


class TooManyRequests(ApiError):
    """Try again later; a disruption budget or a limit stands in the way."""

    code, reason = 429, "TooManyRequests"


class TooManyBudgets(ApiError):
    """A pod has more disruption budgets than an eviction can ask."""

    code, reason = 500, ""


class InternalError(ApiError):
    """The server could not do what it should."""


class ServiceUnavailable(ApiError):
    """There is nobody to pass the request on to."""

    code, reason = 503, "ServiceUnavailable"
