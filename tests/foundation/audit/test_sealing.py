"""Every committed event gets one place, whoever is late, killed or started twice."""

from __future__ import annotations

import threading
from datetime import timedelta
from uuid import UUID

import pytest

import factories
from safehold.foundation.audit import anchors, events, flows, selectors
from safehold.foundation.audit.sealer import Sealer
from safehold.foundation.audit.signing import published_keys, signer
from safehold.foundation.audit.statements import connect
from safehold.foundation.audit.stored import stretch, tile_reader
from safehold.foundation.scope import clock
from safehold.foundation.scope.transaction import scoped
from safehold.kernel import chain, merkle
from safehold.kernel.auditevent import LOGS, decode, origin_of
from safehold.kernel.checkpoint import Checkpoint, open_checkpoint
from safehold.kernel.errors import NotFound, Unavailable
from safehold.kernel.tiles import TileReader

DENIED = {"permission": "p", "route": "GET /r"}


def write(scope, count=1):
    with scoped(scope):
        return flows.record_many(scope, events.DENIED, [flows.Entry(fields=DENIED) for _ in range(count)])


def places(superuser, log):
    return superuser.execute(
        "select index, event_id from audit_leaf where tenant_id = %s order by index", [log]
    ).fetchall()


def all_sealed_once(superuser):
    """No gap, no double, nothing left: over every log of the database."""
    unsealed = superuser.execute(
        "select count(*) from audit_event e where not exists"
        " (select from audit_leaf l where l.tenant_id = e.tenant_id and l.event_id = e.id)"
    ).fetchone()[0]
    gaps = superuser.execute(
        "select tenant_id from audit_leaf group by tenant_id"
        " having count(*) <> max(index) + 1 or count(distinct event_id) <> count(*)"
    ).fetchall()
    heads = superuser.execute(
        "select origin from audit_log g where size <>"
        " (select count(*) from audit_leaf l where l.tenant_id = g.tenant_id)"
    ).fetchall()
    return (unsealed, gaps, heads) == (0, [], [])


def test_sealed_events_have_dense_places_and_a_head_that_they_lead_to(scope, sealer, superuser, installation):
    write(scope, 3)
    sealer.catch_up()
    write(scope, 700)
    sealer.catch_up()
    log = scope.tenant
    leaves = list(stretch(superuser.cursor(), log, 0, 10_000))
    assert [leaf.index for leaf in leaves] == list(range(len(leaves)))
    digests = [merkle.leaf_hash(leaf.body) for leaf in leaves]
    assert digests == [leaf.digest for leaf in leaves]
    with scoped(scope):
        head = selectors.head(scope=scope)
        assert head.size == len(leaves)
        assert bytes(head.root) == merkle.root(digests)
        origin = origin_of(installation.id, log)
        assert bytes(head.chain) == chain.extend_many(chain.start(origin), digests) == leaves[-1].chain
        tree = TileReader(head.size, tile_reader(superuser.cursor(), log))
        for size in (1, 255, 256, 300, 512, head.size):
            assert tree.frontier(size).root() == merkle.root(digests[:size])
    assert all_sealed_once(superuser)


def test_a_late_commit_holds_up_what_came_after_and_misses_nothing(scope, sealer, superuser):
    other = factories.scope_of(factories.make_tenant(), "owner")
    sealer.catch_up()
    written, may_commit = threading.Event(), threading.Event()

    def slow():
        from django.db import connection

        with scoped(scope):
            flows.record(scope, events.DENIED, fields=DENIED)
            written.set()
            assert may_commit.wait(30)
        connection.close()

    thread = threading.Thread(target=slow)
    thread.start()
    assert written.wait(30)
    (after,) = write(other)
    sealer.catch_up()
    with scoped(other), pytest.raises(NotFound):
        selectors.place_of(scope=other, event_id=after)
    may_commit.set()
    thread.join()
    assert sealer.catch_up() >= 2
    assert all_sealed_once(superuser)


