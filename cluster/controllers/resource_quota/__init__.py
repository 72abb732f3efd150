"""The resource quota controller, and the ledgers it counts with."""

from cluster.controllers.resource_quota.controller import ResourceQuotaController

__all__ = ["ResourceQuotaController"]
