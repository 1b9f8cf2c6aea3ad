"""Every attack on a log, made as a superuser makes it who knows how it is built: the live check sees it, and so do
three verifiers offline that hold the public key and the last checkpoint and nothing else.

docs/why/attacks.md lists which test stands for which attack and which trap; the last test here holds it to that.
"""

from __future__ import annotations

import ast
import io
import re
import threading
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection

import factories
from safehold.foundation.audit import anchors, events, flows, selectors
from safehold.foundation.audit.moments import micros, moment
from safehold.foundation.audit.probes import chain
from safehold.foundation.audit.probes.chain import nothing_was_changed_unseen
from safehold.foundation.audit.sealer import Sealer
from safehold.foundation.audit.signing import published_keys, signer
from safehold.foundation.audit.statements import connect
from safehold.foundation.scope import clock
from safehold.foundation.scope.transaction import scoped
from safehold.kernel.auditevent import LOGS, Event, origin_of
from safehold.kernel.checkpoint import Checkpoint
from safehold.kernel.errors import SafeholdError
from safehold.kernel.promise import ProbeContext, Result
from safehold.kernel.verifier import Refused, standalone, verify
from support import secondverifier, tampering
from support.tree import ROOT

DENIED = {"permission": "p", "route": "GET /r"}


class Attacked:
    """Two tenants' logs, a sealer, a superuser, and what an auditor holds: the key, and the last signed head."""

    def __init__(self, installation, superuser, sealer) -> None:
        self.installation, self.superuser, self.sealer = installation, superuser, sealer
        self.scopes = [factories.scope_of(factories.make_tenant(), "owner") for _ in range(2)]
        for _ in range(3):
            for scope in self.scopes:
                with scoped(scope):
                    flows.record_many(scope, events.DENIED, [flows.Entry(fields=DENIED)] * 90)
            sealer.catch_up()
        self.log, self.other = (scope.tenant for scope in self.scopes)
        with scoped(self.scopes[0]) as scope:
            self.held = selectors.newest_note(scope=scope)
        self.probe = ProbeContext(now=clock.now(), left=self.log, right=self.other)
        self.keys = [str(key) for key in published_keys(installation)]

    def run(self, statement: str, *values: object) -> None:
        """As a superuser does, the triggers asleep."""
        with tampering.unguarded(self.superuser):
            self.superuser.execute(statement, values)

    def offline(self) -> list[bool]:
        """Whether each verifier takes what the database now gives as this log; nothing, where it gives nothing."""
        try:
            with scoped(self.scopes[0]) as scope:
                data = b"".join(flows.export_log(scope=scope).pieces)
        except (SafeholdError, ValueError):
            return []
        return [one(data, self.keys, self.held) for one in (_ours, _standalone, _second)]


def _ours(data, keys, held) -> bool:
    from safehold.kernel.note import Verifier

    try:
        verify(io.BytesIO(data), [Verifier.parse(key) for key in keys], held)
    except Refused:
        return False
    return True


def _standalone(data, keys, held) -> bool:
    try:
        standalone.verify(io.BytesIO(data), [standalone.read_key(key) for key in keys], held)
    except standalone.Fault:
        return False
    return True


def _second(data, keys, held) -> bool:
    try:
        secondverifier.check_export(data, keys, held)
    except secondverifier.Wrong:
        return False
    return True


@pytest.fixture
def attacked(installation, superuser, sealer, monkeypatch) -> Attacked:
    monkeypatch.setattr(chain, "ALARM_SECONDS", 600.0)  # No sealer runs here by itself.
    superuser.execute("update audit_sealer_state set at = now(), waiting_since = null")
    return Attacked(installation, superuser, sealer)


def inserted(a: Attacked, at: int, **more: object) -> UUID:
    """An event that a superuser puts beside the log, in bytes that are right in themselves."""
    members = {"type": "security.denied", "actor": "member:somebody", "fields": DENIED} | more
    event = Event(id=clock.new_id(), log=origin_of(a.installation.id, a.log), at=at, **members)
    a.superuser.execute(
        "insert into audit_event (tenant_id, id, at, type, actor, target, body) values (%s, %s, %s, %s, %s, %s, %s)",
        [a.log, event.id, moment(at), event.type, event.actor, event.on, event.encode()],
    )
    return event.id


def _insert(a: Attacked, *, rebuilt: bool) -> None:
    event_id = inserted(a, micros(clock.now()))
    with tampering.unguarded(a.superuser):
        a.superuser.execute("update audit_leaf set index = index + 10000 where tenant_id = %s and index >= 5", [a.log])
        a.superuser.execute(
            "insert into audit_leaf select tenant_id, 5, id, digest, digest from audit_event where id = %s", [event_id]
        )
    if rebuilt:
        tampering.rebuild(a.superuser, a.log)


