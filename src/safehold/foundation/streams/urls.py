"""Addresses of this room's pages."""

from __future__ import annotations

from django.urls import path

from safehold.foundation.streams import web

__all__ = ["tenant_urlpatterns"]

tenant_urlpatterns = [
    path("streams/", web.streams, name="streams"),
    path("streams/<uuid:stream_id>/pause/", web.pause, name="stream-pause"),
    path("streams/<uuid:stream_id>/resume/", web.resume, name="stream-resume"),
    path("streams/<uuid:stream_id>/end/", web.end, name="stream-end"),
]
