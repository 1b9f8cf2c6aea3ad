"""`safehold anchors`: who outside holds heads of a log."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import click

from safehold.foundation.anchors import flows, selectors
from safehold.foundation.scope.scope import Scope
from safehold.foundation.scope.transaction import scoped
from safehold.foundation.tenancy import selectors as tenancy
from safehold.kernel.commandline import pasteable

__all__ = ["COMMANDS"]

_TENANT = click.option("--tenant", metavar="SLUG", help="Of this workspace's log, instead of the log of all logs.")


@click.group()
def anchors() -> None:
    """Who outside holds heads of a log: witnesses, time authorities, webhooks, mailboxes."""


@anchors.command("list")
@_TENANT
def list_places(tenant: str | None) -> None:
    """Show who holds heads, how new theirs are, and how far back the log could be rewritten unseen."""
    with _inside(tenant) as scope:
        rows = list(selectors.places(scope))
        for row in rows:
            held = f"{row.size:,} events at {row.held_at:%Y-%m-%d %H:%M:%S}" if row.held_at else "nothing yet"
            trouble = row.contradiction or row.trouble
            click.echo(f"{row.id}  {row.kind:<11} holds {held}" + (f"; {trouble}" if trouble else ""))
        click.echo(selectors.window(scope).sentence)
    if not rows:
        click.echo(pasteable("Add one: `safehold anchors witness URL --key KEY`"))


@anchors.command()
@click.argument("url")
@click.option("--key", required=True, help="The witness's public key, as it publishes it.")
def witness(url: str, key: str) -> None:
    """Have the C2SP witness at URL cosign the log of all logs from now on."""
    with _inside(None) as scope:
        click.echo(f"Added {flows.add_witness(scope=scope, url=url, key=key).id}.")


@anchors.command("time-stamp")
@click.argument("url")
@click.option(
    "--authority",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Its root certificate.",
)
def time_stamp(url: str, authority: Path) -> None:
    """Have the RFC 3161 time authority at URL stamp the log of all logs from now on."""
    with _inside(None) as scope:
        click.echo(f"Added {flows.add_time_stamp(scope=scope, url=url, authority=authority.read_text()).id}.")


@anchors.command()
@click.argument("url")
@_TENANT
def webhook(url: str, tenant: str | None) -> None:
    """Post heads to URL from now on. Prints the secret that signs them, this once."""
    with _inside(tenant) as scope:
        added = flows.add_webhook(scope=scope, url=url)
    click.echo(f"Added {added.id}. They are signed with {added.secret}")


@anchors.command()
@click.argument("email")
@_TENANT
def mail(email: str, tenant: str | None) -> None:
    """Mail heads to EMAIL once a day."""
    with _inside(tenant) as scope:
        click.echo(f"Added {flows.add_mail(scope=scope, email=email).id}.")


@anchors.command()
@click.argument("place", type=click.UUID)
@_TENANT
def end(place: UUID, tenant: str | None) -> None:
    """Give PLACE no more heads. What it holds and gave back stays."""
    with _inside(tenant) as scope:
        flows.end_place(scope=scope, place_id=place)
    click.echo("Ended.")


@anchors.command()
def give() -> None:
    """Give everybody who is due the newest head now; the worker does so each minute."""
    click.echo(f"{flows.give_due()} taken.")


@anchors.command()
@_TENANT
def checkpoint(tenant: str | None) -> None:
    """Print the newest head that witnesses have cosigned, with their lines."""
    with _inside(tenant) as scope:
        click.echo(selectors.cosigned_note(scope), nl=False)


@anchors.command()
@click.argument("place", type=click.UUID)
@click.option(
    "-o", "--output", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The file to write."
)
@_TENANT
def receipt(place: UUID, output: Path, tenant: str | None) -> None:
    """Write what PLACE gave back last, and the head that it is for beside it (OUTPUT.checkpoint).

    A time stamp is checked with: openssl ts -verify -data OUTPUT.checkpoint -in OUTPUT -CAfile ROOT
    """
    with _inside(tenant) as scope:
        newest = selectors.newest_receipt(scope, place)
    output.write_bytes(bytes(newest.receipt))
    beside = output.with_name(f"{output.name}.checkpoint")
    beside.write_bytes(bytes(newest.note))
    click.echo(f"Written: {output} and {beside}")


@contextmanager
def _inside(tenant: str | None) -> Iterator[Scope]:
    platform = tenancy.platform_scope("command-line")
    if tenant is None:
        with scoped(platform):
            yield platform
        return
    with scoped(platform):
        tenant_id = tenancy.tenant_by_slug(platform, tenant).id
    with scoped(tenancy.system_scope(tenant_id, "command-line")) as scope:
        yield scope


COMMANDS: list[click.Command] = [anchors]
