"""The API's face of support access: who looked in, deciding, ending, and whether a decision is needed."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema

from safehold.foundation.access.api import operation
from safehold.foundation.access.matrix import Permission
from safehold.foundation.scope.clock import now
from safehold.foundation.scope.request import request_scope
from safehold.foundation.staff import flows, selectors
from safehold.foundation.staff.models import Grant
from safehold.foundation.staff.selectors import GrantView

__all__ = ["router"]

router = Router()


class SupportAccess(Schema):
    """A look of the platform's staff into the workspace; `state` is waiting, open, refused, lapsed or ended."""

    id: UUID
    staff: str
    case: str
    reason: str
    state: str
    minutes: int
    requested_at: datetime
    approved_by: UUID | None
    refused_by: UUID | None
    opened_at: datetime | None
    until: datetime | None
    ended_at: datetime | None


class Approval(Schema):
    """Whether staff come in only after an owner or admin has approved."""

    needed: bool


@router.get("support-access", response=list[SupportAccess], tags=["Support access"])
@operation(Permission.SUPPORT_READ)
def list_support_access(request: HttpRequest) -> list[SupportAccess]:
    """Who of the platform's staff looked in or asks to, the newest hundred first."""
    return [_shown(view) for view in selectors.grants(request_scope(request))]


@router.get("support-access/approval", response=Approval, tags=["Support access"])
@operation(Permission.SUPPORT_READ)
def read_approval(request: HttpRequest) -> Approval:
    """Whether staff come in only after approval."""
    return Approval(needed=selectors.needs_approval(request_scope(request)))


@router.put("support-access/approval", response=Approval, tags=["Support access"])
@operation(Permission.SUPPORT_MANAGE)
def change_approval(request: HttpRequest, body: Approval) -> Approval:
    """Say whether staff come in only after approval."""
    flows.require_approval(scope=request_scope(request), needed=body.needed)
    return body


@router.post("support-access/{uuid:grant_id}/approve", response=SupportAccess, tags=["Support access"])
@operation(Permission.SUPPORT_MANAGE)
def approve_access(request: HttpRequest, grant_id: UUID) -> SupportAccess:
    """Let staff in; the time counts from now."""
    return _now(flows.approve_access(scope=request_scope(request), grant_id=grant_id))


@router.post("support-access/{uuid:grant_id}/refuse", response=SupportAccess, tags=["Support access"])
@operation(Permission.SUPPORT_MANAGE)
def refuse_access(request: HttpRequest, grant_id: UUID) -> SupportAccess:
    """Refuse staff."""
    return _now(flows.refuse_access(scope=request_scope(request), grant_id=grant_id))


@router.post("support-access/{uuid:grant_id}/end", response=SupportAccess, tags=["Support access"])
@operation(Permission.SUPPORT_MANAGE)
def end_access(request: HttpRequest, grant_id: UUID) -> SupportAccess:
    """End a look before its time."""
    return _now(flows.end_access(scope=request_scope(request), grant_id=grant_id))


def _now(row: Grant) -> SupportAccess:
    return _shown(GrantView(row, selectors.state_of(row, now())))


def _shown(view: GrantView) -> SupportAccess:
    row = view.row
    return SupportAccess(
        id=row.id,
        staff=row.staff_name,
        case=row.case_number,
        reason=row.reason,
        state=view.state,
        minutes=row.minutes,
        requested_at=row.requested_at,
        approved_by=row.approved_by,
        refused_by=row.refused_by,
        opened_at=row.from_at,
        until=row.until_at,
        ended_at=row.ended_at,
    )
