"""From a request to the webhooks that are to be asked, and from their answers to the request that is carried out.

The object that they are asked about is what the request would make, found by a dry run. Mirrors the
dispatchers of k8s.io/apiserver/pkg/admission/plugin/webhook. Invariant: mutating webhooks go first, one after
the other, each seeing what the one before made of it.
"""

import json
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, NamedTuple

from msgspec import ValidationError
from msgspec.structs import replace

from cluster.admission.validating_policies import Attributes, Operation
from cluster.admission.validating_policies.evaluation import Evaluation
from cluster.admission.validating_policies.matching import Webhook, called, exempt, selected
from cluster.api import codec, kinds
from cluster.api.admissionregistration import ValidatingAdmissionPolicySpec
from cluster.api.errors import ApiError, InternalError
from cluster.api.kinds import Kind
from cluster.api.meta import Resource, StatusCause, StatusDetails
from cluster.http.messages import JSON, Request, Response, failure
from cluster.http.paths import Target, target
from cluster.http.rest import Rest
from cluster.http.webhooks.review import CallFailed, Verdict, asked, read
from cluster.patch import json_patch

Call = Callable[[Webhook, dict[str, Any]], Awaitable[Any]]
_OPERATIONS = {"POST": Operation.CREATE, "PUT": Operation.UPDATE, "PATCH": Operation.UPDATE, "DELETE": Operation.DELETE}


class Admitted(NamedTuple):
    """The request as it is to be carried out, or the answer if it is not; and what the client is told beside it."""

    request: Request
    refused: Response | None = None
    warnings: tuple[str, ...] = ()


class Admission:
    """The webhooks of one cluster; `call` sends one a review and returns what it answers."""

    def __init__(self, rest: Rest, call: Call) -> None:
        self._rest, self._api, self._call = rest, rest.api, call
        store = rest.api.store
        self._mutating = store.table(kinds.MUTATING_WEBHOOK_CONFIGURATIONS)
        self._validating = store.table(kinds.VALIDATING_WEBHOOK_CONFIGURATIONS)

    @property
    def configured(self) -> bool:
        """Whether there is any configuration."""
        return bool(len(self._mutating) or len(self._validating))

    async def admit(self, request: Request) -> Admitted:
        """Ask every webhook that is to be asked about the request."""
        named = target(request.path, self._api.registry)
        if named is None or not self._meant(request, named):
            return Admitted(request)
        wanted = self._attributes(request, named, None)
        if not any(called(hook, wanted) for hook in (*_hooks(self._mutating), *_hooks(self._validating))):
            return Admitted(request)
        trial = self._rest.handle(
            replace(request, query={**request.query, "dryRun": ("All",)}, headers=_plain(request))
        )
        if not isinstance(trial, Response) or trial.status >= 400:
            return Admitted(request, trial if isinstance(trial, Response) else None)
        made = json.loads(trial.body) if request.method != "DELETE" else None
        try:
            return await self._asked(request, named, made)
        except ApiError as error:
            return Admitted(request, failure(error))

    def _meant(self, request: Request, named: Target) -> bool:
        """Whether it is a change of one object, of those that may be asked about."""
        one = request.method == "POST" if not named.name else request.method in ("PUT", "PATCH", "DELETE")
        return one and named.subresource in ("", "status") and not request.param("dryRun")

    async def _asked(self, request: Request, named: Target, made: Any) -> Admitted:
        warnings: list[str] = []
        changed = made
        for hook in _hooks(self._mutating):
            attributes = self._attributes(request, named, changed)
            verdict = await self._verdict(hook, attributes, warnings)
            if verdict is not None and verdict.patch is not None and changed is not None:
                changed = json_patch.apply(changed, verdict.patch)
        attributes = self._attributes(request, named, changed)
        for hook in _hooks(self._validating):
            await self._verdict(hook, attributes, warnings)
        whole = request if changed == made else _carrying(request, named, changed, exists=attributes.old is not None)
        return Admitted(whole, None, tuple(warnings))

    def _attributes(self, request: Request, named: Target, made: Any) -> Attributes:
        kind = named.stored
        old = self._api.find(kind, named.key) if named.name else None
        operation = _OPERATIONS[request.method]
        if operation is Operation.UPDATE and old is None:
            operation = Operation.CREATE
        value = None if made is None else _typed(kind, made)
        if value is None and old is None:
            value = kind.type()
        if value is not None and kind.namespaced and not value.metadata.namespace:
            value = replace(value, metadata=replace(value.metadata, namespace=named.namespace))
        user = request.user
        return Attributes(kind, operation, value, old, named.subresource, user.name, user.groups, user.uid)

    async def _verdict(self, hook: Webhook, attributes: Attributes, warnings: list[str]) -> Verdict | None:
        """What one webhook says, None if it is not asked or its failure does not count. Raises what it refuses."""
        try:
            if not self._is_asked(hook, attributes):
                return None
            review = asked(attributes)
            verdict = read(hook, review, await self._call(hook, review))
        except CallFailed as error:
            if hook.failurePolicy == "Ignore":
                return None
            words = f'failed calling webhook "{hook.name}": {error}'
            details = StatusDetails(causes=(StatusCause(message=words),))
            raise InternalError(f"Internal error occurred: {words}", details) from error
        warnings += verdict.warnings
        if verdict.refusal is not None:
            raise verdict.refusal
        return verdict

    def _is_asked(self, hook: Webhook, attributes: Attributes) -> bool:
        """Whether the webhook's rules, selectors and conditions hold; CallFailed if a condition cannot be told."""
        if exempt(attributes) or not called(hook, attributes):
            return False
        namespace = self._api.find(kinds.NAMESPACES, attributes.namespace) if attributes.namespace else None
        if not selected(hook, attributes, namespace):
            return False
        if not hook.matchConditions:
            return True
        conditions = ValidatingAdmissionPolicySpec(matchConditions=hook.matchConditions)
        meant, errors = Evaluation(conditions, {**attributes.variables(namespace), "params": None}).meant()
        if errors:
            raise CallFailed(", ".join(errors))
        return meant


def _hooks(configurations: Any) -> Iterator[Webhook]:
    """Every webhook, by the names of their configurations."""
    for _, value in sorted(configurations.items(), key=_name):
        yield from value.webhooks


def _name(item: tuple[str, Resource]) -> str:
    return item[0]


def _typed(kind: Kind[Any], made: Any) -> Any:
    """The object that a webhook's answer means; CallFailed if it is none."""
    try:
        return codec.from_plain(kind.type, {**made, "apiVersion": kind.api_version, "kind": kind.kind})
    except ValidationError as error:
        raise CallFailed(f"the object is none any more: {error}") from error


def _plain(request: Request) -> dict[str, str]:
    return {**request.headers, "accept": JSON}


def _carrying(request: Request, named: Target, changed: Any, *, exists: bool) -> Request:
    """The request that makes the object as the webhooks want it."""
    headers = {**request.headers, "content-type": JSON}
    method, path = ("PUT", request.path) if exists else ("POST", request.path)
    if not exists and named.name:
        path = request.path.rpartition("/")[0]
    query = {name: value for name, value in request.query.items() if name != "force"}
    query["fieldValidation"] = ("Ignore",)
    return replace(request, method=method, path=path, query=query, headers=headers, body=json.dumps(changed).encode())
