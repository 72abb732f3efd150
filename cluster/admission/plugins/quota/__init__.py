"""ResourceQuota: what an object is charged, which quotas it concerns, and whether they allow it."""

from cluster.admission.plugins.quota.charges import Charge, charge
from cluster.admission.plugins.quota.evaluation import charged
from cluster.admission.plugins.quota.scopes import in_scope

__all__ = ["Charge", "charge", "charged", "in_scope"]
