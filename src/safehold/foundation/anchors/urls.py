"""Addresses of this room's pages."""

from __future__ import annotations

from django.urls import path

from safehold.foundation.anchors import web

__all__ = ["tenant_urlpatterns"]

tenant_urlpatterns = [
    path("anchors/", web.anchors, name="anchors"),
    path("anchors/<uuid:place_id>/end/", web.end, name="anchor-end"),
]
