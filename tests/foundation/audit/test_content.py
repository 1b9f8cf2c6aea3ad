"""AUD-7: what events may hold, by rule and by looking; each way to break it turns it red."""

from __future__ import annotations

from dataclasses import replace

import pytest

from safehold.assurance.runner import probe_context
from safehold.foundation.audit import flows, registry
from safehold.foundation.audit.naming import scope_of_log
from safehold.foundation.audit.probes import content
from safehold.foundation.audit.probes.content import events_hold_no_content
from safehold.foundation.audit.probes.provoking import provokers
from safehold.foundation.audit.probes.writing import write_probes
from safehold.foundation.keys import canaries
from safehold.foundation.scope.transaction import apart_is_undone, scoped
from safehold.kernel.fieldkind import Free, Kind, fits
from safehold.kernel.promise import Finding, Result
from safehold.workspace.records import events as records

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("installation")]


def check() -> Finding:
    return events_hold_no_content(probe_context())


def leave(**fields: object) -> Finding:
    """What the check finds once an event with these fields stands in a canary's log."""
    probe = probe_context()
    with scoped(scope_of_log(probe.left, "test")) as scope:
        usual = {"collection": "probe", "version": 1, "fields": "code"}
        flows.record(scope, records.RECORD_EDITED, fields=usual | fields)
        found = check()
        scope_undone()
    return found


def scope_undone() -> None:
    from django.db import transaction

    transaction.set_rollback(True)


def test_it_is_kept_for_all_that_probes_write(sealer) -> None:
    probe = probe_context()
    scope = replace(scope_of_log(probe.left, "test"), departments=(0,))
    for one in (*write_probes(), *provokers()):
        with scoped(scope):
            with apart_is_undone():
                one.run(scope)
            found = check()
            scope_undone()
        assert found.result is Result.KEPT, (one.name, found)
    assert found.evidence["events"] > 3
    assert "staff.added: duty" in found.evidence["typed_by_people"]


def test_content_in_a_field_breaks_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """A value for this test alone: the real ones would stay in the journal, where they are looked for."""
    monkeypatch.setattr(canaries, "planted_values", lambda: {"test/own": "planted for this test alone"})
    found = leave(fields="code planted for this test alone")
    assert found.result is Result.BROKEN
    assert any(fault.endswith("holds test/own") for fault in found.evidence["faults"])


@pytest.mark.parametrize("value", ["Olga Schmidt owes 10 €", "code=Olga", 7, True])
def test_what_is_not_of_its_kind_breaks_it(value: object) -> None:
    found = leave(fields=value)
    assert found.result is Result.BROKEN
    assert "fields isn't what it says it is" in found.summary


def test_a_field_that_says_nothing_breaks_it(monkeypatch: pytest.MonkeyPatch) -> None:
    kinds = {name: dict(each) for name, each in registry.field_kinds().items()}
    del kinds["record.edited"]["fields"]
    monkeypatch.setattr(content, "field_kinds", lambda: kinds)
    assert check().evidence["faults"] == ["record.edited doesn't say what its field fields holds"]


def test_typed_text_without_a_reason_breaks_it(monkeypatch: pytest.MonkeyPatch) -> None:
    kinds = {name: dict(each) for name, each in registry.field_kinds().items()}
    kinds["record.edited"]["fields"] = Free("because")
    monkeypatch.setattr(content, "field_kinds", lambda: kinds)
    assert check().evidence["faults"] == ["record.edited gives no reason why its field fields holds what people typed"]


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        (Kind.ID, "member:01890000-0000-7000-8000-000000000000", "Olga Schmidt"),
        (Kind.KEY, "matters, title", "Olga owes"),
        (Kind.COUNT, 3, "3"),
        (Kind.FLAG, False, 0),
        (Kind.MOMENT, "2026-11-26T19:51:12+00:00", "tomorrow"),
        (Kind.DIGEST, "ab" * 32, "xyz"),
        (Kind.CODE, "password+totp", "two words"),
        (Kind.WORDS, "the password was changed", "olga@example.com"),
        (Kind.ROUTE, "GET /t/<slug:slug>/", "GET /t/x?q=Olga"),
        (Kind.ROUTE, "GET /^key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$", "OLGA-SCHMIDT /"),
        (Free("as it is", 5), "short", "longer"),
    ],
)
def test_kinds(kind: Kind | Free, good: object, bad: object) -> None:
    assert fits(kind, good)
    assert fits(kind, None)
    assert not fits(kind, bad)


def test_a_changed_name_and_language_is_what_it_says_it_is() -> None:
    assert fits(registry.field_kinds()["account.profile-changed"]["changed"], "name and language")
