"""From a request to the policies that are bound to it, and from what they say to an answer.

The door to `validating_policies`. Mirrors policy/validating's dispatcher and the collecting of parameters. Invariant: the
first refusal is the answer; warnings are told whatever the answer is.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from cluster.admission.validating_policies import matching
from cluster.admission.validating_policies.attributes import Attributes
from cluster.admission.warnings import Warnings
from cluster.api import codec, kinds, labels
from cluster.api.admissionregistration import (
    ValidatingAdmissionPolicy,
    ValidatingAdmissionPolicyBinding,
)
from cluster.api.core import Namespace
from cluster.api.errors import ApiError, Forbidden
from cluster.api.kinds import Kind
from cluster.api.meta import Resource, StatusCause, StatusDetails
from cluster.registry import Registry
from cluster.store import Store

if TYPE_CHECKING:
    from cluster.admission.validating_policies.evaluation import Denial

T = TypeVar("T", bound=Resource)
CODES = {"Forbidden": 403, "Unauthorized": 401, "RequestEntityTooLarge": 413}


class Denied(ApiError):
    """A policy does not let the request through; code and reason are those that it asks for."""

    code, reason = 422, "Invalid"


class Misconfigured(Exception):
    """A binding cannot be evaluated; the text says why."""


class View(Protocol):
    """The part of the API server that policies read."""

    store: Store
    registry: Registry

    def find(self, kind: Kind[T], key: str) -> T | None:
        """The object of this key, or None."""
        ...


class ValidatingPolicies:
    """The policies of one cluster; true if any is bound."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._bindings = view.store.table(kinds.VALIDATING_ADMISSION_POLICY_BINDINGS)

    def __bool__(self) -> bool:
        return bool(len(self._bindings))

    def judge(self, request: Attributes, warnings: Warnings | None) -> None:
        """Raise what a policy that denies says; `warnings` takes what those say that only warn."""
        if matching.exempt(request):
            return
        namespace = self._view.find(kinds.NAMESPACES, request.namespace) if request.namespace else None
        refusals: list[tuple[str, Denial]] = []
        for policy, binding, denial in self._denials(request, namespace):
            with_binding = f"ValidatingAdmissionPolicy '{policy}' with binding '{binding.metadata.name}'"
            for action in binding.spec.validationActions:
                if action == "Deny":
                    refusals.append((f"{with_binding} denied request: {denial.message}", denial))
                elif action == "Warn" and warnings is not None:
                    warnings.add(f"Validation failed for {with_binding}: {denial.message}")
        if refusals:
            raise _refusal(request, *refusals[0])

    def _denials(
        self, request: Attributes, namespace: Namespace | None
    ) -> "Iterator[tuple[str, ValidatingAdmissionPolicyBinding, Denial]]":
        from cluster.admission.validating_policies.evaluation import (  # noqa: PLC0415 - with it comes CEL, if any policy is bound
            Denial,
            Evaluation,
        )

        variables = request.variables(None if request.kind is kinds.NAMESPACES else namespace)
        for binding in sorted(self._bindings.values(), key=_policy_name):
            policy = self._view.find(kinds.VALIDATING_ADMISSION_POLICIES, binding.spec.policyName)
            if policy is None or not matching.matches(policy.spec.matchConstraints, request, namespace):
                continue
            if not matching.matches(binding.spec.matchResources, request, namespace):
                continue
            try:
                params = self._params(policy, binding, request.namespace)
            except Misconfigured as error:
                if policy.spec.failurePolicy != "Ignore":
                    yield policy.metadata.name, binding, Denial(f"failed to configure binding: {error}")
                continue
            for one in params:
                for denial in Evaluation(policy.spec, {**variables, "params": one}).denials():
                    yield policy.metadata.name, binding, denial

    def _params(
        self, policy: ValidatingAdmissionPolicy, binding: ValidatingAdmissionPolicyBinding, namespace: str
    ) -> list[Any]:
        """The objects that the policy is asked with: one that is nothing if there are no parameters."""
        wanted, reference = policy.spec.paramKind, binding.spec.paramRef
        if wanted is None or reference is None:
            return [None]
        kind = self._view.registry.by_api_version(wanted.apiVersion, wanted.kind)
        if kind is None:
            text = f"&ParamKind{{APIVersion:{wanted.apiVersion},Kind:{wanted.kind},}}"
            raise Misconfigured(f"paramKind kind `{text}` not known")
        if reference.namespace and not kind.namespaced:
            raise Misconfigured("paramRef.namespace must not be provided for a cluster-scoped `paramKind`")
        place = (reference.namespace or namespace) if kind.namespaced else ""
        if kind.namespaced and not place:
            raise Misconfigured(
                "cannot use namespaced paramRef in policy binding that matches cluster-scoped resources"
            )
        if reference.name:
            one = self._view.find(kind, kinds.key_of(place, reference.name))
            found = [] if one is None else [one]
        else:
            selects = labels.from_label_selector(reference.selector).matches
            present = sorted(self._view.store.table(kind).items(), key=_key)
            found = [value for key, value in present if key.startswith(f"{place}/" if place else "")]
            found = [value for value in found if selects(value.metadata.labels)]
        if not found and reference.parameterNotFoundAction == "Deny":
            raise Misconfigured("no params found for policy binding with `Deny` parameterNotFoundAction")
        return [codec.to_wire(kind, value) for value in found]


def _policy_name(binding: ValidatingAdmissionPolicyBinding) -> tuple[str, str]:
    return binding.spec.policyName, binding.metadata.name


def _key(item: tuple[str, Resource]) -> str:
    return item[0]


def _refusal(request: Attributes, message: str, denial: "Denial") -> ApiError:
    name = request.name or "Unknown"
    words = Forbidden.of(request.kind.plural, name, message, request.kind.group).message
    details = StatusDetails(
        name=name, group=request.kind.group, kind=request.kind.plural, causes=(StatusCause(message=message),)
    )
    error = Denied(words, details)
    error.reason, error.code = denial.reason, CODES.get(denial.reason, 422)  # type: ignore[misc]
    return error