def test_two_sealers_do_no_harm(sealer, superuser, installation):
    scopes = [factories.scope_of(factories.make_tenant(), "owner") for _ in range(3)]
    for scope in scopes:
        write(scope, 400)
    counts, failures = [], []

    def work():
        with connect("sealer") as connection:
            connection.autocommit = True
            second = Sealer(connection, installation, signer(installation))
            try:
                for _ in range(40):
                    counts.append(second.seal(50))
                    second.sign(tell=0)
            except Exception as error:  # noqa: BLE001
                failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for scope in scopes:
        write(scope, 100)
    for thread in threads:
        thread.join()
    assert failures == []
    sealer.catch_up()
    assert all_sealed_once(superuser)
    assert superuser.execute("select origin from audit_log where trouble <> ''").fetchall() == []


def test_heads_are_signed_anchored_and_told_to_the_log_of_logs(scope, sealer, installation):
    write(scope, 5)
    sealer.catch_up()
    keys = published_keys(installation)
    origin = origin_of(installation.id, scope.tenant)
    with scoped(scope):
        head = selectors.head(scope=scope)
        note = selectors.newest_note(scope=scope)
        said = open_checkpoint(note, keys, origin)
        assert (said.size, said.root, said.chain) == (head.size, bytes(head.root), bytes(head.chain))
        assert anchors.read(installation.anchors, scope.tenant) == note
        (index, body), *_ = selectors.logs_events(origin)
        told = decode(body)
        assert (told.on, told.fields["size"], told.fields["root"]) == (origin, head.size, said.root.hex())
        logs = open_checkpoint(selectors.newest_note(scope=scope, log=LOGS), keys)
        assert logs.size > index
    assert open_checkpoint(anchors.read(installation.anchors, LOGS), keys).size >= logs.size


def test_between_two_tellings_heads_are_signed_only(scope, sealer, superuser):
    write(scope)
    sealer.catch_up()
    logs = len(places(superuser, LOGS))
    before = superuser.execute("select count(*) from audit_checkpoint").fetchone()
    write(scope)
    sealer.seal()
    assert sealer.sign(tell=60) == 1
    assert sealer.sign(tell=60) == 0
    assert sealer.seal() == 0
    assert len(places(superuser, LOGS)) == logs
    assert superuser.execute("select count(*) from audit_checkpoint").fetchone() == before
    assert sealer.sign(tell=0) == 1


def test_a_head_that_lies_still_is_signed_again_after_an_hour(scope, sealer, superuser, monkeypatch):
    write(scope)
    sealer.catch_up()
    with scoped(scope):
        old = selectors.newest_note(scope=scope)
    superuser.execute(
        "update audit_log set checked_at = checked_at - interval '61 minutes' where tenant_id = %s", [scope.tenant]
    )
    assert sealer.sign() == 1
    with scoped(scope):
        new = selectors.newest_note(scope=scope)
    assert old.split("\n")[1] == new.split("\n")[1]
    assert old.split("\n")[4] < new.split("\n")[4]


def test_a_clock_that_goes_back_doesnt_take_checkpoints_with_it(scope, sealer, monkeypatch, installation):
    write(scope)
    sealer.catch_up()
    write(scope)
    sealer.seal()
    then = clock.now() - timedelta(seconds=200)
    monkeypatch.setattr(clock, "now", lambda: then)
    with scoped(scope):
        before = open_checkpoint(selectors.newest_note(scope=scope), published_keys(installation))
    assert sealer.sign()
    with scoped(scope):
        after = open_checkpoint(selectors.newest_note(scope=scope), published_keys(installation))
    assert after.size > before.size
    assert after.time >= before.time


