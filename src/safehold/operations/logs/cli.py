"""`safehold logs`: reading the sealed archive of the programs' logs, and removing what is old."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import click
from django.db import OperationalError

from safehold.foundation.scope import clock
from safehold.foundation.scope.scope import Kind, Scope
from safehold.foundation.scope.transaction import scoped
from safehold.kernel.errors import Invalid, Problem
from safehold.kernel.logline import LEVELS
from safehold.operations.logs import flows
from safehold.operations.logs.flows import Wanted
from safehold.operations.logs.segments import Line

__all__ = ["COMMANDS"]

_SPAN = re.compile(r"(\d{1,4})(m|h|d)")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}
_MARKS = {"warning": "!", "error": "E", "critical": "E"}


@click.group(invoke_without_command=True)
@click.option("--since", default="1h", show_default=True, help="From when: 30m, 12h, 7d, or a moment in UTC.")
@click.option("--until", help="Until when, given likewise.  [default: now]")
@click.option("--process", default="", help="Only of one process: web, worker, sealer, database, commands, …")
@click.option("--level", type=click.Choice(LEVELS), help="Only from this level up.")
@click.option("--grep", "word", default="", help="Only lines with this in them, in small letters or capitals.")
@click.option("--reference", default="", help="Only what belongs to the reference that an error page shows.")
@click.option("--json", "as_json", is_flag=True, help="Print the lines as they are kept: one JSON object each.")
@click.pass_context
def logs(
    context: click.Context,
    *,
    since: str,
    until: str | None,
    process: str,
    level: str | None,
    word: str,
    reference: str,
    as_json: bool,
) -> None:
    """Read the programs' logs, those of the last minutes and those in the sealed archive.

    That they were read, of which time and which process, is an event in the platform's log.
    """
    if context.invoked_subcommand:
        return
    now = clock.now()
    upper = _moment("--until", until, now) if until else now
    wanted = Wanted(_moment("--since", since, now), upper, process, level or "", word, reference)
    found = False
    for line in _read(wanted):
        found = True
        click.echo(json.dumps(line) if as_json else _told(line))
    if not found and not as_json:
        click.echo("No line of that kind. Logs are kept for the days that settings.toml names (log_days).", err=True)


@logs.command()
def prune() -> None:
    """Remove sealed logs that are older than the settings allow. The worker does the same every ten minutes."""
    with scoped(Scope(Kind.PLATFORM, actor="system:cli")) as scope:
        gone = flows.prune_logs(scope=scope)
    click.echo(f"{gone} sealed {'segment' if gone == 1 else 'segments'} removed.")


def _read(wanted: Wanted) -> Iterator[Line]:
    """The lines; nothing is shown before the event about it is committed."""
    try:
        with scoped(Scope(Kind.PLATFORM, actor="system:cli")) as scope:
            return flows.read_logs(scope=scope, wanted=wanted)
    except OperationalError:
        click.echo("The database can't be reached, so only the log of commands says that you read this.", err=True)
        return flows.read_unrecorded(wanted=wanted)


def _moment(option: str, text: str, now: datetime) -> datetime:
    """A span before now, or a moment."""
    if span := _SPAN.fullmatch(text.strip()):
        return now - timedelta(**{_UNITS[span[2]]: int(span[1])})
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        problem = Problem(option, "a span such as 30m, 12h or 7d, or a moment such as 2026-11-26T09:30", text[:40])
        raise Invalid("That time can't be read.", problems=(problem,)) from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _told(line: Line) -> str:
    """One line for people; nothing in it can move the cursor or colour the terminal."""
    mark = _MARKS.get(str(line["level"]), " ")
    reference = f" [{line['reference']}]" if line.get("reference") else ""
    said = f"{line['at']} {mark} {line['process']:<10}{reference} {line.get('message', '')}"
    if error := line.get("error"):
        said += "\n    " + "\n    ".join(str(error).splitlines())
    return "".join(each if each.isprintable() or each == "\n" else repr(each)[1:-1] for each in said)


COMMANDS = [logs]
