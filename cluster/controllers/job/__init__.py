"""Jobs: pods that are to end well, counted exactly once each, retried with back-off, up to a limit."""

from cluster.controllers.job.controller import JobController

__all__ = ["JobController"]
