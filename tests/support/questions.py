"""What every selector is asked, by room, and a tenant with some of everything to ask it for.

A selector that isn't in CASES or LEFT_OUT fails tests/project/test_plans.py: give it a line, or say why it has none.
"""

# ruff: noqa: ARG005  (every case is called alike)

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from factories import make_member, make_tenant, system
from safehold.foundation.scope.clock import new_id, now
from safehold.foundation.scope.scope import Kind, Scope

__all__ = ["CASES", "LEFT_OUT", "make_given"]

WHEN = datetime(2026, 1, 1, tzinfo=UTC)
ROWS = "".join(f"{n},Name {n},2020-01-01,n{n}@shop.example,\n" for n in range(60))
FILES = f"code,name,since,email,chief\n{ROWS}".encode()


def make_given() -> SimpleNamespace:
    """A tenant with some of everything, and what its selectors are asked for."""
    from safehold.foundation.access.matrix import FieldClass
    from safehold.foundation.identity import flows as identity
    from safehold.foundation.scope.transaction import scoped
    from safehold.foundation.tenancy import selectors as tenancy
    from safehold.foundation.tenancy.flows import invite_guest
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

        one.guest = invite_guest(scope=scope, email=f"auditor-{email}", until=now() + timedelta(days=9))
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
        "guests": lambda m, g, s: m.guests(s),
        "guest": lambda m, g, s: m.guest(s, g.guest.id),
        "guest_names": lambda m, g, s: m.guest_names(s, [g.guest.id]),
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
        "happened": lambda m, g, s: m.happened(scope=s, event_type="tenancy.department.created", since=WHEN),
        "receipt_of": lambda m, g, s: m.receipt_of(scope=s, event_id=g.event),
        "sealed_from": lambda m, g, s: m.sealed_from(scope=s, index=0, filters=m.Filters(on="department:1")),
        "sealed_since": lambda m, g, s: m.sealed_since(scope=s, index=0),
        "head": lambda m, g, s: m.head(scope=s),
        "signed_sizes": lambda m, g, s: m.signed_sizes(scope=s),
        "notes": lambda m, g, s: m.notes(scope=s, sizes=[1]),
        "notes_before": lambda m, g, s: m.notes_before(scope=s, at=WHEN, above=0, most=2),
        "keeping": lambda m, g, s: m.keeping(scope=s),
        "purges": lambda m, g, s: m.purges(scope=s),
        "purges: of a time": lambda m, g, s: m.purges(scope=s, since=WHEN),
        "lowest_kept": lambda m, g, s: m.lowest_kept(scope=s),
        "holds": lambda m, g, s: m.holds(scope=s),
    },
    "foundation.anchors": {
        "places": lambda m, g, s: m.places(s),
        "holders": lambda m, g, s: m.holders(s),
        "receipts": lambda m, g, s: m.receipts(s, g.record),
        "window": lambda m, g, s: m.window(s),
    },
    "foundation.streams": {
        "own": lambda m, g, s: m.own(s),
        "streams": lambda m, g, s: m.streams(s),
    },
    "foundation.egress": {
        "destinations": lambda m, g, s: m.destinations(s),
    },
    "foundation.jobs": {},
    "foundation.usage": {
        "counts": lambda m, g, s: m.counts(scope=s, first=WHEN.date(), last=WHEN.date()),
    },
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
        "entry_a_row": lambda m, g, s: m.entry_a_row(s),
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
        "hold_in_force": "the platform's: a hold by its id",
        "kept_logs": "the platform's: every log that is kept for a time",
        "without_place": "the same",
        "newest_note": "as notes, for the newest",
        "place_of": "waits for the sealer; event reads the same rows",
        "wait_sealed": "the same",
        "wait_for_more": "asks a log's one head, again and again",
        "grown_beyond": "makes a condition, and asks nothing itself",
    },
    "foundation.anchors": {
        "place": "one row by its id, as places",
        "newest_receipt": "as receipts, for the newest",
        "cosigned_note": "as places and receipts",
        "log_held": "reads nothing",
        **dict.fromkeys(("due", "everywhere"), "the platform's: the few places of all"),
    },
    "foundation.streams": {
        "require": "reads nothing",
        "stream": "one row by its id, as streams",
        "due": "the platform's: what is to be sent, of all logs",
    },
    "foundation.egress": {"destination": "one row by its id, as destinations"},
    "foundation.jobs": {"jobs": "asks a door, a function of the owner's, which goes by an index of its own"},
    "foundation.usage": {"usage": "adds up what counts reads"},
    "foundation.keys": {"tenants_with_keys": "the key store's, no rows"},
    "workspace.records": {"import_file": "reads the row that import_view reads, and a file"},
}  # fmt: skip
