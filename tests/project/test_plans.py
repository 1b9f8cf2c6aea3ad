"""Every list, report and search is answered from an index that leads to the scope's own rows.

A selector that isn't in the table below fails the last test: give it a line, or say why it has none.
"""

# ruff: noqa: ARG005  (every case is called alike)

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest

import safehold
from factories import make_member, make_tenant, scope_of, system
from safehold.foundation.scope.clock import new_id
from safehold.foundation.scope.scope import Kind, Scope
from support import plans

pytestmark = pytest.mark.usefixtures("installation")

WHEN = datetime(2026, 1, 1, tzinfo=UTC)
ROWS = "".join(f"{n},Name {n},2020-01-01,n{n}@shop.example,\n" for n in range(60))
FILES = f"code,name,since,email,chief\n{ROWS}".encode()


@pytest.fixture(scope="module")
def given(installation):
    """A tenant with some of everything, and what its selectors are asked for."""
    from safehold.foundation.access.matrix import FieldClass
    from safehold.foundation.identity import flows as identity
    from safehold.foundation.scope.transaction import scoped
    from safehold.foundation.tenancy import selectors as tenancy
    from safehold.workspace.records import flows
    from safehold.workspace.records.importing.options import ImportOptions
    from safehold.workspace.records.shape import FieldSpec
    from safehold.workspace.records.values import FieldType

    tenant = make_tenant(departments=["Second", "Third"])
    outside = Scope(Kind.SIGN_IN, actor="system:test", address="192.0.2.1")
    email = f"plans-{new_id().hex[-12:]}@example.com"
    with scoped(outside):
        account = identity.create_account(scope=outside, email=email, name="P", password="seven lamps eat the winter")
    member = make_member(tenant, "manager", email=email, account_id=account.id)
    fields = (
        FieldSpec("code", FieldType.NUMBER, required=True, unique=True, indexed=True),
        FieldSpec("name", required=True, indexed=True),
        FieldSpec("since", FieldType.DATE, indexed=True),
        FieldSpec("email", FieldType.EMAIL, field_class=FieldClass.PERSONAL, unique=True, indexed=True),
        FieldSpec("chief", FieldType.REFERENCE, target="people"),
    )
    with scoped(system(tenant)) as scope:
        flows.create_collection(scope=scope, key="people", fields=fields)
        flows.import_rows(scope=scope, collection="people", data=FILES, options=ImportOptions())
        kept = flows.keep_file(scope=scope, collection="people", filename="a.csv", data=FILES, options=ImportOptions())
    bound = tenancy.tenant_scope(account_id=account.id, slug=tenant.slug, address="192.0.2.1")
    with scoped(bound):
        token, text = identity.issue_token(scope=bound, name="a script")
    one = SimpleNamespace(
        tenant=tenant, account=account, member=member, token=token, text=text, kept=kept, outside=outside, bound=bound
    )
    with scoped(system(tenant)) as scope:
        from safehold.foundation.audit import selectors as audit
        from safehold.workspace.records import filters, selectors as records

        one.query = filters.parse(())
        one.record = records.records(scope, "people").records[0].id
        one.shape = records.whole_collection(scope, "people")
        one.event = audit.activity(scope=scope).events[0].id
    return one


def listed(**asked: str) -> Callable[[Any, Any, Scope], Any]:
    from safehold.workspace.records import filters

    return lambda m, g, s: m.records(s, "people", filters.parse(asked.items()))


def acted(**asked: Any) -> Callable[[Any, Any, Scope], Any]:
    return lambda m, g, s: m.activity(scope=s, filters=m.Filters(**asked))


