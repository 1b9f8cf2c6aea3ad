"""People with accounts, and browsers to sign in with."""

from __future__ import annotations

import itertools
import time

import pytest

PASSWORD = "the lamp eats winter"
"""Every made-up person's password."""


class Person:
    """An account, its password and, once enrolled, its authenticator app."""

    def __init__(self, account):
        self.account, self.email, self.password, self.seed = account, account.email, PASSWORD, ""

    def code(self, steps: int = 0) -> str:
        """What the app shows now, or `steps` half minutes from now."""
        from safehold.foundation.identity import totp

        return totp.code_at(self.seed, totp.step_of(time.time()) + steps)


class Browser:
    """Django's test client over TLS, with a few steps that people take."""

    numbers = itertools.count(1)

    def __init__(self, address: str = ""):
        from django.test import Client

        number = next(self.numbers)
        address = address or f"198.18.{number >> 8}.{number & 0xFF}"  # one each: addresses are counted

        headers = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0"}
        self.client = Client(enforce_csrf_checks=False, headers=headers, REMOTE_ADDR=address, HTTP_HOST="localhost")

    def get(self, path, **more):
        return self.client.get(path, secure=True, **more)

    def post(self, path, data=None, **more):
        return self.client.post(path, data or {}, secure=True, **more)

    def password(self, person, password=None):
        """The first step."""
        return self.post("/account/sign-in/", {"login": person.email, "password": password or person.password})

    def sign_in(self, person):
        """Both steps; returns itself."""
        answer = self.password(person)
        assert answer.status_code == 302, answer.content.decode()[:3000]
        if person.seed:
            answer = self.post("/account/sign-in/code/", {"code": person.code()})
            assert answer.status_code == 302, answer.content.decode()[:3000]
        return self

    @property
    def signed_in(self) -> bool:
        return self.get("/account/").status_code == 200

    @property
    def cookie(self) -> str:
        cookie = self.client.cookies.get("__Host-session")
        return cookie.value if cookie else ""


@pytest.fixture(scope="session", autouse=True)
def _ready(installation):
    from safehold.foundation.identity import flows

    (installation.home / "static").mkdir(exist_ok=True)
    yield
    flows.wait_for_copies()


@pytest.fixture(autouse=True)
def _cheap_hash(monkeypatch):
    """The same hash with less work: what is tried here isn't how hard it is to guess."""
    from safehold.foundation.identity.passwords import Argon2id

    monkeypatch.setattr(Argon2id, "memory_cost", 64)
    monkeypatch.setattr(Argon2id, "time_cost", 1)


@pytest.fixture
def real_hash(_cheap_hash, monkeypatch):
    """The hash with all its work."""
    from safehold.foundation.identity.passwords import Argon2id

    monkeypatch.setattr(Argon2id, "memory_cost", 47_104)
    monkeypatch.setattr(Argon2id, "time_cost", 2)


@pytest.fixture(autouse=True)
def outbox(settings_of):
    """The mails that were sent."""
    from django.core import mail

    mail.outbox = []
    with settings_of(EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend"):
        yield mail.outbox


@pytest.fixture(scope="session")
def settings_of():
    """Settings for the length of a block."""
    from django.test import override_settings

    return override_settings


@pytest.fixture
def signing_in(installation):
    """A transaction of the sign-in kind."""
    from safehold.foundation.scope.scope import Kind, Scope
    from safehold.foundation.scope.transaction import scoped

    return lambda: scoped(Scope(Kind.SIGN_IN, actor="system:test", address="192.0.2.1"))


@pytest.fixture
def make_person(signing_in):
    """Makes a person with an account; with roles in tenants, a place on the staff, an authenticator app."""
    from factories import make_member
    from safehold.foundation.identity import flows, totp
    from safehold.foundation.scope.clock import new_id

    def make(*places, staff=False, enrolled=False, demo=False, email="", name="Test Person"):
        address = email or f"p{new_id().hex[-12:]}@example.com"
        with signing_in() as scope:
            account = flows.create_account(
                scope=scope, email=address, name=name, password=PASSWORD, is_staff=staff, demo=demo
            )
        person = Person(account)
        for tenant, role in places:
            make_member(tenant, role, email=address, name=name, account_id=account.id)
        if enrolled:
            person.seed = totp.new_seed()
            with signing_in() as scope:
                person.recovery_codes = flows.enrol(scope=scope, account=account, seed=person.seed)
        return person

    return make


@pytest.fixture
def browser():
    return Browser


@pytest.fixture
def events(installation):
    """The events of a log about an account, newest first, as (name, fields)."""
    import json

    from factories import PLATFORM_SCOPE, system
    from safehold.foundation.audit.models import Event
    from safehold.foundation.scope.scope import Kind, Scope
    from safehold.foundation.scope.transaction import scoped

    def read(account, tenant=None):
        scope = system(tenant) if tenant else PLATFORM_SCOPE
        with scoped(scope):
            rows = list(Event.objects.filter(target=f"account:{account.id}").order_by("-at", "-id"))
        return [(row.type, row.actor, json.loads(bytes(row.body))["fields"]) for row in rows]

    assert Kind, Scope
    return read
