"""Addresses of this room's page."""

from __future__ import annotations

from django.urls import path

from safehold.foundation.usage import web

__all__ = ["tenant_urlpatterns"]

tenant_urlpatterns = [path("usage/", web.usage, name="usage")]
