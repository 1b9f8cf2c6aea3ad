"""Each check is shown the promise broken on purpose, and has to say so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection

import factories
from safehold.foundation.audit import events, flows
from safehold.foundation.audit.probes import chain, writing
from safehold.foundation.audit.probes.append_only import attempts, changes, nothing_can_be_changed
from safehold.foundation.audit.probes.chain import nothing_was_changed_unseen
from safehold.foundation.audit.probes.writing import WriteProbe, every_write_leaves_its_entry
from safehold.foundation.audit.promises import CHECKS, PROMISES
from safehold.foundation.audit.sealer import Sealer
from safehold.foundation.audit.signing import signer
from safehold.foundation.audit.statements import connect
from safehold.foundation.scope import clock
from safehold.foundation.scope.transaction import scoped
from safehold.kernel.auditevent import LOGS
from safehold.kernel.ids import PLATFORM
from safehold.kernel.promise import ProbeContext, Result
from support import tampering

DENIED = {"permission": "p", "route": "GET /r"}


@pytest.fixture(scope="module")
def probe(installation) -> ProbeContext:
    """Two tenants in the canaries' place, with something in their logs. Whoever breaks them mends them again."""
    tenants = [factories.make_tenant().id for _ in range(2)]
    scopes = [factories.PLATFORM_SCOPE, *(factories.scope_of(tenant, "owner") for tenant in tenants)]
    for scope in scopes:
        with scoped(scope):
            flows.record_many(scope, events.DENIED, [flows.Entry(fields=DENIED)] * 270)
    with connect("sealer") as connection:
        connection.autocommit = True
        Sealer(connection, installation, signer(installation)).catch_up()
    return ProbeContext(now=clock.now(), left=tenants[0], right=tenants[1])


@pytest.fixture(autouse=True)
def _alive(superuser, monkeypatch) -> None:
    """No sealer runs here by itself; for the checks it has just been at work, however slow the machine is."""
    monkeypatch.setattr(chain, "ALARM_SECONDS", 600.0)
    superuser.execute("update audit_sealer_state set at = now(), waiting_since = null")


def test_the_register_has_every_promise_once():
    assert [one.id for one in PROMISES] == [f"AUD-{number}" for number in range(1, 10)]
    assert {one.promise for one in CHECKS} == {"AUD-1", "AUD-2", "AUD-3", "AUD-4", "AUD-5", "AUD-7"}


# AUD-1


def test_the_log_can_t_be_changed_by_any_role(probe):
    found = nothing_can_be_changed(probe)
    assert found.result is Result.KEPT, found
    assert found.evidence["tried"] == dict.fromkeys(("app", "sealer", "owner", "backup", "staff", "queue"), 40)
    assert found.evidence["tables_guarded_from_their_owner"]


@pytest.mark.parametrize("attempt", changes())
def test_even_a_superuser_is_refused_while_the_triggers_stand(superuser, installation, attempt):
    import psycopg

    for role in ("postgres", "safehold_owner"):
        with pytest.raises(psycopg.errors.RestrictViolation if role == "postgres" else psycopg.Error) as caught:
            superuser.execute(f"set role {role}; {attempt}")
        assert caught.value.sqlstate in ("23001", "42501")
        superuser.execute("reset role")


def test_the_owner_is_refused_by_the_trigger_once_it_has_given_itself_the_right(installation, superuser):
    import psycopg

    with connect("owner") as owner:
        owner.autocommit = True
        owner.execute("grant update, delete, truncate on audit_event to safehold_owner")
        try:
            for attempt in changes()[:3]:
                with pytest.raises(psycopg.errors.RestrictViolation, match="append-only"):
                    owner.execute(attempt)
            with pytest.raises(psycopg.errors.RestrictViolation):
                owner.execute("set session_replication_role = replica; delete from audit_event")
        except psycopg.errors.InsufficientPrivilege:
            pass  # Only a superuser may set session_replication_role; below one does.
        finally:
            owner.execute("revoke update, delete, truncate on audit_event from safehold_owner")
    with pytest.raises(psycopg.errors.RestrictViolation):
        superuser.execute("begin; set local session_replication_role = replica; delete from audit_event")
    superuser.execute("rollback")


def test_the_app_s_own_update_is_refused(installation):
    scope = factories.scope_of(factories.make_tenant(), "owner")
    for attempt in attempts():
        with pytest.raises(DatabaseError), scoped(scope), connection.cursor() as cursor:
            cursor.execute(attempt)


