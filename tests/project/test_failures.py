"""An error that nobody foresaw leaves an event, a log line and an answer that carry one reference, and no more."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from factories import PLATFORM_SCOPE
from safehold.foundation.scope.transaction import scoped
from safehold.kernel.auditevent import Event, decode
from safehold.operations.logs.writing import JsonLines

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("installation")]

SECRET = "what Olga typed"


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What the installation would have in its log."""
    taken = logging.StreamHandler(io.StringIO())
    taken.setFormatter(JsonLines())
    logging.getLogger().addHandler(taken)
    yield taken.stream
    logging.getLogger().removeHandler(taken)


def failures() -> list[Event]:
    from safehold.foundation.audit.models import Event as Row

    with scoped(PLATFORM_SCOPE):
        rows = Row.objects.filter(type="security.failed").order_by("id")
        return [decode(bytes(row.body)) for row in rows]


def fail(*_: object, **__: object) -> None:
    raise ValueError(f"this was it: '{SECRET}'")


def judge(reference: str, route: str, actor: str, lines: io.StringIO, before: int) -> None:
    """One event, with this reference; a line with it and with where it was; what was typed in neither."""
    assert len(failures()) == before + 1
    event = failures()[-1]
    assert event.fields == {"kind": "ValueError", "route": route, "reference": reference}
    assert event.actor == actor
    told = [json.loads(line) for line in lines.getvalue().splitlines()]
    faults = [line for line in told if line.get("error") and line.get("reference") == reference]
    assert faults
    assert all("test_failures.py" in line["error"] for line in faults)
    assert SECRET not in lines.getvalue()


def test_a_page(monkeypatch: pytest.MonkeyPatch, lines: io.StringIO) -> None:
    before = len(failures())
    monkeypatch.setattr("safehold.foundation.tenancy.web.render", fail)
    monkeypatch.setattr("safehold.assurance.web.render", fail)
    answer = Client(raise_request_exception=False, SERVER_NAME="localhost").get("/trust/", secure=True)

    assert answer.status_code == 500
    said = answer.content.decode()
    assert SECRET not in said
    reference = re.search(r"reference <code>([0-9a-f]{12})</code>", said)
    assert reference is not None
    judge(reference[1], "GET /trust/", "visitor", lines, before)


def test_an_operation(monkeypatch: pytest.MonkeyPatch, lines: io.StringIO) -> None:
    before = len(failures())
    monkeypatch.setattr("safehold.foundation.identity.flows.use_token", fail)
    answer = Client(raise_request_exception=False, SERVER_NAME="localhost").get(
        "/api/v1/members", secure=True, HTTP_AUTHORIZATION="Bearer sfh_0123456789abcdef0123"
    )

    assert answer.status_code == 500
    assert answer["Content-Type"] == "application/problem+json"
    said = answer.json()
    assert SECRET not in answer.content.decode()
    judge(said["reference"], "GET /api/v1/members", "visitor", lines, before)


def test_a_job(lines: io.StringIO) -> None:
    from procrastinate import App
    from procrastinate.testing import InMemoryConnector

    from safehold.operations.processes.worker import tell_of_failure

    before = len(failures())
    app = App(connector=InMemoryConnector())
    app.task(fail, name="test.fail")

    async def work() -> None:
        async with app.open_async():
            await app.configure_task("test.fail").defer_async()
            options: dict[str, Any] = {"install_signal_handlers": False, "listen_notify": False}
            await app.run_worker_async(wait=False, task_middleware=[tell_of_failure], **options)

    asyncio.run(work())
    judge(str(failures()[-1].fields["reference"]), "job test.fail", "system:worker", lines, before)


def test_a_command(monkeypatch: pytest.MonkeyPatch, lines: io.StringIO) -> None:
    from support.commands import safehold

    before = len(failures())
    monkeypatch.setattr("sys.argv", ["safehold", "tenant", "list"])
    monkeypatch.setattr("safehold.foundation.tenancy.selectors.tenants", fail, raising=False)
    monkeypatch.setattr("safehold.foundation.tenancy.cli._tenants", fail, raising=False)
    monkeypatch.setattr("safehold.foundation.tenancy.cli.scoped", fail)
    done = safehold("tenant", "list")

    assert done.code == 1
    assert SECRET not in done.out + done.err
    reference = re.search(r"safehold logs --reference ([0-9a-f]{12})", done.out + done.err)
    assert reference is not None
    assert failures()[-1].fields == {"kind": "ValueError", "route": "command tenant", "reference": reference[1]}
    assert len(failures()) == before + 1


def test_what_is_refused_is_no_failure() -> None:
    before = len(failures())
    client = Client(raise_request_exception=False, SERVER_NAME="localhost")
    assert client.get("/no-such-page/", secure=True).status_code == 404
    assert client.get("/api/v1/members", secure=True).status_code == 401
    assert client.post("/account/sign-in/", {"login": "x"}, secure=True).status_code in (200, 403)
    assert len(failures()) == before