# Room → "selector" or "selector: of what kind" → the call, with the room's selectors, what is given, and the scope.
CASES: dict[str, dict[str, Callable[[Any, Any, Scope], Any]]] = {
    "foundation.tenancy": {
        "tenant": lambda m, g, s: m.tenant(s),
        "departments": lambda m, g, s: m.departments(s),
        "department": lambda m, g, s: m.department(s, 1),
        "members": lambda m, g, s: m.members(s),
        "members: searched": lambda m, g, s: m.members(s, search="ada"),
        "members: by status": lambda m, g, s: m.members(s, status="active"),
        "member": lambda m, g, s: m.member(s, g.member.id),
        "member_names": lambda m, g, s: m.member_names(s, [g.member.id]),
        "counts": lambda m, g, s: m.counts(s),
        "account_of_member": lambda m, g, s: m.account_of_member(s, g.member.id),
        "scope_of_member": lambda m, g, s: m.scope_of_member(scope=s, member_id=g.member.id),
        "deciders": lambda m, g, s: m.deciders(s),
    },
    "foundation.staff": {
        "grants": lambda m, g, s: m.grants(s),
        "needs_approval": lambda m, g, s: m.needs_approval(s),
        "deciders": lambda m, g, s: m.deciders(s),
        "names_of": lambda m, g, s: m.names_of(s, [g.account.id]),
    },
    "foundation.objects": {
        "known": lambda m, g, s: m.known(s),
        "known: some": lambda m, g, s: m.known(s, [g.record]),
        "find_upload": lambda m, g, s: m.find_upload(s, "canary", "canary"),
    },
    "foundation.identity": {
        "tokens": lambda m, g, s: m.tokens(s),
        "token": lambda m, g, s: m.token(s, g.token.id),
    },
    "foundation.audit": {
        "activity": acted(),
        "activity: by actor": acted(actor="system:test"),
        "activity: by type": acted(type="tenancy.department.created"),
        "activity: on an object": acted(on="department:1"),
        "activity: holding a text": acted(text="second"),
        "activity: of a time": acted(since=WHEN, until=WHEN),
        "activity: of security": acted(security=True),
        "activity: all at once": acted(actor="system:test", type="x", on="department:1", text="x", since=WHEN),
        "event": lambda m, g, s: m.event(scope=s, event_id=g.event),
        "sealed_since": lambda m, g, s: m.sealed_since(scope=s, index=0),
        "head": lambda m, g, s: m.head(scope=s),
        "signed_sizes": lambda m, g, s: m.signed_sizes(scope=s),
        "notes": lambda m, g, s: m.notes(scope=s, sizes=[1]),
    },
    "foundation.egress": {
        "destinations": lambda m, g, s: m.destinations(s),
    },
    "foundation.jobs": {},
    "foundation.keys": {
        "key_status": lambda m, g, s: m.key_status(scope=s),
    },
    "workspace.records": {
        "records": listed(),
        "records: by number": listed(sort="-code"),
        "records: by text": listed(sort="name"),
        "records: by date": listed(sort="since", since__gte="2019-01-01"),
        "records: by a sealed field": listed(sort="email"),
        "records: of a number": listed(code="7"),
        "records: beginning": listed(name__begins="name"),
        "records: of a sealed value": listed(email="n7@shop.example"),
        "records: pointing to one": listed(chief="7"),
        "records: pointing to none": listed(chief__empty="yes"),
        "records: searched": listed(q="name 7"),
        "records: searched for a sealed word": listed(q="n7@shop.example"),
        "count": lambda m, g, s: m.count(s, "people"),
        "record": lambda m, g, s: m.record(s, "people", g.record),
        "find_record": lambda m, g, s: m.find_record(s, g.record),
        "history": lambda m, g, s: m.history(s, "people", g.record),
        "collections": lambda m, g, s: m.collections(s),
        "collection": lambda m, g, s: m.collection(s, "people"),
        "counts": lambda m, g, s: m.counts(s),
        "whole_collection": lambda m, g, s: m.whole_collection(s, "people"),
        "whole_collections": lambda m, g, s: m.whole_collections(s),
        "codes_of": lambda m, g, s: m.codes_of(s, g.shape.id, ["7"]),
        "suggestions": lambda m, g, s: m.suggestions(s, "people", "nam"),
        "named": lambda m, g, s: m.named(s, [g.record]),
        "referring": lambda m, g, s: m.referring(s, g.record),
        "records_in_chunks": lambda m, g, s: m.records_in_chunks(s, "people", g.query),
        "imports": lambda m, g, s: m.imports(s),
        "import_view": lambda m, g, s: m.import_view(s, g.kept),
    },
}
LEFT_OUT = {
    "foundation.tenancy": {
        "platform_scope": "reads nothing",
        "system_scope": "reads departments, as departments does",
        "require_platform": "reads nothing",
        "tenant_scope": "the account's, not a tenant's: one account's few members",
        "scopes_of": "the same",
        "memberships_of": "the same",
        "list_tenants": "the platform's register",
        "tenant_by_slug": "the same",
        "tenant_id_of": "the same",
        "canaries": "the same",
        "slugs_of": "the same",
        "plan_amount": "reads the tenant, as tenant does",
        "plan_refusal": "the same",
        "require_feature": "the same",
    },
    "foundation.staff": {
        **dict.fromkeys(("everybody", "by_email", "acting_staff", "open_access", "unended"), "the platform's register"),
        **dict.fromkeys(("state_of", "approval_code", "acting_in"), "reads nothing"),
        "grant": "as grants, for one",
    },
    "foundation.objects": {
        **dict.fromkeys(("find", "read", "key_of", "sealed_key_of"), "one row by its id, as known: some"),
        **dict.fromkeys(("key_place", "context_for"), "reads nothing"),
    },
    "foundation.identity": dict.fromkeys(
        (
            *("account", "account_by_email", "accounts", "all_accounts", "hash_kinds", "invitation", "live_sessions"),
            *("needs_second_factor", "recovery_codes_left", "roles_of", "scope_for_token", "sessions_of", "signing_in"),
            *("token_of", "staff_accounts", "held_open", "token_holders"),
        ),
        "accounts, in the sign-in kind: no tenant's",
    ),
    "foundation.audit": {
        "render": "reads nothing",
        "event_types_seen": "reads nothing",
        "sealing": "the platform's: how far the sealer is",
        "heads": "the same",
        "logs_events": "the verifier's, over all logs",
        "verified_point": "the same",
        "without_place": "the same",
        "newest_note": "as notes, for the newest",
        "place_of": "waits for the sealer; event reads the same rows",
        "wait_sealed": "the same",
    },
    "foundation.egress": {"destination": "one row by its id, as destinations"},
    "foundation.jobs": {"jobs": "asks a door, a function of the owner's, which goes by an index of its own"},
    "foundation.keys": {"tenants_with_keys": "the key store's, no rows"},
    "workspace.records": {"import_file": "reads the row that import_view reads, and a file"},
}  # fmt: skip


