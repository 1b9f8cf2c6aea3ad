"""ACC-5: the database lets staff into a tenant by an open grant only. Tried on the canaries; everything is undone.

The staff's own login tries to read without a grant. Grants that would have to be committed for it to see them are tried
where they are made: in a transaction of the app's that is rolled back, by the very rule that the policies ask.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.db import DatabaseError, connection, transaction
from psycopg import sql

from safehold.foundation.access.matrix import Role
from safehold.foundation.audit import selectors as audit
from safehold.foundation.audit.selectors import Filters
from safehold.foundation.scope.clock import new_id, now
from safehold.foundation.scope.migrations_support import sql_parts
from safehold.foundation.scope.probes import expect_refusal
from safehold.foundation.scope.scope import Kind, Scope
from safehold.foundation.scope.transaction import scoped
from safehold.foundation.staff import flows, selectors
from safehold.foundation.staff.models import Grant, StaffMember
from safehold.foundation.tenancy import selectors as tenancy
from safehold.kernel.promise import Finding, ProbeContext, broken, kept

__all__ = ["grants_open_and_close", "nothing_without_a_grant", "tenant_is_told"]

_REFUSED = "42501"
_DOOR_SAYS = "no support access: there is no grant that is open now"


def nothing_without_a_grant(probe: ProbeContext) -> Finding:
    """As the staff's login, for an account without a grant, ask every readable table for each canary's rows.

    Only the door's own words count as a refusal: a login that can't read at all would be refused too, and show nothing.
    """
    through: list[str] = []
    empty: set[str] = set()
    attempts = 0
    tables = _ask_rows("readable", {})
    for tenant in (probe.left, probe.right):
        scope = Scope(Kind.STAFF, actor="system:prove", tenant_id=tenant, account_id=new_id(), role=Role.VIEWER)
        with scoped(scope):
            for name, column in tables:
                for question in ("any_of", "any_but"):
                    attempts += 1
                    number, fault = _tried(question, name, column, tenant)
                    through += [fault] if fault else []
                    empty |= {name} if number == 0 else set()
            transaction.set_rollback(True)
    if through:
        said = f"{len(through)} attempts without a grant weren't refused by the door."
        return broken(said, through=through, attempts=attempts)
    refused = [name for name, _ in tables if name not in empty]
    if not refused:
        return broken("No table refused staff without a grant; they only had no rows.", attempts=attempts)
    shown = f"All {attempts} attempts of staff without a grant, on {len(tables)} tables, came back with nothing."
    return kept(shown, attempts=attempts, refused=refused, empty=sorted(empty))


def _tried(question: str, name: str, column: str, tenant: UUID) -> tuple[int | None, str]:
    """How many rows were read, None where the database refused, and what is wrong with that.

    A table that nobody has rows in may answer with none: the planner then never comes to ask the policy.
    """
    try:
        with transaction.atomic():
            expect_refusal()
            rows = _ask_rows(question, {"tenant": tenant}, table=name, column=column)
            transaction.set_rollback(True)  # from here on errors are logged again
    except DatabaseError as error:
        state = getattr(error.__cause__, "sqlstate", "") or "unknown"
        by_the_door = state == _REFUSED and _DOOR_SAYS in str(error)
        return None, "" if by_the_door else f"reading {name} failed otherwise ({state})"
    number = int(rows[0][0])
    return number, f"read {name} ({number} rows)" if number else ""


def _ask_rows(part: str, values: dict[str, Any], **names: str) -> list[Any]:
    text = sql.SQL(sql_parts("safehold.foundation.staff", "probes.sql")[part])
    with connection.cursor() as cursor:
        cursor.execute(text.format(**{key: sql.SQL(value) for key, value in names.items()}), values)
        return list(cursor.fetchall())


def grants_open_and_close(probe: ProbeContext) -> Finding:
    """Make grants of every kind in a canary, and ask the door's rule about each; none is committed."""
    inside = tenancy.system_scope(probe.left, "prove")
    moment = now()
    hour = timedelta(hours=1)
    kinds: dict[str, tuple[bool, Callable[[Grant], None]]] = {
        "open": (True, partial(_times, moment - hour, moment + hour)),
        "expired": (False, partial(_times, moment - hour, moment - timedelta(seconds=1))),
        "to come": (False, partial(_times, moment + hour, moment + 2 * hour)),
        "ended early": (False, partial(_ended, moment, hour)),
        "not approved yet": (False, _waiting),
        "opened without the approval": (False, partial(_forced, moment, hour)),
        "for the other canary": (False, partial(_elsewhere, probe.right, moment, hour)),
        "of somebody who left": (False, partial(_left, moment, hour)),
    }
    said = {what: _opens(inside, change) for what, (_, change) in kinds.items()}
    if wrong := sorted(what for what, opens in said.items() if opens is not kinds[what][0]):
        return broken(f"The door answers wrongly to a grant that is {wrong[0]}.", wrong=wrong, said=said)
    return kept("A grant opens its tenant while it is open and approved; 7 others opened nothing.", said=said)


