"""Guessing is slowed down, also in parallel and over restarts."""

from __future__ import annotations

import threading
import time
from datetime import timedelta

import pytest

from factories import make_tenant

pytestmark = pytest.mark.usefixtures("installation")


def unique() -> str:
    from safehold.foundation.scope.clock import new_id

    return f"x{new_id().hex[-12:]}@example.com"


@pytest.fixture
def verified(monkeypatch):
    """Counts how often a password reaches the hash."""
    from safehold.foundation.identity.models import Account

    seen, check = [], Account.check_password

    def counted(self, raw):
        seen.append(raw)
        return check(self, raw)

    monkeypatch.setattr(Account, "check_password", counted)
    return seen


def test_after_ten_failures_from_an_address_the_password_is_not_looked_at(make_person, browser, verified, events):
    person = make_person()
    here = browser("192.0.2.101")
    for _ in range(10):
        assert b"Too many" not in here.password(person, "wrong wrong wrong wrong").content
    verified.clear()
    for _ in range(3):
        assert b"Too many" in here.password(person).content
    assert verified == []
    names = [name for name, _, _ in events(person.account)]
    assert names.count("account.sign-in-failed") == 10
    assert names.count("account.sign-in-slowed") == 1
    assert browser("192.0.2.102").password(person).status_code == 302


def test_an_unknown_address_is_slowed_the_same(browser):
    here, email = browser("192.0.2.103"), unique()
    answers = [here.post("/account/sign-in/", {"login": email, "password": "wrong"}) for _ in range(11)]
    assert b"Too many" not in answers[9].content
    assert b"Too many" in answers[10].content


def test_a_right_password_clears_the_accounts_count(make_person, browser):
    person = make_person()
    for _ in range(3):
        here = browser("192.0.2.104")
        for _ in range(9):
            here.password(person, "wrong wrong wrong wrong")
        assert here.password(person).status_code == 302


def test_an_address_is_counted_by_its_failures_only(make_person, browser, monkeypatch):
    from safehold.foundation.identity import limits
    from safehold.foundation.identity.flows import sign_in

    monkeypatch.setattr(sign_in.limits, "ADDRESS", limits.Limit("sign-in from this address", 5, 900))
    address = "192.0.2.110"
    people = [make_person() for _ in range(8)]
    for person in people:
        assert browser(address).password(person).status_code == 302
    for person in people[:5]:
        assert b"Too many" not in browser(address).password(person, "wrong wrong wrong wrong").content
    assert b"Too many" in browser(address).password(people[5]).content
    assert browser("192.0.2.111").password(people[5]).status_code == 302


def test_forty_parallel_tries_are_forty_tries(installation):
    from safehold.foundation.identity import flows
    from safehold.foundation.identity.errors import Slowed
    from safehold.foundation.scope.scope import Kind, Scope

    email, allowed, gate = unique(), [], threading.Barrier(8)
    scope = Scope(Kind.SIGN_IN, actor="visitor", address="192.0.2.105")

    def flood():
        gate.wait()
        for _ in range(5):
            try:
                flows.count_sign_in(scope=scope, email=email)
            except Slowed:
                continue
            allowed.append(1)

    threads = [threading.Thread(target=flood) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(allowed) == 10


def test_the_window_ends(installation, monkeypatch):
    from safehold.foundation.identity import flows
    from safehold.foundation.identity.errors import Slowed
    from safehold.foundation.identity.flows import limits
    from safehold.foundation.scope import clock
    from safehold.foundation.scope.scope import Kind, Scope

    email, scope = unique(), Scope(Kind.SIGN_IN, actor="visitor", address="192.0.2.106")
    for _ in range(10):
        flows.count_sign_in(scope=scope, email=email)
    with pytest.raises(Slowed):
        flows.count_sign_in(scope=scope, email=email)
    moment = clock.now() + timedelta(minutes=15, seconds=1)
    monkeypatch.setattr(limits, "now", lambda: moment)
    flows.count_sign_in(scope=scope, email=email)


def test_a_failed_request_still_counts_and_leaves_no_name(signing_in):
    from safehold.foundation.identity import flows
    from safehold.foundation.identity.models import Attempt

    email = unique()
    with signing_in():
        before = set(Attempt.objects.values_list("key", flat=True))
    with pytest.raises(RuntimeError), signing_in() as scope:
        flows.count_sign_in(scope=scope, email=email)
        raise RuntimeError
    with signing_in():
        new = set(Attempt.objects.values_list("key", flat=True)) - before
    assert len(new) >= 2
    assert not any(email in key for key in new)


def test_codes_are_limited_too(make_person, browser, events):
    person = make_person(enrolled=True)
    here = browser("192.0.2.107")
    here.password(person)
    answers = [here.post("/account/sign-in/code/", {"code": "000000"}) for _ in range(11)]
    assert b"Too many" not in answers[9].content
    assert b"Too many" in answers[10].content
    assert b"Too many" in here.post("/account/sign-in/code/", {"code": person.code()}).content
    steps = [fields.get("step") for _, _, fields in events(person.account)]
    assert steps.count("second factor") == 10


def test_reset_mails_are_limited_and_tell_nothing(make_person, browser, outbox):
    person, here = make_person(), browser("192.0.2.108")
    known = here.post("/account/password/reset/", {"email": person.email})
    unknown = browser("192.0.2.109").post("/account/password/reset/", {"email": unique()})
    assert known.status_code == unknown.status_code == 302
    assert known["Location"] == unknown["Location"]
    assert len(outbox) == 2
    for _ in range(2):
        here.post("/account/password/reset/", {"email": person.email})
    assert b"Too many" in here.post("/account/password/reset/", {"email": person.email}).content


def test_a_reset_link_works_once_ends_sessions_and_skips_no_factor(make_person, browser, outbox, events):
    import re

    person = make_person((make_tenant(), "viewer"), enrolled=True)
    old = browser().sign_in(person)
    here, new = browser(), "winter eats the lamp"
    here.post("/account/password/reset/", {"email": person.email.upper()})
    link = re.search(r"https://localhost(?::\d+)?(/account/password/reset/\S+)", outbox[-1].body)[1]
    inner = here.get(link)["Location"]
    assert link.split("-", 1)[1] not in inner
    assert here.post(inner, {"password1": "short", "password2": "short"}).status_code == 200
    assert here.post(inner, {"password1": new, "password2": new})["Location"] == "/account/password/reset/done/"
    assert not here.signed_in
    assert not old.signed_in
    assert outbox[-1].subject == "Your password was reset"
    assert here.password(person, new)["Location"] == "/account/sign-in/code/"
    again = browser().get(link)
    assert b"no longer works" in again.content
    names = [name for name, _, _ in events(person.account)]
    assert {"account.password-changed", "account.sessions-ended"} <= set(names)


def test_known_and_unknown_addresses_take_the_same_time(real_hash, make_person, browser):
    """A Welch test on interleaved pairs; the real hash dominates, and the rest of the road is the same."""
    from statistics import mean, variance

    person, known, unknown = make_person(), [], []

    def timed(email, number):
        started = time.perf_counter()
        browser(f"198.51.100.{number}").post(
            "/account/sign-in/", {"login": email, "password": "wrong wrong wrong wrong"}
        )
        return time.perf_counter() - started

    for number in range(16):
        known.append(timed(person.email, number))
        unknown.append(timed(f"nobody{number}@example.com", 100 + number))
    spread = (variance(known) / len(known) + variance(unknown) / len(unknown)) ** 0.5
    difference = abs(mean(known) - mean(unknown))
    assert difference < max(4 * spread, 0.015), (mean(known), mean(unknown), spread)
