"""Tables of this room that aren't a tenant's own, with the reason."""

from __future__ import annotations

__all__ = ["EXEMPT", "SCRATCH"]

_QUEUE = "The queue of background jobs, shared by all tenants: a job carries ids, and what they name is read in scope."

EXEMPT: dict[str, str] = {
    "procrastinate_jobs": _QUEUE,
    "procrastinate_events": "When each background job began and ended; holds nothing of a tenant's.",
    "procrastinate_periodic_defers": "When each scheduled job was last queued; holds nothing of a tenant's.",
    "procrastinate_workers": "Which workers live; holds nothing of a tenant's.",
}

_ONCE = "A table that a migration of the queue makes and a later one drops or renames."

SCRATCH: dict[str, str] = {
    "procrastinate_job_locks": _ONCE,
    "procrastinate_version": _ONCE,
}
