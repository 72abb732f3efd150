"""The API server's checks."""
