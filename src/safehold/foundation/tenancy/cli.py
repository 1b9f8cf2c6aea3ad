"""`safehold tenant`, `safehold department` and `safehold member`, for whoever operates the installation."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

import click

from safehold.foundation.access.matrix import Role
from safehold.foundation.access.plans import Plan, lessened
from safehold.foundation.scope.scope import Scope
from safehold.foundation.scope.transaction import scoped
from safehold.foundation.tenancy import flows, selectors
from safehold.foundation.tenancy.models import Member, Status
from safehold.kernel.commandline import pasteable
from safehold.kernel.errors import NotFound

__all__ = ["COMMANDS"]

_PLATFORM = selectors.platform_scope("command-line")
_AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
_PLAN = click.Choice([plan.value for plan in Plan])
_ROLE = click.Choice([role.value for role in Role])
_DEPARTMENTS = click.option(
    "--department", "departments", type=int, multiple=True, metavar="NUMBER", help="Limit to this one; may be repeated."
)


@contextmanager
def _inside(slug: str) -> Iterator[Scope]:
    """A transaction in the tenant that `slug` names, with the system's rights there."""
    with scoped(_PLATFORM):
        tenant_id = selectors.tenant_by_slug(_PLATFORM, slug).id
    with scoped(selectors.system_scope(tenant_id, "command-line")) as scope:
        yield scope


def _table(rows: Sequence[dict[str, object]], columns: Iterable[str], *, as_json: bool, empty: str) -> None:
    if as_json:
        click.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    if not rows:
        click.echo(pasteable(empty))
        return
    widths = {column: max(len(column), *(len(str(row[column])) for row in rows)) for column in columns}
    click.echo("  ".join(click.style(f"{column:<{width}}", bold=True) for column, width in widths.items()).rstrip())
    for row in rows:
        click.echo("  ".join(f"{row[column]!s:<{width}}" for column, width in widths.items()).rstrip())


@click.group()
def tenant() -> None:
    """Create and list workspaces."""


@tenant.command("create")
@click.argument("name")
@click.option("--slug", required=True, help="Its part of the address: small letters, digits, single hyphens.")
@click.option("--plan", type=_PLAN, default=Plan.STARTER.value, show_default=True)
@click.option("--language", default="en-gb", show_default=True)
@click.option("--owner", metavar="EMAIL", help="Invite the first owner at once.")
def create_tenant(name: str, slug: str, plan: str, language: str, owner: str | None) -> None:
    """Create the workspace NAME, as in: safehold tenant create "Northwind Traders" --slug northwind."""
    with scoped(_PLATFORM):
        row = flows.create_tenant(scope=_PLATFORM, name=name, slug=slug, plan=plan, language=language)
        if owner:
            with scoped(selectors.system_scope(row.id, "command-line")) as inside:
                flows.invite_member(scope=inside, email=owner, role=Role.OWNER.value)
    click.echo(f"Created {row.slug} ({row.name}, {row.plan})." + (f" Invited {owner} as its owner." if owner else ""))
    if not owner:
        click.echo(pasteable(f"It has nobody yet: `safehold member invite {row.slug} EMAIL --role owner`"))


@tenant.command("list")
@_AS_JSON
def list_tenants(*, as_json: bool) -> None:
    """Show every workspace."""
    with scoped(_PLATFORM):
        rows: list[dict[str, object]] = [
            {"slug": row.slug, "name": row.name, "plan": row.plan, "since": f"{row.created_at:%Y-%m-%d}"}
            for row in selectors.list_tenants(_PLATFORM)
        ]
    hint = 'No workspaces yet: `safehold tenant create "Name" --slug name`'
    _table(rows, ("slug", "name", "plan", "since"), as_json=as_json, empty=hint)


@tenant.command("show")
@click.argument("slug", metavar="TENANT")
@_AS_JSON
def show_tenant(slug: str, *, as_json: bool) -> None:
    """Show one workspace: its plan, departments and how many people it has."""
    with _inside(slug) as scope:
        row = selectors.tenant(scope)
        shown: dict[str, object] = {
            "slug": row.slug,
            "name": row.name,
            "id": str(row.id),
            "plan": row.plan,
            "language": row.language,
            "since": f"{row.created_at:%Y-%m-%d}",
            "departments": {str(each.number): each.name for each in selectors.departments(scope)},
            "members": selectors.counts(scope),
        }
    if as_json:
        click.echo(json.dumps(shown, indent=2, ensure_ascii=False))
        return
    for key, value in shown.items():
        text = ", ".join(f"{k}: {v}" for k, v in value.items()) if isinstance(value, dict) else value
        click.echo(f"{key:<12} {text or 'none'}")


@tenant.command("plan")
@click.argument("slug", metavar="TENANT")
@click.argument("plan", type=_PLAN)
def change_plan(slug: str, plan: str) -> None:
    """Move a workspace to another plan. Nothing is deleted but activity that the new one keeps no longer."""
    with scoped(_PLATFORM):
        before = selectors.tenant_by_slug(_PLATFORM, slug).plan
        row = flows.change_plan(scope=_PLATFORM, slug=slug, plan=plan)
    click.echo(f"{row.slug} is on the plan {row.plan}.")
    for title, had, has in lessened(before, plan):
        click.echo(f"  {title}: {has}, before {had}. What is there stays, to be read; nothing more is added.")


