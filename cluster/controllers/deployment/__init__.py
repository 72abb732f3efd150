"""Deployments: ReplicaSets made, scaled and kept as history so that pods follow the template.

Between Deployments and ReplicaSets in the store. Mirrors pkg/controller/deployment and the rollout
commands of kubectl. Invariant: what to do follows from the Deployment and its ReplicaSets as they are
in the store now; decisions are pure functions, and `rollout.py` alone writes.
"""

from cluster.controllers.deployment.controller import DeploymentController

__all__ = ["DeploymentController"]
