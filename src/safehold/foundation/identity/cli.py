"""`safehold account`: for whoever operates the installation."""

from __future__ import annotations

import json

import click

from safehold.foundation.identity import flows, selectors
from safehold.foundation.scope.scope import Kind, Scope
from safehold.foundation.scope.transaction import scoped
from safehold.kernel.errors import NotFound

__all__ = ["COMMANDS"]

_SCOPE = Scope(Kind.SIGN_IN, actor="system:command-line")


@click.group()
def account() -> None:
    """People's accounts: list them, sign somebody out."""


@account.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of lines.")
def list_accounts(*, as_json: bool) -> None:
    """List every account: address, whether it is staff's, whether it has a second factor, last sign-in."""
    with scoped(_SCOPE):
        found = selectors.all_accounts(scope=_SCOPE)
    rows = [
        {
            "email": one.email,
            "name": one.name,
            "staff": one.is_staff,
            "second_factor": one.has_second_factor,
            "last_sign_in": one.last_login.isoformat(timespec="seconds") if one.last_login else None,
        }
        for one in found
    ]
    if as_json:
        click.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    for row in rows:
        marks = " ".join(word for word, on in (("staff", row["staff"]), ("2fa", row["second_factor"])) if on)
        click.echo(f"{row['email']:<40} {marks:<10} {row['last_sign_in'] or 'never signed in'}")
    if not rows:
        click.echo("There are no accounts yet.")


@account.command("sign-out-everywhere")
@click.argument("email")
def sign_out_everywhere(email: str) -> None:
    """End all sessions of an account."""
    with scoped(_SCOPE):
        found = selectors.account_by_email(email)
        if found is None:
            raise NotFound(f"There is no account {email}.", hint="Who there is: `safehold account list`")
        ended = flows.end_sessions(scope=_SCOPE, account_id=found.id, reason="an operator ended them")
    click.echo(f"Ended {ended} sessions of {found.email}.")


COMMANDS: list[click.Command] = [account]
