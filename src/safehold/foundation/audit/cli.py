"""`safehold audit`: exports, checkpoints and proofs from the command line."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import click

from safehold.foundation.audit import flows, holding, retention as purging, selectors
from safehold.foundation.audit.export import Period, proof_of
from safehold.foundation.audit.naming import log_of, scope_named, scope_of_log
from safehold.foundation.scope import clock
from safehold.foundation.scope.transaction import scoped
from safehold.kernel.auditevent import LOGS, Purge
from safehold.kernel.ids import PLATFORM
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


@audit.command()
@click.option("--dry-run", is_flag=True, help="Say what is over, and change nothing.")
def retention(dry_run: bool) -> None:  # noqa: FBT001
    """Purge what is older than its workspace's plan keeps. It is done every night; this does it now.

    A log first tells of a purge; the months are dropped once that record is sealed, signed and anchored, which takes a
    minute or two: run it again then, or leave it to the night.
    """
    now = clock.now()
    with scoped(scope_of_log(PLATFORM, "cli")):
        logs = selectors.kept_logs()
    dropped = [] if dry_run else purging.drop_months(now=now)
    for each in dropped:
        kept = f", {each.stayed} stay" if each.stayed else ""
        click.echo(f"{each.part.month:%Y-%m} ({each.part.years} years): {each.gone} events removed{kept}")
    told = 0
    for log in logs:
        what = _due(log, now) if dry_run else purging.record_due(log=log, now=now)
        if what is not None:
            told += 1
            click.echo(f"{log}: the events below {what.minimum} are over ({what.rule})")
    if not told and not dropped:
        click.echo("Nothing is older than its plan keeps.")
    elif told and not dry_run:
        click.echo("Told in the logs. The months are dropped once that is sealed, signed and anchored.")


def _due(log: UUID, now: datetime) -> Purge | None:
    with scoped(scope_of_log(log, "cli")) as scope:
        return purging.due(scope=scope, now=now)


@audit.group()
def hold() -> None:
    """Legal holds: what one names isn't purged, whatever a plan says."""


@hold.command("place")
@click.argument("tenant")
@click.option("--reason", required=True, help="Why; it stands in the register of holds.")
@click.option("--subject", default="", help='Only what is by or about this one, as in "member:…"; else the whole log.')
@click.option("--until", type=_MOMENTS, help="When it ends by itself (UTC); without, when it is ended.")
def place(tenant: str, reason: str, subject: str, until: datetime | None) -> None:
    """Hold the log of TENANT (its slug, or "platform")."""
    log = scope_named(tenant, "cli").log_id
    ends = until.replace(tzinfo=UTC) if until else None
    with scoped(scope_of_log(PLATFORM, "cli")) as scope:
        made = holding.place_hold(scope=scope, log=log, reason=reason, subject=subject, until=ends)
    click.echo(f"Held: {made.id}")


@hold.command("end")
@click.argument("hold", type=click.UUID)
def end(hold: UUID) -> None:
    """End the hold with this id."""
    with scoped(scope_of_log(PLATFORM, "cli")) as scope:
        holding.end_hold(scope=scope, hold_id=hold)
    click.echo("Ended. What it kept goes with the next purge, if its time is over.")


@hold.command("list")
@click.argument("tenant")
def list_(tenant: str) -> None:
    """The holds on the log of TENANT, past ones too."""
    with scoped(scope_named(tenant, "cli")) as scope:
        found = selectors.holds(scope=scope, ended=True)
    for one in found:
        until = f", until {one.until:%Y-%m-%d}" if one.until else ""
        state = f"ended {one.ended_at:%Y-%m-%d}" if one.ended_at else f"in force{until}"
        click.echo(f"{one.id}  {one.placed_at:%Y-%m-%d}  {one.subject or 'everything'}  {state}  {one.reason}")
    if not found:
        click.echo("Nothing is held.")


COMMANDS = [audit]
