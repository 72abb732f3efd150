"""Writes `cluster/api/<group>.py` from the published schemas of the real API.

    python -m tests.reference.generate            # write every file
    python -m tests.reference.generate --check    # exit 1 if a file differs

The schemas do not say which fields are pointers in the real implementation, which decides
whether zero is distinct from absent; the tables below do.
"""

import argparse
import json
import keyword
import re
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
API = HERE.parent.parent / "cluster" / "api"
PREFIXES = {
    "meta": "io.k8s.apimachinery.pkg.apis.meta.v1.",
    "core": "io.k8s.api.core.v1.",
    "apps": "io.k8s.api.apps.v1.",
    "discovery": "io.k8s.api.discovery.v1.",
    "coordination": "io.k8s.api.coordination.v1.",
    "batch": "io.k8s.api.batch.v1.",
    "autoscaling": "io.k8s.api.autoscaling.v2.",
    "autoscaling_v1": "io.k8s.api.autoscaling.v1.",
    "policy": "io.k8s.api.policy.v1.",
    "networking": "io.k8s.api.networking.v1.",
    "storage": "io.k8s.api.storage.v1.",
    "scheduling": "io.k8s.api.scheduling.v1.",
    "rbac": "io.k8s.api.rbac.v1.",
    "events": "io.k8s.api.events.v1.",
    "apiextensions": "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.",
    "authentication": "io.k8s.api.authentication.v1.",
    "authorization": "io.k8s.api.authorization.v1.",
    "admissionregistration": "io.k8s.api.admissionregistration.v1.",
    "node": "io.k8s.api.node.v1.",
}
TITLES = {
    "meta": "Metadata, selectors, options and Status: the types every API group shares (meta/v1).",
    "core": "The core group (v1): pods, nodes, services, configuration, storage, namespaces.",
    "apps": "The apps group (apps/v1): the workload controllers' objects.",
    "discovery": "The discovery group (discovery.k8s.io/v1): EndpointSlices.",
    "coordination": "The coordination group (coordination.k8s.io/v1): Leases.",
    "batch": "The batch group (batch/v1): Jobs and CronJobs.",
    "autoscaling": "The autoscaling group (autoscaling/v2): HorizontalPodAutoscalers.",
    "autoscaling_v1": "The autoscaling group in its first version (autoscaling/v1): Scale, and the older HorizontalPodAutoscaler.",
    "policy": "The policy group (policy/v1): PodDisruptionBudgets and Evictions.",
    "networking": "The networking group (networking.k8s.io/v1): Ingresses, NetworkPolicies, ServiceCIDRs.",
    "storage": "The storage group (storage.k8s.io/v1): StorageClasses and what CSI drivers say of themselves.",
    "scheduling": "The scheduling group (scheduling.k8s.io/v1): PriorityClasses.",
    "rbac": "The RBAC group (rbac.authorization.k8s.io/v1): roles and who has them.",
    "events": "The events group (events.k8s.io/v1): the newer form of Event.",
    "apiextensions": "The apiextensions group (apiextensions.k8s.io/v1): CustomResourceDefinitions.",
    "authentication": "The authentication group (authentication.k8s.io/v1): who a token belongs to, and requests for tokens.",
    "authorization": "The authorization group (authorization.k8s.io/v1): reviews of who may do what.",
    "admissionregistration": "The admissionregistration group (admissionregistration.k8s.io/v1): policies and webhooks.",
    "node": "The node group (node.k8s.io/v1): RuntimeClasses.",
}
QUANTITY = "io.k8s.apimachinery.pkg.api.resource.Quantity"
SCALARS = {
    QUANTITY: "Quantity",
    "io.k8s.apimachinery.pkg.util.intstr.IntOrString": "int | str",
    "io.k8s.apimachinery.pkg.runtime.RawExtension": "Mapping[str, Any]",
    PREFIXES["meta"] + "FieldsV1": "Mapping[str, Any]",
    PREFIXES["meta"] + "Patch": "Mapping[str, Any]",
    PREFIXES["meta"] + "Time": "str",
    PREFIXES["meta"] + "MicroTime": "str",
    # A schema is data to its readers, who walk it by JSON Schema's own names.
    PREFIXES["apiextensions"] + "JSONSchemaProps": "Mapping[str, Any]",
    PREFIXES["apiextensions"] + "JSONSchemaPropsOrArray": "Mapping[str, Any]",
    PREFIXES["apiextensions"] + "JSONSchemaPropsOrBool": "Mapping[str, Any]",
    PREFIXES["apiextensions"] + "JSONSchemaPropsOrStringArray": "Mapping[str, Any]",
    PREFIXES["apiextensions"] + "ExternalDocumentation": "Mapping[str, Any]",
    PREFIXES["apiextensions"] + "JSON": "Any",
}
LEFT_OUT = re.compile(
    r"(List|WatchEvent|APIGroup|APIResource|APIVersions|GroupVersionForDiscovery|"
    r"ServerAddressByClientCIDR|InternalEvent)$"
)
KEPT = {"ResourceList"}
# Numbers where zero differs from absent.
POINTER_NUMBERS = re.compile(
    r"(^|\.)(replicas|revisionHistoryLimit|progressDeadlineSeconds|terminationGracePeriodSeconds|"
    r"activeDeadlineSeconds|tolerationSeconds|priority|runAsUser|runAsGroup|fsGroup|defaultMode|mode|"
    r"expirationSeconds|collisionCount|deletionGracePeriodSeconds|gracePeriodSeconds|leaseDurationSeconds|"
    r"leaseTransitions|minDomains|terminatingReplicas|partition|remainingItemCount|seconds|"
    r"ClientIPConfig\.timeoutSeconds|EndpointPort\.port|ObjectReference\.port|maxSurge|maxUnavailable|"
    r"limit|timeoutSeconds@ListOptions|userNamespace\w*|maxExpirationSeconds|"
    r"parallelism|completions|backoffLimit|backoffLimitPerIndex|maxFailedIndexes|ttlSecondsAfterFinished|"
    r"JobStatus\.ready|JobStatus\.terminating|SuccessPolicyRule\.succeededCount|startingDeadlineSeconds|"
    r"successfulJobsHistoryLimit|failedJobsHistoryLimit|minReplicas|averageUtilization|stabilizationWindowSeconds|"
    r"HorizontalPodAutoscalerStatus\.observedGeneration|\w+CPUUtilizationPercentage|endPort|"
    r"VolumeNodeResources\.count|nodeAllocatableUpdatePeriodSeconds|errorCode|Webhook\.timeoutSeconds|"
    r"ServiceReference\.port)$"
)
# Numbers that are shown though they are zero and not required.
SHOWN_NUMBERS = re.compile(
    r"PriorityClass\.value|StatefulSetStatus\.availableReplicas|PodDisruptionBudgetStatus\.(currentHealthy|desiredHealthy|disruptionsAllowed|expectedPods)"
)
VALUE_NUMBERS = re.compile(r"Status\.(replicas)$|CustomResourceColumnDefinition\.priority$")
# Booleans where false differs from absent.
POINTER_BOOLEANS = re.compile(
    r"\.(automountServiceAccountToken|enableServiceLinks|shareProcessNamespace|optional|privileged|"
    r"readOnlyRootFilesystem|allowPrivilegeEscalation|runAsNonRoot|allocateLoadBalancerNodePorts|"
    r"setHostnameAsFQDN|hostUsers|immutable|controller|blockOwnerDeletion|ready|serving|terminating|started|"
    r"orphanDependents|attachRequired|allowWatchBookmarks|sendInitialEvents|"
    r"ignoreStoreReadErrorWithClusterBreakingPotential|hostProcess|recursiveReadOnly|"
    r"suspend|manualSelector|podInfoOnMount|requiresRepublish|seLinuxMount|storageCapacity|allowVolumeExpansion|"
    r"serviceAccountTokenInSecrets|preventPodSchedulingIfMissing)$"
)
VALUE_BOOLEANS = re.compile(r"ContainerStatus\.ready$")
# Strings where "" differs from absent.
POINTER_STRINGS = {
    "EndpointPort.name",
    "PersistentVolumeClaimSpec.storageClassName",
    "LeaseSpec.holderIdentity",
    "PersistentVolumeClaimSpec.volumeAttributesClassName",
    "Preconditions.uid",
    "Preconditions.resourceVersion",
    "HostPathVolumeSource.type",
    "GRPCAction.service",
    "JobStatus.failedIndexes",
}
SHADOWS = {"continue": "continue_", "from": "from_", "except": "except_", "not": "not_"}


