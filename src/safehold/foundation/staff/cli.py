"""`safehold staff`: the staff's register and their grants, for whoever operates the installation."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from uuid import UUID

import click

from safehold.foundation.scope.clock import now
from safehold.foundation.scope.transaction import scoped
from safehold.foundation.staff import flows, selectors
from safehold.foundation.tenancy.selectors import platform_scope

__all__ = ["COMMANDS"]

_SCOPE = platform_scope("command-line")
_AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of a table.")


@click.group()
def staff() -> None:
    """The platform's staff, and their looks into workspaces for support cases."""


@staff.command("add")
@click.argument("email")
@click.option("--name", prompt=True, help="The person's first and last name: nobody shares an account.")
@click.option("--duty", prompt=True, help='What they do, as in "support engineer".')
@click.password_option(
    help="At least 15 characters. Asked for if left out, which keeps it out of your shell's history."
)
def add(email: str, name: str, duty: str, password: str) -> None:
    """Put somebody on the staff, with an account of their own. A second factor is set up at the first sign-in."""
    with scoped(_SCOPE):
        made = flows.add_staff(scope=_SCOPE, email=email, name=name, duty=duty, password=password)
    click.echo(f"{made.name} ({made.email}) is on the staff, and reaches nothing before a second factor is set up.")


@staff.command("list")
@_AS_JSON
def list_staff(*, as_json: bool) -> None:
    """Show who is on the staff, and who has left it."""
    with scoped(_SCOPE):
        rows: list[dict[str, object]] = [
            {
                "email": each.email,
                "name": each.name,
                "duty": each.duty,
                "since": f"{each.since:%Y-%m-%d}",
                "left": f"{each.left_at:%Y-%m-%d}" if each.left_at else None,
            }
            for each in selectors.everybody(_SCOPE)
        ]
    columns = ("email", "name", "duty", "since", "left")
    _table(rows, columns, as_json=as_json, empty="Nobody is on the staff. 'safehold staff add' puts somebody on it.")


@staff.command("change")
@click.argument("email")
@click.option("--duty", required=True, help="What they do from now on.")
def change(email: str, duty: str) -> None:
    """Give one of the staff another duty. Sessions and grants of the old one end."""
    with scoped(_SCOPE):
        row = flows.change_staff(scope=_SCOPE, email=email, duty=duty)
    click.echo(f"{row.name} is now {row.duty}; sessions and support access of before have ended.")


@staff.command("remove")
@click.argument("email")
def remove(email: str) -> None:
    """Note that somebody left. Their account, sessions, API tokens and support access end at once."""
    with scoped(_SCOPE):
        row = flows.remove_staff(scope=_SCOPE, email=email)
    click.echo(f"{row.name} has left the staff; everything that was open to them is closed.")


@staff.command("grant")
@click.argument("email")
@click.argument("tenant")
@click.option("--case", required=True, help="The number of the support case.")
@click.option("--reason", required=True, help="What has to be seen, and why; the workspace's owners read it.")
@click.option("--minutes", type=int, default=30, show_default=True)
def grant(email: str, tenant: str, case: str, reason: str, minutes: int) -> None:
    """Let EMAIL of the staff look into TENANT, to read. Its owners are told; where they want to, they approve first."""
    with scoped(_SCOPE):
        row = flows.grant_access(scope=_SCOPE, email=email, slug=tenant, case=case, reason=reason, minutes=minutes)
    if row.until_at is None:
        click.echo(f"{tenant} was asked to approve it. It waits as {row.id}.")
        return
    click.echo(f"{row.staff_name} may look into {tenant} until {row.until_at:%H:%M:%S} UTC ({row.id}). They were told.")


@staff.command("approve")
@click.argument("grant_id", metavar="GRANT", type=click.UUID)
@click.option("--code", prompt=True, help="The code that an owner or admin of the workspace was mailed.")
def approve(grant_id: UUID, code: str) -> None:
    """Approve GRANT for an owner or admin who can't sign in, by the code from their mail."""
    with scoped(_SCOPE):
        row = flows.approve_by_code(scope=_SCOPE, grant_id=grant_id, code=code)
    click.echo(f"Approved. {row.staff_name} may look in for {row.minutes} minutes.")


@staff.command("end")
@click.argument("grant_id", metavar="GRANT", type=click.UUID)
def end(grant_id: UUID) -> None:
    """End GRANT before its time, or take the request back."""
    with scoped(_SCOPE):
        row = flows.end_access(scope=_SCOPE, grant_id=grant_id)
    click.echo(f"{row.staff_name} can't look in any more.")


@staff.command("grants")
@click.option("--all", "everything", is_flag=True, help="Those that are over, too.")
@_AS_JSON
def grants(*, everything: bool, as_json: bool) -> None:
    """Show support access that is open or waits for approval."""
    with scoped(_SCOPE):
        found = [each for each in selectors.grants(_SCOPE) if everything or each.alive]
    rows: list[dict[str, object]] = [
        {
            "grant": str(each.row.id),
            "who": each.row.staff_name,
            "tenant": each.slug,
            "case": each.row.case_number,
            "state": each.state,
            "minutes": each.row.minutes,
            "until": f"{each.row.until_at:%Y-%m-%d %H:%M:%S}" if each.row.until_at else None,
        }
        for each in found
    ]
    columns = ("grant", "who", "tenant", "case", "state", "minutes", "until")
    _table(rows, columns, as_json=as_json, empty=f"No support access is open at {now():%H:%M} UTC.")


def _table(rows: Sequence[dict[str, object]], columns: Iterable[str], *, as_json: bool, empty: str) -> None:
    if as_json:
        click.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    if not rows:
        click.echo(empty)
        return
    shown = [{column: str(row[column] if row[column] is not None else "") for column in columns} for row in rows]
    widths = {column: max(len(column), *(len(row[column]) for row in shown)) for column in columns}
    click.echo("  ".join(click.style(f"{column:<{width}}", bold=True) for column, width in widths.items()).rstrip())
    for row in shown:
        click.echo("  ".join(f"{row[column]:<{width}}" for column, width in widths.items()).rstrip())


COMMANDS: list[click.Command] = [staff]
