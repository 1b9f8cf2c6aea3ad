"""What the log says of a request's address: nothing that whoever sent it chose."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.test import RequestFactory

from safehold.foundation.scope.request import route_of
from safehold.kernel.fieldkind import Kind, fits


@pytest.mark.parametrize(
    ("method", "route", "says"),
    [
        ("GET", "t/<slug:slug>/", "GET /t/<slug:slug>/"),
        ("PATCH", "", "PATCH /"),
        ("OLGA-SCHMIDT", "t/<slug:slug>/", "OTHER /t/<slug:slug>/"),
        ("BREW", None, "OTHER unknown"),
    ],
)
def test_a_route_holds_nothing_that_the_sender_chose(method, route, says):
    request = RequestFactory().generic(method, "/t/x/?q=Olga")
    request.resolver_match = None if route is None else SimpleNamespace(route=route)
    assert route_of(request) == says
    assert fits(Kind.ROUTE, says)
