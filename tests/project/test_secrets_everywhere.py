"""AUD-6, the whole walk: somebody signed in sends secrets to every address by every method; none is written down.

Each request carries them in its body beside what the address expects, in its headers, its cookies and its address.
Afterwards every sink is searched: log lines, the database's log, events, mails, and the answers that are errors.
"""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from django.core import mail
from django.db import connection
from django.test import override_settings
from django.urls import reverse

from factories import system
from safehold.foundation.access.addresses import addresses, fill
from safehold.foundation.access.matrix import Role
from safehold.foundation.keys.rawscan import Needles, needles_of_texts, scan_chunks
from safehold.foundation.scope.transaction import scoped
from safehold.kernel.installation import Installation
from safehold.operations.checks.secrets import planted
from safehold.operations.logs.writing import JsonLines
from support.world import INSIDE, KEY, Person, World, undone

pytestmark = [pytest.mark.usefixtures("installation"), pytest.mark.slow]

_ADDRESS = "token in an address"
NEED_A_HEAD = ("activity/log/", "events/checkpoint", "/proof", "/proof/")
"""What answers 503 until a head of the log is signed; no sealer runs here."""


@pytest.fixture(scope="module")
def world(installation: Installation) -> Iterator[World]:
    (installation.home / "static").mkdir(exist_ok=True)
    place = replace(installation, egress_private=(INSIDE,))
    with override_settings(SAFEHOLD=place, EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend"):
        yield World("secret")


@pytest.fixture
def superuser(installation: Installation) -> Iterator[psycopg.Connection]:
    """A superuser's connection, to read every event there is."""
    from safehold.operations.database.prepare import admin_conninfo

    with psycopg.connect(admin_conninfo(installation), dbname=installation.login("app").name) as connection:
        yield connection


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What the installation would have in its log, from the most talkative level on."""
    taken = logging.StreamHandler(io.StringIO())
    taken.setFormatter(JsonLines())
    root = logging.getLogger()
    root.addHandler(taken)
    yield taken.stream
    root.removeHandler(taken)


def names(world: World, person: Person, secrets: dict[str, str]) -> dict[str, object]:
    ids = world.ids
    return {
        "slug": world.tenant.slug, "key": KEY, "collection": KEY, "field": "title", "record_id": ids["one"],
        "member_id": ids["member"], "number": 3, "import_id": person.import_id, "event_id": ids["event"],
        "grant_id": ids["grant"], "token_id": person.token_id, "link": secrets["link"], "hashed": secrets["link"],
        "uidb36": "1", "subject": secrets["link"],
    }  # fmt: skip


def form(secrets: dict[str, str]) -> dict[str, str]:
    """Fields by which the product takes secrets, and some by which somebody else's might."""
    passwords = dict.fromkeys(("password", "password1", "password2", "oldpassword"), secrets["password"])
    others = {"code": secrets["code"], "otp": secrets["code"], "recovery_code": secrets["recovery code"]}
    return passwords | others | {"answer": secrets["answer"], "token": secrets["API token"], "api_key": secrets["key"]}


def written(world: World) -> list[bytes]:
    """The events of the open transaction, which nobody will see: it is undone."""
    with scoped(system(world.tenant)), connection.cursor() as cursor:
        cursor.execute("SELECT body FROM audit_event WHERE xid = pg_current_xact_id()")
        return [bytes(row[0]) for row in cursor.fetchall()]


def send_all(world: World, person: Person, secrets: dict[str, str]) -> Iterator[tuple[str, Any, list[bytes]]]:
    headers = {
        "HTTP_X_API_KEY": secrets["key"],
        "HTTP_X_CSRFTOKEN": secrets["CSRF token"],
        "HTTP_PROXY_AUTHORIZATION": f"Basic {secrets['key']}",
        "secure": True,
    }
    person.client.cookies["other"] = secrets["session cookie"]
    person.client.raise_request_exception = False
    for each in addresses():
        if each.pattern == "account/sign-out/":
            continue
        path = fill(each.pattern, names(world, person, secrets)) + f"?token={secrets[_ADDRESS]}"
        for method in each.methods or ("GET", "POST", "PUT", "DELETE"):
            more: dict[str, Any] = dict(headers)
            body: Any = form(secrets)
            if each.is_api:
                more |= {"HTTP_AUTHORIZATION": f"Bearer {person.key}", "content_type": "application/json"}
                body = json.dumps(body)
            with undone():
                answer = getattr(person.client, method.lower())(
                    path, **({} if method == "GET" else {"data": body}), **more
                )
                bodies = written(world)
            yield f"{method} {each.pattern}", answer, bodies


def test_no_secret_is_written_down(
    installation: Installation, world: World, lines: io.StringIO, superuser: psycopg.Connection
) -> None:
    secrets, person = planted(), Person(world, Role.OWNER)
    log = installation.logs / "database.log"
    before = log.stat().st_size
    sent, failed, written_then = 0, [], []
    needles = Needles(needles_of_texts(secrets | {"the token that was used": person.key}))
    for name, answer, bodies in send_all(world, person, secrets):
        sent += 1
        written_then += bodies
        if answer.status_code >= 500 and not name.endswith(NEED_A_HEAD):
            failed.append(f"{name}: {answer.status_code}")
        if answer.status_code >= 400 and not name.endswith("records.csv"):  # which quotes the file that it refuses
            said = b"".join(answer.streaming_content) if answer.streaming else answer.content
            failed += [f"{name} answers with {hit.label}" for hit in scan_chunks([said], needles, name)]
    assert sent > 250
    assert len(written_then) > 10
    assert failed == [], "\n".join(failed)
    events = b"\n".join(row[0] for row in superuser.execute("select body from audit_event").fetchall())
    mails = "\n".join(f"{each.subject}\n{each.body}" for each in mail.outbox)
    sinks = {
        "the log": lines.getvalue().encode(),
        "the database's log": log.read_bytes()[before:],
        "the events": events + b"\n".join(written_then),
        "the mails": mails.encode(),
    }
    found = [
        f"{hit.label} in {hit.place}" for name, text in sinks.items() for hit in scan_chunks([text], needles, name)
    ]
    assert found == []


def test_what_really_signs_somebody_in_is_written_down_nowhere(
    world: World, lines: io.StringIO, superuser: psycopg.Connection
) -> None:
    """A real password that is right, wrong codes of six digits, a real session cookie, a real invitation link."""
    from support.visitors import Visitor

    visitor = Visitor(world.tenant, Role.OWNER)
    session = visitor.client.cookies["__Host-session"].value
    for path, data in (
        (reverse("account_login"), {"login": "nobody@example.com", "password": "wrong-but-secret-4711"}),
        (reverse("account_reauthenticate"), {"password": "wrong-but-secret-4711"}),
        (reverse("mfa_reauthenticate"), {"code": "914273"}),
        (f"/t/{world.tenant.slug}/members/invite/", {"email": "invited@example.com", "name": "I", "role": "viewer"}),
    ):
        visitor.client.post(path, data, secure=True)
    log = lines.getvalue()
    for secret in (session, "wrong-but-secret-4711", "914273"):
        assert secret not in log
    bodies = b"\n".join(row[0] for row in superuser.execute("select body from audit_event").fetchall())
    assert b"wrong-but-secret-4711" not in bodies
    assert session.encode() not in bodies
