"""`safehold prove`: run the checks and say what was found."""

from __future__ import annotations

import json
import sys

import click
from django.conf import settings

from safehold.assurance import flows, runner
from safehold.assurance.runner import Outcome
from safehold.foundation.scope.clock import now
from safehold.foundation.scope.scope import Kind, Scope
from safehold.foundation.scope.transaction import scoped
from safehold.kernel.promise import Result

__all__ = ["COMMANDS"]

_COLOURS = {Result.KEPT: "green", Result.BROKEN: "red", Result.UNPROVEN: "yellow", Result.NOT_APPLICABLE: "blue"}


def _as_json(outcome: Outcome) -> dict[str, object]:
    return {
        "id": outcome.id,
        "result": outcome.result.value,
        "summary": outcome.summary,
        "evidence": outcome.evidence,
        "seconds": round(outcome.seconds, 3),
    }


def _line(outcome: Outcome) -> str:
    result = click.style(f"{outcome.result.value:<14}", fg=_COLOURS[outcome.result])
    details = f"; details are in {settings.LOG_FILE or 'the log'}" if outcome.crashed else ""
    return f"{outcome.id:<7} {result} {outcome.summary} ({outcome.seconds:.2f} s){details}"


@click.command()
@click.argument("promises", nargs=-1, metavar="[ID]…")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of lines.")
def prove(promises: tuple[str, ...], *, as_json: bool) -> None:
    """Run the checks of all promises, or of those named by ID (ISO-1) or area (ISO).

    Prints a line for each: id, result, what was looked at, how long it took. Exits 1 if any is broken.
    """
    entries = runner.choose(promises)
    started_at = now()
    outcomes: list[Outcome] = []
    for outcome in runner.prove(entries):
        outcomes.append(outcome)
        if not as_json:
            click.echo(_line(outcome))
    scope = Scope(Kind.PLATFORM, actor="system:prove")
    with scoped(scope):
        flows.keep_run(scope=scope, cause="command", started_at=started_at, outcomes=outcomes)
    if as_json:
        found = [_as_json(outcome) for outcome in outcomes]
        click.echo(json.dumps({"at": started_at.isoformat(), "promises": found}, indent=2, default=str))
    else:
        _sum_up(outcomes)
    sys.exit(1 if any(outcome.result is Result.BROKEN for outcome in outcomes) else 0)


def _sum_up(outcomes: list[Outcome]) -> None:
    counts = {result: sum(outcome.result is result for outcome in outcomes) for result in Result}
    parts = [f"{count} {result.value}" for result, count in counts.items() if count]
    click.echo(f"\n{len(outcomes)} promises: {', '.join(parts)}")


COMMANDS: list[click.Command] = [prove]