def _rewrite_the_suffix(a: Attacked) -> None:
    """Every event from the hundredth on says something else; as many as before."""
    a.run(
        "update audit_event e set actor = 'member:x', body = convert_to("
        ' regexp_replace(convert_from(body, \'UTF8\'), \'"actor":"[^"]*"\', \'"actor":"member:x"\'), \'UTF8\')'
        " from audit_leaf l where l.tenant_id = %s and l.index >= 100 and e.tenant_id = l.tenant_id"
        " and e.id = l.event_id",
        a.log,
    )
    tampering.rebuild(a.superuser, a.log)


def _back_date(a: Attacked) -> None:
    """Written now, dated two days back, sealed and signed by our own sealer: no hash is wrong."""
    inserted(a, micros(clock.now() - timedelta(days=2)))
    a.sealer.catch_up()


def _reorder(a: Attacked, *, rebuilt: bool) -> None:
    tampering.swap(a.superuser, a.log, 20, 30)
    if rebuilt:
        tampering.rebuild(a.superuser, a.log)


def _swap_events(a: Attacked) -> None:
    """An event of each tenant in the other's place."""
    for mine, theirs in ((a.log, a.other), (a.other, a.log)):
        a.run(
            "update audit_leaf set event_id = (select event_id from audit_leaf where tenant_id = %s and index = 7)"
            " where tenant_id = %s and index = 9",
            theirs,
            mine,
        )


def _swap_logs(a: Attacked) -> None:
    """Both logs whole under each other's id, heads and anchors with them."""
    between = UUID(int=99)
    for before, after in ((a.log, between), (a.other, a.log), (between, a.other)):
        with tampering.unguarded(a.superuser):
            for table in tampering.TABLES:
                a.superuser.execute(f"update {table} set tenant_id = %s where tenant_id = %s", [after, before])  # noqa: S608
    mine, theirs = (anchors._path(a.installation.anchors, log) for log in (a.log, a.other))
    kept = mine.read_text()
    mine.write_text(theirs.read_text())
    theirs.write_text(kept)


def _node_for_leaf(a: Attacked) -> None:
    """Two events replaced by one whose bytes are the hashes of both, as their inner node has them."""
    a.run(
        "update audit_event e set body = (select string_agg(digest, ''::bytea order by index) from audit_leaf"
        " where tenant_id = %s and index in (0, 1)) from audit_leaf l"
        " where l.tenant_id = %s and l.index = 0 and e.tenant_id = l.tenant_id and e.id = l.event_id",
        a.log,
        a.log,
    )
    tampering.rebuild(a.superuser, a.log, without=1)


def _forged_purge(a: Attacked) -> None:
    """The oldest events gone, and a record that says they were purged; our own sealer seals and signs it."""
    a.run(
        "delete from audit_event e using audit_leaf l where l.tenant_id = %s and l.index < 50"
        " and e.tenant_id = l.tenant_id and e.id = l.event_id",
        a.log,
    )
    origin = origin_of(a.installation.id, a.log)
    fields = {"minimum": 50, "root": "00" * 32, "chain": "00" * 32, "before": micros(clock.now()), "rule": "starter"}
    inserted(a, micros(clock.now()), type="log.purged", actor="system:worker", on=origin, fields=fields)
    a.sealer.catch_up()


def _oldest_gone_rehashed(a: Attacked) -> None:
    """The oldest events gone as if for their age, the rest numbered anew."""
    for _ in range(3):
        tampering.rebuild(a.superuser, a.log, without=0)


def _asleep_for_replicas(a: Attacked) -> None:
    """Triggers that are awake only on an origin, then a session that says it is a replica."""
    a.superuser.execute("set session_replication_role = replica")
    for table in tampering.parts(a.superuser):
        for trigger in ("refuse_change", "refuse_change_of_row"):
            a.superuser.execute(f"alter table {table} enable trigger {trigger}")
    try:
        a.superuser.execute("delete from audit_event where tenant_id = %s", [a.log])
    finally:
        with tampering.unguarded(a.superuser):
            pass


def _truncate(a: Attacked) -> None:
    a.run("truncate audit_event")


def _no_event(a: Attacked) -> None:
    """Bytes that are no event, and every hash over them made to fit."""
    a.run(
        "update audit_event e set body = '\\xff00' from audit_leaf l"
        " where l.tenant_id = %s and l.index = 3 and e.tenant_id = l.tenant_id and e.id = l.event_id",
        a.log,
    )
    tampering.rebuild(a.superuser, a.log)


