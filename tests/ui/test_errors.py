from __future__ import annotations

import pytest
from django.test import RequestFactory

from safehold.kernel import errors as kernel
from safehold.ui import errors, web
from support.pages import faults

ERRORS = [
    kernel.NotSignedIn(), kernel.Denied(), kernel.NotFound(), kernel.Conflict(), kernel.TooMany(), kernel.Unavailable(),
    kernel.Tampered(),
    kernel.Invalid(problems=(kernel.Problem("row 3, column age", "a number", "old"),), hint="Mend it."),
]  # fmt: skip


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.code)
def test_every_error_has_a_page(error: kernel.SafeholdError):
    response = errors.error_page(RequestFactory().get("/x"), error, reference="r-1")
    assert response.status_code == error.status
    assert faults(response.text) == []
    assert error.code in response.text
    assert "r-1" in response.text


def test_a_refusal_says_why_and_who_can_help():
    text = errors.error_page(RequestFactory().get("/x"), kernel.Denied("This needs more.")).text
    assert "This needs more." in text
    assert "owner or an admin" in text


def test_problems_are_listed():
    text = errors.error_page(RequestFactory().post("/x"), ERRORS[-1]).text
    assert "row 3, column age: expected a number, found old" in text
    assert "Mend it." in text


def test_waiting_is_told_to_programs_too():
    response = errors.error_page(RequestFactory().get("/x?a=1"), kernel.Unavailable())
    assert response["Retry-After"]
    assert '<a class="button button-primary" href="">' in response.text  # this page, its query not repeated


def test_djangos_own_refusals_look_the_same():
    request = RequestFactory().post("/x")
    assert errors.bad_request(request, ValueError()).status_code == 400
    assert errors.forbidden(request, kernel.Denied("No.")).status_code == 403
    assert "open for too long" in errors.forbidden(request, reason="CSRF cookie not set.").text
    assert errors.not_found(request, ValueError()).status_code == 404
    assert "Error 500" in errors.server_error(request).text


@pytest.mark.parametrize(("choice", "kept"), [("dark", "dark"), ("light", "light"), ("system", ""), ("<x>", "")])
def test_the_choice_of_light_or_dark_is_kept(choice: str, kept: str):
    request = RequestFactory().post(
        "/ui/theme/", {"theme": choice}, HTTP_HOST="localhost", HTTP_REFERER="http://localhost/trust/"
    )
    response = web.set_theme(request)
    assert response.cookies["safehold_theme"].value == kept
    assert response.url == "http://localhost/trust/"


def test_nobody_is_sent_elsewhere():
    request = RequestFactory().post(
        "/ui/theme/", {"theme": "dark"}, HTTP_HOST="localhost", HTTP_REFERER="https://evil.example/"
    )
    assert web.set_theme(request).url == "/"