BREAKS_OF_AUD_1 = {
    "trigger disabled": (
        "alter table audit_event disable trigger refuse_change",
        "alter table audit_event enable always trigger refuse_change",
        "audit_event: no trigger",
    ),
    "trigger not always awake": (
        "alter table audit_leaf enable trigger refuse_change_of_row",
        "alter table audit_leaf enable always trigger refuse_change_of_row",
        "audit_leaf: no trigger",
    ),
    "trigger dropped": (
        "drop trigger refuse_change on audit_checkpoint",
        (
            "create trigger refuse_change before update or delete or truncate on audit_checkpoint for each statement"
            " execute function safehold.refuse_change();"
            "alter table audit_checkpoint enable always trigger refuse_change"
        ),
        "audit_checkpoint: no trigger",
    ),
    "right granted to the app": (
        "grant update on audit_event to safehold_app",
        "revoke update on audit_event from safehold_app",
        "audit_event: safehold_app may UPDATE",
    ),
    "right granted on a column": (
        "grant update (personal) on audit_event to safehold_app",
        "revoke update (personal) on audit_event from safehold_app",
        "audit_event.personal: safehold_app may UPDATE",
    ),
    "right granted to all": (
        "grant truncate on audit_node to public",
        "revoke truncate on audit_node from public",
        "may TRUNCATE",
    ),
    "role that writes everything": (
        "grant pg_write_all_data to safehold_app",
        "revoke pg_write_all_data from safehold_app",
        "safehold_app may write every table",
    ),
    "guard switched off": (
        "alter event trigger safehold_only_grows_drop disable",
        "alter event trigger safehold_only_grows_drop enable",
        "safehold_only_grows_drop is switched off or gone",
    ),
    "policy widened": (
        "alter policy sealer_adds on audit_event with check (true)",
        (
            "alter policy sealer_adds on audit_event with check"
            " (tenant_id = '00000000-0000-0000-0000-000000000001' and type = 'log.sealed')"
        ),
        "public.audit_event was altered past the guard",
    ),
    "trigger of a part disabled": (
        "alter table audit_event_3y_rest disable trigger refuse_change",
        "alter table audit_event_3y_rest enable always trigger refuse_change",
        "audit_event_3y_rest: no trigger",
    ),
    "refusal emptied": (
        (
            "create or replace function safehold.refuse_change() returns trigger language plpgsql"
            " as 'begin return new; end'"
        ),
        None,
        "isn't the one that was released",
    ),
    "row is really changed": (
        "grant update on audit_key to safehold_sealer; alter table audit_key disable trigger all",
        (
            "revoke update on audit_key from safehold_sealer;"
            "alter table audit_key enable always trigger refuse_change;"
            "alter table audit_key enable always trigger refuse_change_of_row"
        ),
        "UPDATE audit_key as sealer was not refused",
    ),
}


@pytest.mark.parametrize("name", BREAKS_OF_AUD_1)
def test_a_hole_in_append_only_is_seen(probe, superuser, name):
    do, undo, words = BREAKS_OF_AUD_1[name]
    source = superuser.execute("select pg_get_functiondef('safehold.refuse_change()'::regprocedure)").fetchone()[0]
    superuser.execute(do)
    try:
        found = nothing_can_be_changed(probe)
    finally:
        superuser.execute(undo or source)
    assert found.result is Result.BROKEN
    assert any(words in fault for fault in found.evidence["faults"]), found
    assert nothing_can_be_changed(probe).result is Result.KEPT


# AUD-2


def test_untouched_logs_verify(probe):
    found = nothing_was_changed_unseen(probe)
    assert found.result is Result.KEPT, found
    assert len(found.evidence["logs"]) == 4


def test_unsealed_events_and_a_new_tenant_are_no_tampering(probe):
    factories.make_tenant()
    scope = factories.scope_of(probe.left, "owner")
    with scoped(scope):
        flows.record(scope, events.DENIED, fields=DENIED)
    assert nothing_was_changed_unseen(probe).result is Result.KEPT


def _insert_beside(superuser, log):
    superuser.execute(
        "insert into audit_event (tenant_id, id, at, xid, type, actor, target, body)"
        " select tenant_id, gen_random_uuid(), at - interval '1 hour', '3', type, actor, target, body"
        " from audit_event where tenant_id = %s limit 1",
        [log],
    )