def _times(begin: datetime, end: datetime, row: Grant) -> None:
    row.from_at, row.until_at = begin, end


def _ended(moment: datetime, hour: timedelta, row: Grant) -> None:
    _times(moment - hour, moment + hour, row)
    row.ended_at, row.ended_by = moment, "system:prove"


def _waiting(row: Grant) -> None:
    row.needs_approval = True


def _forced(moment: datetime, hour: timedelta, row: Grant) -> None:
    _times(moment - hour, moment + hour, row)
    row.needs_approval = True


def _elsewhere(other: UUID, moment: datetime, hour: timedelta, row: Grant) -> None:
    _times(moment - hour, moment + hour, row)
    row.tenant_id = other


def _left(moment: datetime, hour: timedelta, row: Grant) -> None:
    _times(moment - hour, moment + hour, row)
    row.staff_name = "gone"


def _opens(inside: Scope, change: Callable[[Grant], None]) -> bool:
    """Whether the door would open by a grant changed like this; a grant that the database refuses opens nothing."""
    account, moment = new_id(), now()
    row = Grant(
        id=new_id(),
        tenant_id=inside.tenant,
        account_id=account,
        staff_name="Probe Canary",
        case_number="probe",
        reason="a check of the installation",
        minutes=120,
        needs_approval=False,
        requested_at=moment,
        requested_by="system:prove",
        decide_by=moment + timedelta(minutes=1),
    )
    change(row)
    there = tenancy.system_scope(row.tenant_id, "prove")
    opened = False
    with scoped(tenancy.platform_scope("prove")):
        _join(account, gone=row.staff_name == "gone")
        expect_refusal()
        try:
            with scoped(there):
                row.save(force_insert=True)
            with scoped(inside):
                opened = bool(_ask_rows("would_open", {"account": account})[0][0])
        except DatabaseError:
            opened = False
        transaction.set_rollback(True)
    return opened


def _join(account: UUID, *, gone: bool = False) -> StaffMember:
    row = StaffMember(
        account_id=account, name="Probe Canary", email="probe@canary.invalid", duty="a check", since=now()
    )
    row.left_at = now() if gone else None
    row.save(force_insert=True)
    return row


def tenant_is_told(probe: ProbeContext) -> Finding:
    """Let a made-up person of the staff into a canary, and look whether both logs tell of it at once. It is undone."""
    platform = tenancy.platform_scope("prove")
    email = f"probe-{new_id().hex[-12:]}@canary.invalid"
    with scoped(platform):
        member = _join(new_id())
        member.email = email
        member.save(update_fields=["email"])
        slug = tenancy.slugs_of(platform, [probe.left])[probe.left]
        wish = {"case": "probe", "reason": "a check of the installation", "minutes": 1}
        row = flows.grant_access(scope=platform, email=email, slug=slug, **wish)  # type: ignore[arg-type]
        inside = tenancy.system_scope(probe.left, "prove")
        told = {"workspace": _types(inside, row), "platform": _types(platform, row)}
        with scoped(inside):
            people = len(selectors.deciders(inside))
        transaction.set_rollback(True)
    silent = [log for log, types in told.items() if "support.asked" not in types]
    if silent or not people:
        return broken("A workspace isn't told when staff may look in.", told=told, deciders=people)
    return kept(
        "When staff ask to look in, the workspace's log and ours tell of it at once.", told=told, deciders=people
    )


def _types(scope: Scope, row: Grant) -> list[str]:
    with scoped(scope):
        found = audit.activity(scope=scope, filters=Filters(on=f"support:{row.id}")).events
    return sorted({each.type for each in found})
