"""A Kubernetes cluster in your terminal."""
