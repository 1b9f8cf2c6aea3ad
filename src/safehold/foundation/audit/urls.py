"""Addresses of this room's pages."""

from __future__ import annotations

from django.urls import path

from safehold.foundation.audit import web

__all__ = ["tenant_urlpatterns"]

tenant_urlpatterns = [
    path("activity/", web.activity, name="activity"),
    path("activity.csv", web.export, name="activity-export"),
    path("activity/log/", web.export_log, name="activity-log"),
    path("activity/<uuid:event_id>/", web.event, name="activity-event"),
]
