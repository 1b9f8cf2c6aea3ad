"""Exports and proofs stand by themselves: a verifier with the file and the public key needs nothing else."""

from __future__ import annotations

import io
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner

import factories
from safehold.foundation.access.matrix import Role
from safehold.foundation.audit import events, flows, naming, selectors
from safehold.foundation.audit.cli import audit
from safehold.foundation.audit.export import proof_of
from safehold.foundation.audit.signing import published_keys
from safehold.foundation.audit.verify_cli import verify as verify_command
from safehold.foundation.scope import clock
from safehold.foundation.scope.scope import Kind, Scope
from safehold.foundation.scope.transaction import scoped
from safehold.kernel import proof
from safehold.kernel.auditevent import LOGS
from safehold.kernel.errors import Denied, Invalid, NotFound, Unavailable
from safehold.kernel.verifier import Refused, verify
from support import tampering

DENIED = {"permission": "p", "route": "GET /r"}


def write(scope, count=1):
    with scoped(scope):
        return flows.record_many(scope, events.DENIED, [flows.Entry(fields=DENIED) for _ in range(count)])


def exported(scope, **how) -> bytes:
    with scoped(scope):
        made = flows.export_log(scope=scope, **how)
        return b"".join(made.pieces)


def check(data: bytes, installation, held=None):
    return verify(io.BytesIO(data), published_keys(installation), held)


def test_an_export_verifies_and_is_itself_recorded(scope, sealer, installation):
    write(scope, 300)
    sealer.catch_up()
    write(scope, 5)
    sealer.catch_up()
    report = check(exported(scope), installation)
    assert report.first == 0
    assert report.count == report.head.size
    assert report.checkpoints == 3
    assert report.chain_checked
    assert report.logs is not None
    assert report.openings == 0
    with scoped(scope):
        (newest, *_) = selectors.activity(scope=scope).events
    assert newest.type == "audit.exported"
    assert newest.sentence == f"exported events 0 to {report.end} of the activity log"


def test_personal_values_are_disclosed_on_demand_only(scope, sealer, installation):
    write(scope, 3)
    sealer.catch_up()
    assert b"192.0.2.1" not in exported(scope)
    sealer.catch_up()
    data = exported(scope, openings=True)
    assert b"192.0.2.1" in data
    assert check(data, installation).openings >= 3


def test_an_export_of_a_growing_log_continues_what_was_held(scope, sealer, installation, superuser):
    write(scope, 3)
    sealer.catch_up()
    with scoped(scope):
        held = selectors.newest_note(scope=scope)
    write(scope, 3)
    sealer.catch_up()
    report = check(exported(scope), installation, held)
    assert report.held is not None
    assert report.held < report.head.size


