"""How long a pod stays on a node that is not ready or cannot be reached: five minutes, unless it says.

One of the pod plugins, on creation and on update. Mirrors DefaultTolerationSeconds. Invariant: a
pod that tolerates one of these taints already is left as it is for that taint.
"""

from cluster.admission.sharing import changed
from cluster.api.core import PodSpec, Toleration

SECONDS = 300
NOT_READY = "node.kubernetes.io/not-ready"
UNREACHABLE = "node.kubernetes.io/unreachable"
_DEFAULTS = tuple(
    Toleration(key=key, operator="Exists", effect="NoExecute", tolerationSeconds=SECONDS)
    for key in (NOT_READY, UNREACHABLE)
)


def admitted(spec: PodSpec) -> PodSpec:
    """The spec with a toleration for each of the two taints."""
    missing = [default for default in _DEFAULTS if not any(_covers(item, default.key) for item in spec.tolerations)]
    return changed(spec, tolerations=(*spec.tolerations, *missing)) if missing else spec


def _covers(toleration: Toleration, key: str) -> bool:
    return toleration.key in (key, "") and toleration.effect in ("NoExecute", "")
