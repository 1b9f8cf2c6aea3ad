"""Routes of the ui floor."""

from __future__ import annotations

from django.urls import path

from safehold.ui import web

__all__ = ["urlpatterns"]

urlpatterns = [
    path("ui/", web.gallery, name="ui-gallery"),
    path("ui/theme/", web.set_theme, name="ui-theme"),
]