ATTACKS = {
    "edit": lambda s, log: tampering.edit(s, log, 2),
    "edit, all hashes made anew": lambda s, log: (tampering.edit(s, log, 2), tampering.rebuild(s, log)),
    "deletion, all hashes made anew": lambda s, log: tampering.rebuild(s, log, without=2),
    "swap": lambda s, log: tampering.swap(s, log, 1, 2),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_a_tampered_log_gives_an_export_that_is_refused(scope, sealer, installation, superuser, name):
    write(scope, 20)
    sealer.catch_up()
    log = scope.tenant
    with tampering.undone(superuser, installation, log):
        ATTACKS[name](superuser, log)
        try:
            data = exported(scope)
        except (Invalid, NotFound):
            return  # What is missing can't even be exported.
        with pytest.raises(Refused):
            check(data, installation)


def test_a_log_that_was_cut_back_to_an_older_head_is_refused_by_who_holds_a_newer_one(
    scope, sealer, installation, superuser
):
    write(scope, 5)
    sealer.catch_up()
    with scoped(scope):
        old = selectors.head(scope=scope)
        old_note, old_size = bytes(old.note), old.size
    write(scope, 5)
    sealer.catch_up()
    with scoped(scope):
        held = selectors.newest_note(scope=scope)
    log = scope.tenant
    with tampering.undone(superuser, installation, log):
        with scoped(scope):
            size = selectors.head(scope=scope).size
        tampering.cut(superuser, log, size - old_size)
        with tampering.unguarded(superuser):
            superuser.execute("delete from audit_checkpoint where tenant_id = %s and size > %s", [log, old_size])
        superuser.execute(
            "update audit_log set note = %s, checked_size = size, told_size = size where tenant_id = %s",
            [old_note, log],
        )
        data = exported(scope)
        assert check(data, installation).head.size == old_size  # By itself it is a true, old state …
        with pytest.raises(Refused, match="tail was cut"):
            check(data, installation, held)  # … but not for whoever has seen more.


@pytest.fixture
def at(superuser, monkeypatch):
    """Lets a test write and sign in the past: the database's own rule against that is away meanwhile."""
    (check,) = superuser.execute(
        "select pg_get_expr(polwithcheck, polrelid) from pg_policy where polname = 'present_time'"
    ).fetchone()
    superuser.execute("alter policy present_time on audit_event with check (true)")
    yield lambda then: monkeypatch.setattr(clock, "now", lambda: then)
    superuser.execute(f"alter policy present_time on audit_event with check ({check})")


def bare_scope() -> Scope:
    """A log and nothing else: no tenant is made, so that no other log gets an event of the past."""
    return Scope(Kind.TENANT, "system:test", tenant_id=clock.new_id(), role=Role.OWNER)


def test_a_period_is_shown_to_be_complete(sealer, installation, at):
    now = clock.now()
    scope = bare_scope()
    for days, count in ((2, 30), (1, 40), (0, 50)):
        at(now - timedelta(days=days))
        write(scope, count)
        sealer.catch_up()
    report = check(exported(scope, period=(now - timedelta(hours=36), now - timedelta(hours=12))), installation)
    assert report.period is not None
    assert report.in_period == 40
    assert report.count < report.head.size
    assert report.first > 0
    with pytest.raises(Invalid, match="can't be shown yet"):
        exported(scope, period=(now - timedelta(hours=36), now))
    with pytest.raises(Invalid, match="ends after it begins"):
        exported(scope, period=(now, now))
    long_ago = now - timedelta(days=900), now - timedelta(days=800)
    assert check(exported(scope, period=long_ago), installation).in_period == 0


def test_the_head_of_a_still_log_is_fresh_enough_to_show_that_nothing_came_after(sealer, installation, at):
    now = clock.now()
    at(now - timedelta(days=1))
    scope = bare_scope()
    write(scope, 3)
    sealer.catch_up()
    at(now)
    period = now - timedelta(hours=30), now - timedelta(hours=2)
    with pytest.raises(Invalid):
        exported(scope, period=period)
    sealer.catch_up()  # It was signed a day ago, so it is signed again.
    assert check(exported(scope, period=period), installation).in_period >= 3


def test_one_event_is_proved(scope, sealer, installation):
    (event_id, *_) = write(scope, 600)
    sealer.seal()
    with scoped(scope), pytest.raises(Unavailable):
        proof_of(scope=scope, event_id=event_id)
    sealer.catch_up()
    with scoped(scope):
        text = proof_of(scope=scope, event_id=event_id).encode()
    assert len(text) < 2_048
    event, head = proof.verify(text, published_keys(installation))
    assert event.id == event_id
    assert head.size >= 600
    other = factories.scope_of(factories.make_tenant(), "owner")
    with scoped(other), pytest.raises(NotFound):
        proof_of(scope=other, event_id=event_id)


def test_who_may_export(scope, sealer):
    write(scope)
    sealer.catch_up()
    manager = factories.scope_of(scope.tenant, "manager")
    with scoped(manager), pytest.raises(Denied):
        flows.export_log(scope=manager)
    with scoped(factories.PLATFORM_SCOPE) as platform:
        assert flows.export_log(scope=platform).events > 0


def test_a_log_without_a_signed_head_can_t_be_exported_yet(scope, superuser):
    with pytest.raises(Unavailable, match="signed"):
        exported(scope)


def test_the_command_line_exports_prints_heads_and_proves(scope, sealer, installation, tmp_path, monkeypatch):
    (event_id, *_) = write(scope, 20)
    sealer.catch_up()
    monkeypatch.setattr(naming, "_find_tenant", lambda slug: {"acme": scope.tenant}[slug])
    run, path, key = CliRunner(), tmp_path / "acme.safehold-audit", str(published_keys(installation)[0])
    done = run.invoke(audit, ["export", "acme", "-o", str(path)], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    assert "events written to" in done.output
    done = run.invoke(verify_command, [str(path), "--key", key])
    assert done.exit_code == 0, done.output
    assert "none missing" in done.output
    path.write_bytes(path.read_bytes().replace(b'"permission":"p"', b'"permission":"q"', 1))
    done = run.invoke(verify_command, [str(path), "--key", key])
    assert done.exit_code == 1

    done = run.invoke(audit, ["checkpoint"], catch_exceptions=False)
    assert done.output.startswith(f"safehold/{installation.id}/logs\n")
    done = run.invoke(audit, ["checkpoint", "acme"], catch_exceptions=False)
    held = tmp_path / "held"
    held.write_text(done.output)

    sealer.catch_up()
    shown = tmp_path / "event.tlog-proof"
    done = run.invoke(audit, ["proof", str(event_id), "-o", str(shown)], catch_exceptions=False)
    assert done.exit_code == 0
    done = run.invoke(verify_command, [str(shown), "--key", key])
    assert str(event_id) in done.output
    with pytest.raises(NotFound):
        run.invoke(audit, ["proof", str(LOGS)], catch_exceptions=False)
    done = run.invoke(audit, ["export", "acme", "--from", "2026-01-01"])
    assert "both" in done.output

    done = run.invoke(audit, ["export", "platform", "-o", str(tmp_path / "p")], catch_exceptions=False)
    monkeypatch.setenv("SAFEHOLD_HOME", str(installation.home))
    assert run.invoke(verify_command, [str(tmp_path / "p")]).exit_code == 0
    done = run.invoke(verify_command, [str(path), "--held", str(held)])
    assert done.exit_code == 1


def test_moments_are_whole_microseconds():
    from safehold.foundation.audit.moments import micros, moment

    for at in (datetime(2026, 11, 22, 1, 2, 3, 999_999, UTC), datetime(1970, 1, 1, tzinfo=UTC)):
        assert moment(micros(at)) == at


def test_verifying_needs_no_django():
    program = "import sys, safehold.foundation.audit.verify_cli; sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
