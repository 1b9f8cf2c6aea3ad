"""The checks see what they are for: each promise is broken on purpose."""

from __future__ import annotations

import re

import pytest

from safehold.kernel.promise import ProbeContext, Result

pytestmark = pytest.mark.usefixtures("installation")


@pytest.fixture
def probe(installation):
    from factories import PLATFORM_SCOPE
    from safehold.foundation.identity import flows
    from safehold.foundation.scope.clock import now
    from safehold.foundation.scope.scope import Kind, Scope
    from safehold.foundation.scope.transaction import scoped
    from safehold.foundation.tenancy import selectors

    with scoped(PLATFORM_SCOPE):
        flows.ensure_canary_accounts(scope=PLATFORM_SCOPE)
    assert Kind, Scope
    left, right = selectors.canaries()
    return ProbeContext(now=now(), left=left, right=right)


@pytest.fixture
def canary_account(probe, signing_in):
    from safehold.foundation.identity import canary, selectors

    with signing_in():
        return selectors.account_by_email(canary.email_of(probe.left))


def test_there_is_a_promise_for_each_row_of_the_register():
    from safehold.foundation.identity.promises import CHECKS, PROMISES

    assert [promise.id for promise in PROMISES] == [f"IDN-{number}" for number in range(1, 11)]
    assert {check.promise for check in CHECKS} <= {promise.id for promise in PROMISES}
    assert all(re.match(r"[A-Z]", promise.title) and promise.text.endswith(".") for promise in PROMISES)


def test_all_checks_find_their_promise_kept_and_leave_nothing(probe, signing_in):
    from safehold.foundation.identity.models import ApiToken, Session
    from safehold.foundation.identity.promises import CHECKS

    for check in CHECKS:
        finding = check.run(probe)
        assert finding.result is Result.KEPT, (check.name, finding)
    with signing_in():
        assert not ApiToken.objects.filter(tenant_id__in=(probe.left, probe.right)).exists()
        assert not Session.objects.filter(account__canary=True).exists()


def test_a_password_stored_in_clear_is_found(probe, canary_account, signing_in):
    from safehold.foundation.identity.models import Account
    from safehold.foundation.identity.promises import check_hashes

    for stored in ("hunter2", "md5$salt$0123", "pbkdf2_sha256$1$x$y", ""):
        with signing_in():
            Account.objects.filter(id=canary_account.id).update(password=stored)
        try:
            finding = check_hashes(probe)
        finally:
            with signing_in():
                Account.objects.filter(id=canary_account.id).update(password=canary_account.password)
        assert finding.result is Result.BROKEN
        assert "hunter2" not in repr(finding)
    assert check_hashes(probe).result is Result.KEPT


@pytest.mark.parametrize("padding", [0, (1 << 20) - 20])
def test_a_password_in_a_log_is_found(padding, probe, installation):
    from safehold.foundation.identity import canary
    from safehold.foundation.identity.promises import check_logs

    leak = installation.logs / "leak.log"
    leak.write_text("x" * padding + f"tried {canary.password_of(probe.left)} today\n")
    try:
        finding = check_logs(probe)
    finally:
        leak.unlink()
    assert finding.result is Result.BROKEN
    assert finding.evidence["files"] == ["leak.log"]
    assert canary.password_of(probe.left) not in repr(finding)


def test_lax_passwords_are_found(probe, settings_of):
    from safehold.foundation.identity.promises import check_weak_passwords

    with settings_of(AUTH_PASSWORD_VALIDATORS=[]):
        from django.contrib.auth.password_validation import get_default_password_validators

        get_default_password_validators.cache_clear()
        finding = check_weak_passwords(probe)
    get_default_password_validators.cache_clear()
    assert finding.result is Result.BROKEN


def test_an_owner_who_gets_past_enrolment_is_found(probe, monkeypatch):
    from safehold.foundation.identity.middleware import MembershipMiddleware
    from safehold.foundation.identity.promises import check_owner_without_factor

    monkeypatch.setattr(MembershipMiddleware, "_must_enrol", lambda *_: False)
    finding = check_owner_without_factor(probe)
    assert finding.result is Result.BROKEN
    assert "/account/" in finding.evidence["reached"]


def test_a_single_open_page_is_found(probe, monkeypatch):
    from safehold.foundation.identity import middleware, promises

    monkeypatch.setattr(middleware, "WITHOUT_SECOND_FACTOR", middleware.WITHOUT_SECOND_FACTOR | {"account_sessions"})
    finding = promises.check_owner_without_factor(probe)
    assert finding.evidence["reached"] == ["/account/sessions/", "/account/sessions/"]


def test_a_canary_that_cannot_sign_in_proves_nothing(probe, canary_account, signing_in):
    from safehold.foundation.identity.models import Account
    from safehold.foundation.identity.promises import check_owner_without_factor

    with signing_in():
        Account.objects.filter(id=canary_account.id).update(is_active=False)
    try:
        assert check_owner_without_factor(probe).result is Result.BROKEN
    finally:
        with signing_in():
            Account.objects.filter(id=canary_account.id).update(is_active=True)


def test_a_token_that_opens_too_much_is_found(probe, monkeypatch):
    from safehold.foundation.identity import promises, selectors

    monkeypatch.setattr(selectors, "needs_second_factor", lambda **_: False)
    assert promises.check_token_without_factor(probe).result is Result.BROKEN


def test_canaries_are_made_once_and_get_their_password_back(probe, canary_account, signing_in):
    from factories import PLATFORM_SCOPE
    from safehold.foundation.identity import canary, flows, selectors
    from safehold.foundation.scope.transaction import scoped

    with signing_in():
        changed = selectors.account(canary_account.id)
        changed.set_password("something else entirely")
        changed.save()
    with scoped(PLATFORM_SCOPE):
        flows.ensure_canary_accounts(scope=PLATFORM_SCOPE)
    with signing_in():
        found = selectors.account(canary_account.id)
        assert found.check_password(canary.password_of(probe.left))
        assert found.email not in [account.email for account in selectors.all_accounts(scope=PLATFORM_SCOPE)]
