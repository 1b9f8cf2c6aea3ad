"""What the catalogue audit finds here that isn't a tenant's own, with the reason."""

from __future__ import annotations

__all__ = ["DOORS", "EXEMPT", "SCRATCH"]

_QUEUE = (
    "The queue, for the worker's own login: the app role has no right on it, and uses three functions by its ticket."
)

EXEMPT: dict[str, str] = {
    "procrastinate_jobs": _QUEUE,
    "procrastinate_events": "When each background job began and ended. Only the queue's own login writes it.",
    "procrastinate_periodic_defers": "When each scheduled job was last queued. Only the queue's own login uses it.",
    "procrastinate_workers": "Which workers live. Only the queue's own login uses it.",
    "safehold.job_task": "Which tasks tenants may queue. Only the owner role reads and writes it.",
}

_ONCE = "A table that a migration of the queue makes and a later one drops or renames."

SCRATCH: dict[str, str] = {
    "procrastinate_job_locks": _ONCE,
    "procrastinate_version": _ONCE,
}

# What the app role is let in by: each text is known here so that nobody puts another in its place.
DOORS: dict[str, str] = {
    "safehold.job_end": "e75be5999148a79db6e91451bd1dca858fac39197b6d4831ccefde2fe0025659",
    "safehold.job_list": "f8c364ba075f62393ce56a883f66dd3a5566648714d5f4a1c8bffc7a7039584e",
    "safehold.job_queue": "2c2529d2dcefe9a4143d2a3c359840a4105f4cf9f794b15acd99c5e520b202d4",
}
