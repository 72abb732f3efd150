"""The kubelets: every node's agent, its pods' life cycle, and the simulated container runtime."""

from cluster.kubelet.kubelets import Kubelets

__all__ = ["Kubelets"]
