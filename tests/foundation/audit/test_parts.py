"""Events lie in very many parts after some years: no question may look into more of them than it needs."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection

import factories
from safehold.foundation.audit import flows, selectors
from safehold.foundation.audit.events import DENIED
from safehold.foundation.audit.selectors import Filters
from safehold.foundation.audit.statements import statement
from safehold.foundation.audit.stored import stretch
from safehold.foundation.scope import clock
from safehold.foundation.scope.transaction import scoped
from support import oldlogs

FIELDS = {"permission": "p", "route": "GET /r"}
PART = re.compile(r"audit_event_(?:\dy_\d{4}_\d\d|\dy_rest|logs|rest)\b")
FEW = 18
"""Three classes: the months of the last five weeks and the one to come, and what no month fits."""


@pytest.fixture(scope="module")
def many(installation):
    """Five years of months, as after five years."""
    import psycopg

    from safehold.operations.database.prepare import admin_conninfo

    name = installation.login("app").name
    with psycopg.connect(admin_conninfo(installation), dbname=name, autocommit=True) as superuser:
        oldlogs.make_months(superuser, oldlogs.months_ago(60))
    scope = factories.scope_of(factories.make_tenant(), "owner")
    with scoped(scope):
        flows.record_many(scope, DENIED, [flows.Entry(on="record:one", fields=FIELDS)] * 120)
    return scope


def looked_into(ask) -> set[str]:
    """The parts that are read, over all statements that `ask` sends, as EXPLAIN shows them."""
    sent, parts = [], set()

    def note(execute, sql, params, many, context):
        sent.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        ask()
    with connection.cursor() as cursor:
        for sql, params in sent:
            if "audit_event" in sql and sql.lstrip("-\n ").upper().startswith(("SELECT", "--")):
                cursor.execute("explain (analyze, costs off, timing off, summary off) " + sql, params)
                lines = [row[0] for row in cursor.fetchall() if "never executed" not in row[0]]
                parts |= set(PART.findall("\n".join(lines)))
    assert sent
    return parts


LISTS = {
    "all": Filters(),
    "by a type": Filters(type=DENIED.name),
    "about one thing": Filters(on="record:one"),
    "by one": Filters(actor="member:x"),
    "with a word": Filters(text="permission"),
    "of security": Filters(security=True),
    "of a week": Filters(since=clock.now() - timedelta(days=7), until=clock.now()),
}


@pytest.mark.parametrize("name", LISTS)
def test_a_page_of_a_list(many, sealer, name):
    with scoped(many):
        parts = looked_into(lambda: selectors.activity(scope=many, filters=LISTS[name]))
    assert 0 < len(parts) <= FEW, parts


def test_the_pages_after(many, sealer):
    with scoped(many):
        page = selectors.activity(scope=many)
        parts = looked_into(lambda: selectors.activity(scope=many, cursor=page.next))
    assert 0 < len(parts) <= FEW, parts


def test_one_event_and_events_by_their_places(many, sealer):
    sealer.catch_up()
    with scoped(many):
        event = selectors.activity(scope=many).events[0]
        assert len(looked_into(lambda: selectors.event(scope=many, event_id=event.id))) <= 8
        assert len(looked_into(lambda: selectors.sealed_since(scope=many, index=0))) <= FEW

        def walk():
            with connection.cursor() as cursor:
                assert len(list(stretch(cursor, many.tenant, 0, 100))) == 100

        assert len(looked_into(walk)) <= FEW


def test_what_the_log_of_logs_says(many, sealer):
    sealer.catch_up()
    with scoped(many):
        head = selectors.head(scope=many)
        assert looked_into(lambda: selectors.logs_events(head.origin)) == {"audit_event_logs"}


def test_a_pass_of_the_sealer(many, sealer, superuser):
    values = {
        "xid": "0",
        "id": "00000000-0000-0000-0000-000000000000",
        "over": False,
        "horizon": "1000000",
        "most": 5000,
        "since": clock.now() - timedelta(days=7),
    }
    for name in ("take", "move_on"):
        plan = sealer.connection.execute("explain " + statement("sealer", name), values).fetchall()
        assert len(set(PART.findall("\n".join(row[0] for row in plan)))) <= FEW, name


def test_a_list_goes_back_as_far_as_the_log_does(many, superuser, installation, sealer):
    """Few events over four years: every one is on the page, in order, and pages of one give the same."""
    log = oldlogs.new_log(superuser, 5, "enterprise")
    with oldlogs.gone_afterwards(superuser, installation, log):
        oldlogs.add(superuser, sealer, log, [oldlogs.months_ago(count) for count in (50, 30, 14, 13, 2, 1)])
        oldlogs.write(log)
        oldlogs.settle(superuser, sealer, log)
        scope = factories.scope_of(log, "owner", departments=[0])
        with scoped(scope):
            page = selectors.activity(scope=scope)
            assert [one.index for one in page.events] == [6, 5, 4, 3, 2, 1, 0]
            places, cursor = [], ""
            for _ in range(7):
                one = selectors.activity(scope=scope, cursor=cursor, limit=1)
                places += [each.index for each in one.events]
                cursor = one.next
            assert (places, cursor) == ([6, 5, 4, 3, 2, 1, 0], "")
            since = selectors.activity(scope=scope, filters=Filters(since=oldlogs.months_ago(14), until=clock.now()))
            assert [one.index for one in since.events] == [6, 5, 4, 3, 2]


BEFORE = """
CREATE TABLE audit_event (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    type text NOT NULL,
    actor text NOT NULL,
    target text NOT NULL DEFAULT '',
    body bytea NOT NULL,
    digest bytea NOT NULL GENERATED ALWAYS AS (sha256('\\x00'::bytea || body)) STORED,
    personal bytea,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX audit_event_unsealed ON audit_event (xid, id);
INSERT INTO audit_event (tenant_id, id, xid, type, actor, body) VALUES
    ('00000000-0000-0000-0000-000000000001', safehold.first_id(now()), '7', 'a.b', 'x', '{}'),
    ('01900000-0000-7000-8000-00000000000a', safehold.first_id(now() - interval '5 months'), '8', 'a.b', 'x', '{}'),
    ('01900000-0000-7000-8000-00000000000a', safehold.first_id(now() - interval '1 hour'), '9', 'a.b', 'x', '{}');
ALTER TABLE audit_event ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_event FORCE ROW LEVEL SECURITY;
SELECT safehold.make_append_only('audit_event');
"""


def test_the_events_of_a_home_from_before_move_in(installation):
    """In the bench's scratch schema, whose tables the same files make."""
    from safehold.foundation.audit.statements import connect
    from safehold.foundation.scope.migrations_support import sql_text

    with connect("owner") as owner:
        owner.execute("create schema audit_bench; set local search_path = audit_bench, public")
        owner.execute(BEFORE)
        owner.execute(sql_text("safehold.foundation.audit", "005_events.sql"))
        owner.execute("alter table audit_event no force row level security")
        rows = owner.execute(
            "select xid::text, tableoid::regclass::text, digest = sha256('\\x007b7d'::bytea)"
            " from audit_event order by 1"
        ).fetchall()
        empty = owner.execute("select count(*) from public.audit_event").fetchone()
        owner.rollback()
    assert [row[0] for row in rows] == ["7", "8", "9"]
    assert rows[0][1] == "audit_event_logs"
    assert [re.fullmatch(r"audit_event_5y_\d{4}_\d\d", row[1]) is not None for row in rows] == [False, True, True]
    assert all(row[2] for row in rows)
    assert empty == (0,)  # the owner sees none of the real ones
