"""Deployments: what is decided, what is written, and what kubectl rollout says."""
