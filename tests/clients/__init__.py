"""Real clients on a served cluster: kubectl, and Python's client libraries."""
