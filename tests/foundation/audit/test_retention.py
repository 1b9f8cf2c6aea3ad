"""Events are kept as long as their log's plan says, and go then: told of first, a month at a time, and only what may."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from safehold.foundation.audit import flows, holding, retention, selectors
from safehold.foundation.audit.naming import scope_of_log
from safehold.foundation.audit.retention import horizon
from safehold.foundation.audit.signing import published_keys
from safehold.foundation.audit.statements import connect
from safehold.foundation.audit.verification import verify_log
from safehold.foundation.scope import clock
from safehold.foundation.scope.transaction import scoped
from safehold.kernel.errors import Invalid
from safehold.kernel.ids import PLATFORM
from safehold.kernel.verifier import standalone, verify
from support import oldlogs
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
        sealer.catch_up()
        return log

    return make


def tell(log, sealer, now=None):
    """The first step, and all that makes the second possible."""
    told = retention.record_due(log=log, now=now or clock.now())
    sealer.catch_up()
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


def test_what_is_over_is_told_of_first_and_dropped_then(old, sealer, superuser, logs):
    log = old()
    assert events(superuser, log) == [0, 1, 2, 3, 4]
    assert drop() == []
    told = tell(log, sealer)
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


def test_no_row_is_changed_and_survivors_keep_place_and_proof(old, sealer, superuser):
    log = old()
    columns = "e.id, e.at, e.xid, e.type, e.actor, e.target, e.body, e.digest, e.personal"
    rows = f"select {columns} from audit_event e where tenant_id = '{log}' order by id desc limit 2"  # noqa: S608
    before = superuser.execute(rows).fetchall()
    tell(log, sealer)
    drop()
    record, *after = superuser.execute(rows.replace("limit 2", "limit 3")).fetchall()
    assert (record[3], after) == ("log.purged", before)


def test_an_export_of_what_is_kept_says_what_was_purged(old, sealer, installation):
    log = old()
    tell(log, sealer)
    drop()
    sealer.catch_up()
    scope = scope_of_log(log, "test")
    with scoped(scope):
        data = b"".join(flows.export_log(scope=scope).pieces)
    report = verify(io.BytesIO(data), published_keys(installation))
    assert (report.first, report.purged.minimum, report.purged.rule) == (3, 3, "starter: 1 year")
    assert any(line.startswith("Purged below index 3 under the rule “starter: 1 year”") for line in report.lines())
    key = str(published_keys(installation)[0])
    other = standalone.verify(io.BytesIO(data), [standalone.read_key(key)])
    assert any("Purged below index 3" in line for line in standalone.report(other))


def test_an_export_of_a_purged_period_is_refused(old, sealer):
    log = old()
    tell(log, sealer)
    drop()
    scope = scope_of_log(log, "test")
    with pytest.raises(Invalid, match="may have been purged"), scoped(scope):
        flows.export_log(scope=scope, period=(months_ago(14), months_ago(6)))


def test_a_log_of_a_larger_plan_keeps_its_own(old, sealer, superuser):
    log = old(3, "professional")
    assert tell(log, sealer) is None
    assert drop() == []
    assert events(superuser, log) == [0, 1, 2, 3, 4]


def test_what_a_larger_plan_keeps_moves_to_its_class_when_the_month_goes(old, sealer, superuser):
    mine, other = old(), old()
    superuser.execute("update audit_keeping set years = 5, plan = 'enterprise' where tenant_id = %s", [mine])
    assert tell(mine, sealer) is None
    tell(other, sealer)
    drop()
    assert events(superuser, mine) == [0, 1, 2, 3, 4]
    assert events(superuser, other) == [3, 4, 5]
    lies = parts(superuser, mine)
    assert {lies[place].removeprefix("public.")[:14] for place in (0, 1, 2)} == {"audit_event_5y"}
    assert lies[3].removeprefix("public.").startswith("audit_event_1y")  # its month isn't over for its class
    assert verified(mine).fault == verified(other).fault == ""


def test_a_smaller_plan_lets_go_what_a_larger_one_kept_beside_others(old, sealer, superuser):
    mine, other = old(5, "enterprise"), old(5, "enterprise")
    superuser.execute("update audit_keeping set years = 1, plan = 'starter' where tenant_id = %s", [mine])
    assert tell(mine, sealer).minimum == 3
    assert sum(each.gone for each in drop()) == 3
    assert events(superuser, mine) == [3, 4, 5]
    assert events(superuser, other) == [0, 1, 2, 3, 4]
    assert verified(mine).fault == verified(other).fault == ""


def test_a_plan_that_grows_again_before_the_drop_saves_what_was_told_of(old, sealer, superuser):
    log = old()
    tell(log, sealer)
    superuser.execute("update audit_keeping set years = 3 where tenant_id = %s", [log])
    drop()
    assert events(superuser, log) == [0, 1, 2, 3, 4, 5]
    assert verified(log).fault == ""


def test_a_held_log_stays_until_the_hold_is_ended(old, sealer, superuser):
    log, platform = old(), scope_of_log(PLATFORM, "test")
    tell(log, sealer)  # told of before the hold: the drop heeds it all the same
    with scoped(platform):
        hold = holding.place_hold(scope=platform, log=log, reason="A court's order")
    sealer.catch_up()
    drop()
    assert events(superuser, log) == [0, 1, 2, 3, 4, 5, 6]
    with scoped(scope_of_log(log, "test")) as scope:
        assert [one.reason for one in selectors.holds(scope=scope)] == ["A court's order"]
    with scoped(platform):
        holding.end_hold(scope=platform, hold_id=hold.id)
    sealer.catch_up()
    drop()
    assert events(superuser, log) == [3, 4, 5, 6, 7]
    assert verified(log).fault == ""


def test_a_held_log_tells_of_no_purge(old, sealer):
    log, platform = old(), scope_of_log(PLATFORM, "test")
    with scoped(platform):
        holding.place_hold(scope=platform, log=log, reason="r", until=clock.now() + timedelta(days=1))
    assert tell(log, sealer) is None


def test_a_hold_on_one_subject_keeps_it_and_all_that_came_after(superuser, sealer, logs):
    log, platform = new_log(superuser, 1), scope_of_log(PLATFORM, "test")
    logs.append(log)
    add(superuser, sealer, log, [months_ago(15), months_ago(14), months_ago(13)])
    place = "update audit_hold set subject = 'record:old' where tenant_id = %s"
    with scoped(platform):
        holding.place_hold(scope=platform, log=log, reason="r", subject="record:new")
    assert tell(log, sealer).minimum == 3  # nothing in it is by or about that one
    superuser.execute(place, [log])
    drop()
    assert events(superuser, log)[:3] == [0, 1, 2]


@pytest.mark.parametrize("given", [{"reason": " "}, {"reason": "x" * 501}, {"reason": "r", "until": months_ago(1)}])
def test_a_hold_needs_a_reason_and_an_end_to_come(installation, given):
    platform = scope_of_log(PLATFORM, "test")
    with pytest.raises(Invalid), scoped(platform):
        holding.place_hold(scope=platform, log=PLATFORM, **given)


def test_nothing_goes_while_its_record_is_not_anchored(old, sealer, superuser, installation):
    log = old()
    before = (installation.anchors / f"{log}.checkpoint").read_bytes()
    tell(log, sealer)
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
        session.execute(
            "select safehold_guard.purge_month(1::smallint, %s, %s)", [months_ago(5, 1).date(), [log]]
        )
    with pytest.raises(psycopg.errors.CheckViolation):
        superuser.execute("update audit_keeping set years = 0 where tenant_id = %s", [log])
    platform = scope_of_log(PLATFORM, "test")
    with pytest.raises(Invalid, match="shorter than a year"), scoped(platform):
        flows.keep_log(scope=platform, log=log, years=0, plan="starter")


@pytest.mark.parametrize("field", ["minimum", "root"])
def test_a_forged_record_lets_nothing_go(old, sealer, superuser, field):
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
    sealer.catch_up()
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
        "delete from safehold_guard.fixed where kind = 'pg_class'::regclass and object not in (select oid from pg_class)"
    )
    assert "The event at place 0 is gone" in verified(log).fault


def test_events_between_the_last_head_and_the_month_s_end_stay_for_the_next_month(superuser, sealer, logs):
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
    sealer.catch_up()
    assert tell(log, sealer).minimum == 1
    assert [(each.gone, each.stayed) for each in drop() if each.gone] == [(1, 1)]
    assert events(superuser, log)[0] == 1
    assert verified(log).fault == ""
