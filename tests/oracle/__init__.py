"""What a real Kubernetes does, and whether this cluster does the same."""
