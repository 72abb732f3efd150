"""A whole Kubernetes cluster as a deterministic discrete-event simulation, without I/O."""
