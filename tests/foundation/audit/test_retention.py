"""Events are kept as long as their log's plan says and go then: told of first, by the month, and only what may go."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from click.testing import CliRunner
from django.db import DatabaseError, connection

import factories
from safehold.foundation.audit import flows, holding, retention, selectors
from safehold.foundation.audit.cli import audit
from safehold.foundation.audit.naming import scope_of_log
from safehold.foundation.audit.probes.keeping import logs_are_kept_as_long_as_promised
from safehold.foundation.audit.retention import horizon
from safehold.foundation.audit.signing import published_keys
from safehold.foundation.audit.statements import connect
from safehold.foundation.audit.verification import verify_log
from safehold.foundation.scope import clock
from safehold.foundation.scope.transaction import scoped
from safehold.foundation.tenancy import flows as tenancy
from safehold.kernel.errors import Denied, Invalid
from safehold.kernel.ids import PLATFORM
from safehold.kernel.promise import ProbeContext, Result
from safehold.kernel.verifier import standalone, verify
from support import oldlogs, tampering
from support.oldlogs import add, events, months_ago, new_log, parts


@pytest.fixture
def logs(superuser, installation):
    """Ids of logs that the test makes; they are gone afterwards."""
    made = []
    yield made
    with oldlogs.gone_afterwards(superuser, installation, *made):
        pass


@pytest.fixture
def old(superuser, sealer, logs):
    """A log of a plan with one year: events 14, 13 (two) and 5 months old, and one of now."""

    def make(years=1, plan="starter", place=None):
        log = new_log(superuser, years, plan)
        logs.append(log)
        add(superuser, sealer, log, [months_ago(14), months_ago(13), months_ago(13, 20), months_ago(5)], place)
        oldlogs.write(log)
        oldlogs.settle(superuser, sealer, log)
        return log

    return make


@pytest.fixture
def settle(superuser, sealer):
    """Seals, signs and anchors what a log has."""
    return lambda log: oldlogs.settle(superuser, sealer, log)


@pytest.fixture
def tell(settle):
    """The first step, and all that makes the second possible."""

    def told(log, now=None):
        what = retention.record_due(log=log, now=now or clock.now())
        settle(log)
        return what

    return told


def drop(now=None):
    return retention.drop_months(now=now or clock.now())


def verified(log):
    scope = scope_of_log(log, "test")
    with scoped(scope):
        return verify_log(scope=scope, now=clock.now())


def test_the_horizon_is_the_month_in_which_the_period_began():
    now = datetime(2028, 2, 29, 13, tzinfo=UTC)
    assert horizon(now, 1) == datetime(2027, 2, 1, tzinfo=UTC)
    assert horizon(now, 5) == datetime(2023, 2, 1, tzinfo=UTC)
    assert horizon(now, 0) == horizon(now, 1)


def test_what_is_over_is_told_of_first_and_dropped_then(old, superuser, logs, tell):
    log = old()
    assert events(superuser, log) == [0, 1, 2, 3, 4]
    assert drop() == []
    told = tell(log)
    assert (told.minimum, told.rule) == (3, "starter: 1 year")
    assert retention.record_due(log=log, now=clock.now()) is None
    assert {(each.part.years, each.gone, each.stayed) for each in drop() if each.gone} == {(1, 1, 0), (1, 2, 0)}
    assert events(superuser, log) == [3, 4, 5]
    assert drop() == []
    assert verified(log).fault == ""
    assert verified(log).purged == 3
    scope = scope_of_log(PLATFORM, "test")
    with scoped(scope):
        newest = selectors.activity(scope=scope, filters=selectors.Filters(type="log.purged"), limit=1).events[0]
    assert newest.on.endswith(str(log))


def test_no_row_is_changed_and_survivors_keep_place_and_proof(old, superuser, tell):
    log = old()
    columns = "e.id, e.at, e.xid, e.type, e.actor, e.target, e.body, e.digest, e.personal"
    rows = f"select {columns} from audit_event e where tenant_id = '{log}' order by id desc limit 2"  # noqa: S608
    before = superuser.execute(rows).fetchall()
    tell(log)
    drop()
    record, *after = superuser.execute(rows.replace("limit 2", "limit 3")).fetchall()
    assert (record[3], after) == ("log.purged", before)


def test_an_export_of_what_is_kept_says_what_was_purged(old, installation, tell, settle):
    log = old()
    tell(log)
    drop()
    settle(log)
    scope = scope_of_log(log, "test")
    with scoped(scope):
        data = b"".join(flows.export_log(scope=scope).pieces)
    report = verify(io.BytesIO(data), published_keys(installation))
    assert (report.first, report.purged.minimum, report.purged.rule) == (3, 3, "starter: 1 year")
    assert any(line.startswith("Purged below index 3 under the rule “starter: 1 year”") for line in report.lines())
    key = str(published_keys(installation)[0])
    other = standalone.verify(io.BytesIO(data), [standalone.read_key(key)])
    assert any("Purged below index 3" in line for line in standalone.report(other))


def test_an_export_of_a_purged_period_is_refused(old, tell):
    log = old()
    tell(log)
    drop()
    scope = scope_of_log(log, "test")
    with pytest.raises(Invalid, match="may have been purged"), scoped(scope):
        flows.export_log(scope=scope, period=(months_ago(14), months_ago(6)))


def test_a_log_of_a_larger_plan_keeps_its_own(old, superuser, tell):
    log = old(3, "professional")
    assert tell(log) is None
    assert drop() == []
    assert events(superuser, log) == [0, 1, 2, 3, 4]


def test_what_a_larger_plan_keeps_moves_to_its_class_when_the_month_goes(old, superuser, tell):
    mine, other = old(), old()
    superuser.execute("update audit_keeping set years = 5, plan = 'enterprise' where tenant_id = %s", [mine])
    assert tell(mine) is None
    tell(other)
    drop()
    assert events(superuser, mine) == [0, 1, 2, 3, 4]
    assert events(superuser, other) == [3, 4, 5]
    lies = parts(superuser, mine)
    assert {lies[place].removeprefix("public.")[:14] for place in (0, 1, 2)} == {"audit_event_5y"}
    assert lies[3].removeprefix("public.").startswith("audit_event_1y")  # its month isn't over for its class
    assert verified(mine).fault == verified(other).fault == ""


def test_a_smaller_plan_lets_go_what_a_larger_one_kept_beside_others(old, superuser, tell):
    mine, other = old(5, "enterprise"), old(5, "enterprise")
    superuser.execute("update audit_keeping set years = 1, plan = 'starter' where tenant_id = %s", [mine])
    assert tell(mine).minimum == 3
    assert sum(each.gone for each in drop()) == 3
    assert events(superuser, mine) == [3, 4, 5]
    assert events(superuser, other) == [0, 1, 2, 3, 4]
    assert verified(mine).fault == verified(other).fault == ""


def test_a_plan_that_grows_again_before_the_drop_saves_what_was_told_of(old, superuser, tell):
    log = old()
    tell(log)
    superuser.execute("update audit_keeping set years = 3 where tenant_id = %s", [log])
    drop()
    assert events(superuser, log) == [0, 1, 2, 3, 4, 5]
    assert verified(log).fault == ""


def test_a_held_log_stays_until_the_hold_is_ended(old, superuser, tell, settle):
    log, platform = old(), scope_of_log(PLATFORM, "test")
    tell(log)  # told of before the hold: the drop heeds it all the same
    with scoped(platform):
        hold = holding.place_hold(scope=platform, log=log, reason="A court's order")
    settle(log)
    drop()
    assert events(superuser, log) == [0, 1, 2, 3, 4, 5, 6]
    with scoped(scope_of_log(log, "test")) as scope:
        assert [one.reason for one in selectors.holds(scope=scope)] == ["A court's order"]
    with scoped(platform):
        holding.end_hold(scope=platform, hold_id=hold.id)
    settle(log)
    drop()
    assert events(superuser, log) == [3, 4, 5, 6, 7]
    assert verified(log).fault == ""


def test_a_held_log_tells_of_no_purge(old, tell):
    log, platform = old(), scope_of_log(PLATFORM, "test")
    with scoped(platform):
        holding.place_hold(scope=platform, log=log, reason="r", until=clock.now() + timedelta(days=1))
    assert tell(log) is None


def test_a_hold_on_one_subject_keeps_it_and_all_that_came_after(superuser, sealer, logs, tell):
    log, platform = new_log(superuser, 1), scope_of_log(PLATFORM, "test")
    logs.append(log)
    add(superuser, sealer, log, [months_ago(15), months_ago(14), months_ago(13)])
    place = "update audit_hold set subject = 'record:old' where tenant_id = %s"
    with scoped(platform):
        holding.place_hold(scope=platform, log=log, reason="r", subject="record:new")
    assert tell(log).minimum == 3  # nothing in it is by or about that one
    superuser.execute(place, [log])
    drop()
    assert events(superuser, log)[:3] == [0, 1, 2]


@pytest.mark.parametrize("given", [{"reason": " "}, {"reason": "x" * 501}, {"reason": "r", "until": months_ago(1)}])
def test_a_hold_needs_a_reason_and_an_end_to_come(installation, given):
    platform = scope_of_log(PLATFORM, "test")
    with pytest.raises(Invalid), scoped(platform):
        holding.place_hold(scope=platform, log=PLATFORM, **given)


def test_nothing_goes_while_its_record_is_not_anchored(old, superuser, installation, tell):
    log = old()
    before = (installation.anchors / f"{log}.checkpoint").read_bytes()
    tell(log)
    (installation.anchors / f"{log}.checkpoint").write_bytes(before)
    assert drop() == []
    assert events(superuser, log) == [0, 1, 2, 3, 4, 5]


def test_nothing_goes_while_its_record_is_not_sealed_or_not_signed(old, sealer, superuser):
    log = old()
    retention.record_due(log=log, now=clock.now())
    purge(superuser, log)
    assert events(superuser, log) == [0, 1, 2, 3, 4]
    while sealer.seal():
        pass
    purge(superuser, log)
    assert events(superuser, log) == [0, 1, 2, 3, 4, 5]


def purge(superuser, log, months=(14, 13)):
    """The second step as somebody calls it who says that everything is anchored."""
    for count in months:
        if superuser.execute("select to_regclass(%s)", [f"audit_event_1y_{months_ago(count):%Y_%m}"]).fetchone()[0]:
            values = [months_ago(count, 1).date(), [log]]
            superuser.execute("select safehold_guard.purge_month(1::smallint, %s, %s)", values)


def test_nothing_younger_than_a_year_goes_whatever_is_asked_for(old, sealer, superuser):
    log = old()
    with connect("sealer") as session, pytest.raises(psycopg.errors.RestrictViolation, match="a year old"):
        session.execute("select safehold_guard.purge_month(1::smallint, %s, %s)", [months_ago(5, 1).date(), [log]])
    with pytest.raises(psycopg.errors.CheckViolation):
        superuser.execute("update audit_keeping set years = 0 where tenant_id = %s", [log])
    platform = scope_of_log(PLATFORM, "test")
    with pytest.raises(Invalid, match="shorter than a year"), scoped(platform):
        flows.keep_log(scope=platform, log=log, years=0, plan="starter")


@pytest.mark.parametrize("field", ["minimum", "root"])
def test_a_forged_record_lets_nothing_go(old, sealer, superuser, field, settle):
    """Signed like any event, because the app wrote it: it names no head that the log had."""
    from safehold.foundation.audit.events import PURGED

    log, scope = old(), None
    scope = scope_of_log(log, "test")
    with scoped(scope):
        told = retention.due(scope=scope, now=clock.now())
        fields = {
            "before": told.before,
            "chain": told.chain.hex(),
            "minimum": told.minimum,
            "root": told.root.hex(),
            "rule": "because",
        }
        forged = {"minimum": 2, "root": "00" * 32}
        fields[field] = forged[field]
        flows.record(scope, PURGED, on=f"safehold/{sealer.place.id}/tenant/{log}", fields=fields)
    settle(log)
    drop()
    assert events(superuser, log) == [0, 1, 2, 3, 4, 5]
    assert "forged" in verified(log).fault


def test_only_the_sealer_may_ask_for_a_month_to_go(installation):
    for role in ("app", "owner", "backup", "staff"):
        with connect(role) as session, pytest.raises(psycopg.errors.InsufficientPrivilege):
            session.execute("select safehold_guard.purge_month(1::smallint, '2020-01-01', '{}')")


def test_dropped_without_a_record_events_are_missed(old, superuser):
    log = old()
    superuser.execute(f"drop table audit_event_1y_{months_ago(14):%Y_%m}")  # replica's session: past the guard
    superuser.execute(
        "delete from safehold_guard.fixed where kind = 'pg_class'::regclass"
        " and object not in (select oid from pg_class)"
    )
    assert "The event at place 0 is gone" in verified(log).fault


def test_events_between_the_last_head_and_the_month_s_end_stay_for_the_next_month(superuser, sealer, logs, tell):
    log = new_log(superuser, 1)
    logs.append(log)
    add(superuser, sealer, log, [months_ago(13)])
    last = months_ago(12, 1) - timedelta(hours=13)  # the head over it is signed in the next month
    add(superuser, sealer, log, [last - timedelta(minutes=2)])
    superuser.execute("alter table audit_checkpoint disable trigger all")
    superuser.execute("delete from audit_checkpoint where tenant_id = %s and size = 2", [log])
    superuser.execute("alter table audit_checkpoint enable always trigger refuse_change")
    superuser.execute("alter table audit_checkpoint enable always trigger refuse_change_of_row")
    oldlogs.sign(superuser, sealer, log, last + timedelta(hours=13))
    oldlogs.write(log)
    oldlogs.settle(superuser, sealer, log)
    assert tell(log).minimum == 1
    assert [(each.gone, each.stayed) for each in drop() if each.gone] == [(1, 1)]
    assert events(superuser, log)[0] == 1
    assert verified(log).fault == ""


# AUD-4


@pytest.fixture
def probe(installation):
    from safehold.foundation.tenancy.selectors import canaries

    left, right = canaries()
    return ProbeContext(now=clock.now(), left=left, right=right)


def test_purged_and_unpurged_logs_are_as_promised(old, probe, tell, settle):
    log = old()
    old(3, "professional")
    tell(log)
    drop()
    settle(log)
    found = logs_are_kept_as_long_as_promised(probe)
    assert found.result is Result.KEPT, found
    assert found.evidence["events_purged"] == 3


def test_with_the_clock_moved_nothing_old_is_allowed_to_be_there(old, probe):
    """What is kept now is too old in three years, and said to be; purged by then, it is not."""
    log = old(3, "professional")
    later = clock.now() + timedelta(days=366 * 3)
    for now, result in ((probe.now, Result.KEPT), (later, Result.BROKEN)):
        found = logs_are_kept_as_long_as_promised(replace(probe, now=now))
        assert found.result is result
        assert any(str(log) in fault for fault in found.evidence.get("faults", [])) is (result is Result.BROKEN)


def _unpurged(superuser, sealer, log):
    """A log whose time is over, and nobody purges it."""


def _dropped(superuser, sealer, log):
    superuser.execute(f"drop table audit_event_1y_{months_ago(13):%Y_%m}, audit_event_1y_{months_ago(14):%Y_%m}")
    superuser.execute(
        "delete from safehold_guard.fixed f where kind = 'pg_class'::regclass and name like '%_20%'"
        " and not exists (select from pg_class c where c.oid = f.object)"
    )


def _purged(superuser, sealer, log):
    retention.record_due(log=log, now=clock.now())
    oldlogs.settle(superuser, sealer, log)
    drop()


def _delete(superuser, what, *values):
    with tampering.unguarded(superuser):
        superuser.execute(f"delete from audit_event {what}", values)  # noqa: S608


def _untold(superuser, sealer, log):
    _purged(superuser, sealer, log)
    _delete(superuser, "where tenant_id = %s and target like %s", PLATFORM, f"%{log}")


def _one_more(superuser, sealer, log):
    _purged(superuser, sealer, log)
    _delete(superuser, "e using audit_leaf l where l.tenant_id = %s and l.index = 3 and e.id = l.event_id", log)


def _held(superuser, sealer, log):
    platform = scope_of_log(PLATFORM, "test")
    with scoped(platform):
        holding.place_hold(scope=platform, log=log, reason="r")
    _delete(superuser, "e using audit_leaf l where l.tenant_id = %s and l.index = 0 and e.id = l.event_id", log)


def _too_young(superuser, sealer, log):
    """Somebody with the key says that what is five months old is over, and lets it go."""
    scope = scope_of_log(log, "test")
    with scoped(scope):
        told = retention.due(scope=scope, now=clock.now() + timedelta(days=366))
        retention._tell(scope, log, told)
    with scoped(scope_of_log(PLATFORM, "test")) as platform:
        retention._tell(platform, log, told)
    oldlogs.settle(superuser, sealer, log)
    _delete(
        superuser,
        "e using audit_leaf l where l.tenant_id = %s and l.index < %s and e.id = l.event_id",
        log,
        told.minimum,
    )


def _other_years(superuser, sealer, log):
    superuser.execute("update audit_keeping set years = 3 where tenant_id = %s", [log])


def _no_month(superuser, sealer, log):
    _purged(superuser, sealer, log)
    superuser.execute(f"drop table {_next_month()}")


def _next_month():
    return f"audit_event_3y_{months_ago(-1):%Y_%m}"


BREAKS_OF_AUD_4 = {
    "has an event of": _unpurged,
    "no purge was told of": _one_more,
    "is gone": _dropped,
    "the platform's log doesn't know": _untold,
    "was purged before its time": _too_young,
    "although it was on legal hold": _held,
    "is kept 3 years, and its plan starter says 1": _other_years,
    "has no part for the next month": _no_month,
}


@pytest.mark.parametrize("words", BREAKS_OF_AUD_4)
def test_a_log_that_isn_t_kept_as_promised_is_seen(old, sealer, superuser, probe, words):
    log = old()
    with tampering.undone(superuser, sealer.place, PLATFORM):
        BREAKS_OF_AUD_4[words](superuser, sealer, log)
        try:
            found = logs_are_kept_as_long_as_promised(probe)
        finally:
            if words.startswith("has no part"):
                name = _next_month()
                superuser.execute("delete from safehold_guard.fixed where name like %s", [f"%{name}"])
                sealer.make_months()
    assert found.result is Result.BROKEN, found
    assert any(words in fault for fault in found.evidence["faults"]), found


def test_events_that_no_month_fits_are_seen(installation, superuser, logs, probe):
    log = new_log(superuser, 1)
    logs.append(log)
    superuser.execute(
        "insert into audit_event (tenant_id, id, type, actor, body, class)"
        " values (%s, 'ffffffff-0000-7000-8000-000000000000', 'a.b', 'x', '{}', 1)",
        [log],
    )
    found = logs_are_kept_as_long_as_promised(probe)
    assert any("audit_event_1y_rest isn't empty" in fault for fault in found.evidence["faults"]), found


# Faces


def test_the_command_tells_first_and_drops_then(old, settle, superuser):
    log = old()
    command = CliRunner()
    dry = command.invoke(audit, ["retention", "--dry-run"])
    assert f"{log}: the events below 3 are over (starter: 1 year)" in dry.output
    assert len(events(superuser, log)) == 5
    assert "The months are dropped once that is sealed" in command.invoke(audit, ["retention"]).output
    settle(log)
    done = command.invoke(audit, ["retention"]).output
    assert f"{months_ago(13):%Y-%m} (1 years): 2 events removed" in done
    assert "Nothing is older than its plan keeps." in command.invoke(audit, ["retention", "--dry-run"]).output
    assert events(superuser, log) == [3, 4, 5]


def test_holds_from_the_command_line(installation):
    command, place = CliRunner(), ["hold", "place", "platform", "--reason", "A court's order", "--until", "2999-01-01"]
    held = command.invoke(audit, place).output.removeprefix("Held: ").strip()
    listed = command.invoke(audit, ["hold", "list", "platform"]).output
    assert f"{held}  {clock.now():%Y-%m-%d}  everything  in force, until 2999-01-01  A court's order" in listed
    assert command.invoke(audit, ["hold", "end", held]).exit_code == 0
    assert f"ended {clock.now():%Y-%m-%d}" in command.invoke(audit, ["hold", "list", "platform"]).output


def test_the_job_does_both(old, settle, superuser):
    from safehold.foundation.audit.jobs import purge_logs

    log = old()
    purge_logs(0)
    settle(log)
    purge_logs(0)
    assert events(superuser, log) == [3, 4, 5]


def test_a_plan_says_how_long_and_a_change_of_plan_too(installation):
    tenant = factories.make_tenant(plan="starter")
    with scoped(factories.PLATFORM_SCOPE):
        tenancy.change_plan(scope=factories.PLATFORM_SCOPE, slug=tenant.slug, plan="professional")
    with scoped(scope_of_log(tenant.id, "test")) as scope:
        said = selectors.keeping(scope=scope)
        assert (said.years, said.plan) == (3, "professional")
    with pytest.raises(Denied), scoped(scope):
        flows.keep_log(scope=scope, log=tenant.id, years=5, plan="enterprise")
    with scoped(scope), connection.cursor() as cursor:  # its own row is shown to it, and no other's; it changes neither
        cursor.execute("update audit_keeping set years = 5")
        assert cursor.rowcount == 0
    with pytest.raises(DatabaseError), scoped(scope), connection.cursor() as cursor:
        cursor.execute("insert into audit_keeping values (gen_random_uuid(), 1, 'x')")


def test_an_event_lies_in_the_class_of_its_log_s_plan(installation, superuser):
    for plan, part in (
        ("starter", "audit_event_1y"),
        ("professional", "audit_event_3y"),
        ("enterprise", "audit_event_5y"),
    ):
        tenant = factories.make_tenant(plan=plan)
        rows = superuser.execute(
            "select distinct tableoid::regclass::text from audit_event where tenant_id = %s", [tenant.id]
        ).fetchall()
        assert [row[0].startswith(part) for row in rows] == [True]
