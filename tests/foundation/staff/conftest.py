"""Staff and tenants of their own for each test."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import psycopg
import pytest

from factories import make_tenant
from safehold.kernel.installation import Installation


@pytest.fixture(autouse=True)
def _cheap_hash(monkeypatch):
    """The same hash with less work: what is tried here isn't how hard it is to guess."""
    from safehold.foundation.identity.passwords import Argon2id

    monkeypatch.setattr(Argon2id, "memory_cost", 64)
    monkeypatch.setattr(Argon2id, "time_cost", 1)


@pytest.fixture(autouse=True)
def outbox(installation: Installation) -> Iterator[list]:
    """The mails that were sent."""
    from django.core import mail
    from django.test import override_settings

    (installation.home / "static").mkdir(exist_ok=True)
    mail.outbox = []
    with override_settings(EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend"):
        yield mail.outbox


@pytest.fixture
def staffer(installation: Installation):
    """One of the staff, who has left again when the test is over."""
    from support.staffers import Staffer

    made = Staffer()
    yield made
    from safehold.kernel.errors import Conflict

    with contextlib.suppress(Conflict):  # they may have left in the test
        made.leave()


@pytest.fixture
def tenant(installation: Installation):
    """A tenant with two departments."""
    return make_tenant("Support Ltd", plan="professional", departments=["Second"])


@pytest.fixture
def raw(installation: Installation) -> Iterator[psycopg.Connection]:
    """A bare connection as the staff's role, as somebody has who got SQL past us there."""
    login = installation.login("staff")
    with psycopg.connect(
        host=login.host, port=login.port, dbname=login.name, user=login.user, password=login.password, autocommit=True
    ) as connection:
        yield connection


@pytest.fixture
def told(installation: Installation):
    """The events of a tenant's log and of the platform's about this room, oldest first: (type, actor, fields)."""
    import json

    from factories import PLATFORM_SCOPE, system
    from safehold.foundation.audit.models import Event
    from safehold.foundation.scope.transaction import scoped

    def read(tenant, *, platform=False):
        scope = PLATFORM_SCOPE if platform else system(tenant)
        with scoped(scope):
            rows = list(Event.objects.filter(tenant_id=scope.log_id, type__startswith="support.").order_by("at", "id"))
        found = [(row.type, row.actor, json.loads(bytes(row.body))["fields"]) for row in rows]
        return [one for one in found if one[2].get("tenant", str(tenant.id)) == str(tenant.id)]

    return read
