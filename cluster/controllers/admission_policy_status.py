"""The status of ValidatingAdmissionPolicies: whether their expressions fit the types that they are about.

Between the reader of policies and the API server. Mirrors kube-controller-manager's
validatingadmissionpolicystatus controller. Invariant: a policy's status is about the generation it names.
"""

from collections.abc import Iterator, Mapping
from typing import Any

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
from cluster.patch.schema import Field, Owner, fields
from cluster.reconcile import Reader, WorkQueue
from cluster.schema import merging_of

ACTOR = "validatingadmissionpolicy-status-controller"
DEEPEST = 12
"""So many levels of a type are looked at; deeper fields are taken as they are written."""


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
        kinds = self._kinds(policy)
        for index, rule in enumerate(policy.spec.validations):
            for name, source in (("expression", rule.expression), ("messageExpression", rule.messageExpression)):
                told = [f"{_named(kind)}: {fault}" for kind in kinds if source and (fault := _fault(kind, source))]
                if told:
                    yield ExpressionWarning(fieldRef=f"spec.validations[{index}].{name}", warning="\n".join(told))

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


def _fault(kind: Kind[Resource], source: str) -> str:
    """What does not fit in an expression about objects of a kind, or nothing."""
    from cluster import cel  # noqa: PLC0415 - few clusters have policies
    from cluster.admission.validating_policies.evaluation import NAMES  # noqa: PLC0415 - the same

    text = {"type": "string"}
    schema = _schema(merging_of(kind), 0)
    whole = {**schema, "properties": {**schema["properties"], "apiVersion": text, "kind": text}}
    try:
        cel.compiled(source, NAMES).check_fields({"object": whole, "oldObject": whole})
    except cel.CelError as error:
        return str(error)
    return ""


def _schema(owner: Owner, depth: int) -> dict[str, Any]:
    """The fields of a type as a schema."""
    return {"type": "object", "properties": {name: _field(field, depth + 1) for name, field in fields(owner).items()}}


def _field(field: Field, depth: int) -> Mapping[str, Any]:
    inner: Mapping[str, Any] = {}
    if field.item is not None and depth < DEEPEST:
        inner = _schema(field.item, depth)
    if field.shape == "list":
        return {"type": "array", "items": inner}
    return {"type": "object", "additionalProperties": inner or {}} if field.shape == "map" else inner
