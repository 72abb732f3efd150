"""An Ingress without a class gets the cluster's default one.

One of the plugins. Mirrors DefaultIngressClass. Invariant: an Ingress that names a class, in its spec
or in the old annotation, keeps it.
"""

from cluster.admission.plugins.view import ApiView
from cluster.admission.sharing import changed
from cluster.api.networking import Ingress

ANNOTATION = "kubernetes.io/ingress.class"


def admitted(api: ApiView, ingress: Ingress) -> Ingress:
    """The new Ingress with a class, if there is a default."""
    if ingress.spec.ingressClassName or ANNOTATION in ingress.metadata.annotations:
        return ingress
    default = api.policies.ingress_class.get()
    if default is None:
        return ingress
    return changed(ingress, spec=changed(ingress.spec, ingressClassName=default.metadata.name))
