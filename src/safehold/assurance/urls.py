"""Addresses of the trust centre."""

from __future__ import annotations

from django.urls import path

from safehold.assurance import web

__all__ = ["urlpatterns"]

urlpatterns = [
    path("trust/", web.trust, name="trust"),
    path("trust/register.json", web.register_json, name="trust-register"),
    path("trust/<str:promise_id>.json", web.promise_evidence, name="trust-evidence"),
    path("trust/<str:promise_id>/", web.promise, name="trust-promise"),
]
