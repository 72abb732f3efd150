"""The facade's checks."""
