"""Probes: when the kubelet asks a container how it is, what the simulated container answers, what follows."""