def test_a_restored_database_whose_transactions_start_lower_is_sealed_on(scope, sealer, superuser):
    write(scope, 4)
    sealer.seal()
    superuser.execute("update audit_sealer_state set xid = '9999999999'")
    write(scope, 2)
    assert sealer.catch_up() >= 2
    assert all_sealed_once(superuser)
    # An event of the earlier life, written with a number that this life hasn't reached, and never sealed there.
    (late,) = write(scope)
    superuser.execute("alter table audit_event disable trigger all")
    superuser.execute("update audit_event set xid = '8888888888' where id = %s", [late])
    superuser.execute("alter table audit_event enable always trigger refuse_change_of_row")
    superuser.execute("alter table audit_event enable always trigger refuse_change")
    superuser.execute("update audit_sealer_state set xid = '9999999999'")
    assert sealer.catch_up() >= 1
    assert all_sealed_once(superuser)
    write(scope, 2)
    sealer.catch_up()
    assert all_sealed_once(superuser)
    # It keeps its number, but waits no more.
    sealer._next_heartbeat = 0
    sealer.seal()
    assert superuser.execute("select waiting_since from audit_sealer_state").fetchone() == (None,)


def test_waiting_for_a_seal(scope, sealer):
    (event_id,) = write(scope)
    with pytest.raises(Unavailable):
        selectors.wait_sealed(scope=scope, event_id=event_id, timeout=0.1)
    timer = threading.Timer(0.2, sealer.catch_up)
    timer.start()
    assert selectors.wait_sealed(scope=scope, event_id=event_id, timeout=20).event_id == event_id
    timer.join()


def test_the_lag_shows(scope, sealer, superuser, monkeypatch):
    from importlib import import_module

    heads = import_module("safehold.foundation.audit.selectors.heads")

    monkeypatch.setattr(heads, "ALARM_SECONDS", 600.0)  # A slow machine is no late sealer.
    sealer.catch_up()
    with scoped(scope):
        assert not selectors.sealing().alarm
    superuser.execute("update audit_sealer_state set at = now() - interval '1 hour'")
    with scoped(scope):
        assert selectors.sealing().behind >= 3599
        assert selectors.sealing().alarm
    superuser.execute("update audit_sealer_state set at = now(), waiting_since = now() - interval '11 minutes'")
    with scoped(scope):
        assert selectors.sealing().alarm
    sealer._next_heartbeat = 0
    sealer.seal()
    with scoped(scope):
        assert not selectors.sealing().alarm


def test_the_key_is_made_once_and_published(installation, sealer, superuser):
    first, second = signer(installation), signer(installation)
    assert str(first.verifier) == str(second.verifier) == str(published_keys(installation)[0])
    assert (installation.secrets / "checkpoint.key").stat().st_mode & 0o077 == 0
    assert superuser.execute("select key from audit_key").fetchall() == [(str(first.verifier),)]


@pytest.mark.parametrize("log", [UUID(int=0), LOGS, UUID(int=77)])
def test_anchors_are_whole_and_never_go_back(tmp_path, log):
    def note(size, time):
        return Checkpoint(origin_of("x", log), size, bytes(32), bytes(32), time).text + "\n— x AAAA\n"

    assert anchors.read(tmp_path, log) is None
    for size, time in ((5, 1), (6, 2), (6, 3), (6, 2), (5, 9)):
        anchors.write(tmp_path, {log: note(size, time)})
    assert anchors.read(tmp_path, log) == note(6, 3)
    (tmp_path / "note.checkpoint").write_text("not a log's")
    assert list(anchors.anchored(tmp_path)) == [log]
    assert not list(tmp_path.glob("*.part"))


def restarted(sealer):
    return Sealer(sealer.connection, sealer.place, sealer.key)


