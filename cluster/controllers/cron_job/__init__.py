"""CronJobs: a Job at every time that a schedule names, in its time zone."""

from cluster.controllers.cron_job.controller import CronJobController

__all__ = ["CronJobController"]