@pytest.mark.parametrize(("room", "case"), [(room, case) for room, cases in CASES.items() for case in cases])
def test_a_selector_is_answered_from_its_own_rows(given, room, case):
    selectors = import_module(f"safehold.{room}.selectors")
    asked: list[str] = []
    for reach in (None, (0, 1)):  # everybody's departments, and two of them
        scope = scope_of(given.tenant, "owner", reach)
        found, statements = plans.faults(scope, lambda s: CASES[room][case](selectors, given, s))
        assert found == [], "\n".join(found)
        asked += statements
    assert asked, "it asked nothing"


@pytest.mark.parametrize("room", CASES)
def test_every_selector_is_in_the_table_or_says_why_not(room):
    selectors = import_module(f"safehold.{room}.selectors")
    functions = {name for name in selectors.__all__ if name[0].islower()}
    tried = {case.partition(":")[0] for case in CASES[room]}
    assert functions - tried - set(LEFT_OUT[room]) == set()
    assert (tried | set(LEFT_OUT[room])) - functions == set()


def test_every_room_with_selectors_is_in_the_table():
    """Those above the foundation and the workspace read the installation's own tables, which hold no tenant's rows."""
    root = Path(safehold.__file__).parent
    rooms = {path.parent for floor in ("foundation", "workspace") for path in (root / floor).glob("*/selectors*")}
    assert {".".join(room.relative_to(root).parts) for room in rooms} == set(CASES)


@pytest.fixture
def unled(installation):
    """A protected table that nobody gave an index."""
    login = installation.login("owner")
    where = {"host": login.host, "port": login.port, "dbname": login.name, "user": login.user}
    with psycopg.connect(**where, password=login.password, autocommit=True) as owner:
        with owner.transaction():
            owner.execute("create table unled (tenant_id uuid not null, name text)")
            owner.execute("select safehold.protect_table('unled')")
        yield
        owner.execute("drop table unled")


@pytest.mark.usefixtures("unled")
def test_what_reads_a_table_whole_is_found(given):
    from django.db import connection

    bare = "select name from unled where name = 'nobody'"
    found, _ = plans.faults(scope_of(given.tenant, "owner"), lambda _: connection.cursor().execute(bare))
    assert [fault.partition("\n")[0] for fault in found] == ["unled is read whole"]
