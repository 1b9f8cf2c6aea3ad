"""The check that a guest reaches the log of one workspace and nothing else: by the matrix and in the database."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.db import DatabaseError, connection, transaction

from safehold.foundation.access.matrix import Guest as Kind, can
from safehold.foundation.access.trials import trials
from safehold.foundation.scope.clock import new_id, now
from safehold.foundation.scope.migrations_support import sql_parts
from safehold.foundation.scope.probes import expect_refusal
from safehold.foundation.scope.scope import Kind as ScopeKind, Scope
from safehold.foundation.scope.transaction import scoped
from safehold.foundation.tenancy import selectors
from safehold.foundation.tenancy.models import Guest
from safehold.kernel.errors import Denied, SafeholdError
from safehold.kernel.promise import Finding, ProbeContext, broken, kept

__all__ = ["OPENED", "check_guests"]

OPENED = frozenset(
    {
        *("audit_event", "audit_leaf", "audit_node", "audit_log", "audit_checkpoint"),
        *("keys_data_key", "tenancy_member", "tenancy_tenant"),
    }
)
"""The only tables with rows of tenants' of which a guest may see any."""


def check_guests(probe: ProbeContext) -> Finding:
    """In a canary tenant a guest's place is made, everything is tried with it, it ends, and all is undone."""
    wrong: list[str] = []
    with scoped(selectors.system_scope(probe.left, "prove")) as inside:
        guest = _place(probe.left)
        tried = _try_everything(guest, wrong)
        tables = _look_everywhere(guest, wrong)
        selectors.guests(inside).filter(account_id=guest.account_id).update(ended_at=now())
        if _sees(guest, "audit_event") is not None:
            wrong.append("the log is still open after the end")
        transaction.set_rollback(True)
    evidence = {"tries": tried, "tables": tables, "may_see": sorted(OPENED)}
    if wrong:
        return broken(f"A guest reached {len(wrong)} things that aren't a guest's.", wrong=wrong, **evidence)
    return kept(f"{tried} permissions and {tables} tables tried: a guest reaches the log and nothing else.", **evidence)


def _place(tenant_id: UUID) -> Scope:
    moment = now()
    row = Guest(
        tenant_id=tenant_id,
        account_id=new_id(),
        kind=Kind.AUDITOR.value,
        email=f"{new_id().hex}@canary.invalid",
        until_at=moment + timedelta(minutes=5),
        invited_at=moment,
        invited_by="system:prove",
        accepted_at=moment,
    )
    row.save(force_insert=True)
    return Scope(
        ScopeKind.GUEST, actor=row.reference, tenant_id=tenant_id, account_id=row.account_id, role=Kind.AUDITOR
    )


def _try_everything(guest: Scope, wrong: list[str]) -> int:
    ours = trials()
    for trial in ours:
        try:
            with scoped(guest), transaction.atomic():
                trial.run(guest)
                transaction.set_rollback(True)
            outcome = "allowed"
        except Denied:
            outcome = "refused"
        except (SafeholdError, DatabaseError, LookupError) as error:
            outcome = f"failed with {type(error).__name__}"
        expected = "allowed" if can(guest.role, trial.permission) else "refused"
        if outcome != expected:
            wrong.append(f"{trial.permission.value} ({trial.name}): {outcome} instead of {expected}")
    return len(ours)


def _look_everywhere(guest: Scope, wrong: list[str]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql_parts("safehold.foundation.tenancy", "guest_check.sql")["tables"])
        names = [name for (name,) in cursor.fetchall()]
    wrong.extend(f"rows of {name}" for name in names if name not in OPENED and _sees(guest, name))
    return len(names)


def _sees(guest: Scope, table: str) -> bool | None:
    """Whether a guest's statement finds any row of a table; None where it is refused."""
    try:
        with scoped(guest), connection.cursor() as cursor:
            expect_refusal()
            name = connection.ops.quote_name(table)
            cursor.execute(f"SELECT EXISTS (SELECT FROM {name})")  # noqa: S608 - a name of the catalogue, quoted
            return bool(cursor.fetchone()[0])
    except DatabaseError:
        return None