def _insert_into(superuser, log):
    """An event slipped in between two others, everything else computed anew."""
    with tampering.unguarded(superuser):
        (event_id,) = superuser.execute(
            "insert into audit_event (tenant_id, id, at, xid, type, actor, target, body)"
            " select tenant_id, gen_random_uuid(), at, xid, type, actor, target, body"
            " from audit_event where tenant_id = %s limit 1 returning id",
            [log],
        ).fetchone()
        superuser.execute("update audit_leaf set index = index + 10000 where tenant_id = %s and index >= 5", [log])
        superuser.execute(
            "insert into audit_leaf select tenant_id, 5, id, digest, digest from audit_event where id = %s", [event_id]
        )
    tampering.rebuild(superuser, log)


def _edit_and_rebuild(superuser, log):
    tampering.edit(superuser, log, 7)
    tampering.rebuild(superuser, log)


def _rewrite_all_of_it(superuser, log, installation):
    """Everything that can be done without the key: new hashes everywhere, every signed head forgotten."""
    _edit_and_rebuild(superuser, log)
    tampering.forget_notes(superuser, installation, log, anchor=True)


def _anchor_of_another(superuser, log, installation):
    from safehold.foundation.audit import anchors

    note = anchors.read(installation.anchors, PLATFORM)
    anchors.write(installation.anchors, {log: note})


def _forged_note(superuser, log, installation):
    note = superuser.execute("select note from audit_log where tenant_id = %s", [log]).fetchone()[0].decode()
    size = note.split("\n")[1]
    forged = note.replace(f"\n{size}\n", f"\n{int(size) - 1}\n").encode()
    superuser.execute("update audit_log set note = %s where tenant_id = %s", [forged, log])


ATTACKS: dict[str, Callable[..., None]] = {
    "an event is changed": lambda s, log, _i: tampering.edit(s, log, 3),
    "an event is changed, all hashes made anew": lambda s, log, _i: _edit_and_rebuild(s, log),
    "a column is changed": lambda s, log, _i: tampering.change(s, log, 3, "actor = 'member:someone-else'"),
    "the target is changed": lambda s, log, _i: tampering.change(s, log, 3, "target = 'record:other'"),
    "the time is changed": lambda s, log, _i: tampering.change(s, log, 3, "at = e.at - interval '1 day'"),
    "an event is deleted": lambda s, log, _i: tampering.delete_event(s, log, 4),
    "an event is deleted, all hashes made anew": lambda s, log, _i: tampering.rebuild(s, log, without=1),
    "the first event is deleted, all hashes made anew": lambda s, log, _i: tampering.rebuild(s, log, without=0),
    "an event is slipped in beside": lambda s, log, _i: _insert_beside(s, log),
    "an event is slipped in between": lambda s, log, _i: _insert_into(s, log),
    "two events change places": lambda s, log, _i: tampering.swap(s, log, 2, 8),
    "the tail is cut": lambda s, log, _i: tampering.cut(s, log, 2),
    "the tail is cut and signed heads forgotten": lambda s, log, i: (
        tampering.cut(s, log, 2),
        tampering.forget_notes(s, i, log, anchor=False),
    ),
    "the log is gone": lambda s, log, _i: tampering.remove_log(s, log),
    "the anchor is gone": lambda _s, log, i: (i.anchors / f"{log}.checkpoint").unlink(),
    "the anchor is another log's": _anchor_of_another,
    "the signed head is changed": _forged_note,
}


@pytest.mark.parametrize("name", ATTACKS)
def test_tampering_with_a_canary_s_log_is_seen(probe, superuser, installation, name):
    with tampering.undone(superuser, installation, probe.left):
        ATTACKS[name](superuser, probe.left, installation)
        found = nothing_was_changed_unseen(probe)
        assert found.result is Result.BROKEN, name
    assert nothing_was_changed_unseen(probe).result is Result.KEPT


@pytest.mark.parametrize("log", [PLATFORM, LOGS], ids=["platform", "logs"])
@pytest.mark.parametrize("name", ["an event is deleted, all hashes made anew", "the tail is cut", "the log is gone"])
def test_tampering_with_the_platform_s_logs_is_seen(probe, superuser, installation, name, log):
    with tampering.undone(superuser, installation, log):
        ATTACKS[name](superuser, log, installation)
        assert nothing_was_changed_unseen(probe).result is Result.BROKEN
    assert nothing_was_changed_unseen(probe).result is Result.KEPT


