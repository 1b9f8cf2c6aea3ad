"""Writes of tenants, departments and members. Each runs inside the caller's scoped transaction and writes its event."""

from __future__ import annotations

from safehold.foundation.tenancy.flows.canaries import ensure_canaries
from safehold.foundation.tenancy.flows.departments import create_department, delete_department, rename_department
from safehold.foundation.tenancy.flows.guests import end_guest, erase_guest, invite_guest, join_guest
from safehold.foundation.tenancy.flows.members import (
    change_member,
    erase_member,
    invite_member,
    join_member,
    remove_member,
    update_copies,
)
from safehold.foundation.tenancy.flows.tenants import change_plan, change_tenant, create_tenant, keep_logs

__all__ = [
    "change_member",
    "change_plan",
    "change_tenant",
    "create_department",
    "create_tenant",
    "delete_department",
    "end_guest",
    "ensure_canaries",
    "erase_guest",
    "erase_member",
    "invite_guest",
    "invite_member",
    "join_guest",
    "join_member",
    "keep_logs",
    "remove_member",
    "rename_department",
    "update_copies",
]
