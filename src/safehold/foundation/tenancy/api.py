"""The API's face of the workspace, its departments and its members."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.http import HttpRequest
from ninja import Query, Router, Schema, Status

from safehold.foundation.access.api import operation
from safehold.foundation.access.matrix import Permission
from safehold.foundation.scope.request import request_scope
from safehold.foundation.tenancy import flows, selectors
from safehold.foundation.tenancy.models import Department, Member, Tenant

__all__ = ["router"]

router = Router()


class Workspace(Schema):
    """The workspace that the token opens."""

    id: UUID
    slug: str
    name: str
    plan: str
    language: str


class DepartmentOut(Schema):
    """A department; its number is what members and records hold."""

    id: UUID
    number: int
    name: str


class DepartmentIn(Schema):
    """What a department is called."""

    name: str


class MemberOut(Schema):
    """A member; without departments they reach all of them."""

    id: UUID
    name: str
    email: str
    role: str
    status: str
    departments: list[int]
    created_at: datetime


class MemberIn(Schema):
    """Whom to invite, and as what."""

    email: str
    role: str
    name: str = ""
    departments: list[int] = []


class MemberChange(Schema):
    """What to change; what is left out stays."""

    role: str | None = None
    departments: list[int] | None = None


class MemberPage(Schema):
    """A page of members by id; `next` is the `after` of the following page, absent on the last."""

    items: list[MemberOut]
    next: UUID | None


class MemberFilter(Schema):
    """Which members, and which page of them."""

    search: str = ""
    status: str = ""
    after: UUID | None = None
    limit: int = 50


@router.get("workspace", response=Workspace, tags=["Workspace"])
@operation(Permission.SETTINGS_READ)
def read_workspace(request: HttpRequest) -> Tenant:
    """The workspace that the token opens."""
    return selectors.tenant(request_scope(request))


@router.get("departments", response=list[DepartmentOut], tags=["Departments"])
@operation(Permission.SETTINGS_READ)
def list_departments(request: HttpRequest) -> list[Department]:
    """The departments that the token's holder reaches."""
    return list(selectors.departments(request_scope(request)))


@router.post("departments", response={201: DepartmentOut}, tags=["Departments"])
@operation(Permission.DEPARTMENTS_MANAGE)
def create_department(request: HttpRequest, body: DepartmentIn) -> Status[Department]:
    """Add a department."""
    return Status(201, flows.create_department(scope=request_scope(request), name=body.name))


@router.patch("departments/{int:number}", response=DepartmentOut, tags=["Departments"])
@operation(Permission.DEPARTMENTS_MANAGE)
def rename_department(request: HttpRequest, number: int, body: DepartmentIn) -> Department:
    """Give a department another name."""
    return flows.rename_department(scope=request_scope(request), number=number, name=body.name)


@router.delete("departments/{int:number}", response={204: None}, tags=["Departments"])
@operation(Permission.DEPARTMENTS_MANAGE)
def delete_department(request: HttpRequest, number: int) -> Status[None]:
    """Delete an empty department."""
    flows.delete_department(scope=request_scope(request), number=number)
    return Status(204, None)


@router.get("members", response=MemberPage, tags=["Members"])
@operation(Permission.MEMBERS_READ)
def list_members(request: HttpRequest, wanted: Query[MemberFilter]) -> dict[str, object]:
    """The workspace's people, a page at a time; those who left only with `status=left`."""
    rows = selectors.members(request_scope(request), search=wanted.search, status=wanted.status).order_by("id")
    if wanted.after:
        rows = rows.filter(id__gt=wanted.after)
    size = min(max(wanted.limit, 1), 200)
    found = list(rows[: size + 1])
    return {"items": found[:size], "next": found[size - 1].id if len(found) > size else None}


@router.post("members", response={201: MemberOut}, tags=["Members"])
@operation(Permission.MEMBERS_MANAGE)
def invite_member(request: HttpRequest, body: MemberIn) -> Status[Member]:
    """Invite somebody. They get an e-mail with a link."""
    invited = flows.invite_member(
        scope=request_scope(request), email=body.email, name=body.name, role=body.role, departments=body.departments
    )
    return Status(201, invited)


@router.get("members/{uuid:member_id}", response=MemberOut, tags=["Members"])
@operation(Permission.MEMBERS_READ)
def read_member(request: HttpRequest, member_id: UUID) -> Member:
    """One of the workspace's people."""
    return selectors.member(request_scope(request), member_id)


@router.patch("members/{uuid:member_id}", response=MemberOut, tags=["Members"])
@operation(Permission.MEMBERS_MANAGE)
def change_member(request: HttpRequest, member_id: UUID, body: MemberChange) -> Member:
    """Change a member's role or departments. Their sessions and tokens under the old ones end at once."""
    return flows.change_member(
        scope=request_scope(request), member_id=member_id, role=body.role, departments=body.departments
    )


@router.delete("members/{uuid:member_id}", response={204: None}, tags=["Members"])
@operation(Permission.MEMBERS_MANAGE)
def remove_member(request: HttpRequest, member_id: UUID) -> Status[None]:
    """End a membership, with its sessions and tokens."""
    flows.remove_member(scope=request_scope(request), member_id=member_id)
    return Status(204, None)


@router.post("members/{uuid:member_id}/erase", response={204: None}, tags=["Members"])
@operation(Permission.SUBJECTS_ERASE)
def erase_member(request: HttpRequest, member_id: UUID) -> Status[None]:
    """Erase the personal details of somebody who left, from the list and from every event of the log, for good."""
    flows.erase_member(scope=request_scope(request), member_id=member_id)
    return Status(204, None)
