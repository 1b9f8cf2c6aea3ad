"""AUD-6 and AUD-7 on a running installation's files: kept, and red as soon as one secret is written down anywhere."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import override_settings

from safehold.assurance.runner import probe_context
from safehold.foundation.identity import canary
from safehold.foundation.keys import canaries
from safehold.kernel.installation import Installation
from safehold.kernel.promise import Finding, Result
from safehold.operations.checks import secrets as check
from safehold.operations.logs.writing import JsonLines, handler

pytestmark = [pytest.mark.database, pytest.mark.slow]


@pytest.fixture(autouse=True)
def log_file(installation: Installation) -> Iterator[None]:
    """This process logs into a file of the installation, as each of its own processes does."""
    (installation.home / "static").mkdir(exist_ok=True)
    path = installation.logs / "tests.log"
    taker = handler(str(path))
    taker.setFormatter(JsonLines())
    logging.getLogger().addHandler(taker)
    with override_settings(LOG_FILE=str(path)):
        yield
    logging.getLogger().removeHandler(taker)
    taker.close()
    path.unlink(missing_ok=True)


def run() -> Finding:
    return check.check_secrets(probe_context())


def faults() -> list[str]:
    found = run()
    assert found.result is Result.BROKEN
    return list(found.evidence["faults"])


def test_it_is_kept() -> None:
    found = run()
    assert found.result is Result.KEPT, found
    assert found.evidence["requests"] > 150
    assert check.check_lines(probe_context()).result is Result.KEPT
    assert check.check_database_log(probe_context()).result is Result.KEPT


def test_a_logger_that_passes_by_the_redaction_breaks_it(installation: Installation) -> None:
    raw = logging.FileHandler(installation.logs / "raw.log")
    raw.setFormatter(logging.Formatter("%(message)s"))
    logging.getLogger().addHandler(raw)
    try:
        found = faults()
    finally:
        logging.getLogger().removeHandler(raw)
        raw.close()
        (installation.logs / "raw.log").unlink()
    assert "password stands in logs/raw.log" in found
    assert "logs/raw.log has a line with a secret in it" in found


def test_a_view_that_logs_what_it_is_sent_breaks_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """By name and pattern the logger takes out most; a bare value it can't know, and the check sees it."""
    import safehold.foundation.identity.session_middleware as middleware

    usual = middleware.SessionMiddleware.__call__

    def careless(self: object, request: HttpRequest) -> HttpResponse:
        logging.getLogger("careless").info("they sent %s", request.POST.get("password"))
        return usual(self, request)

    monkeypatch.setattr(middleware.SessionMiddleware, "__call__", careless)
    assert "password stands in logs/tests.log" in faults()


def test_a_view_that_logs_its_headers_is_caught_by_the_redaction(monkeypatch: pytest.MonkeyPatch) -> None:
    import safehold.foundation.identity.session_middleware as middleware

    usual = middleware.SessionMiddleware.__call__

    def careless(self: object, request: HttpRequest) -> HttpResponse:
        logging.getLogger("careless").info("%s %s %s", request.headers, request.body, request.COOKIES)
        return usual(self, request)

    monkeypatch.setattr(middleware.SessionMiddleware, "__call__", careless)
    found = run()
    assert found.result is Result.KEPT, found


@pytest.mark.parametrize("kind", ["canary", "file", "database password"])
def test_a_secret_of_the_installation_in_a_log_breaks_it(installation: Installation, kind: str) -> None:
    probe = probe_context()
    said = {
        "canary": canary.password_of(probe.left),
        "file": installation.secret("django.key").hex(),
        "database password": installation.secret("db-app.password").decode(),
    }[kind]
    leak = installation.logs / "leak.log"
    leak.write_text(f"it was {said} after all\n")
    try:
        assert any("logs/leak.log" in fault for fault in faults())
    finally:
        leak.unlink()


def test_a_secret_in_a_kept_mail_breaks_it(installation: Installation) -> None:
    folder = installation.home / "mail"
    folder.mkdir(exist_ok=True)
    (folder / "x.log").write_text(f"Your password is {canary.password_of(probe_context().right)}.")
    try:
        assert any(fault.endswith("stands in mail/x.log") for fault in faults())
    finally:
        (folder / "x.log").unlink()


def test_a_check_that_sees_nothing_breaks_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("safehold.operations.checks.sinks.log_lines", lambda _: iter(()))
    assert faults() == ["the check is blind: what it logged a moment ago can't be found"]


def test_content_in_a_line_breaks_aud_7(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(canaries, "planted_values", lambda: {"test/own": "planted for this test alone"})
    logging.getLogger("careless").info("they wrote planted for this test alone")
    found = check.check_lines(probe_context())
    assert found.result is Result.BROKEN
    assert found.evidence["faults"] == ["test/own stands in logs/tests.log"]


def test_a_database_that_logs_statements_breaks_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(check.QUIET, "log_statement", "ddl")
    found = check.check_database_log(probe_context())
    assert found.result is Result.BROKEN
    assert found.evidence["settings"] == {"log_statement": "none"}
