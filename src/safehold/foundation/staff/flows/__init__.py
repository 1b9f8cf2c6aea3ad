"""Writes of the staff's register and of grants. Each runs in the caller's transaction and writes its events."""

from __future__ import annotations

from safehold.foundation.staff.flows.grants import (
    approve_access,
    approve_by_code,
    end_access,
    end_grants_of,
    grant_access,
    refuse_access,
    request_access,
    require_approval,
)
from safehold.foundation.staff.flows.people import add_staff, change_staff, remove_staff
from safehold.foundation.staff.flows.telling import note_denial, note_look

__all__ = [
    "add_staff",
    "approve_access",
    "approve_by_code",
    "change_staff",
    "end_access",
    "end_grants_of",
    "grant_access",
    "note_denial",
    "note_look",
    "refuse_access",
    "remove_staff",
    "request_access",
    "require_approval",
]
