"""AUD-5: every kind of security event is provoked; a provoker that is missing, or provokes nothing, turns it red."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from safehold.assurance.runner import probe_context
from safehold.foundation.audit import events as audit, flows, registry
from safehold.foundation.audit.naming import scope_of_log
from safehold.foundation.audit.probes import provoking
from safehold.foundation.audit.probes.provoking import Provoker, every_security_event_is_provoked, provokers
from safehold.foundation.identity import events as identity
from safehold.foundation.scope.scope import Scope
from safehold.foundation.scope.transaction import scoped
from safehold.kernel.event import EventType
from safehold.kernel.promise import Finding, Result

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("installation")]


@pytest.fixture(autouse=True)
def heads(sealer) -> None:
    """An export of the log needs a signed head, and the canary has one."""
    sealer.catch_up()


def test_it_is_kept_while_the_newest_event_waits_for_its_head(sealer) -> None:
    """As for some seconds after every write: sealed, and not signed for yet."""
    with scoped(scope_of_log(probe_context().left, "test")) as scope:
        flows.record(scope, audit.READ)
    assert sealer.seal()
    found = check()
    assert found.result is Result.KEPT, found


def check() -> Finding:
    return every_security_event_is_provoked(probe_context())


def test_it_is_kept_and_leaves_nothing(superuser) -> None:
    def counted() -> int:
        return superuser.execute("select count(*) from audit_event").fetchone()[0]

    before = counted()
    found = check()
    assert found.result is Result.KEPT, found
    assert len(found.evidence["security_events"]) > 30
    assert {
        "account.sign-in-failed",
        "security.denied",
        "security.failed",
        "records.exported",
        "support.looked",
    } <= set(found.evidence["security_events"])
    assert counted() == before


def test_an_event_without_a_provoker_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        provoking, "provokers", lambda: [one for one in provokers() if identity.SIGN_IN_FAILED not in one.provokes]
    )
    found = check()
    assert found.result is Result.BROKEN
    assert "nothing provokes account.sign-in-failed" in found.evidence["faults"]


def test_an_event_that_is_not_written_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("safehold.foundation.identity.flows.sign_in._tell_apart", lambda *_: None)
    found = check()
    assert found.result is Result.BROKEN
    assert "sign-ins that fail left no account.sign-in-failed" in found.evidence["faults"]


def test_an_error_that_leaves_no_event_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flows, "record_failure", lambda *_, **__: None)
    assert "an error of the system left no security.failed" in check().evidence["faults"]


def test_an_event_that_nobody_meant_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    def too_much(scope: Scope) -> None:
        flows.record(scope, identity.TOKEN_REVOKED, fields={"token": "x", "reason": "y"})

    one = Provoker("something harmless", too_much, (identity.TOKEN_ISSUED,))
    monkeypatch.setattr(provoking, "provokers", lambda: [*provokers(), one])
    assert set(check().evidence["faults"]) == {
        "something harmless left no token.issued",
        "something harmless also left token.revoked",
    }


def test_a_new_security_event_has_to_come_with_a_provoker(monkeypatch: pytest.MonkeyPatch) -> None:
    new = EventType("probe.new", "Something new", security=True)
    types: Callable[[], dict[str, EventType]] = registry.event_types
    monkeypatch.setattr(provoking, "event_types", lambda: {**types(), new.name: new})
    assert check().evidence["faults"] == ["nothing provokes probe.new"]
