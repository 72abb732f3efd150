"""The status of ValidatingAdmissionPolicies: whether their expressions fit the types that they are about.

Between the reader of policies and the API server. Mirrors kube-controller-manager's
validatingadmissionpolicystatus controller. Invariant: a policy's status is about the generation it names.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from cluster.api.admissionregistration import (
    ExpressionWarning,
    TypeChecking,
    ValidatingAdmissionPolicy,
    ValidatingAdmissionPolicyStatus,
)
from cluster.api.cluster import Cluster
from cluster.api.kinds import VALIDATING_ADMISSION_POLICIES, Kind
from cluster.api.meta import Resource
from cluster.apiserver import ApiServer
from cluster.cel import CelError
from cluster.controllers.typed_schemas import schema_of
from cluster.reconcile import Reader, WorkQueue

if TYPE_CHECKING:
    from cluster.cel.scope import Scope

ACTOR = "validatingadmissionpolicy-status-controller"


class AdmissionPolicyStatusController:
    """Checks the types of policies."""

    def __init__(self, api: ApiServer, config: Cluster) -> None:  # noqa: ARG002 - every component is built alike
        self._api = api
        self._queue = WorkQueue(api.store, api.clock, self._reconcile)
        Reader(api.store, api.clock, VALIDATING_ADMISSION_POLICIES, self._on_policy)

    def _on_policy(self, name: str, _: ValidatingAdmissionPolicy | None, new: ValidatingAdmissionPolicy | None) -> None:
        if new is not None and new.status.observedGeneration != new.metadata.generation:
            self._queue.add(name)

    def _reconcile(self, name: str) -> None:
        policy = self._api.find(VALIDATING_ADMISSION_POLICIES, name)
        if policy is None or policy.status.observedGeneration == policy.metadata.generation:
            return
        warnings = tuple(self._warnings(policy))
        status = ValidatingAdmissionPolicyStatus(
            conditions=policy.status.conditions, observedGeneration=policy.metadata.generation,
            typeChecking=TypeChecking(expressionWarnings=warnings),
        )  # fmt: skip
        new = replace(policy, status=status)
        self._api.update_status(VALIDATING_ADMISSION_POLICIES, new, actor=ACTOR, previous=policy)

    def _warnings(self, policy: ValidatingAdmissionPolicy) -> Iterator[ExpressionWarning]:
        if not policy.spec.validations:
            return
        scopes = [(_named(kind), scope) for kind in self._kinds(policy) for scope in [self._scope(policy, kind)]]
        for index, rule in enumerate(policy.spec.validations):
            for name, source in (("expression", rule.expression), ("messageExpression", rule.messageExpression)):
                told = [f"{kind}: {fault}\n" for kind, scope in scopes if source and (fault := _fault(scope, source))]
                if told:
                    yield ExpressionWarning(fieldRef=f"spec.validations[{index}].{name}", warning="\n".join(told))

    def _scope(self, policy: ValidatingAdmissionPolicy, kind: Kind[Resource]) -> "Scope":
        """What the policy's expressions speak of when they are asked about objects of a kind."""
        from cluster.cel.scope import Scope  # noqa: PLC0415 - few clusters have policies

        wanted = policy.spec.paramKind
        found = self._api.registry.by_api_version(wanted.apiVersion, wanted.kind) if wanted is not None else None
        params = {} if wanted is None else {"params": None if found is None else schema_of(found)}
        scope = Scope.of_request(schema_of(kind), params)
        fields: dict[str, Any] = {}
        for variable in policy.spec.variables:
            scope.compose(fields)
            fields[variable.name] = _result(scope, variable.expression)
        scope.compose(fields)
        return scope

    def _kinds(self, policy: ValidatingAdmissionPolicy) -> list[Kind[Resource]]:
        """The kinds that the policy names in full; what a star means is not checked."""
        constraints = policy.spec.matchConstraints
        found = {}
        for rule in constraints.resourceRules if constraints is not None else ():
            for group in rule.apiGroups:
                for version in rule.apiVersions:
                    for resource in rule.resources:
                        kind = self._api.registry.by_path(group, version, resource)
                        if kind is not None:
                            found[kind.api_version, kind.kind] = kind
        return [found[name] for name in sorted(found)]


def _named(kind: Kind[Resource]) -> str:
    group = kind.api_version if kind.group else f"/{kind.version}"
    return f"{group}, Kind={kind.kind}"


def _result(scope: "Scope", source: str) -> Any:
    try:
        return scope.result(source)
    except CelError:
        return None


def _fault(scope: "Scope", source: str) -> str:
    """What does not fit in an expression, or nothing."""
    try:
        scope.result(source)
    except CelError as error:
        return str(error)
    return ""
