"""Creating tenants and changing what they are."""

from __future__ import annotations

from django.db import IntegrityError, transaction

from safehold.foundation.access.matrix import Permission, Role
from safehold.foundation.access.plans import Feature, Plan, amount
from safehold.foundation.audit import flows as audit
from safehold.foundation.keys import flows as keys
from safehold.foundation.scope.scope import Kind, Scope
from safehold.foundation.scope.transaction import scoped
from safehold.foundation.tenancy import events, selectors
from safehold.foundation.tenancy.models import Department, Tenant
from safehold.foundation.tenancy.values import Values
from safehold.kernel.errors import Conflict
from safehold.kernel.ids import PLATFORM

__all__ = ["GENERAL", "change_plan", "change_tenant", "create_tenant", "keep_logs", "register_tenant"]

GENERAL = 0
"""The department that every tenant has, and where rows lie unless somebody says otherwise."""


def create_tenant(
    *, scope: Scope, name: str, slug: str, plan: str = Plan.STARTER.value, language: str = "en-gb"
) -> Tenant:
    """Register a tenant with its keys and its first department. Platform scope."""
    selectors.require_platform(scope)
    values = Values()
    row = Tenant(
        name=values.name("name", name),
        slug=values.slug("slug", slug),
        plan=values.plan("plan", plan),
        language=values.language("language", language),
    )
    values.check("The workspace can't be created like this.")
    return register_tenant(scope, row)


def register_tenant(scope: Scope, row: Tenant) -> Tenant:
    """Store a checked tenant, and inside it what every tenant has. The canaries come this way too."""
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        raise Conflict(f"There is already a workspace at {row.slug}.", hint="Choose another slug.") from None
    _keep_log(scope, row)
    inside = Scope(
        Kind.TENANT, actor=scope.actor, tenant_id=row.id, role=Role.OWNER, departments=(GENERAL,), address=scope.address
    )
    fields = {"slug": row.slug, "plan": row.plan}
    with scoped(inside):
        Department.objects.create(tenant_id=row.id, number=GENERAL, name="General")
        keys.create_tenant_keys(scope=inside)
        audit.record(inside, events.TENANT_CREATED, on=f"tenant:{row.id}", fields=fields)
    audit.record(scope, events.TENANT_CREATED, on=f"tenant:{row.id}", fields=fields)
    return row


def change_tenant(*, scope: Scope, name: str | None = None, language: str | None = None) -> Tenant:
    """Change the tenant's name or language; None leaves a setting as it is."""
    scope.require(Permission.SETTINGS_MANAGE)
    values = Values()
    given: dict[str, str] = {}
    if name is not None:
        given["name"] = values.name("name", name)
    if language is not None:
        given["language"] = values.language("language", language)
    values.check("The settings can't be changed like this.")
    row = selectors.tenant(scope)
    changed = [field for field, value in given.items() if getattr(row, field) != value]
    if changed:
        for field in changed:
            setattr(row, field, given[field])
        row.save(update_fields=changed)
        audit.record(scope, events.TENANT_CHANGED, on=f"tenant:{row.id}", fields={"changed": ", ".join(changed)})
    return row


def change_plan(*, scope: Scope, slug: str, plan: str) -> Tenant:
    """Move a tenant to another plan. Platform scope; the tenant's own log hears of it too."""
    selectors.require_platform(scope)
    values = Values()
    values.plan("plan", plan)
    values.check("The plan can't be changed like this.")
    row = selectors.tenant_by_slug(scope, slug)
    if row.plan != plan:
        fields = {"before": row.plan, "after": plan}
        row.plan = plan
        row.save(update_fields=["plan"])
        _keep_log(scope, row)
        audit.record(scope, events.TENANT_PLAN_CHANGED, on=f"tenant:{row.id}", fields=fields)
        inside = selectors.system_scope(row.id, "platform")
        with scoped(inside):
            audit.record(inside, events.TENANT_PLAN_CHANGED, on=f"tenant:{row.id}", fields=fields)
    return row


def keep_logs(*, scope: Scope) -> None:
    """Tell the log for how long each tenant's events are kept, and the platform's. Platform scope; safe to repeat."""
    selectors.require_platform(scope)
    years = int(amount(Plan.ENTERPRISE, Feature.ACTIVITY_YEARS) or 0)
    audit.keep_log(scope=scope, log=PLATFORM, years=years, plan=Plan.ENTERPRISE.value)
    for row in Tenant.objects.all():
        _keep_log(scope, row)


def _keep_log(scope: Scope, row: Tenant) -> None:
    years = int(amount(row.plan, Feature.ACTIVITY_YEARS) or 0)
    audit.keep_log(scope=scope, log=row.id, years=years, plan=row.plan)
