"""`safehold demo`: make the demo companies, list their people, show a person's present code."""

from __future__ import annotations

import click

from safehold.foundation.identity import flows as identity, selectors as accounts
from safehold.foundation.scope.scope import Kind, Scope
from safehold.foundation.scope.transaction import scoped
from safehold.kernel.commandline import pasteable
from safehold.kernel.errors import NotFound
from safehold.workspace.demo import flows

__all__ = ["COMMANDS"]


@click.group()
def demo() -> None:
    """Two made-up companies to look around in."""


@demo.command()
def make() -> None:
    """Make the demo companies, unless they are there, and list their people."""
    flows.make_demo()
    click.echo(pasteable(flows.welcome()))


@demo.command()
def people() -> None:
    """List the demo's people and how to sign in as each."""
    click.echo(pasteable(flows.welcome()))


@demo.command()
@click.argument("person", metavar="EMAIL")
def code(person: str) -> None:
    """Print the six digits that a demo person's authenticator app would show now."""
    scope = Scope(Kind.SIGN_IN, actor="system:demo")
    with scoped(scope):
        account = accounts.account_by_email(person)
        if account is None:
            raise NotFound(f"There is no account {person}.", hint="Who there is: `safehold demo people`")
        click.echo(identity.present_code(scope=scope, account=account))


COMMANDS: list[click.Command] = [demo]
