"""The REST facade: the Kubernetes API over HTTP, so that kubectl and client libraries work on the cluster."""