def reference(schema: dict[str, Any]) -> str:
    """The name of the schema that this one points to, or an empty string."""
    target = schema.get("$ref") or next((part["$ref"] for part in schema.get("allOf", ()) if "$ref" in part), "")
    return str(target).removeprefix("#/components/schemas/")


class Module:
    """The source of one API group."""

    def __init__(self, group: str, schemas: dict[str, Any]) -> None:
        self.group, self.schemas = group, schemas
        self.prefix = PREFIXES[group]
        self.imports: set[tuple[str, str]] = set()

    def names(self) -> list[str]:
        """The group's types, each after the types it holds by value."""
        own = [
            name
            for name in self.schemas
            if name.startswith(self.prefix)
            and name not in SCALARS
            and (name.rpartition(".")[2] in KEPT or not LEFT_OUT.search(name))
        ]
        done: list[str] = []

        def visit(name: str, above: tuple[str, ...]) -> None:
            if name in done or name in above or name not in own:
                return
            for field in self.schemas[name].get("properties", {}).values():
                for part in (field, field.get("items", {}), field.get("additionalProperties") or {}):
                    if isinstance(part, dict):
                        visit(reference(part), (*above, name))
            done.append(name)

        for name in sorted(own):
            visit(name, ())
        return done

    def type_of(self, schema: dict[str, Any]) -> str:
        """The annotation of a value of this schema."""
        target = reference(schema)
        if target in SCALARS:
            if target == QUANTITY:
                self.imports.add(("cluster.api.quantity", "Quantity"))
            return SCALARS[target]
        if target:
            short = target.rpartition(".")[2]
            for group, prefix in PREFIXES.items():
                if target.startswith(prefix) and group != self.group:
                    self.imports.add((f"cluster.api.{group}", short))
            return short
        kind = schema.get("type")
        if kind == "array":
            return f"tuple[{self.type_of(schema['items'])}, ...]"
        if kind == "object":
            inner = schema.get("additionalProperties")
            return f"Mapping[str, {self.type_of(inner) if inner else 'Any'}]"
        return {"string": "str", "integer": "int", "boolean": "bool", "number": "float"}[str(kind)]

    def field(self, owner: str, name: str, schema: dict[str, Any], *, required: bool) -> str:
        """One line of a class body."""
        kind, path = self.type_of(schema), f"{owner}.{name}"
        attribute = SHADOWS.get(name, name)
        if keyword.iskeyword(attribute):
            raise SystemExit(f"{path}: a Python keyword")
        default = self.default(path, kind, schema, required=required)
        if default == "None":
            kind += " | None"
        annotation = self.merging(schema, kind)
        if attribute != name:
            default = f'field(name="{name}", default={default})'
        return f"    {attribute}: {annotation} = {default}"

    def default(self, path: str, kind: str, schema: dict[str, Any], *, required: bool) -> str:
        """The value of an absent field; a factory where the real API shows it all the same."""
        if kind.startswith("tuple"):
            return "field(default_factory=tuple)" if path == "EndpointSlice.endpoints" else "()"
        if kind.startswith("Mapping"):
            return "{}"
        if kind == "bool":
            if POINTER_BOOLEANS.search(path) and not VALUE_BOOLEANS.search(path):
                return "None"
            return "field(default_factory=bool)" if required else "False"
        if kind in ("int", "float"):
            if POINTER_NUMBERS.search(path) and not VALUE_NUMBERS.search(path) and not required:
                return "None"
            return f"field(default_factory={kind})" if required or SHOWN_NUMBERS.search(path) else "0"
        if kind == "str":
            if path in POINTER_STRINGS:
                return "None"
            return "field(default_factory=str)" if required and "default" in schema else '""'
        if kind == "Quantity":
            return "None"
        if kind == "int | str":
            return "field(default_factory=int)" if required else "None"
        shown = "default" in schema
        return f"field(default_factory=lambda: {kind}())" if shown else "None"

    @staticmethod
    def merging(schema: dict[str, Any], kind: str) -> str:
        """The annotation with the schema's merge rules, where it has any."""
        get = schema.get
        patch = str(get("x-kubernetes-patch-strategy", ""))
        if get("type") == "array" and (patch or get("x-kubernetes-list-type", "atomic") != "atomic"):
            keys = tuple(get("x-kubernetes-list-map-keys", ()))
            merge_key = str(get("x-kubernetes-patch-merge-key", ""))
            listed = get("x-kubernetes-list-type", "atomic")
            written = ", ".join(f'"{key}"' for key in keys) + ("," if len(keys) == 1 else "")
            return f'Annotated[{kind}, ListType("{listed}", ({written}), "{patch}", "{merge_key}")]'
        if get("x-kubernetes-map-type") == "atomic" or patch:
            mapped = get("x-kubernetes-map-type", "granular")
            return f'Annotated[{kind}, MapType("{mapped}", "{patch}")]'
        return kind

    def source(self) -> str:
        """The whole file."""
        body = "\n\n\n".join(self.declaration(name) for name in self.names())
        head = [
            f'"""{TITLES[self.group]}',
            "",
            "Written by `python -m tests.reference.generate` from the published schemas; do not edit by hand.",
            '"""',
            "",
        ]
        standard = [name for name in ("Mapping",) if re.search(rf"\b{name}\[", body)]
        head += ["from collections.abc import Mapping"] * bool(standard)
        typing = [name for name in ("Annotated", "Any") if re.search(rf"\b{name}\b", body)]
        head += [f"from typing import {', '.join(typing)}"] * bool(typing)
        head += ["", "from msgspec import field", ""]
        merge = [name for name in ("ListType", "MapType") if f"{name}(" in body]
        grouped: dict[str, set[str]] = {"cluster.api.object": {*merge, "Object"}}
        for module, name in self.imports:
            grouped.setdefault(module, set()).add(name)
        if self.group != "meta" and "Resource" in body:
            grouped.setdefault("cluster.api.meta", set()).add("Resource")
        head += [f"from {module} import {', '.join(sorted(names))}" for module, names in sorted(grouped.items())]
        tail = ""
        if self.group == "meta":
            tail = (
                "\n\n\nclass Resource(Object, frozen=True, kw_only=True):\n"
                '    """An object the API serves under a name of its own; its kind is its type."""\n\n'
                "    metadata: ObjectMeta = field(default_factory=lambda: ObjectMeta())\n"
            )
        return "\n".join(head) + "\n\n\n" + body + tail.rstrip("\n") + "\n"

    def declaration(self, name: str) -> str:
        """One class."""
        schema, short = self.schemas[name], name.rpartition(".")[2]
        required, fields = set(schema.get("required", ())), schema.get("properties", {})
        served = "x-kubernetes-group-version-kind" in schema and reference(fields.get("metadata", {})).endswith(
            "ObjectMeta"
        )
        base = "Resource" if served else "Object"
        hidden = {"apiVersion", "kind", "metadata"} if served else set()
        lines = [
            self.field(short, key, value, required=key in required)
            for key, value in fields.items()
            if key not in hidden
        ]
        head = f"class {short}({base}, frozen=True, kw_only=True):\n"
        return head + ("\n".join(lines) if lines else '    """No fields."""')


def main() -> int:
    """Write or check every file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if a file differs")
    check = parser.parse_args().check
    schemas = json.loads((HERE / "schemas.json").read_text())
    stale = []
    for group in PREFIXES:
        path, source = API / f"{group}.py", Module(group, schemas).source()
        if check and path.read_text() != source:
            stale.append(path.name)
        elif not check:
            path.write_text(source)
    if stale:
        print(f"stale: {', '.join(stale)}; run python -m tests.reference.generate", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
