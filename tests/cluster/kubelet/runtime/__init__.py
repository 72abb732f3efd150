"""The checks of the simulated runtime."""
