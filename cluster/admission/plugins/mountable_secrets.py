"""A pod may use only the secrets that its service account lists, where the account says so.

One of the pod plugins, asked once for the pods of one template. Mirrors the second half of ServiceAccount
(`limitSecretReferences`). Invariant: the account's own pull secrets are always allowed.
"""

from collections.abc import Iterator

from cluster.api.core import Container, PodSpec, ServiceAccount
from cluster.api.errors import Forbidden

ANNOTATION = "kubernetes.io/enforce-mountable-secrets"
_TRUE = ("1", "t", "T", "true", "TRUE", "True")


def check(spec: PodSpec, account: ServiceAccount, name: str) -> None:
    """Forbidden if the pod refers to a secret that its account does not list."""
    if account.metadata.annotations.get(ANNOTATION) not in _TRUE:
        return
    fault = next(_faults(spec, account), None)
    if fault is not None:
        raise Forbidden.of("pods", name, fault)


def _faults(spec: PodSpec, account: ServiceAccount) -> Iterator[str]:
    listed = {reference.name for reference in account.secrets}
    because = f"is not allowed because service account {account.metadata.name} does not reference that"
    tail = f"{because} secret"
    for volume in spec.volumes:
        if volume.secret is not None and volume.secret.secretName not in listed:
            yield f'volume with secret.secretName="{volume.secret.secretName}" {tail}'
    for sort, containers in (("init container", spec.initContainers), ("container", spec.containers)):
        for container in containers:
            for source, secret in _references(container):
                if secret not in listed:
                    yield f'{sort} {container.name} with {source} referencing secret.secretName="{secret}" {tail}'
    pulled = {reference.name for reference in account.imagePullSecrets}
    for index, reference in enumerate(spec.imagePullSecrets):
        if reference.name not in pulled:
            yield f'imagePullSecrets[{index}].name="{reference.name}" {because} imagePullSecret'


def _references(container: Container) -> Iterator[tuple[str, str]]:
    """Where the container's environment takes secrets from, and which."""
    for variable in container.env:
        if variable.valueFrom is not None and variable.valueFrom.secretKeyRef is not None:
            yield f"envVar {variable.name}", variable.valueFrom.secretKeyRef.name
    for source in container.envFrom:
        if source.secretRef is not None:
            yield "envFrom", source.secretRef.name
