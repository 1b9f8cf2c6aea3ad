"""Addresses of this room's pages."""

from __future__ import annotations

from django.urls import path

from safehold.foundation.staff import web

__all__ = ["tenant_urlpatterns", "urlpatterns"]

urlpatterns = [
    path("", web.mine, name="staff"),
    path("grants/<uuid:grant_id>/end/", web.end_own, name="staff-end"),
]

tenant_urlpatterns = [
    path("support/", web.support, name="support"),
    path("support/approval/", web.change_approval, name="support-approval"),
    path("support/<uuid:grant_id>/approve/", web.approve, name="support-approve"),
    path("support/<uuid:grant_id>/refuse/", web.refuse, name="support-refuse"),
    path("support/<uuid:grant_id>/end/", web.end, name="support-end"),
]