@pytest.mark.parametrize("forget", [False, True])
def test_a_whole_log_of_any_tenant_that_vanishes_is_seen(probe, superuser, installation, sealer, forget):
    scope = factories.scope_of(factories.make_tenant(), "owner")
    sealer.catch_up()
    with tampering.undone(superuser, installation, scope.tenant):
        tampering.remove_log(superuser, scope.tenant)
        if forget:  # The anchor is gone too; the log of logs still names it.
            (installation.anchors / f"{scope.tenant}.checkpoint").unlink()
        found = nothing_was_changed_unseen(probe)
        assert found.result is Result.BROKEN
        assert str(scope.tenant) in found.summary


def test_a_rewritten_log_whose_heads_are_all_forgotten_is_known_to_the_log_of_logs(probe, superuser, installation):
    with tampering.undone(superuser, installation, probe.left):
        _rewrite_all_of_it(superuser, probe.left, installation)
        # Not signed again yet: nothing but the log of logs remembers the head of before.
        superuser.execute("update audit_log set checked_size = size where tenant_id = %s", [probe.left])
        assert nothing_was_changed_unseen(probe).result is Result.BROKEN


def test_the_sealer_refuses_to_sign_a_head_that_doesn_t_grow_out_of_the_anchor(probe, superuser, installation, sealer):
    for attack in (_edit_and_rebuild, lambda s, log: tampering.cut(s, log, 5)):
        with tampering.undone(superuser, installation, probe.left):
            attack(superuser, probe.left)
            superuser.execute("update audit_log set checked_size = 0 where tenant_id = %s", [probe.left])
            fresh = Sealer(sealer.connection, installation, sealer.key)
            fresh.sign()
            (trouble,) = superuser.execute(
                "select trouble from audit_log where tenant_id = %s", [probe.left]
            ).fetchone()
            assert trouble
            found = nothing_was_changed_unseen(probe)
            assert found.result is Result.BROKEN
            assert any(trouble in fault for fault in found.evidence["faults"])
            # Nor does the sealer that knew the log before.
            assert sealer.sign() == 0


def test_a_sealer_that_is_down_is_seen(probe, superuser):
    superuser.execute("update audit_sealer_state set at = now() - interval '1 hour'")
    try:
        assert nothing_was_changed_unseen(probe).result is Result.BROKEN
    finally:
        superuser.execute("update audit_sealer_state set at = now()")


def test_a_long_log_is_read_from_where_it_was_verified(probe, superuser, installation, sealer, monkeypatch):
    from safehold.foundation.audit import verification

    for module in (verification, chain):
        monkeypatch.setattr(module, "REREAD", 200)
    monkeypatch.setattr(verification, "WINDOW", 256)
    log = str(probe.left)
    first = nothing_was_changed_unseen(probe)
    (name,) = [name for name in first.evidence["logs"] if log in name]
    assert first.evidence["logs"][name]["read"] >= 270
    sealer.catch_up()
    second = nothing_was_changed_unseen(probe)
    assert second.result is Result.KEPT, second
    assert second.evidence["logs"][name]["read"] <= 260
    with tampering.undone(superuser, installation, probe.left):
        _edit_and_rebuild(superuser, probe.left)
        assert nothing_was_changed_unseen(probe).result is Result.BROKEN
    with tampering.undone(superuser, installation, probe.left):
        tampering.edit(superuser, probe.left, 3)
        hours = [replace(probe, now=probe.now - timedelta(hours=hour)) for hour in range(8)]
        assert Result.BROKEN in {nothing_was_changed_unseen(one).result for one in hours}  # The window comes by.


# AUD-3


def test_the_write_paths_leave_their_entries(probe, monkeypatch):
    def writes(scope):
        flows.record(scope, events.DENIED, fields=DENIED)

    def forgets(scope):
        pass

    def writes_apart(scope):
        flows.record_apart(scope, events.DENIED, fields=DENIED)

    good = WriteProbe("refuse", writes, (events.DENIED,))
    monkeypatch.setattr(writing, "write_probes", lambda: [good])
    assert every_write_leaves_its_entry(probe).result is Result.KEPT
    for bad in (forgets, writes_apart):
        monkeypatch.setattr(writing, "write_probes", lambda bad=bad: [good, WriteProbe("bad", bad, (events.DENIED,))])
        found = every_write_leaves_its_entry(probe)
        assert found.result is Result.BROKEN
        assert found.evidence["faults"] == ["bad left no security.denied"]
    monkeypatch.setattr(writing, "write_probes", list)
    assert every_write_leaves_its_entry(probe).result is Result.UNPROVEN


def test_rooms_list_their_write_paths():
    found = writing.write_probes()
    assert all(isinstance(one, WriteProbe) for one in found)
    assert {"members", "departments", "records", "collections", "imports"} <= {one.name for one in found}
