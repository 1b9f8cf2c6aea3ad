"""`safehold audit`: exports, checkpoints and proofs from the command line."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import click

from safehold.foundation.audit import flows, selectors
from safehold.foundation.audit.export import Period, proof_of
from safehold.foundation.audit.naming import log_of, scope_named, scope_of_log
from safehold.foundation.scope.transaction import scoped
from safehold.kernel.auditevent import LOGS
from safehold.kernel.wholefile import whole_file

__all__ = ["COMMANDS", "audit"]

_MOMENTS = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"])


@click.group()
def audit() -> None:
    """The sealed log: export it, show its signed head, prove one event."""


@audit.command()
@click.argument("tenant")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="The file to write.")
@click.option("--from", "since", type=_MOMENTS, help="Only what is needed to show a period complete (UTC).")
@click.option("--to", "until", type=_MOMENTS, help="The end of the period, itself not in it.")
@click.option("--openings", is_flag=True, help="Disclose the personal values too.")
def export(tenant: str, output: Path | None, since: datetime | None, until: datetime | None, openings: bool) -> None:  # noqa: FBT001
    """Write the log of TENANT (its slug, or "platform") to a file that proves itself.

    Check it anywhere with `safehold verify FILE --key KEY`, or with the program inside it.
    """
    if (since is None) != (until is None):
        raise click.UsageError("A period needs both --from and --to.")
    period: Period | None = (since.replace(tzinfo=UTC), until.replace(tzinfo=UTC)) if since and until else None
    with scoped(scope_named(tenant, "cli")) as scope:
        made = flows.export_log(scope=scope, period=period, openings=openings)
        path = output or Path(f"{tenant}-{made.name}")
        with whole_file(path) as file:
            for piece in made.pieces:
                file.write(piece)
    click.echo(f"{made.events} events written to {path}")


@audit.command()
@click.argument("tenant", default="logs")
def checkpoint(tenant: str) -> None:
    """Print the newest signed head of a log: of TENANT, "platform", or (the default) "logs", which stands for all.

    Keep it somewhere else. Whoever holds it can show later that nothing before it was changed.
    """
    log = LOGS if tenant == "logs" else None
    with scoped(scope_named("platform" if log else tenant, "cli")) as scope:
        click.echo(selectors.newest_note(scope=scope, log=log), nl=False)


@audit.command()
@click.argument("event", type=click.UUID)
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="The file to write.")
def proof(event: UUID, output: Path | None) -> None:
    """Print the proof that one EVENT (its id) is in its log: a C2SP tlog-proof."""
    with scoped(scope_of_log(log_of(event), "cli")) as scope:
        text = proof_of(scope=scope, event_id=event).encode()
    if output is None:
        click.echo(text, nl=False)
    else:
        with whole_file(output) as file:
            file.write(text.encode())
        click.echo(f"Proof written to {output}")


COMMANDS = [audit]