@click.group()
def department() -> None:
    """Create, list, rename and delete a workspace's departments."""


@department.command("create")
@click.argument("slug", metavar="TENANT")
@click.argument("name")
def create_department(slug: str, name: str) -> None:
    """Add the department NAME."""
    with _inside(slug) as scope:
        row = flows.create_department(scope=scope, name=name)
    click.echo(f"Created department {row.number}, {row.name}.")


@department.command("list")
@click.argument("slug", metavar="TENANT")
@_AS_JSON
def list_departments(slug: str, *, as_json: bool) -> None:
    """Show a workspace's departments."""
    with _inside(slug) as scope:
        rows: list[dict[str, object]] = [
            {"number": row.number, "name": row.name} for row in selectors.departments(scope)
        ]
    _table(rows, ("number", "name"), as_json=as_json, empty="No departments.")


@department.command("rename")
@click.argument("slug", metavar="TENANT")
@click.argument("number", type=int)
@click.argument("name")
def rename_department(slug: str, number: int, name: str) -> None:
    """Give department NUMBER another NAME."""
    with _inside(slug) as scope:
        row = flows.rename_department(scope=scope, number=number, name=name)
    click.echo(f"Department {row.number} is now {row.name}.")


@department.command("delete")
@click.argument("slug", metavar="TENANT")
@click.argument("number", type=int)
def delete_department(slug: str, number: int) -> None:
    """Delete department NUMBER, if it has neither members nor records."""
    with _inside(slug) as scope:
        flows.delete_department(scope=scope, number=number)
    click.echo(f"Deleted department {number}.")


@click.group()
def member() -> None:
    """Invite, list, change and remove a workspace's people."""


@member.command("invite")
@click.argument("slug", metavar="TENANT")
@click.argument("email")
@click.option("--role", type=_ROLE, required=True)
@click.option("--name", default="", help="How to address them; they can change it.")
@_DEPARTMENTS
def invite_member(slug: str, email: str, role: str, name: str, departments: tuple[int, ...]) -> None:
    """Invite EMAIL, who gets a link by mail."""
    with _inside(slug) as scope:
        row = flows.invite_member(scope=scope, email=email, role=role, departments=departments, name=name)
    click.echo(f"Invited {row.email} as {row.role} of {slug}.")


@member.command("list")
@click.argument("slug", metavar="TENANT")
@click.option("--status", type=click.Choice(Status.values), default=None, help="Only those; 'left' isn't shown else.")
@_AS_JSON
def list_members(slug: str, status: str | None, *, as_json: bool) -> None:
    """Show a workspace's people."""
    with _inside(slug) as scope:
        rows: list[dict[str, object]] = [
            {
                "email": row.email,
                "name": row.name,
                "role": row.role,
                "departments": ", ".join(map(str, row.departments)) or "all",
                "status": row.status,
            }
            for row in selectors.members(scope, status=status or "")
        ]
    columns = ("email", "name", "role", "departments", "status")
    _table(rows, columns, as_json=as_json, empty=f"Nobody: `safehold member invite {slug} EMAIL --role owner`")


@member.command("change")
@click.argument("slug", metavar="TENANT")
@click.argument("email")
@click.option("--role", type=_ROLE, default=None)
@_DEPARTMENTS
@click.option("--all-departments", is_flag=True, help="Limit to none of them.")
def change_member(
    slug: str, email: str, role: str | None, departments: tuple[int, ...], *, all_departments: bool
) -> None:
    """Change the role or the departments of EMAIL."""
    if departments and all_departments:
        raise click.UsageError("Give --department or --all-departments, not both.")
    with _inside(slug) as scope:
        wanted = departments if departments or all_departments else None
        row = flows.change_member(scope=scope, member_id=_by_email(scope, email).id, role=role, departments=wanted)
    reach = ", ".join(map(str, row.departments)) or "all"
    click.echo(f"{row.email} is {row.role} of {slug}, departments {reach}.")


@member.command("remove")
@click.argument("slug", metavar="TENANT")
@click.argument("email")
def remove_member(slug: str, email: str) -> None:
    """End the membership of EMAIL, with every session and token that it opened."""
    with _inside(slug) as scope:
        flows.remove_member(scope=scope, member_id=_by_email(scope, email).id)
    click.echo(f"{email} is no longer a member of {slug}.")


@member.command("erase")
@click.argument("slug", metavar="TENANT")
@click.argument("email")
@click.confirmation_option(prompt="Their details can't be brought back. Erase them?")
def erase_member(slug: str, email: str) -> None:
    """Erase the details of EMAIL, who has left: from the list, and from every event of the log. For good."""
    with _inside(slug) as scope:
        flows.erase_member(scope=scope, member_id=_by_email(scope, email, status=Status.LEFT).id)
    click.echo(f"The details of {email} in {slug} are erased. Events and proofs are as they were.")


def _by_email(scope: Scope, email: str, *, status: str = "") -> Member:
    row = selectors.members(scope, status=status).filter(email=email.strip().lower()).first()
    if row is None:
        raise NotFound(f"Nobody in this workspace has the address {email}.")
    return row


COMMANDS: list[click.Command] = [tenant, department, member]
