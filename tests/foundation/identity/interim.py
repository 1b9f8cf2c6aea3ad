"""Addresses for as long as the whole isn't there."""

from django.urls import include, path

from safehold.foundation.identity.urls import tenant_urlpatterns as identity_pages
from safehold.foundation.tenancy import urls as t
from safehold.foundation.tenancy.urls import tenant_urlpatterns as tenancy_pages

urlpatterns = [
    path("", include(t)),
    path("", include("safehold.ui.urls")),
    path("account/", include("safehold.foundation.identity.urls")),
    path("t/<slug:slug>/", include([*tenancy_pages, *identity_pages])),
]
handler404 = "safehold.ui.errors.not_found"
