"""Every address of the product, put together from the rooms."""

from __future__ import annotations

from django.urls import include, path

from safehold.api.assembly import urls as api_urls
from safehold.foundation.anchors.urls import tenant_urlpatterns as anchors_pages
from safehold.foundation.audit.urls import tenant_urlpatterns as audit_pages
from safehold.foundation.identity.urls import tenant_urlpatterns as identity_pages
from safehold.foundation.staff.urls import tenant_urlpatterns as staff_pages
from safehold.foundation.streams.urls import tenant_urlpatterns as streams_pages
from safehold.foundation.tenancy.urls import tenant_urlpatterns as tenancy_pages
from safehold.foundation.usage.urls import tenant_urlpatterns as usage_pages
from safehold.workspace.records.urls import tenant_urlpatterns as records_pages

__all__ = ["urlpatterns"]

_INSIDE = [
    *tenancy_pages,
    *records_pages,
    *audit_pages,
    *identity_pages,
    *staff_pages,
    *usage_pages,
    *streams_pages,
    *anchors_pages,
]

urlpatterns = [
    path("", include("safehold.ui.urls")),
    path("", include("safehold.foundation.tenancy.urls")),
    path("", include("safehold.assurance.urls")),
    path("account/", include("safehold.foundation.identity.urls")),
    path("staff/", include("safehold.foundation.staff.urls")),
    path("api/v1/", api_urls),
    path("t/<slug:slug>/", include(_INSIDE)),
]

handler400 = "safehold.ui.errors.bad_request"
handler403 = "safehold.ui.errors.forbidden"
handler404 = "safehold.ui.errors.not_found"
handler500 = "safehold.ui.errors.server_error"
