"""Addresses of this room's pages."""

from __future__ import annotations

from django.urls import path

from safehold.foundation.audit import web
from safehold.foundation.audit.listing import Form

__all__ = ["tenant_urlpatterns"]

tenant_urlpatterns = [
    path("activity/", web.activity, name="activity"),
    path("activity.csv", web.export, {"form": Form.CSV}, name="activity-csv"),
    path("activity.jsonl", web.export, {"form": Form.JSON_LINES}, name="activity-jsonl"),
    path("activity/log/", web.export_log, name="activity-log"),
    path("activity/<uuid:event_id>/", web.event, name="activity-event"),
    path("activity/<uuid:event_id>/proof/", web.proof, name="activity-proof"),
]
