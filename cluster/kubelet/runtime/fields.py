"""What a pod may be told of itself: fieldRef and resourceFieldRef.

Beside a container's environment and its downwardAPI volumes. Mirrors pkg/fieldpath and the resource helpers.
Invariant: a text follows from the pod alone.
"""

import re

from cluster.api import quantity
from cluster.api.core import Container, ObjectFieldSelector, Pod, ResourceFieldSelector

_KEYED = re.compile(r"metadata\.(labels|annotations)\['([^']+)'\]")


def field(pod: Pod, selector: ObjectFieldSelector) -> str:
    """What a fieldRef means (`fieldpath.ExtractFieldPathAsString`)."""
    path, meta = selector.fieldPath, pod.metadata
    keyed = _KEYED.fullmatch(path)
    if keyed is not None:
        return (meta.labels if keyed[1] == "labels" else meta.annotations).get(keyed[2], "")
    if path in ("metadata.labels", "metadata.annotations"):
        pairs = meta.labels if path.endswith("labels") else meta.annotations
        return "\n".join(f'{key}="{_escaped(pairs[key])}"' for key in sorted(pairs))
    values = {
        "metadata.name": meta.name, "metadata.namespace": meta.namespace, "metadata.uid": meta.uid,
        "spec.nodeName": pod.spec.nodeName, "spec.serviceAccountName": pod.spec.serviceAccountName,
        "status.hostIP": pod.status.hostIP, "status.podIP": pod.status.podIP,
        "status.hostIPs": ",".join(address.ip for address in pod.status.hostIPs),
        "status.podIPs": ",".join(address.ip for address in pod.status.podIPs),
    }  # fmt: skip
    return values.get(path, "")


def resource(pod: Pod, container: Container, selector: ResourceFieldSelector) -> str:
    """What a resourceFieldRef means: a request or limit in units of the divisor, rounded up; 0 if there is none."""
    named = [*pod.spec.containers, *pod.spec.initContainers]
    owner = next((each for each in named if each.name == selector.containerName), container)
    part, _, name = selector.resource.partition(".")
    amounts = owner.resources.limits if part == "limits" else owner.resources.requests
    divisor = quantity.milli(selector.divisor or "1") or 1000
    return str(-(-quantity.milli(amounts.get(name, "0")) // divisor))


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