def test_an_anchor_that_a_crash_kept_from_being_written_is_written_at_the_next_start(scope, sealer, installation):
    write(scope)
    sealer.catch_up()
    old = anchors.read(installation.anchors, scope.tenant)
    write(scope)
    sealer.catch_up()
    new = anchors.read(installation.anchors, scope.tenant)
    path = installation.anchors / f"{scope.tenant}.checkpoint"
    for left in (old, None):
        path.unlink()
        if left:
            path.write_text(left)
        restarted(sealer)
        assert path.read_text() == new
    path.write_text(new.replace("\n2\n", "\n1\n"))
    restarted(sealer)
    path.write_text(new)


def test_a_spoilt_log_stops_no_other_and_is_sealed_once_it_is_mended(scope, sealer, superuser):
    other = factories.scope_of(factories.make_tenant(), "owner")
    write(scope, 3)
    sealer.catch_up()
    (size, frontier) = superuser.execute(
        "select size, frontier from audit_log where tenant_id = %s", [scope.tenant]
    ).fetchone()
    for spoilt in (b"nonsense", bytes(8)):
        superuser.execute(
            "update audit_log set frontier = %s, size = %s where tenant_id = %s",
            [spoilt, 0, scope.tenant],
        )
        (mine, theirs) = write(scope), write(other)
        sealer.seal()
        sealer.sign()
        with scoped(other):
            assert selectors.place_of(scope=other, event_id=theirs[0])
        with scoped(scope):
            with pytest.raises(NotFound):
                selectors.place_of(scope=scope, event_id=mine[0])
            assert "can't be sealed" in selectors.sealing().troubled[0]
    superuser.execute(
        "update audit_log set frontier = %s, size = %s where tenant_id = %s", [frontier, size, scope.tenant]
    )
    restarted(sealer).catch_up()
    assert all_sealed_once(superuser)
    with scoped(scope):
        assert selectors.sealing().troubled == ()


def test_an_alarm_is_said_once_when_it_begins_and_once_when_it_is_over(sealer, superuser, caplog, monkeypatch):
    from safehold.foundation.audit.watching import Watch

    sealer.catch_up()
    superuser.execute("update audit_sealer_state set at = now() + interval '10 minutes', waiting_since = null")
    watch = Watch()
    assert not watch.look()
    superuser.execute("update audit_sealer_state set at = now() - interval '1 hour'")
    assert not watch.look()  # It may just be starting.
    assert [watch.look() for _ in range(3)] == [True] * 3
    assert caplog.text.count("sealing is behind by") == 1
    superuser.execute("update audit_sealer_state set at = now() + interval '10 minutes'")
    assert not watch.look()
    assert not watch.look()
    assert caplog.text.count("sealing has caught up") == 1
    superuser.execute("update audit_sealer_state set at = now()")


@pytest.mark.parametrize("trouble", ["", "nothing fits"])
def test_a_status_without_django_says_what_waits(scope, sealer, superuser, installation, trouble):
    from dataclasses import replace

    from safehold.operations.sealing import sealing_of, warning

    sealer.catch_up()
    write(scope)
    superuser.execute("update audit_sealer_state set at = now() - interval '1 hour'")
    superuser.execute("update audit_log set trouble = %s where tenant_id = %s", [trouble, LOGS])
    found = sealing_of(installation)
    assert found["alarm"]
    assert found["silent_seconds"] >= 3599
    assert found["waiting_seconds"] > 0
    assert ("can't be sealed" if trouble else "hasn't been heard of") in warning(found)
    assert "waiting for its place" in warning(found | {"waiting_seconds": 11.0, "troubled": []})
    superuser.execute("update audit_log set trouble = '' where tenant_id = %s", [LOGS])
    sealer._next_heartbeat = 0
    sealer.catch_up()
    superuser.execute("update audit_sealer_state set at = now() - interval '1 hour'")
    assert "hasn't been heard of" in warning(sealing_of(installation))
    superuser.execute("update audit_sealer_state set at = now()")
    assert warning(sealing_of(installation)) == ""
    assert sealing_of(replace(installation, database_host="/nowhere", database_port=1)) is None
    assert warning(None) == ""
