"""Addresses of this room's pages."""

from __future__ import annotations

from django.urls import path

from safehold.foundation.tenancy import web, web_guests

__all__ = ["tenant_urlpatterns", "urlpatterns"]

urlpatterns = [
    path("", web.start, name="start"),
    path("account/workspaces/", web.workspaces, name="workspaces"),
]

tenant_urlpatterns = [
    path("", web.home, name="tenant-home"),
    path("members/", web.members, name="members"),
    path("members/invite/", web.invite, name="member-invite"),
    path("members/<uuid:member_id>/", web.change_member, name="member-change"),
    path("members/<uuid:member_id>/remove/", web.remove_member, name="member-remove"),
    path("members/<uuid:member_id>/erase/", web.erase_member, name="member-erase"),
    path("auditors/", web_guests.auditors, name="auditors"),
    path("auditors/<uuid:guest_id>/end/", web_guests.end_auditor, name="auditor-end"),
    path("auditors/<uuid:guest_id>/erase/", web_guests.erase_auditor, name="auditor-erase"),
    path("departments/", web.departments, name="departments"),
    path("members/<uuid:member_id>/invite-again/", web.invite_again, name="member-invite-again"),
    path("departments/<int:number>/delete/", web.delete_department, name="department-delete"),
    path("departments/<int:number>/", web.rename_department, name="department-rename"),
    path("settings/", web.settings, name="settings"),
]