ATTACKS: dict[str, Callable[[Attacked], None]] = {
    "edit": lambda a: tampering.edit(a.superuser, a.log, 3),
    "edit and re-hash": lambda a: (tampering.edit(a.superuser, a.log, 3), tampering.rebuild(a.superuser, a.log)),
    "bytes that are no event": _no_event,
    "rewrite of the whole suffix": _rewrite_the_suffix,
    "deletion": lambda a: tampering.delete_event(a.superuser, a.log, 4),
    "deletion and re-hash": lambda a: tampering.rebuild(a.superuser, a.log, without=4),
    "insertion": lambda a: _insert(a, rebuilt=False),
    "insertion and re-hash": lambda a: _insert(a, rebuilt=True),
    "reordering": lambda a: _reorder(a, rebuilt=False),
    "reordering and re-hash": lambda a: _reorder(a, rebuilt=True),
    "tail cut": lambda a: tampering.cut(a.superuser, a.log, 5),
    "tail cut and heads forgotten": lambda a: (
        tampering.cut(a.superuser, a.log, 5),
        tampering.forget_notes(a.superuser, a.installation, a.log, anchor=False),
    ),
    "back-dating between anchors": _back_date,
    "whole log gone": lambda a: tampering.remove_log(a.superuser, a.log),
    "one tenant's events in another's place": _swap_events,
    "two tenants' logs exchanged": _swap_logs,
    "a node passed off as a leaf": _node_for_leaf,
    "a forged purge record": _forged_purge,
    "oldest events gone and re-hash": _oldest_gone_rehashed,
    "replication role": _asleep_for_replicas,
    "truncation": _truncate,
}


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_is_caught_live_and_offline(attacked, superuser, installation, name):
    assert attacked.offline() == [True] * 3
    logs = [row[0] for row in superuser.execute("select tenant_id from audit_log").fetchall()]
    logs += [UUID(int=99)]
    with tampering.undone(superuser, installation, *logs):
        ATTACKS[name](attacked)
        found = nothing_was_changed_unseen(attacked.probe)
        assert found.result is Result.BROKEN, found
        assert not any(attacked.offline()), name
    assert nothing_was_changed_unseen(attacked.probe).result is Result.KEPT
    assert attacked.offline() == [True] * 3


@pytest.mark.parametrize("read", ["head", "heads"])
def test_a_log_that_grows_while_it_is_verified_raises_no_alarm(attacked, monkeypatch, read):
    """A head is read, and before anything else is, the log grows and is signed, kept, told and anchored."""
    right = getattr(selectors, read)
    grown = []

    def grow() -> None:
        with scoped(attacked.scopes[0]) as scope:
            flows.record_many(scope, events.DENIED, [flows.Entry(fields=DENIED)] * 5)
        attacked.sealer.catch_up()
        connection.close()

    def then_grows(**asked):
        found = right(**asked)
        if len(grown) < 3:
            thread = threading.Thread(target=grow)
            thread.start()
            thread.join()
            grown.append(read)
        return found

    monkeypatch.setattr(selectors, read, then_grows)
    found = nothing_was_changed_unseen(attacked.probe)
    assert found.result is Result.KEPT, found
    assert grown


def test_even_who_has_the_signing_key_is_caught_by_who_holds_a_head(attacked, superuser, installation):
    """The history made anew and signed with the real key, everywhere in this installation: inside, no one could tell.
    An auditor's checkpoint does, and a witness's would."""
    with tampering.undone(superuser, installation, attacked.log, LOGS):
        _rewrite_the_suffix(attacked)
        tampering.forget_notes(superuser, installation, attacked.log, anchor=True)
        tampering.remove_log(superuser, LOGS)
        with connect("sealer") as session:
            session.autocommit = True
            Sealer(session, installation, signer(installation)).catch_up()
        with scoped(attacked.scopes[0]) as scope:
            assert selectors.newest_note(scope=scope) != attacked.held
        assert attacked.offline() == [False] * 3
        attacked.held = None
        assert attacked.offline() == [True] * 3  # the limit, said in section 13 of the specification
    assert nothing_was_changed_unseen(attacked.probe).result is Result.KEPT


def test_two_histories_for_two_readers_don_t_agree_with_one_checkpoint(attacked, superuser, installation):
    """A fork: the same size, another root, both signed."""
    said = Checkpoint.parse(attacked.held.partition("\n\n")[0] + "\n")
    other = Checkpoint(said.origin, said.size, b"\x01" * 32, said.chain, said.time).sign(signer(installation))
    attacked.held = other
    assert attacked.offline() == [False] * 3


def test_the_page_of_attacks_names_tests_that_are_there():
    text = (ROOT / "docs" / "why" / "attacks.md").read_text("utf-8")
    named = re.findall(r"`(tests/[a-z_/]+\.py)::(test_[a-z0-9_]+)`", text)
    assert len(named) > 30
    for file, name in named:
        tree = ast.parse((ROOT / file).read_text("utf-8"))
        there = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
        assert name in there, f"{file}::{name}"
    for name in ATTACKS:
        assert f"“{name}”" in text, name
