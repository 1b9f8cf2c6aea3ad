"""Attempts to point one canary's rows to the other's, through every foreign key. All are undone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from safehold.foundation.scope import probes

__all__ = ["Outcome", "try_references"]

_FOREIGN_KEY = "23503"


@dataclass(slots=True)
class Outcome:
    """Which references were refused, which were accepted, and which had no rows to try with."""

    references: int = 0
    refused: list[str] = field(default_factory=list)
    accepted: list[str] = field(default_factory=list)
    no_rows: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Reference:
    name: str
    from_table: str
    to_table: str
    from_columns: list[str]
    to_columns: list[str]
    all_columns: list[str] | None


def try_references(left: UUID, right: UUID) -> Outcome:
    """Try every foreign key between tenants' tables in both directions."""
    outcome = Outcome()
    references = [_Reference(*row) for row in probes.ask(probes.part("references"))]
    outcome.references = len(references)
    for reference in references:
        verdicts = {_try(reference, mine, theirs) for mine, theirs in ((left, right), (right, left))}
        if True in verdicts:
            outcome.accepted.append(reference.name)
        elif False in verdicts:
            outcome.refused.append(reference.name)
        else:
            outcome.no_rows.append(reference.name)
    return outcome


def _try(reference: _Reference, mine: UUID, theirs: UUID) -> bool | None:
    """Whether the reference was accepted; None where neither side had a row, or no attempt came as far as the key."""
    columns = ", ".join(reference.to_columns)
    with probes.undone(probes.canary(theirs)):
        keys = probes.ask(probes.part("a_key_of", table=reference.to_table, columns=columns), {"tenant": theirs})
    if not keys:
        return None
    target = dict(zip(reference.from_columns, keys[0], strict=True))
    target.pop("tenant_id", None)
    if not target:
        return None
    with probes.undone(probes.canary(mine)):
        if not probes.ask(probes.part("any_of", table=reference.from_table), {"tenant": mine})[0][0]:
            return None
        states = [probes.state_of(question, values) for question, values in _attempts(reference, target, mine)]
    if ("", 1) in states:
        return True
    return False if {_FOREIGN_KEY, probes.REFUSED} & {state for state, _ in states} else None


def _attempts(reference: _Reference, target: dict[str, Any], mine: UUID) -> Iterator[tuple[Any, dict[str, Any]]]:
    """Repoint a row; where rows can't be changed, insert a copy that points across."""
    names = {column: f"to_{number}" for number, column in enumerate(target)}
    values = {"tenant": mine} | {names[column]: value for column, value in target.items()}
    given = {column: f"%({name})s" for column, name in names.items()}
    yield (
        probes.part(
            "repoint",
            table=reference.from_table,
            columns=", ".join(given),
            values=", ".join(given.values()),
        ),
        values,
    )
    if reference.all_columns and set(target) <= set(reference.all_columns):
        fresh = {"id": "gen_random_uuid()"}
        selected = [given.get(column, fresh.get(column, column)) for column in reference.all_columns]
        yield (
            probes.part(
                "copy_repointed",
                table=reference.from_table,
                all_columns=", ".join(reference.all_columns),
                selected=", ".join(selected),
            ),
            values,
        )
